// The quarter hours of one site's meters, made from its rows as they close, little by little, and made again when rows come late.
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { SeriesEntry, Store } from '../store/port.ts'
import { decodeFolds, encodeFolds, lastOf, quarterMs, quarterOf, reachMs, type Fold, type Folds } from './meter-fold.ts'
import { LateQuarters } from './late-quarters.ts'
import { foldedAtOnce, foldPages } from './meter-fold-pages.ts'
import type { MeterHistory } from './meter-history.ts'
import { meterPrefix, meterSeries } from './meter-row.ts'
import { isRegister, kindOf, type KindCode } from './meter-units.ts'
import type { Scope } from './scope.ts'

export const rollupPrefix = 'rollup:'
export const rollupSeries = (key: string): string => rollupPrefix + key

export interface RollupOptions {
  readonly siteID: string
  readonly store: Pick<Store, 'range' | 'replace' | 'series'>
  readonly scope: Pick<Scope, 'get' | 'put' | 'flush'>
  readonly clock: Clock
  readonly log: Log
  readonly history: () => MeterHistory
  /** How long quarters are kept, ms. */
  readonly keepMs: () => number
  /** From then on all rows that came are there. */
  readonly rowsFromMs: () => number
  /** What the hardware of a connector can deliver; Infinity where nobody knows. */
  readonly maxPowerW: (key: string) => number
  /** Runs what makes quarters as they close: beside that of other sites, or one after the other. */
  readonly inTurn?: <T>(act: () => Promise<T>) => Promise<T>
}

const doneKey = 'rollups'
/** Rows of the end of a quarter take so long to come, usually. */
const graceMs = 30_000
const restMs = 5
const againMs = 5_000
const mostPerRange = 1_000
/** Rows of before the start may be of so much later: a clock that is ahead counts for a day. */
const aheadMs = 2 * 86_400_000

export class Rollups {
  private readonly options: RollupOptions
  /** Every quarter that ends by then is made. */
  private doneMs: number
  /** Quarters before it are closed: what comes for them comes late. */
  private closedMs: number
  /** Who has rows in which open quarter, known for quarters from `knownFromMs` on. */
  private readonly open = new Map<number, Set<string>>()
  private readonly knownFromMs: number
  private readonly late: LateQuarters
  private readonly making = new Map<string, Promise<void>>()
  private cancelTimer: () => void = () => undefined
  private stopped = false
  private failing = false

  constructor(options: RollupOptions) {
    this.options = options
    this.late = new LateQuarters(options)
    const { scope, clock } = options
    const nowMs = clock.wall()
    const done = scope.get(doneKey)
    this.doneMs = typeof done === 'number' && done <= nowMs ? done : quarterOf(nowMs)
    this.closedMs = this.doneMs
    this.knownFromMs = quarterOf(nowMs) + aheadMs
    if (done !== this.doneMs) scope.put(doneKey, this.doneMs)
    this.pace()
  }

  /** A row that is being added; what it answers must be kept with it. */
  noted(key: string, atMs: number): { readonly series: string; readonly entry: SeriesEntry } | null {
    const quarter = quarterOf(atMs)
    if (quarter >= this.closedMs) {
      const keys = this.open.get(quarter)
      if (keys === undefined) this.open.set(quarter, new Set([key]))
      else keys.add(key)
      return null
    }
    return this.late.mark(key, quarter)
  }

  /** The folds of each quarter with fromMs ≤ begin < toMs that has any, ascending; the open ones and late rows included. Rejects with StoreUnavailable. */
  async quarters(key: string, fromMs: number, toMs: number): Promise<Map<number, Folds>> {
    await this.ready(key)
    const doneMs = this.doneMs
    const found = await this.stored(key, quarterOf(fromMs), Math.min(toMs, doneMs))
    if (toMs <= doneMs) return found
    const openMs = Math.max(doneMs, quarterOf(fromMs))
    const before = openMs === doneMs ? await this.lastBefore(key, doneMs) : await this.lastIn(key, doneMs, openMs)
    for (const [quarter, folds] of [...await this.folded(key, openMs, toMs, before)].sort(([a], [b]) => a - b)) found.set(quarter, folds)
    return found
  }

