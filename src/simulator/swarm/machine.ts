// The machine kwota runs on: its process can be frozen or killed, and its wall clock stepped, while the world's time goes on.
import type { Clock } from '../../clock.ts'

export interface Process {
  /** Its timers; none of them runs while it is frozen, or ever after it was killed. */
  readonly clock: Clock
  /** Something from outside reaches it: at once, when it is awake again, or never. */
  deliver(fn: () => void): void
}

export interface Machine {
  /** A fresh process; the one before must have been killed. */
  boot(): Process
  kill(): void
  freeze(forMs: number): void
  stepWall(byMs: number): void
  /** What its wall clock says. */
  wall(): number
  /** It runs and is not frozen. */
  readonly awake: boolean
  /** Since when it has been awake without a break, ms of the world; null = it is not. */
  readonly awakeSinceMs: number | null
  /** Since when its process runs; null = none does. */
  readonly bootedAtMs: number | null
}

export function createMachine(world: Clock): Machine {
  let generation = 0
  let running = false
  let frozen = false
  let wallOffsetMs = 0
  let awakeSinceMs: number | null = null
  let bootedAtMs: number | null = null
  let frozenUntilMs = 0
  let waiting: (() => void)[] = []

  function wake(): void {
    if (!frozen || world.mono() < frozenUntilMs) return
    frozen = false
    awakeSinceMs = running ? world.mono() : null
    const due = waiting
    waiting = []
    // One by one, as an event loop comes back to them.
    for (const fn of due) world.after(0, fn)
  }

  return {
    boot() {
      const mine = ++generation
      running = true
      awakeSinceMs = bootedAtMs = world.mono()
      const deliver = (fn: () => void): void => {
        if (mine !== generation) return
        if (frozen) waiting.push(() => deliver(fn))
        else fn()
      }
      return {
        deliver,
        clock: {
          wall: () => world.wall() + wallOffsetMs,
          mono: () => world.mono(),
          after(delayMs, fn) {
            let cancelled = false
            const cancel = world.after(delayMs, () => deliver(() => { if (!cancelled) fn() }))
            return () => { cancelled = true; cancel() }
          },
        },
      }
    },
    kill() {
      generation++
      running = false
      frozen = false
      waiting = []
      awakeSinceMs = bootedAtMs = null
    },
    freeze(forMs) {
      if (!running) return
      frozen = true
      awakeSinceMs = null
      frozenUntilMs = Math.max(frozenUntilMs, world.mono() + forMs)
      world.after(forMs, wake)
    },
    stepWall(byMs) { wallOffsetMs += byMs },
    wall: () => world.wall() + wallOffsetMs,
    get awake() { return awakeSinceMs !== null },
    get awakeSinceMs() { return awakeSinceMs },
    get bootedAtMs() { return bootedAtMs },
  }
}
