// Curtailments and blocks of schedules as the fields of a form.
import type { CurtailmentView } from '../../../../src/actors/curtailment-record.ts'
import type { Typed } from '../../data/typed.ts'
import { inputOf, instantOf } from '../../data/zone.ts'
import { amountOf, blocksOf, type KeptSchedule, type Unit } from './changes.ts'

const hourMs = 3_600_000
export const units: readonly Unit[] = ['A', 'kW', '%']

/** Number and unit are one field: whoever changes one means both. */
export const amountText = ({ value, unit }: { readonly value: string; readonly unit: Unit }): string => `${value} ${unit}`
export function amountIn(typed: Typed): { readonly value: string; readonly unit: Unit } {
  const [value = '', unit] = (typed['amount'] ?? '').split(' ')
  return { value, unit: units.find((one) => one === unit) ?? 'A' }
}

/** Times by the clock of the site. */
export function curtailmentFields({ startsAt, expiresAt, reason, ...amount }: CurtailmentView, zone: string): Typed {
  return { amount: amountText(amountOf(amount)), startsAt: inputOf(Date.parse(startsAt), zone), expiresAt: inputOf(Date.parse(expiresAt), zone), reason: reason ?? '' }
}
/** The instant that a field says; one that nobody has touched is as it was kept, to the millisecond and in its own of two hours. */
export const instantTyped = (text: string, keptMs: number | null, zone: string): number => (keptMs !== null && text === inputOf(keptMs, zone) ? keptMs : instantOf(text, zone))

/** What remains, half of the fuse, for an hour from now. */
export const newCurtailmentFields = (nowMs: number, zone: string): Typed => ({ amount: '50 %', startsAt: '', expiresAt: inputOf(nowMs + hourMs, zone), reason: '' })

export function blockFields(schedule: KeptSchedule, index: number, zone: string): Typed {
  const block = blocksOf(schedule)[Math.max(0, index)]
  if (block === undefined) return {}
  const amount = amountText(amountOf(block))
  if ('days' in block) return { amount, days: block.days.join(), from: block.from, to: block.to }
  const span = spanOf(block)
  return { amount, startsAt: inputOf(span.startMs, zone), endsAt: inputOf(span.endMs, zone) }
}
/** Of the interval in this place; null where there is none. */
export function keptSpan(schedule: KeptSchedule | null, index: number): { readonly startMs: number; readonly endMs: number } | null {
  const block = schedule === null ? undefined : blocksOf(schedule)[Math.max(0, index)]
  return block === undefined || 'days' in block ? null : spanOf(block)
}
function spanOf({ startsAt, durationS }: { readonly startsAt: string; readonly durationS: number }): { readonly startMs: number; readonly endMs: number } {
  return { startMs: Date.parse(startsAt), endMs: Date.parse(startsAt) + durationS * 1000 }
}
/** Evenings of working days, or two hours from the next full one. */
export function newBlockFields(kind: 'weekly' | 'interval', nowMs: number, zone: string): Typed {
  if (kind === 'weekly') return { amount: ' A', days: 'mon,tue,wed,thu,fri', from: '17:00', to: '20:00' }
  const startMs = Math.ceil(nowMs / hourMs) * hourMs
  return { amount: ' A', startsAt: inputOf(startMs, zone), endsAt: inputOf(startMs + 2 * hourMs, zone) }
}
