// The live table of the demo as text: per connector its state, what it is granted, what it draws, and why.
import { carWords, countDoing } from '../actors/doing.ts'
import { usedWords } from '../actors/used-words.ts'
import type { AllocationView, ConnectorPowerView, PowerView } from '../actors/views.ts'

export interface TableInput {
  readonly power: PowerView
  /** Why, per connector (`CP-01/1`). */
  readonly why: ReadonlyMap<string, AllocationView>
  /** Newest last. */
  readonly news: readonly string[]
  readonly title: string
  readonly columns: number
}

const barWidth = 16
const shownNews = 4

/** Lines no longer than `columns`, so that a terminal never wraps them. */
export function tableLines({ power, why, news, title, columns }: TableInput): string[] {
  const lines = [title, sentence(power), '', `${'connector'.padEnd(10)} ${'state'.padEnd(13)} ${'granted'.padStart(7)} ${'drawn'.padStart(7)}  ${''.padEnd(barWidth)}  why`]
  for (const row of power.connectors) lines.push(rowLine(row, why.get(keyOf(row))))
  lines.push('', ...news.slice(-shownNews))
  return lines.map((line) => [...line].slice(0, Math.max(20, columns - 1)).join(''))
}

/** One line for a connector, without the bar: for logs. */
export function plainLine(row: ConnectorPowerView): string {
  return `${keyOf(row)} ${row.status}: granted ${amps(row.allocatedA)}, draws ${row.measuredA === null ? 'unknown' : amps(row.measuredA)} (${row.binding})`
}

export function keyOf(row: ConnectorPowerView): string {
  return `${row.clientID}/${row.connectorId}`
}

/** `41.2 of 40 A in use on the busiest phase (grid-limit); 6 cars charging, 1 waiting. enforced.` */
export function sentence(power: PowerView): string {
  return `${usedWords(power, 1)} on the busiest phase (${power.effective.binding}); ${carWords(countDoing(power.connectors))}. ${power.state}.`
}

function rowLine(row: ConnectorPowerView, why: AllocationView | undefined): string {
  const reason = why?.summary ?? row.binding
  return `${keyOf(row).padEnd(10)} ${(row.online ? row.status : 'offline').padEnd(13)} ${amps(row.allocatedA).padStart(7)} ${(row.measuredA === null ? '-' : amps(row.measuredA)).padStart(7)}  ${bar(row)}  ${reason}`
}

/** Drawn is solid, granted but not drawn hatched, 2 A a character. */
function bar(row: ConnectorPowerView): string {
  const drawn = Math.min(barWidth, Math.round((row.measuredA ?? 0) / 2))
  const granted = Math.min(barWidth, Math.max(drawn, Math.round(row.allocatedA / 2)))
  return `${'█'.repeat(drawn)}${'░'.repeat(granted - drawn)}`.padEnd(barWidth)
}

function amps(value: number): string {
  return `${value.toFixed(1)} A`
}
