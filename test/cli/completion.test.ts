// The completion scripts, run by the shells they are for: commands, subcommands and flags of the tree, and nothing else.
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { nodesOf, treeOf } from '../../src/cli/command-tree.ts'
import { completionFor, shells, type Shell } from '../../src/cli/completion.ts'
import { onPath } from '../on-path.ts'
import { kwota } from './command.ts'
import { tree } from './tree.ts'

let place = ''
beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'kwota-completion-'))
  for (const shell of shells) await writeFile(join(place, shell), completionFor(shell, treeOf(tree())))
})
afterAll(() => rm(place, { recursive: true, force: true }))

/** bash is everywhere; the others are run where somebody has them. */
function without(shell: 'zsh' | 'fish'): boolean {
  const missing = onPath(shell) === undefined
  if (missing) process.stderr.write(`completion in ${shell} left out: no ${shell} on the PATH\n`)
  return missing
}

/** What each shell offers for the words, the last of which is being written. */
const offered: Readonly<Record<Shell, (words: readonly string[]) => Promise<string[]>>> = {
  bash: (words) => run('bash', ['-c', 'source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _kwota; printf "%s\\n" "${COMPREPLY[@]}"', join(place, 'bash'), ...words]),
  // Its own _describe needs a terminal: this one prints what it is handed, as far as it begins with what was written.
  zsh: async (words) => (await run('zsh', ['-fc', 'compdef() { : }; _files() { : }; _describe() { print -l -- ${(P)@[-1]} }; source "$1"; shift; words=("$@"); CURRENT=$#; _kwota', 'zsh', join(place, 'zsh'), ...words])).map((line) => line.split(':', 1)[0] ?? '').filter((word) => word.startsWith(words.at(-1) ?? '')),
  fish: async (words) => (await run('fish', ['--no-config', '-c', 'source $argv[1]; complete -C (string join " " -- $argv[2..-1])', '--', join(place, 'fish'), ...words])).map((line) => line.split('\t', 1)[0] ?? ''),
}

async function run(shell: string, args: readonly string[]): Promise<string[]> {
  const { stdout } = await promisify(execFile)(shell, args, { cwd: place, env: { ...process.env, HOME: place } })
  return stdout.split('\n').filter((line) => line !== '')
}

const names = (path: readonly string[]) => nodesOf(treeOf(tree())).find((node) => node.path.join(' ') === path.join(' '))?.children.map((each) => each.path.at(-1) ?? '') ?? []
const flags = (path: readonly string[]) => nodesOf(treeOf(tree())).find((node) => node.path.join(' ') === path.join(' '))?.flags.map(({ long }) => long) ?? []

function completes(shell: Shell): void {
  const offers = offered[shell]
  test('every command, and those of a command', async () => {
    expect((await offers(['kwota', ''])).sort()).toEqual([...names([])].sort())
    expect((await offers(['kwota', 'limit', ''])).sort()).toEqual(['clear', 'set', 'show'])
    expect(await offers(['kwota', 'li'])).toEqual(['limit'])
    expect(await offers(['kwota', 'lobby', 'acc'])).toEqual(['accept'])
  })

  test('the flags of the command that is being written, behind other words too', async () => {
    for (const path of [['status'], ['limit', 'set'], ['curtail', 'end'], ['serve'], ['backup']]) expect((await offers(['kwota', ...path, '--'])).sort(), path.join(' ')).toEqual([...flags(path)].sort())
    expect(await offers(['kwota', 'limit', 'set', '40A', '--dr'])).toEqual(['--dry-run'])
    expect(await offers(['kwota', 'limit', 'set', '40A', '--seeds'])).toEqual([])
  })

  test('nothing of kwota where a value is to be written', async () => {
    expect((await offers(['kwota', 'tail', 'CP-'])).filter((word) => names([]).includes(word) || word.startsWith('--'))).toEqual([])
  })
}

describe('bash', () => { completes('bash') })
describe.skipIf(without('zsh'))('zsh', () => { completes('zsh') })
describe.skipIf(without('fish'))('fish', () => { completes('fish') })

test('the command prints them; another shell is refused', async () => {
  for (const shell of shells) expect(await kwota(place, ['completion', shell])).toMatchObject({ code: 0, err: '', out: expect.stringContaining('/curtail/end') as string })
  expect(await kwota(place, ['completion', 'tcsh'])).toMatchObject({ code: 2, out: '', err: expect.stringContaining('bash, zsh, fish') as string })
}, 60_000)
