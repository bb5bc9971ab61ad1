// Every command of the tree says what it does and how it is used, and prints JSON where it prints data.
import { describe, expect, test } from 'vitest'
import { commandsBelow, helpOf, tree } from './tree.ts'

const all = commandsBelow(tree())
const runs = all.filter(({ command }) => command.commands.length === 0 || command.registeredArguments.length > 0 || command.options.length > 1)
/** They print no data of their own: what they do is told on stderr, or what they print is a format already. */
const withoutJson = ['kwota', 'kwota serve', 'kwota demo', 'kwota audit export', 'kwota completion', 'kwota reference']

test('the tree is there', () => expect(all.map(({ name }) => name)).toEqual(expect.arrayContaining(['kwota serve', 'kwota limit set', 'kwota curtail end', 'kwota lobby accept', 'kwota tail', 'kwota why'])))

describe.each(all)('$name', ({ name, command }) => {
  test('says in a line what it does, and what each argument and flag is', () => {
    expect(command.description()).toMatch(/^\S.{9,}/)
    for (const { description } of [...command.options, ...command.registeredArguments]) expect(description.length).toBeGreaterThan(2)
  })

  test('shows how it is used, with itself', () => {
    const examples = /\nExamples?:\n([\s\S]+)/.exec(helpOf(command))?.[1] ?? ''
    expect(examples).toMatch(new RegExp(`^ +.*${name}\\b`, 'm'))
  })

  test('every flag an example uses is one it knows', () => {
    const examples = /\nExamples?:\n((?: {2}.*\n?)+)/.exec(helpOf(command))?.[1] ?? ''
    for (const line of examples.split('\n')) {
      const words = (/\bkwota( [^|>#]*)/.exec(line)?.[1] ?? '').replace(/"[^"]*"|\$\([^)]*\)/g, 'x').trim().split(/\s+/)
      let at = tree()
      while (words[0] !== undefined) {
        const below = at.commands.find((each) => each.name() === words[0])
        if (below === undefined) break
        at = below
        words.shift()
      }
      const known = at.options.flatMap(({ long, short }) => [long, short])
      expect(words.filter((word) => word.startsWith('--') && !known.includes(word.split('=')[0])), line).toEqual([])
    }
  })
})

test.each(runs.filter(({ name }) => !withoutJson.includes(name)))('$name has --json', ({ command }) => expect(command.options.map(({ long }) => long)).toContain('--json'))

test('the list of those without --json names only commands that are there and have none', () => {
  for (const name of withoutJson) expect(all.find((one) => one.name === name)?.command.options.map(({ long }) => long)).not.toContain('--json')
})
