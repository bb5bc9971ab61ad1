// The waits of one charge point's handlers: its next message is taken up after the answer to this one, so evidence is kept back meanwhile, and its site is told.
import type { Clock } from '../clock.ts'

export interface Waits {
  /** Resolves or rejects as `work` does; from now on, or once it has taken `afterMs`, until it ends the site knows that nothing is heard of the charge point. */
  during<T>(work: Promise<T>, afterMs?: number): Promise<T>
}

/** How far ahead the site is told, ms; as long as somebody waits it is told again. */
const aheadMs = 10_000
const againMs = 5_000

/** `held` is told for how many ms from now nothing will be heard, and 0 when the last wait is over. */
export function createWaits(clock: Clock, held: (forMs: number) => void): Waits {
  let running = 0
  let cancelAgain = (): void => undefined

  function tell(): void {
    held(aheadMs)
    cancelAgain = clock.after(againMs, tell)
  }

  function begin(): void {
    if (running++ === 0) tell()
  }

  function end(): void {
    if (--running > 0) return
    cancelAgain()
    held(0)
  }

  return {
    async during(work, afterMs = 0) {
      let begun = afterMs === 0
      if (begun) begin()
      const cancel = begun ? null : clock.after(afterMs, () => {
        begun = true
        begin()
      })
      try {
        return await work
      } finally {
        cancel?.()
        if (begun) end()
      }
    },
  }
}
