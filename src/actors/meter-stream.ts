// The meter stream of a site: one Subject; what matters to the plan is reviewed at most every 50 ms, everything goes to the history.
import { Subject, bufferTime, filter, retry, throttleTime } from 'rxjs'
import { streamScheduler, type Clock } from '../clock.ts'
import type { SeriesEntry } from '../store/port.ts'
import type { ConnectorSample } from './site-desk.ts'

export interface Sampled {
  readonly key: string
  readonly sample: ConnectorSample
  /** May change the plan. */
  readonly material: boolean
}

export interface MeterStream {
  next(sampled: Sampled): void
  stop(): void
}

export function openMeterStream(options: {
  readonly clock: Clock
  readonly review: () => void
  /** May fail without consequence for the power: history is not the ledger. */
  readonly append: (series: string, entries: readonly SeriesEntry[]) => Promise<void>
}): MeterStream {
  const samples$ = new Subject<Sampled>()
  const scheduler = streamScheduler(options.clock)
  const reviews = samples$
    .pipe(filter(({ material }) => material), throttleTime(50, scheduler, { leading: true, trailing: true }), retry())
    .subscribe(() => options.review())
  const history = samples$
    .pipe(bufferTime(250, undefined, 1_000, scheduler), filter((batch) => batch.length > 0), retry())
    .subscribe((batch) => {
      for (const [key, entries] of bySeries(batch)) options.append(`samples:${key}`, entries).catch(() => undefined)
    })
  return {
    next: (sampled) => samples$.next(sampled),
    stop() {
      reviews.unsubscribe()
      history.unsubscribe()
    },
  }
}

function bySeries(batch: readonly Sampled[]): Map<string, SeriesEntry[]> {
  const series = new Map<string, SeriesEntry[]>()
  for (const { key, sample } of batch) {
    const { clientID: _, connectorId: __, ...value } = sample
    const entries = series.get(key)
    if (entries === undefined) series.set(key, [{ atMs: sample.measuredAtMs, value }])
    else entries.push({ atMs: sample.measuredAtMs, value })
  }
  return series
}
