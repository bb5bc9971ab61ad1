// Tells what happened in a run: lines for people, one JSON object for programs.
import type { TimelineEntry } from './record.ts'
import type { RunResult } from './run.ts'
import type { Verdict } from './expectations.ts'

/** The object of `kwota simulate --json`. */
export function resultJson(result: RunResult): string {
  const { name, passed, expectations, timeline, summary } = result
  return JSON.stringify({ name, passed, expectations, timeline, summary })
}

/** The timeline, the verdicts and the totals, each line at most about 160 characters; ends with a newline. */
export function resultText(result: RunResult): string {
  const lines = [result.name]
  if (result.refused !== null && result.expectations.length > 0) lines.push(`  refused: ${result.refused}`)
  for (const entry of result.timeline) {
    const text = sentenceOf(entry)
    if (text !== null) lines.push(`${clockOf(entry.at)}  ${text}`)
  }
  if (result.expectations.length > 0) lines.push('')
  for (const verdict of result.expectations) lines.push(`  ${verdict.ok ? 'ok    ' : 'FAILED'} ${timeOf(verdict)}${brief(verdict.expected)}${verdict.ok ? '' : `\n         ${verdict.message}`}`)
  const { summary } = result
  const energy = Object.entries(summary.deliveredWh).filter(([, wh]) => wh > 0).map(([key, wh]) => `${key} ${(wh / 1000).toFixed(2)} kWh`)
  if (result.refused !== null && result.expectations.length === 0) return `${[...lines, `FAILED: the configuration was refused: ${result.refused}`].join('\n')}\n`
  lines.push('', `${result.passed ? 'passed' : 'FAILED'}: ${result.expectations.filter((verdict) => verdict.ok).length} of ${result.expectations.length} expectations`)
  lines.push(`delivered ${energy.length === 0 ? 'nothing' : energy.join(', ')}`)
  lines.push(`${summary.profilesSent} profiles sent; least headroom ${summary.worstMarginA === null ? 'never seen' : `${summary.worstMarginA} A`}; alerts: ${summary.alerts.length === 0 ? 'none' : summary.alerts.join(', ')}`)
  return `${lines.join('\n')}\n`
}

function clockOf(atS: number): string {
  return `${atS.toFixed(1).padStart(8)} s`
}

function timeOf(verdict: Verdict): string {
  if (verdict.at !== undefined) return `at ${verdict.at} s: `
  if (verdict.by !== undefined) return `by ${verdict.by} s: `
  return verdict.during === undefined ? '' : `${verdict.during[0]} to ${verdict.during[1]} s: `
}

function brief(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  if (Array.isArray(value)) return `[${value.map(brief).join(', ')}]`
  return Object.entries(value).map(([key, each]) => each === true ? key : `${key} ${brief(each)}`).join(', ')
}

/** Null for what only programs want to know. */
function sentenceOf(entry: TimelineEntry): string | null {
  const { at: _at, type, ...details } = entry
  const place = details['connectorId'] === undefined ? String(details['chargePoint'] ?? '') : `${String(details['chargePoint'])}/${String(details['connectorId'])}`
  switch (type) {
    case 'event': return `> ${brief(details)}`
    case 'allocation': return `${String(details['connector'])} is granted ${brief(details['allocatedA'])} A (${brief(details['binding'])})`
    case 'profile': return `${place} ${String(details['purpose'])} ${periodsOf(details['periods'])} ${String(details['unit'])}: ${details['answer'] === 'none' ? 'no answer' : String(details['answer'])}`
    case 'status': return `${place} is ${String(details['status'])}`
    case 'transaction-started': return `${place} transaction ${String(details['transactionId'])} started`
    case 'transaction-stopped': return `${place} transaction ${String(details['transactionId'])} stopped`
    case 'connected':
    case 'disconnected':
    case 'booted':
    case 'join': return `${place} ${type}`
    case 'alert': return `ALERT ${brief(details['code'])}: ${brief(details['message'])}`
    case 'alert-resolved': return `resolved ${brief(details['code'])}`
    default: return `${type} ${brief(details)}`
  }
}

function periodsOf(periods: unknown): string {
  if (!Array.isArray(periods)) return ''
  return periods.map((period: { startPeriod?: number; limit?: number }) => period.startPeriod === 0 ? String(period.limit) : `then ${String(period.limit)}`).join(', ')
}
