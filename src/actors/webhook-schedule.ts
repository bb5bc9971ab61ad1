// When a delivery that failed is tried again, as Standard Webhooks recommends: soon, then ever later, for three days.

const minuteMs = 60_000
const hourMs = 60 * minuteMs
/** Behind the first attempt, the second, and so on. */
const delaysMs = [5_000, 5 * minuteMs, 30 * minuteMs, 2 * hourMs, 5 * hourMs, 10 * hourMs, 14 * hourMs, 20 * hourMs, 24 * hourMs] as const
/** So much of a delay is left to chance, so that those that failed together do not come back together. */
const jitter = 0.1
const longestAskedMs = 24 * hourMs

export const mostAttempts = delaysMs.length + 1

/** How long to wait after so many attempts, ms; null = no more. `chance` from 0 up to 1; what Retry-After asks for is heeded up to a day. */
export function retryDelayMs(attempts: number, chance: number, retryAfterS: number | null): number | null {
  const delayMs = delaysMs[attempts - 1]
  if (delayMs === undefined) return null
  const chosenMs = Math.round(delayMs * (1 - jitter + 2 * jitter * chance))
  return Math.max(chosenMs, Math.min((retryAfterS ?? 0) * 1000, longestAskedMs))
}
