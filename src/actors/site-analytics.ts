// A site over time, from its sessions: how much it was used, what flowed, the highest quarters of an hour, and how fairly it was shared.
import { energyAt, type Count } from '../sessions/count.ts'
import { hasEnded } from '../sessions/record.ts'
import type { EnergyView, FairnessView, PeakView, UtilizationView } from './analytics-views.ts'
import type { Estate } from './estate.ts'
import { eachCount, endOf, sessionsOver, type SessionFacts } from './session-readings.ts'
import { sitePower } from './site-power-trace.ts'
import { restW } from '../sessions/session-power.ts'
import { bucketAt, bucketsOver, spread, type TimeBucket } from './time-buckets.ts'

/** What is asked: buckets that follow each other, at one site. */
export interface Asked { readonly siteID: string; readonly clientID?: string | undefined; readonly timezone: string; readonly buckets: readonly TimeBucket[]; readonly connectors: number }

/** The readings of so many sessions are gone through for a page (some milliseconds each), and for a bucket that is alone on its page: nothing can be left out of it. */
const mostRead = { page: 1_000, bucket: 5_000 }

/** The share of the time of all connectors in which a transaction ran (`value`), and in which at least 100 W flowed (`charging`). Null where there are no connectors, and in what is still to come. */
export async function utilizationOf(estate: Estate, asked: Asked): Promise<UtilizationView[]> {
  const { buckets, connectors } = asked
  const nowMs = estate.options.clock.wall()
  const sums = buckets.map(() => ({ ranMs: 0, flowedMs: 0, sessions: 0 }))
  const records = await recordsOf(estate, asked)
  for (const record of records) spread(buckets, record.startedAtMs, endOf(record, nowMs), (index, fromMs, untilMs) => {
    sums[index]!.ranMs += untilMs - fromMs
    sums[index]!.sessions++
  })
  await eachCount(estate, records, mostOf(asked), (_, { points }) => {
    for (let index = 1; index < points.length; index++) {
      const [before, after] = [points[index - 1]!, points[index]!]
      const durationMs = after.atMs - before.atMs
      // mWh × 3,600 / ms are watts.
      if (durationMs > 0 && (after.mWh - before.mWh) * 3_600 >= restW * durationMs) spread(buckets, before.atMs, after.atMs, (at, fromMs, untilMs) => { sums[at]!.flowedMs += untilMs - fromMs })
    }
  })
  return sums.map(({ ranMs, flowedMs, sessions }, index) => {
    const lengthMs = (Math.min(buckets[index]!.toMs, nowMs) - buckets[index]!.fromMs) * connectors
    const share = (ms: number): number | null => (lengthMs <= 0 ? null : round(Math.min(1, ms / lengthMs), 4))
    return { value: share(ranMs), charging: share(flowedMs), sessions, connectors }
  })
}

/** What flowed in each bucket, Wh, as docs/transactions.md counts it: all buckets from the start of a session to its stop come to its energy. Null in what is still to come. */
export async function energyOf(estate: Estate, asked: Asked): Promise<EnergyView[]> {
  const { buckets } = asked
  const nowMs = estate.options.clock.wall()
  const sums = buckets.map(() => ({ mWh: 0, sessions: 0 }))
  const torn: SessionFacts[] = []
  for (const record of await recordsOf(estate, asked)) {
    const [first, last] = [bucketAt(buckets, record.startedAtMs), bucketAt(buckets, endOf(record, nowMs))]
    if (!hasEnded(record) || first === null || first !== last) torn.push(record)
    else sums[first] = { mWh: sums[first]!.mWh + record.energyMWh, sessions: sums[first]!.sessions + 1 }
  }
  await eachCount(estate, torn, mostOf(asked), (record, count) => each(buckets, record, count, (index, mWh) => {
    sums[index]!.mWh += mWh
    sums[index]!.sessions++
  }))
  return sums.map(({ mWh, sessions }, index) => ({ value: buckets[index]!.fromMs >= nowMs ? null : mWh / 1000, sessions }))
}

/**
 * The highest mean power over a clock quarter of an hour that is whole within the bucket, W: of all cars together, and of the whole site
 * where its meter was fresh all of that quarter (the building as it was counted, and the cars). Null where there is no whole quarter.
 */
