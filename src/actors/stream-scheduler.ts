// Time for streams: an RxJS scheduler over the clock.
import { Scheduler, Subscription, type SchedulerAction, type SchedulerLike } from 'rxjs'
import type { Clock } from '../clock.ts'

/** An RxJS scheduler that runs on `clock`; hand it to every time operator. */
export function streamScheduler(clock: Clock): SchedulerLike {
  class ClockAction<T> extends Subscription implements SchedulerAction<T> {
    private cancel: (() => void) | undefined
    private readonly work: (this: SchedulerAction<T>, state?: T) => void
    constructor(work: (this: SchedulerAction<T>, state?: T) => void) {
      super()
      this.work = work
      this.add(() => this.cancel?.())
    }
    schedule(state?: T, delayMs = 0): Subscription {
      if (this.closed) return this
      this.cancel?.()
      this.cancel = clock.after(delayMs, () => this.work.call(this, state))
      return this
    }
  }
  return {
    now: () => clock.wall(),
    schedule<T>(work: (this: SchedulerAction<T>, state?: T) => void, delayMs = 0, state?: T): Subscription {
      return new ClockAction<T>(work).schedule(state, delayMs)
    },
  } satisfies Pick<Scheduler, 'now' | 'schedule'>
}
