// Turns where there is not enough for all: who is swapped when, for how long, and how often.
import { describe, expect, test } from 'vitest'
import type { Row } from '../../src/power/ledger.ts'
import type { Place } from '../../src/power/loads.ts'
import { restoreRow } from '../../src/power/restoring.ts'
import { entry, makePlace, makeTree, planOf, settledRow, stations } from './fixtures.ts'
import { Play } from './harness.ts'
import { afterNotes, orders, withRow } from './orders.ts'

const minuteMs = 60_000
const car = { demandA: 32, phases: 3 }

/** When each had something, by minutes, from plugging in together at 1 min. */
function played(count: number, fuseA: number, hours: number, more: { leave?: { key: string; atMin: number } } = {}) {
  const tree = makeTree({ fuseA }, stations(count))
  const play = new Play({ tree, sampleMs: 60_000 })
  const served = new Map<string, { fromMin: number; toMin: number }[]>()
  let most = 0
  const look = () => {
    let on = 0
    for (const [key, { drawnA }] of play.connectors) {
      const spans = served.get(key) ?? []
      served.set(key, spans)
      const last = spans.at(-1)
      const isOn = drawnA >= 6
      if (isOn) on++
      if (isOn && (last === undefined || last.toMin !== -1)) spans.push({ fromMin: play.nowMs / minuteMs, toMin: -1 })
      else if (!isOn && last?.toMin === -1) spans[spans.length - 1] = { ...last, toMin: play.nowMs / minuteMs }
    }
    most = Math.max(most, on)
    if (play.nowMs < hours * 60 * minuteMs) play.after(1_000, look)
  }
  for (const { id } of stations(count)) play.connect(id)
  play.at(minuteMs, look)
  stations(count).forEach(({ id }, index) => play.at(minuteMs + index, () => play.start(`${id}/1`, index + 1, car)))
  if (more.leave !== undefined) { const { key, atMin } = more.leave; play.at(atMin * minuteMs, () => play.stop(key)) }
  play.until(hours * 60 * minuteMs)
  return { play, served, most }
}

describe('five cars where there is room for two, for three hours', () => {
  const { play, served, most } = played(5, 12, 3)

  test('never more than two at once, and nothing above the limit', () => {
    expect(most).toBe(2)
    expect(play.witness.breaches).toEqual([])
  })

  test('each has had its turn within 15 min x ceil(3 / 2), and what the swaps take', () => {
    for (const spans of served.values()) {
      let sinceMin = 1
      for (const { fromMin, toMin } of spans) {
        expect(fromMin - sinceMin).toBeLessThanOrEqual(30 + 4)
        sinceMin = toMin === -1 ? 180 : toMin
      }
      expect(180 - sinceMin).toBeLessThanOrEqual(30 + 4)
    }
  })

  test('at least 10 min on, at least 5 min off, at most 4 starts an hour', () => {
    for (const spans of served.values()) {
      spans.forEach(({ fromMin, toMin }, index) => {
        if (toMin !== -1) expect(toMin - fromMin).toBeGreaterThanOrEqual(10)
        if (index > 0) expect(fromMin - spans[index - 1]!.toMin).toBeGreaterThanOrEqual(5)
        expect(spans.filter((other) => other.fromMin >= fromMin && other.fromMin < fromMin + 60).length).toBeLessThanOrEqual(4)
      })
    }
  })

  test('nobody is left behind, and hardly anything is lost to the swaps', () => {
    const minutes = [...served.values()].map((spans) => spans.reduce((sum, { fromMin, toMin }) => sum + (toMin === -1 ? 180 : toMin) - fromMin, 0))
    expect(Math.min(...minutes)).toBeGreaterThanOrEqual(0.7 * 179 * 2 / 5)
    expect(minutes.reduce((sum, one) => sum + one)).toBeGreaterThan(2 * 179 * 0.93)
  })
})

test('where all fit nobody is ever swapped; when one leaves, the longest starved comes at once and no clock runs on', () => {
  const { served } = played(3, 12, 1, { leave: { key: 'CP1/1', atMin: 9 } })
  expect([...served.values()].map((spans) => spans.length)).toEqual([1, 1, 1])
  expect(served.get('CP3/1')![0]!.fromMin).toBeLessThan(10)
  expect(served.get('CP2/1')![0]!.toMin).toBe(-1)
})

