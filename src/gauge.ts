// What the sites do, as the metrics count it.
import type { Gauge } from './actors/site-room.ts'
import type { Metrics } from './observe.ts'
import { isInForce } from './power/limits.ts'

/** `metrics` may come later than the sites. */
export function gaugeFor(metrics: () => Metrics | null): Gauge {
  const lastMs = new Map<string, number>()
  return {
    reviewed(siteID, { plan, nowMs }, durationMs) {
      metrics()?.decision(siteID, durationMs / 1000)
      // A limit that begins in a moment is not exceeded yet.
      if (plan.over.some(({ constraint }) => isInForce(constraint))) metrics()?.limitViolation(siteID, Math.max(0, nowMs - (lastMs.get(siteID) ?? nowMs)) / 1000)
      lastMs.set(siteID, nowMs)
    },
    lowered: (siteID, latencyMs) => metrics()?.lowering(siteID, latencyMs / 1000),
  }
}