export async function peaksOf(estate: Estate, asked: Asked): Promise<PeakView[]> {
  const { buckets, timezone, siteID } = asked
  const nowMs = estate.options.clock.wall()
  const [fromMs, toMs] = [buckets[0]?.fromMs ?? 0, Math.min(buckets.at(-1)?.toMs ?? 0, nowMs)]
  const quarters = bucketsOver(timezone, '15m', fromMs, toMs)
  const mWh = quarters.map(() => 0)
  await eachCount(estate, await recordsOf(estate, asked), mostOf(asked), (record, count) => each(quarters, record, count, (index, part) => { mWh[index]! += part }))
  const building = asked.clientID === undefined ? await sitePower(estate, siteID, quarters) : quarters.map(() => null)
  const peaks: { -readonly [K in keyof PeakView]: PeakView[K] }[] = buckets.map(() => ({ value: null, at: null, siteW: null, siteAt: null }))
  for (const [index, quarter] of quarters.entries()) {
    const peak = peaks[bucketAt(buckets, quarter.fromMs) ?? -1]
    if (peak === undefined || quarter.toMs - quarter.fromMs !== 900_000) continue
    const carsW = Math.round(mWh[index]! * 3_600 / 900_000)
    const buildingW = building[index] ?? null
    const at = new Date(quarter.fromMs).toISOString()
    if (peak.value === null || carsW > peak.value) Object.assign(peak, { value: carsW, at })
    if (buildingW !== null && (peak.siteW === null || buildingW + carsW > peak.siteW)) Object.assign(peak, { siteW: buildingW + carsW, siteAt: at })
  }
  return peaks
}

/**
 * Jain's index of the sessions that ran in the bucket: (Σx)² / (n × Σx²), where x is what a session got of what it could have had, its energy /
 * (its energy + what limits cost it), over the whole session. 1 = all got the same share, 1/n = one got everything. Sessions
 * that could have had nothing take no part; null where there is none.
 */
export async function fairnessOf(estate: Estate, asked: Asked): Promise<FairnessView[]> {
  const { buckets } = asked
  const nowMs = estate.options.clock.wall()
  const shares = buckets.map((): number[] => [])
  for (const record of await recordsOf(estate, asked)) {
    const gotWh = record.energyMWh / 1000
    const wantedWh = gotWh + Object.values(record.lostWh).reduce((sum, wattHours) => sum + wattHours, 0)
    if (wantedWh > 0) spread(buckets, record.startedAtMs, endOf(record, nowMs), (index) => void shares[index]!.push(gotWh / wantedWh))
  }
  return shares.map((list) => ({ value: jain(list), sessions: list.length }))
}

/** Jain's index of shares; null of none, 1 where all got nothing. */
export function jain(shares: readonly number[]): number | null {
  if (shares.length === 0) return null
  const sum = shares.reduce((all, share) => all + share, 0)
  const squares = shares.reduce((all, share) => all + share * share, 0)
  return squares === 0 ? 1 : round(sum * sum / (shares.length * squares), 4)
}

function mostOf({ buckets }: Asked): number {
  return buckets.length > 1 ? mostRead.page : mostRead.bucket
}

function recordsOf(estate: Estate, { siteID, clientID, buckets }: Asked): Promise<SessionFacts[]> {
  const [first, last] = [buckets[0], buckets.at(-1)]
  return first === undefined || last === undefined ? Promise.resolve([]) : sessionsOver(estate, siteID, first.fromMs, last.toMs, clientID)
}

/** The energy of a session in each bucket it touches: from its start to its stop nothing is left out or counted twice. */
function each(buckets: readonly TimeBucket[], { startedAtMs }: SessionFacts, count: Count, tell: (index: number, mWh: number) => void): void {
  const fromMs = Math.floor(startedAtMs)
  const at = bucketAt(buckets, fromMs)
  // All that flows at one instant belongs to it.
  if (count.untilMs <= fromMs) return at === null ? undefined : tell(at, count.energyMWh)
  spread(buckets, fromMs, count.untilMs, (index, beginMs, endMs) => tell(index, energyAt(count, endMs) - energyAt(count, beginMs)))
}

function round(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits
}
