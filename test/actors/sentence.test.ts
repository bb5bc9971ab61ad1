// The sentence for everything that can bind: who, how it is shared, until when, and what comes then.
import { describe, expect, test } from 'vitest'
import { sentence, type Telling } from '../../src/actors/sentence.ts'
import { emptySlot, openRow, type Row } from '../../src/power/ledger.ts'
import type { Constraint } from '../../src/power/limits.ts'
import { noLoad } from '../../src/power/loads.ts'
import type { Policy } from '../../src/power/site.ts'
import type { Target } from '../../src/power/target.ts'
import type { Taken } from '../../src/actors/taken-from.ts'
import { buildTree } from '../../src/power/tree.ts'
import { pointOf, siteOf } from './site-stand.ts'

const nowMs = Date.parse('2026-11-22T16:00:00Z')
const half = Date.parse('2026-11-22T17:30:00Z')
const connector = (extra: object = {}) => ({ id: 1, maxA: 32, minA: 6, stepA: 1, ...extra })
const tree = buildTree(siteOf({ fuseA: 200, circuits: [{ id: 'garage' }] }), [
  pointOf({ id: 'CP1', connectors: [connector()] }), pointOf({ id: 'CP2', connectors: [connector()] }), pointOf({ id: 'FREE', control: 'none', connectors: [connector()] }),
  pointOf({ id: 'DC1', connectors: [{ id: 1, current: 'DC', maxW: 90_000, efficiency: 0.9 }] }),
])
const entry = { seq: 1, slot: 'default' as const, limitA: 0, fallbackA: 0, leaseEndsAtMs: null, bookedAtMs: 0, state: 'sent' as const }
const charging: Row = { ...openRow(32, false), contactedAtMs: 0, transactionId: 7, default: { ...emptySlot, confirmed: entry }, tx: { ...emptySlot, confirmed: { ...entry, slot: 'tx', limitA: 32 } } }
const limit = (source: string, capacity: number, extra: Partial<Constraint> = {}): Constraint => ({ nodeID: 'main', on: 'L1', capacity, source, ...extra })

interface Case extends Partial<Omit<Target, 'place'>> {
  readonly key?: string
  readonly row?: Partial<Row>
  readonly place?: Partial<Target['place']>
  readonly policy?: Policy
  /** How many are bound by the same. */
  readonly cars?: number
  readonly ends?: number
  readonly said?: string
  readonly thenA?: number
  readonly taken?: Taken
}

function told({ key = 'CP1/1', row = {}, place = {}, policy = 'equal', cars = 1, ends, said, thenA, taken, ...own }: Case): string {
  const outlet = tree.outlets.get(key)!
  const target: Target = {
    place: { outlet, row: { ...charging, ...row }, online: true, vehiclePhases: null, vehicleMaxA: null, profileCap: null, priority: 0, weight: 1, queuedAtMs: 0, ...place },
    requestedA: 32, fallbackA: 0, allocatedA: 10, defaultA: 0, txA: 10, tied: null, binding: own.boundBy?.source ?? 'hardware', boundBy: null, queuePlace: null, stuck: noLoad, ...own,
  }
  const others = Array.from({ length: cars }, (_, index) => [`${index}`, target] as const)
  const telling: Telling = {
    nowMs, aheadMs: 0, site: { ...siteOf({ timezone: 'Europe/Berlin', fuseA: 200 }), policy }, plan: { targets: new Map(others), waiting: 3 }, rowOf: () => target.place.row,
    profileUntilMs: () => half, endsAtMs: () => ends ?? null, wordsOf: () => said ?? null, thenA: () => thenA ?? null, takenOf: () => taken ?? null,
  }
  return sentence(telling, target)
}

