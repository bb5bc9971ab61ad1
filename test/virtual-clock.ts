// A clock that moves only when it is told to: timers run in time order, and everything they set going settles in between.
import type { Clock } from '../src/clock.ts'

interface Timer {
  readonly dueMs: number
  readonly order: number
  readonly fn: () => void
}

/** Lets every pending promise and immediate run. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

export class VirtualClock implements Clock {
  private nowMs = 0
  private wallAtStart: number
  private order = 0
  private readonly timers = new Set<Timer>()

  constructor(wallMs = Date.UTC(2024, 4, 1, 10)) {
    this.wallAtStart = wallMs
  }

  wall(): number {
    return this.wallAtStart + this.nowMs
  }

  mono(): number {
    return this.nowMs
  }

  after(delayMs: number, fn: () => void): () => void {
    const timer: Timer = { dueMs: this.nowMs + Math.max(0, delayMs), order: this.order++, fn }
    this.timers.add(timer)
    return () => { this.timers.delete(timer) }
  }

  /** Timers that are armed. */
  get pending(): number {
    return this.timers.size
  }

  /** Moves the wall clock alone, as an administrator or NTP would. */
  jumpWall(ms: number): void {
    this.wallAtStart += ms
  }

  /** Moves time on by `ms`, running what falls due on the way, new timers included. */
  async advance(ms: number): Promise<void> {
    const endMs = this.nowMs + ms
    await settle()
    for (let next = this.earliest(endMs); next !== undefined; next = this.earliest(endMs)) {
      this.timers.delete(next)
      this.nowMs = Math.max(this.nowMs, next.dueMs)
      next.fn()
      await settle()
    }
    this.nowMs = endMs
  }

  private earliest(endMs: number): Timer | undefined {
    let first: Timer | undefined
    for (const timer of this.timers) {
      if (timer.dueMs > endMs) continue
      if (first === undefined || timer.dueMs < first.dueMs || (timer.dueMs === first.dueMs && timer.order < first.order)) first = timer
    }
    return first
  }
}