describe('a queue of three where one fits', () => {
  const tree = makeTree({ fuseA: 6 }, stations(3))
  const nowMs = 10 * 3_600_000
  const ago = (minutes: number) => nowMs - minutes * minuteMs
  /** CP1 is on; CP2 and CP3 wait, CP3 for longer. */
  const places = (more: { onMin?: number; clockMin?: number | null; offMin?: number; startsMin?: readonly number[]; second?: Partial<Place>; third?: Partial<Place>; first?: Partial<Place> }): Place[] => {
    const { onMin = 60, clockMin = 15, offMin = 60, startsMin = [] } = more
    const on: Row = { ...settledRow({ txA: 6 }), onSinceMs: ago(onMin) }
    const off = (starvedMin: number): Row => ({ ...settledRow({ txA: 0 }), onSinceMs: null, offSinceMs: ago(offMin), startsAtMs: startsMin.map(ago), starvedSinceMs: ago(starvedMin), ...(clockMin === null ? {} : { queueSinceMs: ago(clockMin) }) })
    return [
      makePlace(tree, 'CP1/1', { row: on, queuedAtMs: 1, ...more.first }),
      makePlace(tree, 'CP2/1', { row: off(20), queuedAtMs: 2, ...more.second }),
      makePlace(tree, 'CP3/1', { row: off(40), queuedAtMs: 3, ...more.third }),
    ]
  }
  const movesOf = (list: readonly Place[], atMs = nowMs) => [...planOf(tree, list, { nowMs: atMs }).targets.values()].filter(({ allocatedA, move }) => allocatedA > 0 || move).map(({ place, allocatedA, move }) => `${place.outlet.clientID} ${allocatedA}${move ? ` ${move}` : ''}`)
  const stays = ['CP1 6']
  const swaps = ['CP1 0 going', 'CP3 6 coming']
  const leaving = (minutes: number, kWh: number): Partial<Place> => ({ departureAtMs: nowMs + minutes * minuteMs, remainingWh: kWh * 1_000 })

  test.each<[string, Parameters<typeof places>[0], readonly string[]]>([
    ['its time has come: the longest starved for the one that is on', {}, swaps],
    ['a millisecond early', { clockMin: 15 - 1 / 60_000 }, stays],
    ['the queue has only just formed', { clockMin: null }, stays],
    ['not 10 min on yet', { onMin: 9.9, clockMin: 30 }, stays],
    ['10 min on', { onMin: 10, clockMin: 30 }, swaps],
    ['not 5 min off yet, both', { offMin: 4.9 }, stays],
    ['5 min off', { offMin: 5 }, swaps],
    ['four starts within the hour, both', { startsMin: [59, 40, 30, 20] }, stays],
    ['the first of them an hour ago', { startsMin: [60, 40, 30, 20] }, swaps],
    ['the longest starved is of a lower class', { third: { priority: -1 } }, ['CP1 0 going', 'CP2 6 coming']],
    ['all that wait are of a lower class', { second: { priority: -1 }, third: { priority: -1 } }, stays],
    ['a higher class waits for nothing', { onMin: 1, clockMin: 0, second: { priority: 1 } }, ['CP2 6']],
    ['nor does who has less than 30 min of slack: 11 kWh at 22 kW and 59 min', { onMin: 1, clockMin: 0, second: leaving(59, 11) }, ['CP2 6']],
    ['30 min of slack are enough to wait', { onMin: 1, clockMin: 0, second: leaving(60.1, 11) }, stays],
    ['so is a deadline without an energy, and one that is past', { onMin: 1, clockMin: 0, second: { departureAtMs: nowMs + 1 }, third: { departureAtMs: nowMs - 1, remainingWh: 9_000 } }, stays],
    ['who is on is as urgent: it stays until its turn is over', { onMin: 1, clockMin: 0, first: leaving(59, 11), second: leaving(59, 11) }, stays],
    ['who is urgent and on for 2 min stays so although its meter says it has a little more time now', { onMin: 2, clockMin: 0, first: leaving(65, 11), second: leaving(59, 11) }, stays],
    ['after 10 min it does not', { onMin: 10, clockMin: 0, first: leaving(65, 11), second: leaving(59, 11) }, ['CP2 6']],
    ['nobody urgent is swapped for who is not', { first: leaving(59, 11) }, stays],
    ['out of reach it waits for nothing', { third: { online: false } }, ['CP1 0 going', 'CP2 6 coming']],
  ])('%s', (_, given, expected) => {
    expect(movesOf(places(given))).toEqual(expected)
  })

  test('what was decided holds until it is done, also over a restart; then the clock begins anew', () => {
    const list = places({})
    const first = planOf(tree, list, { nowMs })
    const noted = afterNotes(list, first).map((place) => ({ ...place, row: restoreRow(place.row, nowMs) }))
    expect(noted.map(({ row }) => [row.turn?.as ?? null, row.queueSinceMs ?? null])).toEqual([['going', nowMs], [null, nowMs], ['coming', null]])
    expect(movesOf(noted, nowMs + 1_000)).toEqual(swaps)
    const gone = withRow(noted[0]!, { type: 'booked', entry: entry(5, 'tx', 0, { bookedAtMs: nowMs + 2_000 }) })
    expect([gone.row.pausedByTurn, gone.row.turn, gone.row.offSinceMs, gone.row.onSinceMs]).toEqual([true, null, nowMs + 2_000, null])
    expect(movesOf([gone, noted[1]!, noted[2]!], nowMs + 3_000)).toEqual(['CP3 6 coming'])
    expect(movesOf([gone, noted[1]!, noted[2]!], nowMs + 14 * minuteMs)).toEqual(['CP3 6 coming'])
    const come = withRow(noted[2]!, { type: 'booked', entry: entry(6, 'tx', 6, { bookedAtMs: nowMs + 90_000 }) })
    expect([come.row.turn, come.row.onSinceMs]).toEqual([null, nowMs + 90_000])
  })

  test('who does not come when it is its turn loses it at the next swap', () => {
    const list = places({ clockMin: null })
    const stuck = { ...list[2]!, row: { ...list[2]!.row, turn: { as: 'coming', atMs: nowMs } as const } }
    const rest = [{ ...list[0]!, row: { ...list[1]!.row, queueSinceMs: nowMs } }, { ...list[1]!, row: { ...list[1]!.row, queueSinceMs: nowMs } }, stuck]
    expect(movesOf(rest, nowMs + 14 * minuteMs)).toEqual(['CP3 6 coming'])
    expect(movesOf(rest, nowMs + 15 * minuteMs)).toEqual(['CP1 6 coming', 'CP3 0 going'])
  })

  test('the plan wakes for the swap, and when who is on may go', () => {
    expect(planOf(tree, places({ clockMin: 15 - 2 / 60 }), { nowMs }).nextAtMs).toBe(nowMs + 2_000)
    expect(planOf(tree, places({ onMin: 10 - 3 / 60, clockMin: 20 }), { nowMs }).nextAtMs).toBe(nowMs + 3_000)
  })

  test('paused for a turn: 5 min off and 60 s of room; paused by a limit: the 60 s alone', () => {
    const alone = (pausedByTurn: boolean) => {
      const row: Row = { ...settledRow({ txA: 0 }), pausedByLimit: true, pausedByTurn, offSinceMs: ago(2), wantedSinceMs: ago(1) }
      return [makePlace(tree, 'CP1/1', { row })]
    }
    expect(orders(planOf(tree, alone(false), { nowMs }).raisings)).toEqual(['CP1/1 tx 6'])
    const waits = planOf(tree, alone(true), { nowMs })
    expect(waits.raisings).toEqual([])
    expect(orders(planOf(tree, alone(true), { nowMs: nowMs + 3 * minuteMs }).raisings)).toEqual(['CP1/1 tx 6'])
  })
})

