// Arbitrary charge points with arbitrary profiles, dense enough in time that a short window sees their changes.
import fc from 'fast-check'
import { install, type Ground, type Stack } from '../../src/profiles/stack.ts'
import type { ChargingProfile } from '../../src/protocol/messages/index.ts'

/** A Sunday; everything random lies around it. */
export const baseMs = Date.UTC(2026, 10, 22, 12, 0, 0)
export const windowS = 1_200

const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 })
/** Ms around the window, mostly on whole seconds. */
const around = fc.oneof({ weight: 5, arbitrary: fc.integer({ min: -600, max: windowS - 100 }).map((s) => baseMs + s * 1_000) }, { weight: 1, arbitrary: fc.integer({ min: -5_000, max: 60_000 }).map((ms) => baseMs + ms) })
const offset = fc.constantFrom('Z', '+01:00', '-07:30')

function written(ms: number, zone: string): string {
  const shiftMinutes = zone === 'Z' ? 0 : (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4))) * (zone.startsWith('-') ? -1 : 1)
  return new Date(ms + shiftMinutes * 60_000).toISOString().replace('Z', zone)
}

const periods = fc.array(fc.record({ gapS: fc.integer({ min: 1, max: 400 }), tenths: fc.integer({ min: 0, max: 400 }), numberPhases: maybe(fc.integer({ min: 1, max: 3 })) }), { minLength: 1, maxLength: 5, size: 'max' })

export const drafts = fc.record({
  connectorId: fc.constantFrom(0, 0, 1, 1, 2, 3),
  purpose: fc.constantFrom('ChargePointMaxProfile', 'TxDefaultProfile', 'TxProfile'),
  kind: fc.constantFrom('Absolute', 'Daily', 'Weekly', 'Relative'),
  stackLevel: fc.integer({ min: 0, max: 3 }),
  transactionId: fc.constantFrom(undefined, undefined, 11, 12, 13),
  unit: fc.constantFrom('A', 'W'),
  periods,
  duration: maybe(fc.integer({ min: 1, max: 900 })),
  startMs: maybe(around),
  /** A recurring one may have begun on any earlier or later day. */
  days: fc.integer({ min: -20, max: 20 }),
  validFromMs: maybe(around),
  validToMs: maybe(around),
  zone: offset,
  installedAtMs: around,
})
export type Draft = typeof drafts extends fc.Arbitrary<infer T> ? T : never

export function profileOf(draft: Draft, chargingProfileId: number): ChargingProfile {
  const recurring = draft.kind === 'Daily' || draft.kind === 'Weekly'
  const shiftMs = draft.kind === 'Daily' ? draft.days * 86_400_000 : draft.kind === 'Weekly' ? draft.days * 604_800_000 : 0
  const startMs = recurring ? (draft.startMs ?? baseMs) + shiftMs : draft.startMs
  let startPeriod = 0
  return {
    chargingProfileId,
    ...(draft.purpose === 'TxProfile' && draft.transactionId !== undefined ? { transactionId: draft.transactionId } : {}),
    stackLevel: draft.stackLevel,
    chargingProfilePurpose: draft.purpose,
    chargingProfileKind: draft.kind === 'Daily' || draft.kind === 'Weekly' ? 'Recurring' : draft.kind,
    ...(draft.kind === 'Daily' || draft.kind === 'Weekly' ? { recurrencyKind: draft.kind } : {}),
    ...(draft.validFromMs === undefined ? {} : { validFrom: written(draft.validFromMs, draft.zone) }),
    ...(draft.validToMs === undefined || draft.validToMs <= (draft.validFromMs ?? 0) ? {} : { validTo: written(draft.validToMs, draft.zone) }),
    chargingSchedule: {
      chargingRateUnit: draft.unit,
      ...(draft.duration === undefined ? {} : { duration: draft.duration }),
      ...(startMs === undefined || draft.kind === 'Relative' ? {} : { startSchedule: written(startMs, draft.zone) }),
      chargingSchedulePeriod: draft.periods.map(({ gapS, tenths, numberPhases }, index) => {
        if (index > 0) startPeriod += gapS
        return { startPeriod, limit: draft.unit === 'A' ? tenths / 10 : tenths * 50, ...(numberPhases === undefined ? {} : { numberPhases }) }
      }),
    },
  }
}

export const grounds: fc.Arbitrary<Ground> = fc.record({
  count: fc.integer({ min: 1, max: 3 }),
  running: fc.array(fc.record({ connectorId: fc.integer({ min: 1, max: 3 }), startedAtMs: around }), { maxLength: 3, size: 'max' }),
  voltage: fc.constantFrom(230, 110, 240),
  phases: fc.constantFrom(3, 1),
}).map(({ count, running, voltage, phases }) => ({
  connectors: Array.from({ length: count }, (_, index) => index + 1),
  transactions: running.filter(({ connectorId }, index) => connectorId <= count && running.findIndex((other) => other.connectorId === connectorId) === index)
    .map(({ connectorId, startedAtMs }) => ({ connectorId, startedAtMs, transactionId: 10 + connectorId })),
  voltage, phases,
}))

/** A charge point, and those of up to ten random profiles that it took. */
export const stacks: fc.Arbitrary<{ ground: Ground; stack: Stack }> = fc.tuple(grounds, fc.array(fc.tuple(drafts, fc.integer({ min: 1, max: 30 })), { maxLength: 10, size: 'max' })).map(([ground, offered]) => {
  let stack: Stack = []
  for (const [draft, id] of offered) {
    // Most of what is random would never be taken: a purpose goes where it belongs.
    const there = Math.min(draft.connectorId, ground.connectors.length)
    const connectorId = draft.purpose === 'ChargePointMaxProfile' ? 0 : draft.purpose === 'TxProfile' ? ground.transactions[0]?.connectorId ?? 1 : there
    ;({ stack } = install(stack, ground, connectorId, profileOf(draft, id), draft.installedAtMs))
  }
  return { ground, stack }
})
