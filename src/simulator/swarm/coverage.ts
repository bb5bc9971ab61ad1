// Which faults met which states: a fault that never struck while a limit was being lowered has not been tried.

export const states = ['idle', 'charging', 'over', 'raising', 'lowering', 'meter-stale', 'store-ill', 'down', 'frozen', 'offline'] as const
export type State = (typeof states)[number]

export interface Coverage {
  sometimes(fault: string, now: readonly State[]): void
  /** `fault state` → how often. */
  readonly counts: Readonly<Record<string, number>>
}

export function createCoverage(): Coverage {
  const counts: Record<string, number> = {}
  return {
    sometimes(fault, now) { for (const state of now) counts[`${fault} ${state}`] = (counts[`${fault} ${state}`] ?? 0) + 1 },
    counts,
  }
}

/** Pairs of these faults and every state that never came together. */
export function neverMet(counts: Readonly<Record<string, number>>, faults: readonly string[]): string[] {
  return faults.flatMap((fault) => states.map((state) => `${fault} ${state}`)).filter((pair) => counts[pair] === undefined)
}
