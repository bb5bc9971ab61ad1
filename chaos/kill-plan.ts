// When the next kill comes: while kwota starts, at any time of its first three seconds, right behind a request, or much later.
import type { Random } from './random.ts'

export type KillPlan =
  /** So long after the process was begun. */
  | { readonly type: 'starting'; readonly afterMs: number }
  /** So long after it listened. */
  | { readonly type: 'time'; readonly afterMs: number }
  /** The same, but not before some car was raised; at the latest `longestFirstLifeMs` after it listened. */
  | { readonly type: 'raised'; readonly afterMs: number }
  /** When so many writes have left since it listened, and a moment later; at the latest after 3 s. */
  | { readonly type: 'writes'; readonly count: number; readonly afterMs: number }

export const longestLifeMs = 3_000

/** Long enough for power to be shared: what was lowered has settled, and others were raised. */
export const longLifeMs = 15_000

/** A busy machine may need that long until some car is raised. */
export const longestFirstLifeMs = 45_000

export function drawKill(random: Random): KillPlan {
  const kind = random.next()
  if (kind < 0.04) return { type: 'time', afterMs: random.between(longLifeMs / 2, longLifeMs) }
  if (kind < 0.12) return { type: 'starting', afterMs: random.between(50, 900) }
  if (kind < 0.42) return { type: 'time', afterMs: random.between(0, longestLifeMs) }
  // Half of them within the writing of one group of commits.
  return { type: 'writes', count: random.between(1, 60), afterMs: random.chance(0.5) ? random.between(0, 4) : random.between(0, 40) }
}

export function wordsOf(plan: KillPlan): string {
  if (plan.type === 'starting') return `${plan.afterMs} ms after its start`
  if (plan.type !== 'writes') return `${plan.afterMs} ms after it listened`
  return `${plan.afterMs} ms after write ${plan.count}`
}
