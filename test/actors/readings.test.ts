// What the meters say: how long a reading is fresh, and what is left for the building once the cars are subtracted.
import { describe, expect, test } from 'vitest'
import { baseNow, baseSettings, isFresh, keepReadings, noteReading, openMeters, takeMeter, type Meters } from '../../src/actors/readings.ts'
import { book } from '../../src/power/booking.ts'
import { openRow, type Row } from '../../src/power/ledger.ts'
import type { Place } from '../../src/power/loads.ts'
import { buildTree } from '../../src/power/tree.ts'
import { pointOf, siteOf } from './site-stand.ts'

const even = (amps: number) => ({ L1: amps, L2: amps, L3: amps })
const site = siteOf({ baseLoad: { worstCaseA: 20, staleAfterS: 15 } })
const startMs = 1_000_000

function read(meters: Meters, key: string, amps: number, atMs: number): void {
  meters.readings.set(key, { siteA: even(amps), highestA: amps, powerW: null, energyWh: null, measuredAtMs: atMs, receivedAtMs: atMs })
}

/** A connector whose TxProfile of `limitA` was accepted at 0. */
function place(limitA: number, id = 'CP1'): Place {
  const outlet = buildTree(site, [pointOf({ id })]).outlets.get(`${id}/1`)!
  const entry = { fallbackA: 0, leaseEndsAtMs: null, bookedAtMs: 0, state: 'booked' as const }
  let row: Row = book(openRow(32, false), { type: 'contacted', atMs: 0 })
  for (const [seq, slot, amps] of [[1, 'default', 0], [2, 'tx', limitA]] as const) {
    if (slot === 'tx') row = book(row, { type: 'started', transactionId: 1 })
    row = book(book(row, { type: 'booked', entry: { ...entry, seq, slot, limitA: amps } }), { type: 'accepted', seq, atMs: 0 })
  }
  return { outlet, row, online: true, vehiclePhases: null, vehicleMaxA: null, profileCap: null, priority: 0, weight: 1, queuedAtMs: 0 }
}

describe('freshness of a car reading', () => {
  test.each([
    ['30 s at least', 10_000, 30_000, true], ['not a moment longer', 10_000, 30_001, false],
    ['2.5 intervals when samples are rare', 60_000, 150_000, true], ['and not longer', 60_000, 150_001, false],
  ])('%s', (_, intervalMs, ageMs, fresh) => {
    const meters = openMeters()
    read(meters, 'CP1/1', 10, 0)
    expect(isFresh(meters.readings.get('CP1/1'), intervalMs, ageMs)).toBe(fresh)
  })

  test('nothing is never fresh', () => {
    expect(isFresh(undefined, 10_000, 0)).toBe(false)
  })
})

describe('how often a connector samples', () => {
  const noted = (meters: Meters, atMs: number, toldMs?: number) => {
    noteReading(meters, 'CP1/1', { siteA: even(10), highestA: 10, powerW: null, energyWh: null, measuredAtMs: atMs, receivedAtMs: atMs }, null, toldMs)
    return meters.readings.get('CP1/1')!
  }
  const after = (timesMs: readonly number[], toldMs?: number) => {
    const meters = openMeters()
    return timesMs.map((atMs) => noted(meters, atMs, toldMs).intervalMs)
  }

  test.each<[string, readonly number[], number | undefined, readonly (number | undefined)[]]>([
    ['it said so', [0], 60_000, [60_000]],
    ['it is seen, after two intervals', [0, 60_000, 120_000], undefined, [undefined, undefined, 60_000]],
    ['one gap is none', [0, 10_000, 20_000, 320_000], undefined, [undefined, undefined, 10_000, 10_000]],
    ['one sample out of turn is none', [0, 60_000, 120_000, 121_000], undefined, [undefined, undefined, 60_000, 60_000]],
    ['what it said comes first', [0, 60_000, 120_000], 30_000, [30_000, 30_000, 30_000]],
    ['never slower than every five minutes', [0, 900_000, 1_800_000], 3_600_000, [300_000, 300_000, 300_000]],
  ])('%s', (_, timesMs, toldMs, expected) => {
    expect(after(timesMs, toldMs)).toEqual(expected)
  })

  test('makes its reading fresh for longer, and nobody else\'s', () => {
    const meters = openMeters()
    noted(meters, 0, 60_000)
    read(meters, 'CP2/1', 7, 0)
    expect([['CP1/1', 100_000], ['CP2/1', 100_000], ['CP1/1', 150_001]].map(([key, nowMs]) => isFresh(meters.readings.get(String(key)), 10_000, Number(nowMs)))).toEqual([true, false, false])
  })

  test('of cars that charge makes a fall of the building wait as long', () => {
    const meters = openMeters()
    const take = (meterA: number, nowMs: number) => takeMeter(meters, site, 10_000, { meterA: even(meterA), ageMs: 0 }, even(63), [place(16)], nowMs, () => 60_000)
    for (let nowMs = startMs; nowMs <= startMs + 90_000; nowMs += 5_000) take(40, nowMs)
    for (let nowMs = startMs + 95_000; nowMs <= startMs + 200_000; nowMs += 5_000) {
      take(20, nowMs)
      expect(baseNow(meters, site, 10_000, nowMs).amps.L1).toBe(nowMs < startMs + 95_000 + 78_000 ? 40 : 20)
    }
  })

  test('is forgotten with the connector', () => {
    const meters = openMeters()
    for (const atMs of [0, 60_000, 120_000]) noted(meters, atMs)
    keepReadings(meters, new Map())
    expect([meters.readings.size, meters.heard.size]).toEqual([0, 0])
  })
})

