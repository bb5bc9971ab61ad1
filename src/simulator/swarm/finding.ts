// What a witness of a seed found wrong: which promise, when, and in words.

export interface Finding {
  readonly atMs: number
  /** I1 to I8, ledger, one-answer, one-call, one-session, transactions, durable, alerted, liveness, feasible, failure, deterministic. */
  readonly invariant: string
  readonly message: string
}

export interface Findings {
  add(invariant: string, message: string): void
  readonly list: readonly Finding[]
}

const kept = 50

/** The first of each kind and subject count; a seed that breaks one promise often is told once a second at most. */
export function createFindings(nowMs: () => number): Findings {
  const list: Finding[] = []
  return {
    add(invariant, message) {
      const atMs = Math.round(nowMs())
      if (list.length < kept && !list.some((each) => each.invariant === invariant && atMs - each.atMs < 1_000)) list.push({ atMs, invariant, message })
    },
    list,
  }
}
