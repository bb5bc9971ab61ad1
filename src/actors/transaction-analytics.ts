// One session in depth: how it charged, how it tapered off, when it was idle, and what limits have cost it.
import { chargingCurve, efficiencyOf, taperOf } from '../sessions/charging-curve.ts'
import { idlePieces } from '../sessions/idle.ts'
import type { TransactionRecord } from '../sessions/record.ts'
import type { LostView, SpanView, TransactionAnalytics } from './analytics-views.ts'
import type { Estate } from './estate.ts'
import { unreadable } from './records.ts'
import { countWith, endOf, pointsOf, samplesOf } from './session-readings.ts'

const dayMs = 86_400_000

/**
 * What there is to say of a session: up to now while it runs. Where its meter values are gone, its record still has its sums. Rejects with
 * Refusal store-down.
 */
export async function analyse(estate: Estate, record: TransactionRecord): Promise<TransactionAnalytics> {
  const nowMs = estate.options.clock.wall()
  const [points, { powers, charges }] = await Promise.all([pointsOf(estate, record), samplesOf(estate, record)]).catch(unreadable)
  const count = countWith(record, points, nowMs)
  const { source, bucketS, points: stretches } = chargingCurve(count, powers, charges)
  const hasCurve = stretches.length > 0
  const untilMs = endOf(record, nowMs)
  const idle = points.length > 0 || record.energyMWh === 0 ? idlePieces(count, record, record.statuses, record.held) : null
  const isOver = record.stoppedAtMs !== null
  // A session that runs may yet come back to its full power.
  const taper = hasCurve && isOver ? taperOf(stretches, count) : null
  return {
    transactionId: record.id, siteID: record.siteID, clientID: record.clientID, connectorId: record.connectorId,
    startedAt: iso(record.startedAtMs), untilAt: iso(untilMs), durationS: Math.round((untilMs - record.startedAtMs) / 1000),
    energyWh: Math.round(count.energyMWh) / 1000, averageW: record.averageW, peakW: record.peakW,
    curve: hasCurve
      ? { bucketS, source, points: stretches.map(({ fromMs, toMs, powerW, socPercent }) => ({ ...span(fromMs, toMs), powerW, ...(socPercent === null ? {} : { socPercent }) })) }
      : null,
    curveMissing: hasCurve ? null : isOver && nowMs - untilMs > estate.retention.days('meterValues') * dayMs ? 'expired' : 'no-readings',
    taper: taper === null ? null : { ...span(taper.fromMs, taper.untilMs), energyWh: taper.energyMWh / 1000 },
    idleS: Math.floor(record.idleMs / 1000),
    idle: idle?.map(({ fromMs, untilMs: endMs }) => span(fromMs, endMs)) ?? null,
    efficiency: efficiencyOf(count, powers),
    lost: lostOf(record),
    anomalies: record.anomalies,
  }
}

/** By limit, what has cost most first. */
export function lostOf({ limitedS, lostWh }: Pick<TransactionRecord, 'limitedS' | 'lostWh'>): LostView[] {
  return [...new Set([...Object.keys(limitedS), ...Object.keys(lostWh)])]
    .map((reason) => ({ reason, seconds: limitedS[reason] ?? 0, energyWh: lostWh[reason] ?? 0 }))
    .sort((a, b) => b.energyWh - a.energyWh || b.seconds - a.seconds || (a.reason < b.reason ? -1 : 1))
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}

function span(fromMs: number, toMs: number): SpanView {
  return { from: iso(fromMs), to: iso(toMs) }
}
