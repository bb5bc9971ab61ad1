// `kwota simulate`: exit codes, standard input, several files, data on stdout and talk on stderr.
import { describe, expect, test } from 'vitest'
import { simulateCommand } from '../../src/cli/simulate.ts'

const good = 'name: good\nsite: { id: main, fuseA: 32 }\nchargePoints: [{ id: CP1 }]\ntimeline: [{ at: 0, plugIn: CP1/1 }]\nexpect:\n  - { at: 60, allocatedA: { CP1/1: 32 } }\n'
const failing = good.replace('name: good', 'name: failing').replace('{ CP1/1: 32 }', '{ CP1/1: 31 }')

const refused = 'name: refused\nsite: { id: main, fuseA: 5 }\nchargePoints: [{ id: CP1, fallbackA: 6 }]\n'

async function run(files: string | string[], options: { json?: boolean; seed?: number } = {}) {
  const texts = new Map([['good.yaml', good], ['failing.yaml', failing], ['bad.yaml', 'name: 3\n'], ['refused.yaml', refused], ['-', good]])
  let out = ''
  let err = ''
  const code = await simulateCommand(files, options, {
    stdout: { write: (text: string) => { out += text } },
    stderr: { write: (text: string) => { err += text } },
    readFile: (path) => texts.has(path) ? Promise.resolve(texts.get(path) ?? '') : Promise.reject(new Error('no such file')),
    readStdin: () => Promise.resolve(texts.get('-') ?? ''),
  })
  return { code, out, err }
}

describe('kwota simulate', () => {
  test('0 when all came true', async () => {
    const { code, out, err } = await run('good.yaml')
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toContain('passed: 1 of 1 expectations')
  })
  test('1 when one did not', async () => expect(await run('failing.yaml')).toMatchObject({ code: 1, out: expect.stringContaining('CP1/1 has allocatedA 32, not 31') }))
  test('1 when the configuration is refused and nothing expected it', async () => {
    const { code, out } = await run('refused.yaml')
    expect(code).toBe(1)
    expect(out).toBe('refused\nFAILED: the configuration was refused: main L1–L3: fallbacks and worst base load add up to 6 A, the limit (fuse) is 5 A. Set fallbackA: 0 on some of CP1/1, or raise the limit.\n')
    expect((await run('refused.yaml', { json: true })).err).toMatch(/^simulate: refused: the configuration was refused: main L1–L3/)
  })
  test('2 for a bad file, told with file and line on stderr; nothing is played', async () => {
    expect(await run(['good.yaml', 'bad.yaml', 'gone.yaml'])).toEqual({ code: 2, out: '', err: expect.stringMatching(/^bad\.yaml:1: name: .*\n(.*\n)*simulate: cannot read gone\.yaml: no such file\n$/) })
  })
  test('2 without a file', async () => expect(await run([])).toMatchObject({ code: 2, out: '' }))
  test('- is standard input', async () => expect(await run('-')).toMatchObject({ code: 0 }))
  test('--json: one object a line, one line a file', async () => {
    const { code, out } = await run(['good.yaml', 'failing.yaml'], { json: true, seed: 4 })
    expect(code).toBe(1)
    expect(out.trimEnd().split('\n').map((line) => JSON.parse(line) as unknown)).toMatchObject([{ name: 'good', passed: true }, { name: 'failing', passed: false }])
  })
})
