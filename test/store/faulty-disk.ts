// A disk under the embedded store that fails as disks do: it refuses or tears a write, fails a sync, and loses power with all that was not synced.
import { closeSync, copyFileSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { afterPowerLoss } from '../../chaos/torn-log.ts'
import { between, type Random } from '../../src/simulator/random.ts'
import type { Level } from '../../src/store/level.ts'
import { faultOfLevel } from '../../src/store/level-check.ts'

/** `before`: nothing lands. `torn`: a part of it does. `sync`: all of it does, and its fsync fails: what was not durable in that file never will be. */
export interface WriteFault { readonly code: 'ENOSPC' | 'EIO' | 'EROFS'; readonly at: 'before' | 'torn' | 'sync' }

/** `begun`: nothing is written yet. `landed`: written, not synced. `synced`: durable where that was asked for, and nobody told yet. */
export type Step = 'begun' | 'landed' | 'synced'

export interface DiskEvent { readonly what: 'opened' | 'wrote' | 'synced' | 'failed'; readonly file: string | null }

export interface DiskOptions {
  readonly random: Random
  /** Bytes in memory before the database begins another log; small ones make it do so often. Default: its own. */
  readonly writeBufferSize?: number
  /** Forgets to sync, and says it has: a store on such a disk must be found out. */
  readonly forgetful?: boolean
  /** During every write, by its number from 0. */
  readonly onStep?: (write: number, step: Step) => void
  readonly faultOf?: (write: number) => WriteFault | undefined
}

/** Of a store with one writer and one batch at a time, as ours is. */
export class FaultyDisk {
  readonly events: DiskEvent[] = []
  private readonly options: DiskOptions
  private readonly durable = new Map<string, number>()
  /** Logs whose sync failed: nothing more of them is ever durable. */
  private readonly spoilt = new Set<string>()
  private writes = 0
  private directory = ''

  constructor(options: DiskOptions) {
    this.options = options
  }

  /** For `openEmbeddedStore({ open })`. */
  readonly open = async (dataDir: string): Promise<Level> => {
    this.directory = join(dataDir, 'store')
    const { writeBufferSize } = this.options
    // What a power cut or a failed write leaves is no damage.
    const fault = await access(this.directory).then(() => faultOfLevel(this.directory, { tables: true }), () => null)
    if (fault !== null) throw new Error(fault)
    const level: Level = new ClassicLevel(this.directory, writeBufferSize === undefined ? {} : { writeBufferSize })
    await level.open()
    this.events.push({ what: 'opened', file: this.log() })
    const batch = () => {
      const chained = ClassicLevel.prototype.batch.call(level)
      const write = chained.write.bind(chained)
      Object.defineProperty(chained, 'write', { value: (given: { sync?: boolean }) => this.write(write, given.sync === true) })
      return chained
    }
    Object.defineProperty(level, 'batch', { value: batch })
    return level
  }

  /** The directory as it is found after a power cut now, under `dataDir`. Answers how many bytes of logs that were not durable are in it, and how many are not, and of those how many in logs that are not the last. */
  losePower(dataDir: string): { readonly kept: number; readonly lost: number; readonly lostBefore: number } {
    const target = join(dataDir, 'store')
    mkdirSync(target, { recursive: true })
    for (;;) {
      const before = this.listing()
      const sums = { kept: 0, lost: 0, lostBefore: 0 }
      const last = this.log()
      try {
        for (const [name] of before) {
          if (!name.endsWith('.log')) {
            copyFileSync(join(this.directory, name), join(target, name))
            continue
          }
          const [bytes, sound] = this.afterPowerLoss(name)
          writeFileSync(join(target, name), bytes)
          sums.kept += bytes.length - sound
          sums.lost += statSync(join(this.directory, name)).size - bytes.length
          // Spoilt bytes stand in what is kept.
          if (name !== last && statSync(join(this.directory, name)).size > sound) sums.lostBefore += statSync(join(this.directory, name)).size - sound
        }
      } catch (error) {
        if (!isGone(error)) throw error
      }
      // The database compacts in a thread of its own: a copy of two moments is none.
      if (String(this.listing()) === String(before)) return sums
      mkdirSync(target, { recursive: true })
    }
  }

  private async write(write: (options: { sync: boolean }) => Promise<void>, wanted: boolean): Promise<void> {
    const { onStep, faultOf, forgetful } = this.options
    const number = this.writes++
    onStep?.(number, 'begun')
    const fault = faultOf?.(number)
    if (fault?.at === 'before') throw this.failed(fault)
    const [log, size] = [this.log(), this.size(this.log())]
    await write({ sync: false })
    const file = this.log()
    this.events.push({ what: 'wrote', file })
    onStep?.(number, 'landed')
    if (fault?.at === 'torn') {
      const from = file === log ? size : 0
      truncateSync(join(this.directory, file), between(this.options.random, from, this.size(file)))
      throw this.failed(fault)
    }
    if (fault !== undefined) {
      this.spoilt.add(file)
      throw this.failed(fault)
    }
    if (wanted && forgetful !== true) this.sync(file)
    onStep?.(number, 'synced')
  }

  private sync(file: string): void {
    const log = openSync(join(this.directory, file), 'r+')
    try {
      fsyncSync(log)
    } finally {
      closeSync(log)
    }
    this.events.push({ what: 'synced', file })
    if (!this.spoilt.has(file)) this.durable.set(file, this.size(file))
  }

  private failed({ code }: WriteFault): Error {
    this.events.push({ what: 'failed', file: this.log() })
    return Object.assign(new Error(`IO error: ${code}`), { code })
  }

  /** What is durable of a log and a part of the rest, whose end is torn, of zeros or of anything; and how much of it is sound for certain. */
  private afterPowerLoss(name: string): [bytes: Buffer, durable: number] {
    return afterPowerLoss(readFileSync(join(this.directory, name)), this.durable.get(name) ?? 0, this.options.random)
  }

  private log(): string {
    return readdirSync(this.directory).filter(name => name.endsWith('.log')).sort().at(-1) ?? ''
  }

  private size(name: string): number {
    return name === '' ? 0 : statSync(join(this.directory, name)).size
  }

  /** What a database is made of, with the length of what grows. */
  private listing(): [name: string, size: number][] {
    const names = readdirSync(this.directory).filter(name => /^(?:CURRENT|MANIFEST-.*|.*\.(?:ldb|sst|log))$/.test(name))
    return names.map(name => [name, statSync(join(this.directory, name), { throwIfNoEntry: false })?.size ?? -1])
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
