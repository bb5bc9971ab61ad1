// The ports of one family, made safe to hand around: a clock that ends with it, and a site whose failure is not the charge point's.
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { SiteDesk } from './site-desk.ts'

export interface StoppableClock extends Clock {
  /** Cancels everything that waits; nothing waits afterwards. */
  stop(): void
}

/** What throws when its time has come goes to `onError` instead of the process. */
export function stoppableClock(clock: Clock, onError: (error: unknown) => void): StoppableClock {
  const waiting = new Set<() => void>()
  let stopped = false
  return {
    wall: () => clock.wall(),
    mono: () => clock.mono(),
    after(delayMs, fn) {
      if (stopped) return () => undefined
      const cancel = clock.after(delayMs, () => {
        waiting.delete(cancel)
        try {
          fn()
        } catch (error) {
          onError(error)
        }
      })
      waiting.add(cancel)
      return () => {
        waiting.delete(cancel)
        cancel()
      }
    },
    stop() {
      stopped = true
      for (const cancel of waiting) cancel()
      waiting.clear()
    },
  }
}

/** The same site, never throwing: a fact it cannot take is logged, and the charge point still gets its answer. */
export function guardSite(site: SiteDesk, log: Log, clientID: string): SiteDesk {
  const failed = (fact: string, error: unknown): void => log.error({ clientID, fact, error }, 'the site failed on a fact')
  const guarded = (fact: string, tell: () => void): void => {
    try {
      tell()
    } catch (error) {
      failed(fact, error)
    }
  }
  return {
    stationConnected: (id) => guarded('stationConnected', () => site.stationConnected(id)),
    stationBooted: (session, another) => guarded('stationBooted', () => site.stationBooted(session, another)),
    stationOnline: (session) => guarded('stationOnline', () => site.stationOnline(session)),
    stationOffline: (id) => guarded('stationOffline', () => site.stationOffline(id)),
    stationHeld: (id, forMs) => guarded('stationHeld', () => site.stationHeld(id, forMs)),
    statusChanged: (id, connectorId, status) => guarded('statusChanged', () => site.statusChanged(id, connectorId, status)),
    transactionStarted: (fact) => guarded('transactionStarted', () => site.transactionStarted(fact)),
    transactionStopped: (fact) => guarded('transactionStopped', () => site.transactionStopped(fact)),
    withhold: (key, transactionId) => guarded('withhold', () => site.withhold(key, transactionId)),
    profiles: site.profiles,
    clockMeasured: (id, skewMs) => guarded('clockMeasured', () => site.clockMeasured(id, skewMs)),
    // These come by the thousand: without a closure for each.
    sampled: (sample) => {
      try {
        site.sampled(sample)
      } catch (error) {
        failed('sampled', error)
      }
    },
    meterOf: (id, connectorId) => {
      const meter = site.meterOf(id, connectorId)
      return {
        take: (sample) => {
          try {
            meter.take(sample)
          } catch (error) {
            failed('sampled', error)
          }
        },
        clockMeasured: (skewMs) => {
          try {
            meter.clockMeasured(skewMs)
          } catch (error) {
            failed('clockMeasured', error)
          }
        },
      }
    },
    limitedOf: (transactionId) => {
      let limited: ReturnType<SiteDesk['limitedOf']> = null
      guarded('limitedOf', () => { limited = site.limitedOf(transactionId) })
      return limited
    },
  }
}

/** What it throws is a rejection. */
export function rejecting<A extends readonly unknown[]>(act: (...given: A) => unknown): (...given: A) => unknown {
  return (...given) => {
    try {
      return act(...given)
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)))
    }
  }
}
