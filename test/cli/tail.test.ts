// What kwota tail has told already: nothing twice, and what waits for its answer not before it has one.
import { expect, test } from 'vitest'
import { doneOf } from '../../src/cli/tail.ts'

const rows = (...words: readonly string[]) => words.map((word) => ({ id: word.slice(0, 1), status: word.endsWith('?') ? 'waiting' as const : 'answered' as const }))

test.each([
  ['nothing yet', rows(), '', '', []],
  ['all answered: the newest and all before it are done', rows('c', 'b', 'a'), '', 'c', []],
  ['one waits: what is before it is done, what came behind it is remembered', rows('d', 'c?', 'b', 'a'), '', 'b', ['d']],
  ['of two that wait the older counts', rows('e?', 'd', 'c?', 'b'), '', 'b', ['d']],
  ['the oldest of all that is known waits', rows('c', 'b?'), 'a', 'a', ['c']],
  ['nothing new', rows(), 'c', 'c', []],
] as const)('%s', (_title, messages, floor, done, ids) => expect(doneOf(messages, floor)).toEqual({ floor: done, ids: new Set(ids) }))
