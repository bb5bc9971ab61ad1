// Of many that begin together each is told of at an instant of its own, and none more often than it may be.
import { expect, test } from 'vitest'
import { createPace } from '../../src/actors/handlers/pace.ts'
import { openStand, meterValue } from './family-stand.ts'
import { VirtualClock } from '../virtual-clock.ts'

function countBy<T>(all: readonly T[]): readonly number[] {
  const counts = new Map<T, number>()
  for (const one of all) counts.set(one, (counts.get(one) ?? 0) + 1)
  return [...counts.values()]
}
const most = (times: readonly unknown[]) => Math.max(...countBy(times))

test('500 that begin at once and go on together do not come due in one turn', async () => {
  const clock = new VirtualClock()
  const stations = Array.from({ length: 500 }, () => createPace(clock, 10_000))
  const ran = stations.map((): number[] => [])
  for (let second = 0; second < 60; second++) {
    stations.forEach((pace, at) => pace.run(7_000 + at, () => ran[at]!.push(clock.mono())))
    await clock.advance(1_000)
  }
  await clock.advance(10_000)
  expect(most(ran.flat())).toBeLessThan(5)
  for (const times of ran) {
    expect(times.length).toBeGreaterThanOrEqual(6)
    expect(new Set(times.slice(1).map((atMs, at) => atMs - times[at]!))).toEqual(new Set([10_000]))
  }
  // In each second of the ten about a tenth of them.
  const bySecond = countBy(ran.map((times) => Math.floor((times[0] ?? 0) / 1_000)))
  expect([Math.min(...bySecond) > 40, Math.max(...bySecond) < 60]).toEqual([true, true])
})

test('the transactions of 100 charge points that begin at once, too', async () => {
  const clock = new VirtualClock()
  const stands = await Promise.all(Array.from({ length: 100 }, () => openStand({ clock })))
  for (const stand of stands) {
    await stand.boot()
    await stand.send('StartTransaction', { connectorId: 1, idTag: 'T', meterStart: 0, timestamp: stand.iso() })
  }
  for (let second = 0; second < 20; second++) {
    for (const stand of stands) await stand.send('MeterValues', { connectorId: 1, meterValue: [meterValue(stand.iso(), { energyWh: second })] })
    await clock.advance(1_000)
  }
  const told = stands.flatMap(({ events }) => events.filter(({ type }) => type === 'transaction.updated').map(({ at }) => at))
  expect(told.length).toBeGreaterThanOrEqual(200)
  expect(most(told)).toBeLessThan(5)
})

test('what is new is told at once, and then not for a while', async () => {
  const clock = new VirtualClock()
  await clock.advance(50_000)
  const pace = createPace(clock, 10_000)
  const ran: number[] = []
  const say = () => ran.push(clock.mono())
  pace.run(5, say)
  pace.runSoon(5, say)
  pace.runSoon(5, say)
  pace.run(5, say)
  expect(ran).toEqual([50_000])
  await clock.advance(9_999)
  expect(ran).toEqual([50_000])
  await clock.advance(10_001)
  expect(ran.length).toBe(2)
  expect(ran[1]).toBeGreaterThanOrEqual(60_000)
  pace.run(5, say)
  pace.forget(5)
  await clock.advance(60_000)
  expect(ran.length).toBe(2)
})

test('who is late once is not late for ever', async () => {
  const clock = new VirtualClock()
  const slow = { wall: () => clock.wall(), mono: () => clock.mono(), after: (delayMs: number, fn: () => void) => clock.after(delayMs + 3, fn) }
  const pace = createPace(slow, 10_000)
  const ran: number[] = []
  for (let second = 0; second < 60; second++) {
    pace.run(5, () => ran.push(clock.mono()))
    await clock.advance(1_000)
  }
  expect(ran.length).toBe(6)
})
