// The meter stream of a site: one Subject; what matters to the plan is reviewed at most every 50 ms.
import { Subject, retry, throttleTime } from 'rxjs'
import type { Clock } from '../clock.ts'
import { streamScheduler } from './stream-scheduler.ts'

export interface MeterStream {
  /** A sample that may change the plan. */
  next(): void
  stop(): void
}

export function openMeterStream({ clock, review }: { readonly clock: Clock; readonly review: () => void }): MeterStream {
  const samples$ = new Subject<void>()
  const reviews = samples$.pipe(throttleTime(50, streamScheduler(clock), { leading: true, trailing: true }), retry()).subscribe(() => review())
  return {
    next: () => samples$.next(),
    stop: () => reviews.unsubscribe(),
  }
}