  /** The last reading of each register before a quarter, for who folds rows from there on. */
  async lastBefore(key: string, quarter: number): Promise<ReturnType<typeof lastOf>> {
    await this.ready(key)
    if (quarter > this.doneMs) return this.lastIn(key, this.doneMs, quarter)
    return lastOf((await this.stored(key, quarter - reachMs, quarter)).values())
  }

  stop(): void {
    this.stopped = true
    this.cancelTimer()
  }

  /** What came late has its place. */
  private async ready(key: string): Promise<void> {
    await this.late.recall()
    if (this.late.has(key)) await this.alone(key, () => this.makeLate(key))
  }

  /** In a quarter that is not made yet. */
  private async lastIn(key: string, doneMs: number, untilMs: number): Promise<ReturnType<typeof lastOf>> {
    const before = lastOf((await this.stored(key, untilMs - reachMs, doneMs)).values())
    const fromMs = Math.max(doneMs, untilMs - reachMs)
    const folds = await this.folded(key, fromMs, untilMs, before)
    for (const [code, last] of lastOf([...folds].sort(([a], [b]) => a - b).map(([, one]) => one))) before.set(code, last)
    return before
  }

  /** The quarters of rows that nobody has made yet. */
  private folded(key: string, fromMs: number, toMs: number, before: ReturnType<typeof lastOf>): ReturnType<typeof foldPages> {
    return foldPages(this.options.history().pages(key, fromMs, toMs, foldedAtOnce), quarterOf, before, this.options.maxPowerW(key))
  }

  private pace(): void {
    if (this.stopped) return
    const nowMs = this.options.clock.wall()
    const dueMs = this.failing || this.late.size > 0 ? nowMs + againMs : Math.max(nowMs, this.doneMs + quarterMs + graceMs)
    this.cancelTimer = this.options.clock.after(Math.min(quarterMs, dueMs - nowMs), () => {
      this.advance().then(() => this.tell(null), (error: unknown) => this.tell(error)).finally(() => this.pace())
    })
  }

  private tell(error: unknown): void {
    const { siteID, log } = this.options
    if (error !== null && !this.failing && !this.stopped) log.warn({ siteID, reason: error instanceof Error ? error.message : String(error) }, 'the quarter hours of meters cannot be made now')
    this.failing = error !== null
  }

  /** One at a time makes quarters of a connector. */
  private async alone(key: string, act: () => Promise<void>): Promise<void> {
    const turn = (this.making.get(key) ?? Promise.resolve()).then(act)
    const settled = turn.catch(() => undefined)
    this.making.set(key, settled)
    try {
      await turn
    } finally {
      if (this.making.get(key) === settled) this.making.delete(key)
    }
  }

  private inTurn(act: () => Promise<void>): Promise<void> {
    return this.options.inTurn?.(act) ?? act()
  }

  private async advance(): Promise<void> {
    const { clock, scope, store, siteID, history } = this.options
    await this.late.recall()
    const closeMs = quarterOf(clock.wall() - graceMs)
    while (this.doneMs < closeMs && !this.stopped) {
      const untilMs = this.doneMs < this.knownFromMs ? Math.min(this.knownFromMs, closeMs) : this.doneMs + quarterMs
      const keys = this.doneMs < this.knownFromMs ? (await store.series(siteID, meterPrefix)).map((name) => name.slice(meterPrefix.length)) : [...this.open.get(this.doneMs) ?? []]
      this.closedMs = untilMs
      if (!await history().flush()) throw new Error('the store does not take meter values')
      const fresh = new Set([...keys, ...[...this.open].flatMap(([quarter, some]) => (quarter < untilMs ? [...some] : []))])
      for (const key of fresh) {
        await this.makeAll(key, this.doneMs, untilMs)
        if (this.stopped) return
      }
      for (const quarter of this.open.keys()) if (quarter < untilMs) this.open.delete(quarter)
      this.doneMs = untilMs
      scope.put(doneKey, untilMs)
      await scope.flush()
    }
    for (const key of this.late.keys()) {
      if (this.stopped) return
      await this.inTurn(() => this.alone(key, () => this.makeLate(key)))
      await this.rest()
    }
    await this.late.clear()
  }

