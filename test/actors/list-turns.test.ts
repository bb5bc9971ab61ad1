// Turns of local lists: a few at once, first come first served, after a rest at the start, and not for ever behind a site in trouble.
import { expect, test } from 'vitest'
import { ListTurns } from '../../src/actors/list-turns.ts'
import { VirtualClock } from '../virtual-clock.ts'

function open(options: { restMs?: number; shedding?: boolean } = {}) {
  const clock = new VirtualClock()
  const state = { shedding: options.shedding ?? false }
  const turns = new ListTurns({ clock, restMs: options.restMs ?? 0, isShedding: () => state.shedding })
  const begun: string[] = []
  const ends = new Map<string, (error?: Error) => void>()
  const take = (name: string) => turns.take(() => new Promise<string>((resolve, reject) => {
    begun.push(name)
    ends.set(name, (error) => (error === undefined ? resolve(name) : reject(error)))
  }))
  return { clock, state, turns, begun, ends, take }
}

test('who ends, however, makes room for the next', async () => {
  const { clock, begun, ends, take } = open()
  const all = ['a', 'b', 'c', 'd', 'e', 'f'].map(take)
  await clock.advance(0)
  expect(begun).toEqual(['a', 'b', 'c', 'd'])
  ends.get('c')!(new Error('broken'))
  await expect(all[2]).rejects.toThrow('broken')
  expect(begun.at(-1)).toBe('e')
  ends.get('a')!()
  expect(await all[0]).toBe('a')
  await clock.advance(0)
  expect(begun.at(-1)).toBe('f')
})

test('after the first contact there is a rest', async () => {
  const { clock, turns, begun, take } = open({ restMs: 60_000 })
  await clock.advance(600_000)
  turns.contacted()
  await clock.advance(50_000)
  turns.contacted()
  void take('a')
  await clock.advance(9_999)
  expect(begun).toEqual([])
  await clock.advance(1)
  expect(begun).toEqual(['a'])
  void take('b')
  await clock.advance(0)
  expect(begun).toEqual(['a', 'b'])
})

test('while a site sheds nobody begins, but a quarter of an hour is the longest', async () => {
  const { clock, state, begun, take } = open({ shedding: true })
  void take('a')
  await clock.advance(899_000)
  void take('b')
  expect(begun).toEqual([])
  await clock.advance(1_000)
  expect(begun).toEqual(['a'])
  state.shedding = false
  await clock.advance(1_000)
  expect(begun).toEqual(['a', 'b'])
})

test('once stopped nothing begins and nothing is due', async () => {
  const { clock, turns, begun, take } = open({ shedding: true })
  void take('a')
  await clock.advance(0)
  turns.stop()
  expect(clock.pending).toBe(0)
  void take('b')
  await clock.advance(60_000)
  expect(begun).toEqual([])
})
