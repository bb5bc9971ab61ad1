// The thread of the watchdog: counts how long the event loop has been silent, in waits of its own, and ends a process that will not go on.
import { writeSync } from 'node:fs'
import { workerData } from 'node:worker_threads'

/** What `startWatchdog` hands over. */
export interface WatchdogThread {
  /** Cell 0: the beats so far. Cell 1 is waited at and never changes. Cell 2: for how long the loop stood still, ms, until it has read that. */
  readonly beats: Int32Array
  /** The facts of the last beat, by the place of their names; the first is its wall clock, ms. */
  readonly facts: Float64Array
  readonly names: readonly string[]
  readonly everyMs: number
  readonly stalledMs: number
  /** Infinity: never. */
  readonly endMs: number
}

const { beats, facts, names, everyMs, stalledMs, endMs } = workerData as WatchdogThread
let heard = 0
let silentMs = 0

// Waits are counted, not a clock read: where the whole process or machine was stopped, one wait has passed and not minutes.
while (Atomics.wait(beats, 1, 0, everyMs) === 'timed-out') {
  const beat = Atomics.load(beats, 0)
  if (beat === heard) {
    silentMs += everyMs
    if (silentMs >= endMs && silentMs - everyMs < endMs) end()
    continue
  }
  if (silentMs >= stalledMs) Atomics.store(beats, 2, silentMs)
  heard = beat
  silentMs = 0
}

function end(): void {
  const known = Object.fromEntries(names.map((name, at) => [name, facts[at]]))
  try {
    writeSync(2, `${JSON.stringify({ level: 'error', time: new Date((facts[0] ?? 0) + silentMs).toISOString(), event: 'loop-stuck', silentMs, ...known, msg: 'the event loop does not go on: kwota is ended, to be started again; what was acknowledged is stored' })}\n`)
  } finally {
    // Nothing gentler reaches a process whose loop stands still. Process 1 of a container it does not reach either: the image has an init for that.
    process.kill(process.pid, 'SIGKILL')
  }
}
