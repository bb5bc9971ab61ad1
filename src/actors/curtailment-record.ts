// What is kept of a curtailment: how much it leaves, from when until when, and who said so; what may be asked for, and how it is shown.
import { z } from 'zod'
import { dimmingMinimumW } from '../power/dimming.ts'
import { perPhase, phases, type SiteConfig } from '../power/site.ts'
import { floorShown } from '../power/steps.ts'
import { checkFuse } from './grid-limit.ts'
import { Refusal } from './house.ts'
import type { LimitAmount } from './limit-views.ts'

export const curtailmentKinds = ['curtailment', 'dimming'] as const
export const curtailmentStates = ['scheduled', 'active', 'ended', 'cancelled'] as const
export type CurtailmentState = (typeof curtailmentStates)[number]

export const curtailmentRecordSchema = z.object({
  v: z.literal(1),
  id: z.string(),
  version: z.int(),
  changedAt: z.string(),
  changedBy: z.string(),
  createdAtMs: z.number(),
  kind: z.enum(curtailmentKinds),
  currentA: z.number().exactOptional(),
  powerW: z.number().exactOptional(),
  percent: z.number().exactOptional(),
  reason: z.string().exactOptional(),
  source: z.string().exactOptional(),
  /** By the wall clock, as they were asked for. */
  startsAtMs: z.number(),
  expiresAtMs: z.number(),
  /** How far the wall clock was ahead of the engine's time then: both times are meant that much earlier there. */
  aheadMs: z.number(),
  cancelledAtMs: z.number().nullable(),
})
export type CurtailmentRecord = Readonly<z.output<typeof curtailmentRecordSchema>>

/** Exactly one of currentA (per phase), powerW (total) and percent (of the fuse that remains). Times RFC 3339; startsAt absent = now. */
export interface WantedCurtailment {
  readonly kind?: CurtailmentRecord['kind']
  readonly currentA?: number
  readonly powerW?: number
  readonly percent?: number
  readonly startsAt?: string
  readonly expiresAt: string
  readonly reason?: string
  readonly source?: string
}
export type CurtailmentPatch = Partial<Omit<WantedCurtailment, 'kind'>>

export interface CurtailmentView {
  readonly id: string
  readonly kind: CurtailmentRecord['kind']
  readonly currentA?: number
  readonly powerW?: number
  readonly percent?: number
  readonly startsAt: string
  readonly expiresAt: string
  readonly state: CurtailmentState
  readonly reason?: string
  readonly source?: string
  /** What it comes to for the whole site (dimming: for the charge points together). */
  readonly limit: LimitAmount
  readonly createdAt: string
  readonly changedBy: string
  readonly endedAt: string | null
}

const longestAheadMs = 7 * 86_400_000
const iso = (ms: number) => new Date(ms).toISOString()

/** When it begins and ends by the engine's time. */
export function holdsFrom({ startsAtMs, expiresAtMs, aheadMs }: CurtailmentRecord): { readonly fromMs: number; readonly untilMs: number } {
  return { fromMs: startsAtMs - aheadMs, untilMs: expiresAtMs - aheadMs }
}

/** `nowMs` = the engine's time. */
export function stateOfCurtailment(record: CurtailmentRecord, nowMs: number): CurtailmentState {
  if (record.cancelledAtMs !== null) return 'cancelled'
  const { fromMs, untilMs } = holdsFrom(record)
  return nowMs < fromMs ? 'scheduled' : nowMs < untilMs ? 'active' : 'ended'
}

/** What it comes to: amps per phase, or watts; a share is one of the weakest phase's fuse, and dimming is a number of watts for the `steered` charge points together, never below what is guaranteed to them. */
export function amountOf({ kind, currentA, powerW, percent }: Pick<CurtailmentRecord, 'kind' | 'currentA' | 'powerW' | 'percent'>, site: SiteConfig, steered: number): { readonly currentA?: number; readonly powerW?: number } {
  const fuse = perPhase(site.fuseA)
  const amps = percent === undefined ? currentA : (Math.min(...phases.map((phase) => fuse[phase])) * percent) / 100
  if (kind === 'dimming') return { powerW: Math.max(powerW ?? (amps ?? 0) * 3 * site.voltage, dimmingMinimumW(steered)) }
  return amps !== undefined ? { currentA: amps } : powerW === undefined ? {} : { powerW }
}

