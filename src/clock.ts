// Time as a port: the real clock at the edges, a virtual one in the simulator. The only file that reads the machine's clock.

/** Everything in kwota that depends on time takes one of these. */
export interface Clock {
  /** Wall clock, ms since the Unix epoch; may step. For timestamps people and charge points see. */
  wall(): number
  /** Monotonic ms from an arbitrary origin; never steps. For durations and deadlines. */
  mono(): number
  /** Runs `fn` once, `delayMs` from now (at once in the next turn when ≤ 0). Returns a function that cancels it. */
  after(delayMs: number, fn: () => void): () => void
}

const longestTimeoutMs = 2_147_483_647

export const systemClock: Clock = {
  wall: () => Date.now(),
  mono: () => performance.now(),
  after(delayMs, fn) {
    const timer = setTimeout(fn, Math.min(Math.max(delayMs, 0), longestTimeoutMs))
    return () => clearTimeout(timer)
  },
}

/** Runs `fn` when this turn of the event loop has read what there was to read from the sockets. It waits for no time, so no virtual clock stands in for it. */
export function atEndOfTurn(fn: () => void): void {
  setImmediate(fn)
}

/** The shape XState's `createActor({ clock })` wants. */
export function machineClock(clock: Clock) {
  const cancels = new Map<number, () => void>()
  let next = 1
  return {
    setTimeout(fn: (...args: unknown[]) => void, delayMs: number): number {
      const id = next++
      cancels.set(id, clock.after(delayMs, () => { cancels.delete(id); fn() }))
      return id
    },
    clearTimeout(id: number): void {
      cancels.get(id)?.()
      cancels.delete(id)
    },
  }
}

/** For machines that name no delays: one for all of them, where each would have its own. */
export const noMachineClock = {
  setTimeout(): number { throw new Error('machines wait by alarms, not by delays') },
  clearTimeout(): void {},
}
