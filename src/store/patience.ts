// Opening what may not be there yet: tried again, ever more seldom, until it opens, is given up, or fails for another reason.
import type { Clock } from '../clock.ts'
import { StoreUnavailable } from './port.ts'

export interface Opening<T> {
  readonly clock: Clock
  readonly open: () => Promise<T>
  /** Told of every attempt that found no store. */
  readonly failed: (reason: string) => void
  /** Nobody wants it any more once this resolves. */
  readonly givenUp: Promise<void>
}

/** Somebody ended the waiting. */
export class GivenUp extends Error {
  override readonly name = 'GivenUp'
}

const firstPauseMs = 250
const longestPauseMs = 5_000

/** Rejects with GivenUp, or with the first error of `open` that is no StoreUnavailable. */
export async function openPatiently<T>({ clock, open, failed, givenUp }: Opening<T>): Promise<T> {
  let over = false
  let wake = (): void => undefined
  void givenUp.then(() => {
    over = true
    wake()
  })
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    try {
      return await open()
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error
      if (!over) failed(error.message)
    }
    await new Promise<void>((resolve) => {
      if (over) return resolve()
      const cancel = clock.after(pauseMs, resolve)
      wake = () => {
        cancel()
        resolve()
      }
    })
    if (over) throw new GivenUp('nobody waits for the store any more')
  }
}
