// The watchdog: a thread beside the event loop hears its beat, says when it stood still, and ends the process when it stays so.
import { url as debuggerUrl } from 'node:inspector'
import { Worker } from 'node:worker_threads'
import type { Clock } from './clock.ts'
import type { WatchdogThread } from './watchdog-thread.ts'

export interface WatchdogOptions {
  readonly clock: Clock
  /** Silence after which the process is ended with SIGKILL, ms; 0 = never. */
  readonly endMs: number
  /** Told at the start where it could not end the process: the kernel spares process 1 of a container what comes from inside. */
  readonly powerless: () => void
  /** Told once the loop goes on: it stood still for about so long. */
  readonly stalled: (forMs: number) => void
  /** What the last line of an ended process says beside the silence; asked four times a second. */
  readonly facts: Readonly<Record<string, () => number>>
}

const everyMs = 250
const stalledMs = 1_000

/** Stands down by itself where a debugger is attached: who stops at a breakpoint is not to be ended. */
export function startWatchdog({ clock, endMs, powerless, stalled, facts }: WatchdogOptions): { stop(): void } {
  if (debuggerUrl() !== undefined) return { stop: () => undefined }
  if (process.pid === 1 && endMs > 0) powerless()
  const asked = { beatAtMs: () => clock.wall(), ...facts }
  const names = Object.keys(asked)
  const shared = { beats: new Int32Array(new SharedArrayBuffer(12)), facts: new Float64Array(new SharedArrayBuffer(8 * names.length)) }
  let cancel = (): void => undefined
  const beat = (): void => {
    Object.values(asked).forEach((fact, at) => { shared.facts[at] = fact() })
    Atomics.add(shared.beats, 0, 1)
    const stoodMs = Atomics.exchange(shared.beats, 2, 0)
    if (stoodMs > 0) stalled(stoodMs)
    cancel = clock.after(everyMs, beat)
  }
  beat()
  const handed: WatchdogThread = { ...shared, names, everyMs, stalledMs, endMs: endMs === 0 ? Infinity : endMs }
  const thread = new Worker(new URL('./watchdog-thread.js', import.meta.url), { workerData: handed, resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 }, execArgv: [] })
  thread.unref()
  return {
    stop() {
      cancel()
      void thread.terminate()
    },
  }
}
