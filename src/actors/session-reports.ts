// Sums of sessions by id tag and by charge point.
import { boundReasons } from '../sessions/record-parts.ts'
import { hasEnded, type TransactionRecord } from '../sessions/record.ts'
import type { ChargePointReport, ReportSums, TagReport } from './analytics-views.ts'
import type { Estate } from './estate.ts'
import { endOf, pause, tooMuch } from './session-readings.ts'
import { lostOf } from './transaction-analytics.ts'
import { newestRecords, onceRead } from './transaction-reader.ts'

const mostSessions = 250_000
const pausedEvery = 1_000

interface Sums {
  sessions: number
  energyMWh: number
  durationMs: number
  idleMs: number
  anomalies: number
  peakW: number | null
  readonly costs: Map<string, number>
  limitedS: Record<string, number>
  lostWh: Record<string, number>
}

/** Of the sessions that began in [fromMs, toMs). Tags without regard to case, in the spelling of the newest session; ascending. Rejects with Refusal `range-too-long`, store-down. */
export async function reportTags(estate: Estate, siteIDs: readonly string[], fromMs: number, toMs: number): Promise<TagReport[]> {
  const names = new Map<string, string>()
  const sums = await sumUp(estate, siteIDs, fromMs, toMs, ({ idTag }) => {
    const key = idTag.toLowerCase()
    if (!names.has(key)) names.set(key, idTag)
    return key
  })
  return [...sums].map(([key, one]) => ({ idTag: names.get(key)!, ...shown(one) })).sort((a, b) => compare(a.idTag.toLowerCase(), b.idTag.toLowerCase()))
}

/** The same by charge point: one that has moved has a line for each site. */
export async function reportChargePoints(estate: Estate, siteIDs: readonly string[], fromMs: number, toMs: number): Promise<ChargePointReport[]> {
  const names = new Map<string, Pick<TransactionRecord, 'siteID' | 'clientID'>>()
  const sums = await sumUp(estate, siteIDs, fromMs, toMs, ({ siteID, clientID }) => {
    const key = `${clientID}\n${siteID}`
    if (!names.has(key)) names.set(key, { siteID, clientID })
    return key
  })
  return [...sums].sort(([a], [b]) => compare(a, b)).map(([key, one]) => ({ ...names.get(key)!, ...shown(one) }))
}

async function sumUp(estate: Estate, siteIDs: readonly string[], fromMs: number, toMs: number, keyOf: (record: TransactionRecord) => string): Promise<Map<string, Sums>> {
  const nowMs = estate.options.clock.wall()
  const sums = new Map<string, Sums>()
  let seen = 0
  for await (const found of newestRecords(estate, siteIDs, fromMs, toMs)) {
    const record = hasEnded(found) ? found : await onceRead(estate, found)
    if (++seen > mostSessions) throw tooMuch(`more than ${mostSessions} sessions`)
    if (seen % pausedEvery === 0) await pause(estate)
    const key = keyOf(record)
    const sum = sums.get(key) ?? { sessions: 0, energyMWh: 0, durationMs: 0, idleMs: 0, anomalies: 0, peakW: null, costs: new Map<string, number>(), limitedS: {}, lostWh: {} }
    sums.set(key, sum)
    sum.sessions++
    sum.energyMWh += record.energyMWh
    sum.durationMs += endOf(record, nowMs) - record.startedAtMs
    sum.idleMs += record.idleMs
    sum.anomalies += record.anomalies
    if (record.peakW !== null) sum.peakW = Math.max(sum.peakW ?? 0, record.peakW)
    if (record.cost !== null) sum.costs.set(record.cost.currency, (sum.costs.get(record.cost.currency) ?? 0) + record.cost.amountMinor)
    addTo(sum.limitedS, record.limitedS)
    addTo(sum.lostWh, record.lostWh)
  }
  return sums
}

function addTo(sum: Record<string, number>, more: Readonly<Record<string, number>>): void {
  for (const [reason, amount] of Object.entries(more)) sum[reason] = (sum[reason] ?? 0) + amount
}

/** Curtailments come and go: of many limits those that cost most are named. */
function shown({ sessions, energyMWh, durationMs, idleMs, anomalies, peakW, costs, limitedS, lostWh }: Sums): ReportSums {
  const named = boundReasons(lostWh)
  const seconds: Record<string, number> = {}
  for (const [reason, amount] of Object.entries(limitedS)) addTo(seconds, { [reason in named || Object.keys(lostWh).length === Object.keys(named).length ? reason : 'other']: amount })
  return {
    sessions, energyWh: energyMWh / 1000,
    costs: [...costs].map(([currency, amountMinor]) => ({ currency, amountMinor })).sort((a, b) => compare(a.currency, b.currency)),
    durationS: Math.round(durationMs / 1000), idleS: Math.floor(idleMs / 1000),
    averageW: durationMs <= 0 ? null : Math.round(energyMWh * 3_600 / durationMs), peakW,
    lost: lostOf({ limitedS: seconds, lostWh: Object.fromEntries(Object.entries(named).map(([reason, wattHours]) => [reason, Math.round(wattHours * 10) / 10])) }),
    anomalies,
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
