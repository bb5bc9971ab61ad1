// What people's profiles allow is worked out anew only where something changed: whatever happens, what was kept says what a first look would.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Books } from '../../src/actors/books.ts'
import { ProfileLimits } from '../../src/actors/profile-limits.ts'
import { openScope } from '../../src/actors/scope.ts'
import { answerProfile, dropProfiles, dropTxProfiles, keepProfile, type ProfileStatus } from '../../src/actors/stored-profiles.ts'
import { usualQuirks } from '../../src/power/quirks.ts'
import { chargePointSchema, siteSchema } from '../../src/power/site.ts'
import type { ChargingProfile } from '../../src/protocol/messages/index.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { VirtualClock } from '../virtual-clock.ts'

const fromMs = Date.parse('2026-01-05T08:00:00Z')
const clients = ['CP1', 'CP2', 'CP3']
const site = siteSchema.parse({ id: 'main', fuseA: 100 })
const pointsOf = (ids: readonly string[], unsteered: readonly string[] = []) => ids.map((id) => chargePointSchema.parse({ id, control: unsteered.includes(id) ? 'none' : 'engine', connectors: [{ id: 1 }, { id: 2 }] }))

async function open() {
  const scope = await openScope({ store: createMemoryStore(), name: 'site:main', clock: new VirtualClock() })
  const books = new Books(scope, site, pointsOf(clients), 0)
  /** All that `limits` say at `nowMs`, by connector. */
  const said = (limits: ProfileLimits, nowMs: number) => {
    const { constraints, nextAtMs } = limits.look(nowMs, fromMs + nowMs)
    const outlets = [...books.tree.outlets.values()]
    return { constraints, nextAtMs, caps: outlets.map(({ key }) => limits.capOf(key)), overruledA: outlets.map((outlet) => limits.overruledA(outlet)) }
  }
  const kept = new ProfileLimits(scope, books)
  return { scope, books, kept: (nowMs: number) => said(kept, nowMs), fresh: (nowMs: number) => said(new ProfileLimits(scope, books), nowMs) }
}
type Stand = Awaited<ReturnType<typeof open>>

function profileOf(id: number, purpose: ChargingProfile['chargingProfilePurpose'], kind: ChargingProfile['chargingProfileKind'], stackLevel: number, unit: 'A' | 'W', nowMs: number, spans: { startS: number; validFromS?: number; validToS?: number }, transactionId?: number): ChargingProfile {
  const at = (afterS: number) => new Date(fromMs + nowMs + afterS * 1_000).toISOString()
  return {
    chargingProfileId: id, stackLevel, chargingProfilePurpose: purpose, chargingProfileKind: kind, ...(transactionId === undefined ? {} : { transactionId }),
    ...(kind === 'Recurring' ? { recurrencyKind: 'Daily' } : {}), ...(spans.validFromS === undefined ? {} : { validFrom: at(spans.validFromS) }), ...(spans.validToS === undefined ? {} : { validTo: at(spans.validToS) }),
    chargingSchedule: {
      chargingRateUnit: unit, ...(kind === 'Relative' ? {} : { startSchedule: at(spans.startS) }),
      chargingSchedulePeriod: [{ startPeriod: 0, limit: unit === 'A' ? 10 : 6_900 }, { startPeriod: 300, limit: unit === 'A' ? 14 : 9_000 }],
    },
  }
}

const client = fc.constantFrom(...clients)
const connectorId = fc.constantFrom(1, 2)
const id = fc.integer({ min: 1, max: 4 })
const act = fc.oneof(
  { weight: 4, arbitrary: fc.record({
    do: fc.constant('set' as const), client, connectorId, id, purpose: fc.constantFrom('TxDefaultProfile', 'TxProfile', 'ChargePointMaxProfile'), kind: fc.constantFrom('Absolute', 'Recurring', 'Relative'),
    level: fc.integer({ min: 0, max: 6 }), unit: fc.constantFrom('A', 'W'), spans: fc.record({ startS: fc.integer({ min: -500, max: 500 }), validFromS: fc.integer({ min: -60, max: 600 }), validToS: fc.integer({ min: 60, max: 900 }) }, { requiredKeys: ['startS'] }),
    answer: fc.constantFrom('Sent', 'Accepted', 'Accepted', 'Accepted', 'Rejected', 'Unknown', 'unsent'),
  }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('clear' as const), client, id }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('start' as const), client, connectorId }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('stop' as const), client, connectorId }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('car' as const), client, connectorId, phases: fc.constantFrom(null, 1, 3) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('sample' as const), client, connectorId, amps: fc.constantFrom(0, 6, 20) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('learn' as const), client, level: fc.integer({ min: 0, max: 8 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('climb' as const), client, ladder: fc.constantFrom('tx', 'default', 'connector-0', 'max-0') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('queue' as const), client, connectorId, agoS: fc.constantFrom(0, 150, 299, 400) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('rewire' as const), without: fc.subarray(clients, { maxLength: 1 }), unsteered: fc.subarray(clients, { maxLength: 1 }) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('pass' as const), seconds: fc.constantFrom(1, 30, 299, 301, 7_200) }) },
)
type Act = typeof act extends fc.Arbitrary<infer T> ? T : never