describe('what binds', () => {
  test.each<[string, Case, string]>([
    ['fuse', { boundBy: limit('fuse', 63), cars: 2 }, '10 A: the fuse of 63 A is shared equally by 2 cars.'],
    ['grid limit', { boundBy: limit('grid-limit', 10) }, '10 A: the grid limit of 10 A leaves no more.'],
    ['grid limit in watts', { boundBy: limit('grid-limit', 27_600, { on: 'W' }), cars: 4 }, '10 A: the grid limit of 27.6 kW (40 A per phase) is shared equally by 4 cars.'],
    ['curtailment', { boundBy: limit('curtailment:cur_9', 20), cars: 2, ends: half, said: 'grid operator', thenA: 20 }, '10 A: the curtailment to 20 A (grid operator) is shared equally by 2 cars until 18:30, then 20 A.'],
    ['curtailment that changes nothing when it ends', { boundBy: limit('curtailment:cur_9', 20), cars: 2, ends: half, thenA: 10 }, '10 A: the curtailment to 20 A is shared equally by 2 cars until 18:30.'],
    ['schedule', { boundBy: limit('schedule:night', 9_200, { on: 'W' }), ends: half, said: 'night', thenA: 32 }, '10 A: the scheduled limit of 9.2 kW (13.33 A per phase; night) leaves no more until 18:30, then 32 A.'],
    ['demand window', { boundBy: limit('demand-window', 25_000, { on: 'W', economic: true }), cars: 3, ends: half }, '10 A: the demand window of 25 kW (36.23 A per phase) is shared equally by 3 cars until 18:30.'],
    ['failsafe', { boundBy: limit('failsafe', 8), allocatedA: 8 }, '8 A: the failsafe limit of 8 A (the energy manager is silent) leaves no more.'],
    ['circuit', { boundBy: limit('circuit:garage', 24, { nodeID: 'garage' }), cars: 2 }, '10 A: circuit garage of 24 A is shared equally by 2 cars.'],
    ['the site in watts', { boundBy: limit('circuit:main', 20_000, { on: 'W' }) }, '10 A: the site\'s limit of 20 kW (28.98 A per phase) leaves no more.'],
    ['imbalance', { boundBy: limit('imbalance:garage', 5, { nodeID: 'garage', on: 'L1-L2' }) }, '10 A: the imbalance limit of 5 A by which L1 of circuit garage may carry more than L2 leaves no more.'],
    ['a profile', { binding: 'profile:7', place: { profileCap: { limitA: 10, source: 'profile:7' } } }, '10 A: charging profile 7 allows no more until 18:30.'],
    ['a profile for the whole charge point', { boundBy: limit('profile:7', 20, { nodeID: 'chargepoint:CP1' }), cars: 2 }, '10 A: charging profile 7 allows the whole charge point 20 A until 18:30, shared by 2 cars.'],
    ['vehicle', { binding: 'vehicle', place: { vehicleMaxA: 10 } }, '10 A: the most the car takes.'],
    ['vehicle, as it has shown', { binding: 'vehicle', row: { reclaim: { capA: 10, shownA: 9, changedAtMs: 0, fromMs: 0, below: null } } }, '10 A: the car has shown to take no more; it gets more as soon as it does.'],
    ['vehicle, that is full', { binding: 'vehicle', allocatedA: 0, place: { remainingWh: 0 } }, '0 A: the car has all the energy it asked for.'],
    ['hardware', { allocatedA: 32 }, '32 A: the most the connector can give.'],
    ['minimum', { binding: 'minimum', allocatedA: 0, boundBy: limit('grid-limit', 5) }, '0 A: the grid limit of 5 A leaves less than the 6 A a car needs.'],
    ['minimum for a time', { binding: 'minimum', allocatedA: 0, boundBy: limit('curtailment:cur_1', 5), ends: half, thenA: 16 }, '0 A: the curtailment to 5 A leaves less than the 6 A a car needs until 18:30, then 16 A.'],
    ['queue', { binding: 'queue', allocatedA: 0, boundBy: limit('fuse', 12), queuePlace: 2 }, '0 A: it waits its turn, place 2 of 3, under the fuse of 12 A.'],
    ['queue, with its next swap', { binding: 'queue', allocatedA: 0, boundBy: limit('fuse', 12), queuePlace: 2, queueSinceMs: nowMs - 30_000 }, '0 A: it waits its turn, place 2 of 3, under the fuse of 12 A; next change at 17:15 at the latest.'],
    ['direct current', { key: 'DC1/1', boundBy: limit('grid-limit', 80), allocatedA: 72, cars: 2 }, '72 A (44.71 kW): the grid limit of 80 A is shared equally by 2 cars.'],
  ])('%s', (_, given, words) => expect(told(given)).toBe(words))
})

describe('how it is shared', () => {
  test.each<[Policy, string]>([
    ['equal', 'is shared equally by 2 cars'], ['weighted', 'is shared by weight by 2 cars'], ['fifo', 'is given to 2 cars, first come first served'],
    ['earliestDeadline', 'is given to 2 cars by deadline'], ['leastLaxity', 'is given to 2 cars by slack'],
  ])('%s', (policy, words) => expect(told({ boundBy: limit('fuse', 20), cars: 2, policy })).toBe(`10 A: the fuse of 20 A ${words}.`))
})

