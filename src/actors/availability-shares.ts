// The share of time in which connectors were available, from what was written down of it; what is not known counts for neither.
import { availabilitySeries, AvailabilityReader, availabilityTimes } from './availability-rows.ts'
import type { AvailabilityView } from './analytics-views.ts'
import type { Estate } from './estate.ts'
import { unreadable } from './records.ts'
import { seriesPages } from './series-pages.ts'
import { tooMuch } from './session-readings.ts'
import type { Asked } from './site-analytics.ts'
import { spread } from './time-buckets.ts'

const pageRows = 2_000
const mostRows = 100_000

/**
 * `value` = of the time that is known, the share in which connectors were online and neither Faulted nor Unavailable; `known` = how much of the time of
 * all connectors is known. Null where nothing is. Rejects with Refusal store-down, `range-too-long`.
 */
export async function availabilityOf(estate: Estate, { siteID, clientID, buckets, connectors }: Asked): Promise<AvailabilityView[]> {
  const nowMs = estate.options.clock.wall()
  const sums = buckets.map(() => ({ upMs: 0, knownMs: 0 }))
  const [first, last] = [buckets[0], buckets.at(-1)]
  if (first === undefined || last === undefined) return []
  const named = clientID === undefined ? null : `${clientID}/`.toLowerCase()
  const reader = new AvailabilityReader((key, fromMs, untilMs, isAvailable) => {
    if (named !== null && !key.toLowerCase().startsWith(named)) return
    spread(buckets, fromMs, untilMs, (index, beginMs, endMs) => {
      sums[index]!.knownMs += endMs - beginMs
      if (isAvailable) sums[index]!.upMs += endMs - beginMs
    })
  })
  const toMs = last.toMs + availabilityTimes.silentMs
  await estate.availability.settle(siteID)
  // All is said again every six hours, or a beat later.
  const fromMs = first.fromMs - availabilityTimes.allMs - 2 * availabilityTimes.beatMs
  let seen = 0
  try {
    for await (const page of seriesPages(estate.options.store, siteID, availabilitySeries, { fromMs, toMs }, pageRows)) {
      for (const row of page) reader.read(row)
      if ((seen += page.length) > mostRows) throw tooMuch(`more than ${mostRows} changes of availability`)
    }
  } catch (error) {
    unreadable(error)
  }
  reader.end(nowMs < toMs ? nowMs : null)
  return sums.map(({ upMs, knownMs }, index) => {
    const bucket = buckets[index]!
    const allMs = (Math.min(bucket.toMs, nowMs) - bucket.fromMs) * connectors
    return { value: knownMs === 0 ? null : Math.round(upMs / knownMs * 10_000) / 10_000, known: allMs <= 0 ? 0 : Math.min(1, Math.round(knownMs / allMs * 10_000) / 10_000), connectors }
  })
}
