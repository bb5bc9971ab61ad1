// Curtailments and blocks of schedules as the fields of a form.
import type { CurtailmentView } from '../../../../src/actors/curtailment-record.ts'
import type { Typed } from '../../data/typed.ts'
import { inputOf } from '../../data/zone.ts'
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
/** What remains, half of the fuse, for an hour from now. */
export const newCurtailmentFields = (nowMs: number, zone: string): Typed => ({ amount: '50 %', startsAt: '', expiresAt: inputOf(nowMs + hourMs, zone), reason: '' })

export function blockFields(schedule: KeptSchedule, index: number, zone: string): Typed {
  const block = blocksOf(schedule)[Math.max(0, index)]
  if (block === undefined) return {}
  const amount = amountText(amountOf(block))
  if ('days' in block) return { amount, days: block.days.join(), from: block.from, to: block.to }
  const startMs = Date.parse(block.startsAt)
  return { amount, startsAt: inputOf(startMs, zone), endsAt: inputOf(startMs + block.durationS * 1000, zone) }
}
/** Evenings of working days, or two hours from the next full one. */
export function newBlockFields(kind: 'weekly' | 'interval', nowMs: number, zone: string): Typed {
  if (kind === 'weekly') return { amount: ' A', days: 'mon,tue,wed,thu,fri', from: '17:00', to: '20:00' }
  const startMs = Math.ceil(nowMs / hourMs) * hourMs
  return { amount: ' A', startsAt: inputOf(startMs, zone), endsAt: inputOf(startMs + 2 * hourMs, zone) }
}