describe('what of a limit is not shared', () => {
  const taken = (building: number, ...amounts: number[]) => ({ building, holders: amounts.map((amount, index) => ({ key: `CP-0${index + 4}/1`, amount })) })
  test.each<[string, Case, string]>([
    ['the building, and one other', { boundBy: limit('fuse', 50), cars: 4, taken: taken(9.04, 16.8) }, '10 A: the fuse of 50 A, less 9 A for the building and 16.8 A held for CP-04/1, is shared equally by 4 cars.'],
    ['others', { boundBy: limit('fuse', 50), taken: taken(0, 16, 6) }, '10 A: the fuse of 50 A, less 22 A held for 2 other connectors, leaves no more.'],
    ['watts', { boundBy: limit('grid-limit', 27_600, { on: 'W' }), cars: 2, taken: taken(5_130) }, '10 A: the grid limit of 27.6 kW (40 A per phase), less 5.1 kW for the building, is shared equally by 2 cars.'],
    ['too little', { binding: 'minimum', allocatedA: 0, boundBy: limit('grid-limit', 20), taken: taken(18) }, '0 A: the grid limit of 20 A, less 18 A for the building, leaves less than the 6 A a car needs.'],
    ['nothing', { boundBy: limit('fuse', 50), cars: 2, taken: taken(0.2) }, '10 A: the fuse of 50 A is shared equally by 2 cars.'],
  ])('%s', (_, given, words) => expect(told(given)).toBe(words))

  test('who does not follow shares nothing', () => expect(told({ boundBy: limit('fuse', 50), cars: 2, stuck: { anyCarA: 20, thisCarA: 20 } })).toBe('10 A: the fuse of 50 A leaves no more.'))
})

describe('what the plan does not decide', () => {
  test.each<[string, Case, string]>([
    ['not steered', { key: 'FREE/1' }, 'kwota does not steer this connector, so its 32 A count always.'],
    ['never met', { row: { contactedAtMs: null } }, 'It has never connected to kwota; nothing is counted for it.'],
    ['offline and never commissioned', { place: { online: false }, row: { default: emptySlot } }, 'It has not booted with kwota, or is offline, and its fallback was never confirmed: its 32 A count as taken. If there is no such charger, remove it on its page, or with DELETE /api/v1/chargepoints/CP1.'],
    ['offline', { place: { online: false } }, 'It is offline; 32 A are kept reserved for it.'],
    ['told before', { boundBy: limit('fuse', 10), row: { tx: { ...emptySlot, confirmed: { ...entry, slot: 'tx', limitA: 6 } }, changedAtMs: nowMs - 5_000 } }, '10 A: the fuse of 10 A leaves no more. Until now it was told 6 A; 10 A are told at 17:00:10, 15 s after its last change.'],
    ['no room to tell it', { boundBy: limit('fuse', 10), row: { tx: { ...emptySlot, confirmed: { ...entry, slot: 'tx', limitA: 6 } } } }, '10 A: the fuse of 10 A leaves no more. Until now it was told 6 A; 10 A are told once they fit beside what the others are not proven to have given up.'],
    ['less than an amp more', { boundBy: limit('fuse', 10), row: { tx: { ...emptySlot, confirmed: { ...entry, slot: 'tx', limitA: 9.5 } } } }, '10 A: the fuse of 10 A leaves no more.'],
    ['once distrusted, and lowered', { boundBy: limit('fuse', 10), row: { distrusted: { drawnA: 25, reportedA: null, obeysSinceMs: null }, settling: { fromA: 26, anyFromA: 0, acceptedAtMs: nowMs, quietSinceMs: nowMs, sawAbove: false } } }, '10 A: the fuse of 10 A leaves no more. It has not followed its limits; so 26.25 A are reserved for it. That ends when a car draws just its limit for 30 s, one below 25 A and below what the car would take (a car that draws nothing proves nothing), or with a new firmware or a changed entry in the configuration.'],
    ['not commissioned', { row: { default: emptySlot } }, 'Its fallback is not confirmed yet, so its 32 A count as taken.'],
    ['nobody there', { row: { transactionId: null } }, 'No car is charging; 0 A are set as its fallback.'],
    ['start reserve', { row: { transactionId: null }, fallbackA: 6 }, 'No car is charging; 6 A are set as its fallback and reserved for a car that starts by itself.'],
    ['fallback cut by a profile', { row: { transactionId: null }, fallbackA: 4, binding: 'profile:7', place: { profileCap: { limitA: 4, source: 'profile:7' } } }, 'No car is charging; 4 A are set as its fallback: charging profile 7 allows no more until 18:30.'],
    ['a lowering that is not proven', { boundBy: limit('fuse', 10), row: { settling: { fromA: 32, anyFromA: 0, acceptedAtMs: nowMs, quietSinceMs: nowMs, sawAbove: false } } }, '10 A: the fuse of 10 A leaves no more. 32 A stay reserved until the lowering is proven.'],
    ['too much, as measured', { boundBy: limit('fuse', 10), row: { excess: true, measuredA: 16 } }, '10 A: the fuse of 10 A leaves no more. It draws 16 A all the same, and they stay reserved.'],
    ['disobeying', { boundBy: limit('fuse', 10), row: { excess: true, measuredA: 20, disobeying: { sinceMs: 0, lastMs: 0, samples: 3, drawnA: 20, reportedA: null, rung: 'again', rungAtMs: 0, tried: ['again'], obeysSinceMs: null } } }, '10 A: the fuse of 10 A leaves no more. It does not follow its limit: it draws 20 A, and 21 A are reserved for it.'],
  ])('%s', (_, given, words) => expect(told(given)).toBe(words))
})
