// A store between kwota and the one in memory that is slow, fails, hangs, or writes and then says that it did not.
import type { Clock } from '../clock.ts'
import { createMemoryStore } from '../store/memory.ts'
import { StoreUnavailable, type Store } from '../store/port.ts'
import { between, type Random } from './random.ts'

export type StoreWeather = 'well' | 'slow' | 'failing' | 'hanging' | 'applied-but-timeout'

export interface FaultyStore {
  /** The handle of a new process; every one before it is dead. `deliver` brings answers to that process. */
  open(deliver: (fn: () => void) => void): Store
  /** kill -9: of the writes under way the first `keeps` (0 to 1) reach the disk, the others never. */
  crash(keeps: number): void
  become(weather: StoreWeather): void
  readonly weather: StoreWeather
  /** Writes that were made although the writer was told, or will think, that they were not. */
  readonly silentWrites: number
}

/** One operation under way, in order of asking; `apply` does it on the data. */
interface Pending { readonly apply: () => void; dueMs: number; applied: boolean; readonly writes: boolean }

const wellMs = [1, 4] as const
const slowMs = [100, 3_000] as const
const timeoutMs = 2_000
const mostPending = 10_000

export function createFaultyStore(options: { readonly clock: Clock; readonly random: Random }): FaultyStore {
  const { clock, random } = options
  let inner = createMemoryStore()
  let weather: StoreWeather = 'well'
  let queue: Pending[] = []
  let lastMs = 0
  let silentWrites = 0

  /** Whatever is due is done in order; while it hangs nothing is. */
  function pump(): void {
    if (weather === 'hanging') return
    for (let next = queue[0]; next !== undefined && next.dueMs <= clock.mono(); next = queue[0]) {
      queue.shift()
      next.applied = true
      next.apply()
    }
  }

  function operate<T>(deliver: (fn: () => void) => void, writes: boolean, run: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const refuse = (why: string, afterMs: number) => { clock.after(afterMs, () => deliver(() => reject(new StoreUnavailable(why)))) }
      if (weather === 'failing') return refuse('the store does not answer', between(random, 1, 500))
      if (queue.length >= mostPending) return refuse('too many operations wait', 1)
      const [fromMs, toMs] = weather === 'slow' ? slowMs : wellMs
      const lost = weather === 'applied-but-timeout' && writes
      lastMs = Math.max(lastMs, clock.mono() + between(random, fromMs, toMs))
      if (lost) refuse('no answer in time', timeoutMs)
      const entry: Pending = {
        dueMs: lastMs, applied: false, writes,
        apply: () => {
          if (lost) silentWrites++
          run().then((value) => { if (!lost) deliver(() => resolve(value)) }, (error: unknown) => { if (!lost) deliver(() => reject(error instanceof Error ? error : new Error(String(error)))) })
        },
      }
      queue.push(entry)
      clock.after(lastMs - clock.mono(), pump)
    })
  }

  function handle(deliver: (fn: () => void) => void): Store {
    const store = inner
    const read = <T>(run: () => Promise<T>) => operate(deliver, false, run)
    const write = <T>(run: () => Promise<T>) => operate(deliver, true, run)
    return {
      leases: store.leases,
      own: (scope, lost, older) => read(() => store.own(scope, lost, older)),
      commit: (scope, epoch, batch) => write(() => store.commit(scope, epoch, batch)),
      read: (scope, onDamaged) => read(() => store.read(scope, onDamaged)),
      scopes: () => read(() => store.scopes()),
      claim: (space, key, owner) => read(() => store.claim(space, key, owner)),
      release: (space, key, owner) => write(() => store.release(space, key, owner)),
      claims: (space) => read(() => store.claims(space)),
      append: (scope, series, entries, options) => write(() => store.append(scope, series, entries, options)),
      appendAll: (scope, entries, options) => write(() => store.appendAll(scope, entries, options)),
      replace: (scope, series, fromMs, toMs, entries, options) => write(() => store.replace(scope, series, fromMs, toMs, entries, options)),
      series: (scope, prefix) => read(() => store.series(scope, prefix)),
      range: (scope, series, fromMs, toMs, limit) => read(() => store.range(scope, series, fromMs, toMs, limit)),
      expire: (scope, series, beforeMs) => write(() => store.expire(scope, series, beforeMs)),
      keep: (scope, series, keepMs) => write(() => store.keep(scope, series, keepMs)),
      compact: (scope, series) => read(() => store.compact(scope, series)),
      dump: (options) => store.dump(options),
      load: (pieces) => write(() => store.load(pieces)),
      check: () => read(() => store.check()),
      close: () => store.close(),
    }
  }

  return {
    open: handle,
    crash(keeps) {
      const writing = queue.filter(({ writes }) => writes)
      for (const entry of writing.slice(0, Math.floor(writing.length * keeps + 0.5))) { silentWrites++; entry.apply() }
      queue = []
      inner = inner.restart()
    },
    become(next) {
      weather = next
      pump()
    },
    get weather() { return weather },
    get silentWrites() { return silentWrites },
  }
}
