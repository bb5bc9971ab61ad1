// What was erased goes out of the files of the store too: behind the answer where it takes long, and on from there after a restart.
import { transactionSeries } from './archive.ts'
import type { Estate } from './estate.ts'
import { messageSeries } from './message-block.ts'
import { write } from './records.ts'

export const erasurePrefix = 'erasure:'
/** `elsewhere`: who runs the store does that. `later`: goes on, or at the next start. */
export type FilesDone = 'done' | 'elsewhere' | 'later'

/** Who asked waits so long for it. */
const patienceMs = 5_000

export class ErasedFiles {
  private readonly estate: Estate
  private last: Promise<unknown> = Promise.resolve()
  /** Has not begun: it will see what is erased now. */
  private waiting: Promise<FilesDone> | null = null

  constructor(estate: Estate) {
    this.estate = estate
  }

  /** Rewrites what held erased things; never rejects. */
  async rewrite(): Promise<FilesDone> {
    let cancel = (): void => undefined
    const patience = new Promise<FilesDone>((resolve) => { cancel = this.estate.options.clock.after(patienceMs, () => resolve('later')) })
    const first = await Promise.race([this.enqueue(), patience])
    cancel()
    return first
  }

  /** What a crash has interrupted. */
  resume(): void {
    if (this.unwritten().length > 0) void this.enqueue()
  }

  private enqueue(): Promise<FilesDone> {
    if (this.waiting !== null) return this.waiting
    const mine = this.last.then(() => {
      this.waiting = null
      return this.all()
    })
    this.waiting = mine
    this.last = mine
    return mine
  }

  /** Of erasures whose files are not written anew yet. */
  private unwritten(): [string, object][] {
    return this.estate.global.entries(erasurePrefix).flatMap(([key, value]): [string, object][] => (typeof value !== 'object' || value === null || 'filesAtMs' in value ? [] : [[key, value]]))
  }

  private async all(): Promise<FilesDone> {
    const { global, options: { store, clock, log } } = this.estate
    try {
      const erased = this.unwritten()
      let done = true
      for (const scope of await store.scopes()) {
        for (const series of [undefined, messageSeries, transactionSeries]) done = await store.compact(scope, series) && done
      }
      const filesAtMs = clock.wall()
      await write(global, Object.fromEntries(erased.map(([key, value]) => [key, { ...value, filesAtMs }])))
      if (done) log.info({ erasures: erased.length }, 'what was erased is no longer in the files of the store')
      return done ? 'done' : 'elsewhere'
    } catch (error) {
      log.warn({ reason: error instanceof Error ? error.message : String(error) }, 'what was erased may still be in the files of the store; the next start goes on with it')
      return 'later'
    }
  }
}

/** What is to be said of it to who asked. */
export function filesRemain(files: FilesDone): string {
  if (files === 'elsewhere') return 'the append-only file and the snapshots of Redis: until Redis writes them anew (BGREWRITEAOF and BGSAVE do it at once)'
  if (files === 'later') return 'the files of the store: until kwota has written them anew, which has begun and goes on after a restart; the log says when it is done'
  return 'the list that the store keeps of its files, where the key of a record may stand: until kwota restarts'
}