/** The same transaction ids are never given again. */
function take({ scope, books }: Stand, one: Act, nowMs: number, number: number): void {
  const key = 'connectorId' in one ? `${one.client}/${one.connectorId}` : ''
  const transactionId = books.row(key)?.transactionId ?? undefined
  switch (one.do) {
    case 'set': {
      const purpose = one.purpose as ChargingProfile['chargingProfilePurpose']
      const profile = profileOf(one.id, purpose, one.kind as ChargingProfile['chargingProfileKind'], one.level, one.unit as 'A' | 'W', nowMs, one.spans as { startS: number }, purpose === 'TxProfile' ? transactionId : undefined)
      keepProfile(scope, one.client, { connectorId: purpose === 'ChargePointMaxProfile' ? 0 : one.connectorId, profile, status: 'Sent', setAtMs: fromMs + nowMs, commandId: `c${number}` })
      if (one.answer === 'unsent') answerProfile(scope, one.client, `c${number}`, null)
      else if (one.answer !== 'Sent') answerProfile(scope, one.client, `c${number}`, { status: one.answer as ProfileStatus, answeredAtMs: fromMs + nowMs })
      return
    }
    case 'clear': return void dropProfiles(scope, one.client, { id: one.id })
    case 'start':
      books.change(key, { queuedAtMs: fromMs + nowMs })
      return books.book(key, { type: 'started', transactionId: number })
    case 'stop':
      if (transactionId === undefined) return
      dropTxProfiles(scope, one.client, transactionId)
      return books.book(key, { type: 'stopped', transactionId })
    case 'car': return books.change(key, { car: { ...books.wiring(key).car, vehiclePhases: one.phases } })
    case 'sample': return books.book(key, { type: 'sampled', highestA: one.amps, measuredAtMs: nowMs, atMs: nowMs, phases: 0 })
    case 'queue': return books.change(key, { queuedAtMs: fromMs + nowMs - one.agoS * 1_000 })
    case 'learn': return scope.put(`learnt:${one.client}`, { stackLevel: one.level, maxA: null })
    case 'climb': return books.setQuirks(one.client, { ...usualQuirks, ladder: one.ladder as 'tx' })
    case 'rewire': return books.rewire(site, pointsOf(clients.filter((name) => !one.without.includes(name)), one.unsteered))
    case 'pass':
  }
}

test('a profile set, answered, cleared, begun or expired, a car, a transaction, a rung, another configuration: nothing is missed', async () => {
  await fc.assert(fc.asyncProperty(fc.array(act, { minLength: 5, maxLength: 40, size: 'max' }), async (acts) => {
    const stand = await open()
    let nowMs = 0
    for (const [number, one] of acts.entries()) {
      if (one.do === 'pass') nowMs += one.seconds * 1_000
      take(stand, one, nowMs, number + 1)
      const [{ nextAtMs, ...kept }, { nextAtMs: laterMs, ...fresh }] = [stand.kept(nowMs), stand.fresh(nowMs)]
      expect(kept, JSON.stringify(one)).toEqual(fresh)
      expect(nextAtMs).toBeGreaterThan(nowMs)
      expect(nextAtMs).toBeLessThanOrEqual(laterMs)
    }
  }), { numRuns: 150 })
}, 60_000)

describe('what is kept', () => {
  test('goes by when the transaction began, when that turns out to be earlier', async () => {
    const { scope, books, kept } = await open()
    keepProfile(scope, 'CP1', { connectorId: 1, profile: profileOf(7, 'TxDefaultProfile', 'Relative', 1, 'A', 0, { startS: 0 }), status: 'Sent', setAtMs: fromMs, commandId: 'c1' })
    answerProfile(scope, 'CP1', 'c1', { status: 'Accepted', answeredAtMs: fromMs })
    books.change('CP1/1', { queuedAtMs: fromMs })
    books.book('CP1/1', { type: 'started', transactionId: 1 })
    expect(kept(1_000).caps[0]).toEqual({ limitA: 10, source: 'profile:7' })
    books.change('CP1/1', { queuedAtMs: fromMs - 400_000 })
    expect(kept(1_000).caps[0]).toEqual({ limitA: 14, source: 'profile:7' })
  })

  test('stays the same object through samples and time that change nothing, and where a neighbour changed', async () => {
    const { scope, books, kept } = await open()
    const set = (name: string, purpose: ChargingProfile['chargingProfilePurpose'], commandId: string) => {
      keepProfile(scope, name, { connectorId: purpose === 'ChargePointMaxProfile' ? 0 : 1, profile: profileOf(7, purpose, 'Absolute', 1, 'A', 0, { startS: -1_000 }), status: 'Sent', setAtMs: fromMs, commandId })
      answerProfile(scope, name, commandId, { status: 'Accepted', answeredAtMs: fromMs })
    }
    set('CP1', 'TxDefaultProfile', 'c1')
    set('CP2', 'ChargePointMaxProfile', 'c2')
    const first = kept(0)
    expect([first.caps[0], first.constraints.length]).toEqual([{ limitA: 14, source: 'profile:7' }, 3])
    books.book('CP1/1', { type: 'sampled', highestA: 6, measuredAtMs: 500, atMs: 500, phases: 0 })
    const second = kept(1_000)
    expect(second.constraints).toBe(first.constraints)
    expect(second.caps[0]).toBe(first.caps[0])
    set('CP3', 'TxDefaultProfile', 'c3')
    const third = kept(2_000)
    expect(third.caps[0]).toBe(first.caps[0])
    expect(third.constraints[0]).toBe(first.constraints[0])
    expect(third.caps[4]).toEqual({ limitA: 14, source: 'profile:7' })
  })
})