export function curtailmentView(record: CurtailmentRecord, site: SiteConfig, steered: number, nowMs: number): CurtailmentView {
  const { id, kind, currentA, powerW, percent, reason, source, startsAtMs, expiresAtMs, createdAtMs, changedBy, cancelledAtMs } = record
  const state = stateOfCurtailment(record, nowMs)
  return {
    id, kind, ...(currentA === undefined ? {} : { currentA }), ...(powerW === undefined ? {} : { powerW }), ...(percent === undefined ? {} : { percent }),
    startsAt: iso(startsAtMs), expiresAt: iso(expiresAtMs), state, ...(reason === undefined ? {} : { reason }), ...(source === undefined ? {} : { source }),
    limit: shownAmount(amountOf(record, site, steered), site), createdAt: iso(createdAtMs), changedBy,
    endedAt: cancelledAtMs !== null ? iso(cancelledAtMs) : state === 'ended' ? iso(expiresAtMs) : null,
  }
}

/** Amps per phase and watts over three phases, one worked out from the other by 3 × voltage. */
export function shownAmount({ currentA, powerW }: { readonly currentA?: number; readonly powerW?: number }, site: SiteConfig): LimitAmount {
  const perAmp = 3 * site.voltage
  const amps = currentA ?? (powerW ?? 0) / perAmp
  return { currentA: floorShown(amps), powerW: Math.floor((powerW ?? amps * perAmp) + 1e-6) }
}

/** The record as it would be; throws Refusal when it may not be so. `wallMs` = now; a start in the past is as good as now. */
export function checkCurtailment(wanted: CurtailmentRecord, site: SiteConfig, steered: number, wallMs: number): CurtailmentRecord {
  const { currentA, powerW, percent, kind, startsAtMs, expiresAtMs } = wanted
  const refuse = (code: string, pointer: string, message: string, detail: string) => new Refusal('invalid', code, detail, { hint: message, errors: [{ pointer, message }] })
  if ([currentA, powerW, percent].filter((one) => one !== undefined).length !== 1) throw new Refusal('invalid', 'invalid', 'Exactly one of currentA, powerW and percent is needed.', { hint: 'Say currentA (amps per phase), powerW (watts) or percent (of the fuse that remains).' })
  if (expiresAtMs <= wallMs) throw refuse('expiry-in-the-past', '/expiresAt', 'in the future', `It would have ended at ${iso(expiresAtMs)}, and it is ${iso(wallMs)}.`)
  if (expiresAtMs <= startsAtMs) throw refuse('expiry-before-start', '/expiresAt', 'after startsAt', `It would end at ${iso(expiresAtMs)}, before it begins at ${iso(startsAtMs)}.`)
  if (expiresAtMs > wallMs + longestAheadMs) throw refuse('expiry-too-far', '/expiresAt', 'at most 7 days ahead', 'A curtailment ends within 7 days; a standing limit is a grid limit, and what comes again is a limit schedule.')
  if (currentA !== undefined) checkFuse(site, { currentA }, '/currentA')
  if (powerW !== undefined) checkFuse(site, { powerW }, '/powerW')
  const amps = percent === undefined ? currentA : (amountOf({ kind: 'curtailment', percent }, site, steered).currentA ?? 0)
  const watts = powerW ?? (amps ?? 0) * 3 * site.voltage
  const leastW = dimmingMinimumW(steered)
  if (kind === 'dimming' && watts < leastW) {
    throw refuse('below-dimming-minimum', powerW !== undefined ? '/powerW' : currentA !== undefined ? '/currentA' : '/percent', `at least ${leastW} W`,
      `${Math.round(watts)} W is below the ${leastW} W that ${steered} charge points are guaranteed together.`)
  }
  return wanted
}