test('separate queues keep separate clocks', () => {
  const tree = makeTree({ fuseA: 100, circuits: [{ id: 'a', limitA: 6 }, { id: 'b', limitA: 6 }] }, [...stations(2, { circuit: 'a' }), ...stations(4, { circuit: 'b' }).slice(2)])
  const nowMs = 36_000_000
  const on: Row = { ...settledRow({ txA: 6 }), onSinceMs: 0 }
  const off = (clockMin: number): Row => ({ ...settledRow({ txA: 0 }), offSinceMs: 0, starvedSinceMs: 0, queueSinceMs: nowMs - clockMin * minuteMs })
  const { targets } = planOf(tree, [['CP1/1', on], ['CP2/1', off(15)], ['CP3/1', on], ['CP4/1', off(14)]].map(([key, row]) => makePlace(tree, key as string, { row: row as Row })), { nowMs })
  expect([...targets.values()].map(({ allocatedA, queueSinceMs }) => [allocatedA, queueSinceMs])).toEqual([[0, nowMs], [6, null], [6, null], [0, nowMs - 14 * minuteMs]])
})

test('as many as wait are swapped, and room is made where it is missing: two that need 6 for one that needs 12', () => {
  const tree = makeTree({ fuseA: 12 }, stations(3, {}).map((one, at) => ({ ...one, connectors: [{ id: 1, minA: at === 2 ? 12 : 6 }] })))
  const nowMs = 36_000_000
  const rows: Row[] = [{ ...settledRow({ txA: 6 }), onSinceMs: 0 }, { ...settledRow({ txA: 6 }), onSinceMs: 0 }, { ...settledRow({ txA: 0 }), offSinceMs: 0, starvedSinceMs: 0, queueSinceMs: 0 }]
  const { targets } = planOf(tree, rows.map((row, at) => makePlace(tree, `CP${at + 1}/1`, { row })), { nowMs })
  expect([...targets.values()].map(({ allocatedA, move }) => [allocatedA, move])).toEqual([[0, 'going'], [0, 'going'], [12, 'coming']])
})
