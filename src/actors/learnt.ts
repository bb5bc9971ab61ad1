// What was learnt of one charge point: the level of its profiles, how it wants them, what it has taken; kept over restarts.
import type { Quirks } from '../power/quirks.ts'
import { usualQuirks } from '../power/quirks.ts'
import type { Facet } from './negotiation.ts'
import type { Scope } from './scope.ts'

/** Fields that 0.2.0 did not know are optional: its records are read as they are. */
export interface Learnt {
  /** ChargeProfileMaxStackLevel as it answered, or the lower one it took; null = not known yet. */
  readonly stackLevel: number | null
  /** The ChargePointMaxProfile it last accepted (or refused), A; null = none was answered yet. */
  readonly maxA: number | null
  /** Below that, what it accepted while it was held down, A. */
  readonly maxHeldA?: number
  /** What it said to that one, and when. */
  readonly maxSet?: { readonly atMs: number; readonly status: string }
  /** The level of the profiles it holds now: one that is learnt later counts after its next boot, when all are sent again. Absent = none was sent yet. */
  readonly inUse?: number
  /** How it wants its profiles; absent = as the specification says. */
  readonly quirks?: Quirks
  /** Where `quirks` come from: its own answers, or its model's entry in the quirk book. */
  readonly from?: 'own' | 'model'
  /** Entry of the quirk book it has begun with or added to. */
  readonly model?: string
  /** The level its model takes, until it says its own. */
  readonly modelLevel?: number
  readonly maxPeriods?: number
  readonly maxInstalled?: number
  /** MeterValueSampleInterval, s: so often it says what its cars draw. */
  readonly sampleS?: number
  /** It has answered when profiles of others were cleared; absent = it was not asked yet. */
  readonly clearedForeign?: true
  /** The level at which a profile of ours was accepted, or may have been. */
  readonly standsAt?: number
  /** What it has accepted since its last boot. */
  readonly took?: readonly Facet[]
  /** It was worked with before its last boot: never again met by its model. */
  readonly met?: true
  /** A ChargePointMaxProfile below its hardware was accepted on the last rung, or may have been, and stands until a higher one is. */
  readonly lowMax?: true
  /** The lowest limit in `quirks` was found out by a refusal of 0. */
  readonly pauseFound?: true
  /** That limit, while 0 is tried once more. */
  readonly pauseBefore?: number
  /** Transactions that ran when it last booted: what it refuses for them teaches nothing. */
  readonly oldTransactions?: readonly number[]
}

export const nothingLearnt: Learnt = { stackLevel: null, maxA: null }

/** As it was kept; undefined = never spoken to as far as profiles go. */
export function readLearnt(scope: Pick<Scope, 'get'>, clientID: string): Learnt | undefined {
  return scope.get(`learnt:${clientID}`) as Learnt | undefined
}

/** How far its samples are apart as it says, ms; 0 = it did not say. */
export function sampleMsOf(scope: Pick<Scope, 'get'>, clientID: string): number {
  return (readLearnt(scope, clientID)?.sampleS ?? 0) * 1000
}

/** The stack level of the engine's profiles at a charge point: everything below is free for others. */
export function levelInUse(learnt: Learnt | undefined): number {
  return learnt?.inUse ?? learnt?.stackLevel ?? learnt?.modelLevel ?? 0
}

export function quirksIn(learnt: Learnt | undefined): Quirks {
  return learnt?.quirks ?? usualQuirks
}

/** Never spoken to as far as profiles go: it may begin with what its model has taught. */
export function isFresh({ stackLevel, maxA, quirks, standsAt, took, met }: Learnt): boolean {
  return met !== true && stackLevel === null && maxA === null && quirks === undefined && standsAt === undefined && (took ?? []).length === 0
}

/** What a change of its model or firmware leaves: the levels at which profiles stand. Its maximum is told anew. */
export function withoutModel({ stackLevel, inUse, standsAt, clearedForeign, lowMax, oldTransactions }: Learnt): Learnt {
  return {
    stackLevel, maxA: null, met: true, ...(inUse === undefined ? {} : { inUse }), ...(standsAt === undefined ? {} : { standsAt }), ...(clearedForeign === undefined ? {} : { clearedForeign }),
    ...(lowMax === undefined ? {} : { lowMax }), ...(oldTransactions === undefined ? {} : { oldTransactions }),
  }
}

const keys = { level: 'ChargeProfileMaxStackLevel', unit: 'ChargingScheduleAllowedChargingRateUnit', periods: 'ChargingScheduleMaxPeriods', installed: 'MaxChargingProfilesInstalled', sample: 'MeterValueSampleInterval' } as const
export const askedKeys: readonly string[] = Object.values(keys)

/** What it knows of itself after an answer to GetConfiguration; a key that is missing or says nothing changes nothing. */
export function afterAnswer(learnt: Learnt, answer: { readonly configurationKey?: readonly { readonly key: string; readonly value?: string }[] }): Learnt {
  const said = (name: string): string => answer.configurationKey?.find(({ key }) => key.toLowerCase() === name.toLowerCase())?.value?.trim() ?? ''
  const whole = (name: string): number | undefined => (/^\d{1,4}$/.test(said(name)) ? Number(said(name)) : undefined)
  const [level, periods, installed, sampleS] = [whole(keys.level), whole(keys.periods), whole(keys.installed), whole(keys.sample)]
  const units = said(keys.unit).toLowerCase()
  const before = quirksIn(learnt)
  const unit = units.includes('power') === units.includes('current') ? before.unit : units.includes('power') ? 'W' : 'A'
  const quirks: Quirks = { ...before, unit, ...(periods === 1 ? { lease: false } : {}) }
  const changed = quirks.unit !== before.unit || quirks.lease !== before.lease
  return {
    ...learnt,
    ...(level === undefined ? {} : { stackLevel: level }),
    ...(periods === undefined ? {} : { maxPeriods: periods }),
    ...(installed === undefined ? {} : { maxInstalled: installed }),
    ...(sampleS === undefined || sampleS === 0 ? {} : { sampleS }),
    ...(changed ? { quirks, from: 'own' as const } : {}),
  }
}
