// Columns, and colours where somebody looks: on a terminal, not in a pipe, not with NO_COLOR.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { paintFor, plain, tableOf } from '../../src/cli/table.ts'
import { buildProduct } from '../e2e/build.ts'
import { newPlace } from '../e2e/server.ts'
import { onPath } from '../on-path.ts'

describe('colours', () => {
  test.each([
    [true, {}, true], [true, { NO_COLOR: '' }, true], [true, { NO_COLOR: '1' }, false], [true, { TERM: 'dumb' }, false], [false, {}, false],
  ])('terminal %s, environment %j: %s', (isTTY, env, colour) => expect(paintFor({ isTTY }, env).bad('x')).toBe(colour ? '\x1b[31mx\x1b[0m' : 'x'))
})

test('columns are as wide as what is in them, colours and ends of lines not counted', () => {
  expect(tableOf(['a', 'long name', ''], [['ü1', 'x', 'y'], ['234', '', '']], (text) => `\x1b[31m${text}\x1b[0m`).map((line) => line.replaceAll(/\x1b\[\d+m/g, '').trimEnd())).toEqual(['  a    long name', '  ü1   x          y', '  234'])
})

test('what others say neither steers the terminal nor breaks the line', () => expect(plain('a\x1b[2J\nb\u202ec\u2028')).toBe('a\ufffd[2J\ufffdb\ufffdc\ufffd'))

const script = onPath('script')
describe.skipIf(script === undefined)('on a real terminal', () => {
  const shown = async (env: Readonly<Record<string, string>>): Promise<string> => {
    const command = `${process.execPath} ${await buildProduct()} doctor --port 0`
    const { NO_COLOR: _, FORCE_COLOR: __, CI: ___, ...kept } = process.env
    return (await promisify(execFile)(script ?? '', ['-qec', command, '/dev/null'], { cwd: await newPlace(), env: { ...kept, TERM: 'xterm', ...env } })).stdout
  }
  test('colours, and none with NO_COLOR', async () => {
    expect(await shown({})).toContain('\x1b[32mok  \x1b[0m')
    expect(await shown({ NO_COLOR: '1' })).not.toContain('\x1b[')
  }, 60_000)
})