describe('the base load', () => {
  const take = (meters: Meters, meterA: number, places: Place[], nowMs: number, ageMs = 0) => takeMeter(meters, site, 10_000, { meterA: even(meterA), ageMs }, even(63), places, nowMs)

  test('without a reading the worst case counts, and no date is set', () => {
    expect(baseNow(openMeters(), site, 10_000, startMs)).toMatchObject({ status: 'never', amps: even(20), nextAtMs: null })
  })

  test('the cars are subtracted, by what they draw but at most by what they may', () => {
    const meters = openMeters()
    read(meters, 'CP1/1', 10, startMs)
    read(meters, 'CP2/1', 20, startMs)
    take(meters, 48, [place(16), place(16, 'CP2')], startMs)
    expect(baseNow(meters, site, 10_000, startMs).amps).toMatchObject(even(48 - 10 - 16))
  })

  test('what a car drew whose transaction is over is the building by now, and so it is once the next has begun', () => {
    const meters = openMeters()
    const charging = place(16)
    meters.readings.set('CP1/1', { siteA: even(14), highestA: 14, powerW: null, energyWh: null, measuredAtMs: startMs, receivedAtMs: startMs, transactionId: 1 })
    take(meters, 20, [charging], startMs)
    expect(baseNow(meters, site, 10_000, startMs).amps).toMatchObject(even(20))
    for (let nowMs = startMs + 5_000; nowMs <= startMs + 45_000; nowMs += 5_000) {
      meters.readings.set('CP1/1', { ...meters.readings.get('CP1/1')!, measuredAtMs: nowMs, receivedAtMs: nowMs })
      take(meters, 20, [charging], nowMs)
    }
    expect(baseNow(meters, site, 10_000, startMs + 45_000).amps).toMatchObject(even(6))
    // Any car may draw 8 A, and it had drawn more than that.
    const { confirmed } = charging.row.default
    const over = book({ ...charging.row, default: { ...charging.row.default, confirmed: { ...confirmed!, limitA: 8 } } }, { type: 'stopped', transactionId: 1 })
    for (const [afterMs, row] of [[50_000, over], [55_000, book(over, { type: 'started', transactionId: 2 })]] as const) {
      take(meters, 15, [{ ...charging, row }], startMs + afterMs)
      expect(baseNow(meters, site, 10_000, startMs + afterMs).amps).toMatchObject(even(15))
    }
  })

  test('a car without a fresh reading counts twice', () => {
    const meters = openMeters()
    read(meters, 'CP1/1', 10, startMs - 31_000)
    take(meters, 40, [place(16)], startMs)
    expect(baseNow(meters, site, 10_000, startMs).amps).toMatchObject(even(40))
  })

  describe('with the meter above the limit and a car lowered from 32 to 10 A', () => {
    const acceptedAtMs = startMs + 60_000
    const entry = { slot: 'tx' as const, fallbackA: 0, leaseEndsAtMs: null, bookedAtMs: acceptedAtMs, state: 'booked' as const }
    const booked = (one: Place, seq: number, limitA: number): Place => ({ ...one, row: book(one.row, { type: 'booked', entry: { ...entry, seq, limitA } }) })
    const taken = (one: Place, seq: number): Place => ({ ...one, row: book(one.row, { type: 'accepted', seq, atMs: acceptedAtMs }) })
    const lowered = taken(booked(place(32), 3, 10), 3)
    /** The building counted of a meter at 70 A, with the car's last sample of 32 A so long after the Accepted. */
    const counted = (one: Place, sampledMs: number, takenMs: number, ageMs = 0) => {
      const meters = openMeters()
      for (let atMs = 0; atMs <= 55_000; atMs += 5_000) take(meters, 32, [], startMs + atMs)
      read(meters, 'CP1/1', 32, acceptedAtMs + sampledMs)
      take(meters, 70, [one], acceptedAtMs + takenMs, ageMs)
      return baseNow(meters, site, 10_000, acceptedAtMs + takenMs).amps.L1
    }

    test.each<[string, number, number, number, number]>([
      ['its old draw is waited for', -1_000, 7_999, 0, 38],
      ['8 s after the Accepted it is not', -1_000, 8_000, 0, 60],
      ['nor behind a sample from within its ramp', 4_999, 8_000, 0, 60],
      ['a later sample is its word', 5_000, 8_000, 0, 38],
      ['a reading that is older than it came was taken before', -1_000, 8_000, 1, 38],
    ])('%s', (_, sampledMs, takenMs, ageMs, expected) => {
      expect(counted(lowered, sampledMs, takenMs, ageMs)).toBe(expected)
    })

    test('what may have been raised since is not taken for the building', () => {
      expect(counted(booked(lowered, 4, 16), -1_000, 8_000)).toBe(70 - 16)
    })
  })

  test('a reading that was old when it came turns stale that much earlier, and never replaces a newer one', () => {
    const meters = openMeters()
    take(meters, 25, [], startMs, 10_000)
    expect(baseNow(meters, site, 10_000, startMs + 5_000).status).toBe('fresh')
    expect(baseNow(meters, site, 10_000, startMs + 5_001).status).toBe('stale')
    take(meters, 30, [], startMs + 1_000)
    take(meters, 60, [], startMs + 2_000, 5_000)
    expect(baseNow(meters, site, 10_000, startMs + 2_000).amps).toMatchObject(even(30))
  })

  test('stale after 15 s: the worst case again, and the date is known before', () => {
    const meters = openMeters()
    take(meters, 25, [], startMs)
    expect(baseNow(meters, site, 10_000, startMs)).toMatchObject({ status: 'fresh', amps: even(25), nextAtMs: startMs + 15_001 })
    expect(baseNow(meters, site, 10_000, startMs + 15_000).status).toBe('fresh')
    expect(baseNow(meters, site, 10_000, startMs + 15_001)).toMatchObject({ status: 'stale', amps: even(20) })
  })

  test('a fall counts only once it has held for 30 s; a rise at once', () => {
    const meters = openMeters()
    for (let at = 0; at <= 40_000; at += 5_000) take(meters, 12, [], startMs + at)
    expect(baseNow(meters, site, 10_000, startMs + 40_000).amps).toMatchObject(even(12))
    take(meters, 4, [], startMs + 45_000)
    expect(baseNow(meters, site, 10_000, startMs + 45_000).amps).toMatchObject(even(12))
    take(meters, 15, [], startMs + 50_000)
    expect(baseNow(meters, site, 10_000, startMs + 50_000).amps).toMatchObject(even(15))
  })

  test('the settings come from the site; a rare sample holds a fall longer', () => {
    expect(baseSettings(site, 60_000)).toEqual({ worstCaseA: even(20), staleAfterMs: 15_000, creditExport: false, holdMs: 78_000, sampleIntervalMs: 60_000 })
  })
})