  /** Each quarter that has rows. */
  private async makeAll(key: string, fromMs: number, untilMs: number): Promise<void> {
    const { store, siteID } = this.options
    for (let nextMs = fromMs; nextMs < untilMs && !this.stopped;) {
      const [first] = await store.range(siteID, meterSeries(key), nextMs, untilMs, 1)
      if (first === undefined) return
      const quarter = quarterOf(first.atMs)
      await this.inTurn(() => this.alone(key, async () => { await this.make(key, quarter, false) }))
      await this.rest()
      nextMs = quarter + quarterMs
    }
  }

  /** Where rows may be gone, what is there stays, and of late ones nothing is made: the quarters behind count their rise already. Answers the registers in it. */
  private async make(key: string, quarter: number, late = true): Promise<Set<KindCode>> {
    const { store, siteID, history, keepMs, rowsFromMs, maxPowerW } = this.options
    const registers = new Set<KindCode>()
    const known = await this.stored(key, quarter - reachMs, quarter + quarterMs)
    const stays = known.delete(quarter) || late
    if (stays && quarter < rowsFromMs()) return registers
    const before = lastOf(known.values())
    const rows = history().storedPages(key, quarter, quarter + quarterMs, foldedAtOnce)
    const folds = (await foldPages(rows, quarterOf, before, maxPowerW(key))).get(quarter) ?? new Map<KindCode, Fold>()
    if (stays && quarter < rowsFromMs()) return registers
    for (const code of folds.keys()) if (isRegister(kindOf(code)!.measurand)) registers.add(code)
    await store.replace(siteID, rollupSeries(key), quarter, quarter + quarterMs, folds.size === 0 ? [] : [{ atMs: quarter, value: encodeFolds(folds, quarter) }], { keepMs: keepMs(), durable: true })
    return registers
  }

  /** Those of one connector that are due, and behind each the quarter in which its registers come next: what they rose until there has changed too. */
  private async makeLate(key: string): Promise<void> {
    for (;;) {
      // Taken before it is made: what comes for it meanwhile puts it there again.
      const quarter = this.late.take(key, this.doneMs)
      if (quarter === null) return
      try {
        await this.options.history().settle(key)
        const registers = await this.make(key, quarter)
        if (registers.size === 0) continue
        for (const [later, folds] of await this.stored(key, quarter + quarterMs, Math.min(this.closedMs, quarter + reachMs + quarterMs))) {
          const concerned = [...folds.keys()].filter((code) => registers.delete(code))
          if (concerned.length > 0 && !this.late.has(key, later)) await this.make(key, later)
          if (registers.size === 0) break
        }
      } catch (error) {
        this.late.putBack(key, quarter)
        throw error
      }
    }
  }

  private async stored(key: string, fromMs: number, toMs: number): Promise<Map<number, Folds>> {
    const { store, siteID } = this.options
    const found = new Map<number, Folds>()
    for (let nextMs = fromMs; nextMs < toMs;) {
      const page = await store.range(siteID, rollupSeries(key), nextMs, toMs, mostPerRange)
      for (const { atMs, value } of page) found.set(atMs, decodeFolds(value, atMs))
      if (page.length < mostPerRange) break
      nextMs = page.at(-1)!.atMs + 1
    }
    return found
  }

  private rest(): Promise<void> {
    return this.stopped ? Promise.resolve() : new Promise((resolve) => { this.options.clock.after(restMs, resolve) })
  }
}
