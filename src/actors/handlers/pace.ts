// How often something is told of each of many: at most once in a while, and never of all of them in one turn.
import type { Clock } from '../../clock.ts'

/** Lets something happen at most once per `everyMs` and key, the last time included. Every key has its own instant in that time, so those that began together do not come due together. */
export interface Pace {
  /** Runs `fn` at the next instant of `key`; of several waiting under one key the first runs. */
  run(key: number, fn: () => void): void
  /** As `run`, but now where nothing has run under `key` for `everyMs`. */
  runSoon(key: number, fn: () => void): void
  /** Whether something waits under `key`; good until it is forgotten. */
  turnOf(key: number): Turn
  forget(key: number): void
  stop(): void
}

export interface Turn { readonly cancel: (() => void) | null }

/** Its multiples fall apart as far as they can, also those of numbers that follow each other. */
const goldenRatio = 0.618_033_988_749_895

export function createPace(clock: Clock, everyMs: number): Pace {
  const held = new Map<number, { lastMs: number; cancel: (() => void) | null }>()
  const entryOf = (key: number) => {
    const entry = held.get(key) ?? { lastMs: -Infinity, cancel: null }
    held.set(key, entry)
    return entry
  }
  function run(key: number, fn: () => void): void {
    const entry = entryOf(key)
    if (entry.cancel !== null) return
    const phaseMs = Math.floor(((key * goldenRatio) % 1) * everyMs)
    const dueMs = phaseMs + Math.ceil((Math.max(clock.mono(), entry.lastMs + everyMs) - phaseMs) / everyMs) * everyMs
    entry.cancel = clock.after(dueMs - clock.mono(), () => {
      entry.cancel = null
      // Not when it really ran: who is late once is not late for ever.
      entry.lastMs = dueMs
      fn()
    })
  }
  return {
    run,
    runSoon(key, fn) {
      const entry = entryOf(key)
      const nowMs = clock.mono()
      if (nowMs < entry.lastMs + everyMs) return run(key, fn)
      entry.cancel?.()
      entry.cancel = null
      entry.lastMs = nowMs
      fn()
    },
    turnOf: entryOf,
    forget(key) {
      held.get(key)?.cancel?.()
      held.delete(key)
    },
    stop() {
      for (const entry of held.values()) entry.cancel?.()
      held.clear()
    },
  }
}