describe('a total that names no phase', () => {
  const readAs = (phases: Partial<Row['phases']>, spread = true) => {
    const meters = openMeters()
    const charging = place(16)
    const there: Place = { ...charging, row: { ...charging.row, phases: { ...charging.row.phases, ...phases } } }
    const stopped: Place = { ...there, row: book(there.row, { type: 'stopped', transactionId: 1 }) }
    meters.readings.set('CP1/1', { siteA: even(5), highestA: 5, spread, powerW: 3450, energyWh: null, measuredAtMs: startMs, receivedAtMs: startMs })
    // The whole hold, so that what was before the first reading counts no more.
    for (let atMs = startMs - 40_000; atMs <= startMs; atMs += 5_000) {
      meters.readings.set('CP1/1', { ...meters.readings.get('CP1/1')!, receivedAtMs: atMs })
      takeMeter(meters, site, 10_000, { meterA: { L1: 25, L2: 10, L3: 10 }, ageMs: 0 }, even(63), [there], atMs)
    }
    const counted = (places: readonly Place[], atMs = startMs) => { const { L1, L2, L3 } = baseNow(meters, site, 10_000, atMs, places).amps; return [L1, L2, L3] }
    return { meters, there, stopped, counted }
  }

  test('what it hid of the building on phases that the car perhaps does not use is building again once the car is gone', () => {
    const { meters, there, stopped, counted } = readAs({})
    expect(counted([there])).toEqual([20, 5, 5])
    expect(counted([stopped])).toEqual([20, 10, 10])
    expect(counted([])).toEqual([20, 10, 10])
    takeMeter(meters, site, 10_000, { meterA: even(10), ageMs: 0 }, even(63), [stopped], startMs + 5_000)
    expect(counted([stopped], startMs + 5_000)).toEqual([20, 10, 10])
  })

  test('where all phases are told or measured, or each is named, it hid nothing', () => {
    for (const { stopped, counted } of [readAs({ told: 3 }), readAs({ measured: 3 }), readAs({}, false)]) expect(counted([stopped])).toEqual([20, 5, 5])
    const { stopped, counted } = readAs({ told: 1 })
    expect(counted([stopped])).toEqual([20, 10, 10])
  })

  test('a meter that went silent counts its worst case and no more', () => {
    const { stopped, counted } = readAs({})
    expect(counted([stopped], startMs + 15_001)).toEqual([20, 20, 20])
  })
})
