// Time that moves only when told to: a heap of (time, sequence), run event by event with everything settled in between.
import type { Clock } from '../clock.ts'

export interface VirtualClock extends Clock {
  /** Runs everything due up to and including `monoMs`, in order of time, then of arming; then time stands at `monoMs`. */
  runUntil(monoMs: number): Promise<void>
  /** The same time for one part of the world: what is due at one instant for several parts comes in an order the tie seed draws, for one part in order of arming. */
  partOf(name: string): Clock
  /** Timers still armed. */
  readonly pending: number
  /** Events run so far. */
  readonly ran: number
}

export interface VirtualClockOptions {
  /** Wall clock at mono 0, ms since the epoch. */
  readonly wallAtZero: number
  /** Called after each event once everything it started has come to rest. */
  readonly afterEach?: () => void
  /** Shuffles parts that have something due at the same instant; absent = order of arming. */
  readonly tieSeed?: number
}

interface Timer { readonly at: number; readonly tie: number; readonly seq: number; fn: (() => void) | null }

/** More than this at one instant means that something re-arms itself with no delay. */
const sameInstantCap = 100_000

/** Lets every promise that can settle without time passing do so. The one place where the simulator touches the event loop. */
export function drain(): Promise<void> {
  return new Promise((resolve) => { setImmediate(resolve) })
}

/** A deterministic clock; mono starts at 0. */
export function createVirtualClock(options: VirtualClockOptions): VirtualClock {
  const heap: Timer[] = []
  let nowMs = 0
  let seq = 0
  let armed = 0
  let ran = 0

  function arm(delayMs: number, fn: () => void, part = 0): () => void {
    const at = nowMs + Math.max(0, delayMs)
    const timer: Timer = { at, tie: options.tieSeed === undefined ? 0 : mixOf(part, at), seq: seq++, fn }
    push(heap, timer)
    armed++
    return () => {
      if (timer.fn === null) return
      timer.fn = null
      armed--
    }
  }

  async function runUntil(monoMs: number): Promise<void> {
    await drain()
    let here = 0
    for (;;) {
      const next = heap[0]
      if (next === undefined || next.at > monoMs) break
      pop(heap)
      const fn = next.fn
      if (fn === null) continue
      if (next.at > nowMs) here = 0
      if (++here > sameInstantCap) throw new Error(`time does not move on: ${sameInstantCap} events at ${nowMs} ms`)
      nowMs = Math.max(nowMs, next.at)
      next.fn = null
      armed--
      ran++
      fn()
      await drain()
      options.afterEach?.()
    }
    nowMs = Math.max(nowMs, monoMs)
  }

  return {
    wall: () => options.wallAtZero + nowMs,
    mono: () => nowMs,
    after: (delayMs, fn) => arm(delayMs, fn),
    runUntil,
    partOf(name) {
      let part = options.tieSeed ?? 0
      for (let i = 0; i < name.length; i++) part = Math.imul(part ^ name.charCodeAt(i), 0x01000193) >>> 0
      return { wall: () => options.wallAtZero + nowMs, mono: () => nowMs, after: (delayMs, fn) => arm(delayMs, fn, part) }
    },
    get pending() { return armed },
    get ran() { return ran },
  }
}

/** Another order of the parts at each instant. */
function mixOf(part: number, at: number): number {
  const mixed = Math.imul(part ^ Math.round(at), 0x21f0aaad)
  return (mixed ^ (mixed >>> 15)) >>> 0
}

function before(a: Timer, b: Timer): boolean {
  if (a.at !== b.at) return a.at < b.at
  return a.tie < b.tie || (a.tie === b.tie && a.seq < b.seq)
}

function push(heap: Timer[], timer: Timer): void {
  let at = heap.length
  heap.push(timer)
  while (at > 0) {
    const above = (at - 1) >> 1
    const parent = heap[above]
    if (parent === undefined || !before(timer, parent)) break
    heap[at] = parent
    at = above
  }
  heap[at] = timer
}

function pop(heap: Timer[]): void {
  const last = heap.pop()
  if (last === undefined || heap.length === 0) return
  let at = 0
  for (;;) {
    const left = heap[2 * at + 1]
    const right = heap[2 * at + 2]
    if (left === undefined) break
    const smaller = right !== undefined && before(right, left) ? right : left
    if (!before(smaller, last)) break
    heap[at] = smaller
    at = smaller === left ? 2 * at + 1 : 2 * at + 2
  }
  heap[at] = last
}
