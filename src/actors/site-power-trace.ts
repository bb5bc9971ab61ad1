// What the building of a site drew in the past, as its meter was counted then: mean power of stretches that are known as a whole.
import { baseSeries, type BaseEntry } from './base-trace.ts'
import type { Estate } from './estate.ts'
import { unreadable } from './records.ts'
import { seriesPages } from './series-pages.ts'
import { tooMuch } from './session-readings.ts'
import { spread, type TimeBucket } from './time-buckets.ts'

/** An entry says at least so often that nothing has changed, and a little later where reviews are late. */
const silentMs = 330_000
const mostEntries = 200_000
const pageEntries = 10_000
/** So much of a stretch may be unknown. */
const toleratedMs = 10_000

/** Mean power of the building in each stretch, W; null where its meter was not fresh all the time. Rejects with Refusal store-down, `range-too-long`. */
export async function sitePower(estate: Estate, siteID: string, stretches: readonly TimeBucket[]): Promise<(number | null)[]> {
  const voltage = estate.sites.get(siteID)?.record.site.voltage ?? 230
  const sums = stretches.map(() => ({ wattMs: 0, knownMs: 0 }))
  const [first, last] = [stretches[0], stretches.at(-1)]
  if (first === undefined || last === undefined) return []
  let before: { readonly atMs: number; readonly value: BaseEntry } | null = null
  const hold = (untilMs: number): void => {
    if (before === null || before.value.status !== 'fresh') return
    const { L1, L2, L3 } = before.value
    spread(stretches, before.atMs, Math.min(untilMs, before.atMs + silentMs), (index, fromMs, toMs) => {
      sums[index]!.wattMs += (L1 + L2 + L3) * voltage * (toMs - fromMs)
      sums[index]!.knownMs += toMs - fromMs
    })
  }
  let seen = 0
  try {
    for await (const page of seriesPages(estate.options.store, siteID, baseSeries, { fromMs: first.fromMs - silentMs, toMs: last.toMs }, pageEntries)) {
      for (const { atMs, value } of page) {
        hold(atMs)
        before = { atMs, value: value as BaseEntry }
      }
      if ((seen += page.length) > mostEntries) throw tooMuch(`more than ${mostEntries} readings of the site meter`)
    }
  } catch (error) {
    unreadable(error)
  }
  hold(last.toMs)
  return sums.map(({ wattMs, knownMs }, index) => (knownMs >= stretches[index]!.toMs - stretches[index]!.fromMs - toleratedMs && knownMs > 0 ? Math.round(wattMs / knownMs) : null))
}
