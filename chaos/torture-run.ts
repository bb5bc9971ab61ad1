// One kwota tortured: life after life on the same data, each begun with a look at what was promised and ended by SIGKILL.
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { GridWitness } from './grid-witness.ts'
import { drawKill, longestFirstLifeMs, longestLifeMs, longLifeMs, wordsOf, type KillPlan } from './kill-plan.ts'
import { launchProduct, type Launch, type Product } from './product.ts'
import { pause } from './program.ts'
import type { Random } from './random.ts'
import { openRest, type Rest } from './rest.ts'
import { checkAudit } from './torture-audit.ts'
import { PromiseBook } from './torture-book.ts'
import { cutUnsyncedTail } from './torn-log.ts'
import { TortureChecks } from './torture-checks.ts'
import { Sessions } from './torture-sessions.ts'
import { TortureStation } from './torture-station.ts'
import { annex, crowd, TortureWrites } from './torture-writes.ts'

export interface TortureResult {
  readonly kills: number
  readonly killsWhileStarting: number
  readonly killsBehindWrite: number
  /** Kills that took a tail that was not synced, or tore it, and how many bytes that concerned. */
  readonly torn: number
  readonly tornBytes: number
  readonly acknowledged: number
  readonly checked: number
  readonly sessions: number
  readonly repeats: number
  readonly deadlines: number
  readonly raisings: number
  readonly lowerings: number
  readonly leastMarginA: number
  readonly faults: readonly string[]
}

export interface TortureOptions {
  readonly place: string
  readonly name: string
  readonly cycles: number
  readonly stations: number
  readonly random: Random
  readonly redisUrl: string | undefined
  /** With each kill the power fails: what was not synced is lost, and the end of the log is torn. Embedded store only. */
  readonly powerLoss: boolean
  readonly say: (line: string) => void
}

const lookEveryMs = 100
const settleMs = 500
const saidEvery = 10
const durableHook = fileURLToPath(new URL('../../test/store/power-loss-hook.mjs', import.meta.url))
const lastLifeMs = 60_000

export class TortureRun {
  private readonly options: TortureOptions
  private readonly random: Random
  private readonly book = new PromiseBook()
  private readonly sessions = new Sessions(this.book)
  private readonly stations: TortureStation[]
  private readonly witness: GridWitness
  private readonly writes: TortureWrites
  private readonly checks: TortureChecks
  private product: Product | null = null
  private port = 0
  private upAtMs = 0
  private writesSent = 0
  private onWrite = (): void => undefined
  private readonly tears: Random
  private readonly count = { starting: 0, writes: 0, kills: 0, torn: 0, tornBytes: 0 }

  constructor(options: TortureOptions) {
    this.options = options
    this.random = options.random
    this.tears = options.random.fork('tears')
    const fault = (text: string): void => this.book.fault(`life ${this.count.kills + 1}: ${text}`)
    this.witness = new GridWitness({ fuseA: crowd.fuseA, fault, sumA: () => this.stations.reduce((sum, { permitA }) => sum + permitA, 0) })
    const names = Array.from({ length: options.stations }, (_, at) => `CP-${String(at + 1).padStart(2, '0')}`)
    const sentWrite = (): void => this.wrote()
    this.stations = names.map((id, at) => new TortureStation({
      id, sessions: this.sessions, sentWrite, stays: at % 2 === 1, random: this.random.fork(id), ocppUrl: () => this.product?.ocppUrl ?? null,
      told: (clientID, beforeA, afterA) => this.witness.told(clientID, beforeA, afterA),
    }))
    this.writes = new TortureWrites({ random: this.random.fork('writes'), book: this.book, witness: this.witness, stations: names, ghosts })
    this.checks = new TortureChecks({ book: this.book, sessions: this.sessions, writes: this.writes, witness: this.witness })
  }

  async run(): Promise<TortureResult> {
    const { cycles, say } = this.options
    mkdirSync(this.dir, { recursive: true })
    const looking = setInterval(() => {
      if (this.product !== null && performance.now() - this.upAtMs > settleMs) this.witness.look(lookEveryMs)
    }, lookEveryMs)
    const lives = this.stations.map((station) => station.live())
    try {
      while (this.count.kills < cycles) {
        // In the first life cars get their power: without it nothing could be too much later.
        const plan: KillPlan = this.count.kills === 0 ? { type: 'raised', afterMs: longLifeMs } : drawKill(this.random)
        await this.life(plan)
        this.count.kills++
        if (this.count.kills % saidEvery === 0 || this.count.kills === cycles) say(`kill ${this.count.kills} of ${cycles} (the last ${wordsOf(plan)}): ${this.book.made} acknowledgements, ${this.book.checked} looked up, ${this.sessions.all.length} transactions, ${this.book.faults.length} faults`)
      }
      await this.lastLife(lives)
    } finally {
      clearInterval(looking)
      await this.product?.kill()
    }
    return {
      kills: this.count.kills, killsWhileStarting: this.count.starting, killsBehindWrite: this.count.writes, torn: this.count.torn, tornBytes: this.count.tornBytes,
      acknowledged: this.book.made, checked: this.book.checked, sessions: this.sessions.all.length, repeats: this.stations.reduce((sum, { repeats }) => sum + repeats, 0),
      deadlines: this.checks.ended, raisings: this.witness.raisings, lowerings: this.witness.lowerings, leastMarginA: this.witness.leastMarginA,
      faults: this.book.faults,
    }
  }

  private get dir(): string {
    return join(this.options.place, this.options.name)
  }

  private launch(): Launch {
    const { stations, redisUrl, powerLoss } = this.options
    this.losePower()
    const tracked = powerLoss ? { nodeFlags: ['--import', durableHook], env: { KWOTA_DURABLE: this.sidecar } } : {}
    return launchProduct({ place: this.dir, config: configOf(stations), redisUrl, port: this.port, ...tracked })
  }

  private get sidecar(): string {
    return join(this.dir, 'durable')
  }

  private losePower(): void {
    if (!this.options.powerLoss || !existsSync(this.sidecar) || !existsSync(join(this.dir, 'data', 'store'))) return
    const spoilt = cutUnsyncedTail({ dataDir: join(this.dir, 'data'), sidecar: this.sidecar, random: this.tears.next })
    if (spoilt === 0) return
    this.count.torn++
    this.count.tornBytes += spoilt
  }

  private async life(plan: KillPlan): Promise<void> {
    const launch = this.launch()
    if (plan.type === 'starting') {
      await pause(plan.afterMs)
      await launch.kill()
      this.count.starting++
      // Where the moment came late it had begun to listen, and nobody knew.
      return
    }
    const product = await launch.up
    const death = this.death(plan)
    const rest = this.up(product)
    const work = this.work(rest)
    await death
    await product.kill()
    this.product = null
    await work
  }

  private up(product: Product): Rest {
    this.port = product.port
    this.product = product
    this.upAtMs = performance.now()
    return openRest(product.url)
  }

  /** Promises first: what is found is what holds before anything new is asked for. */
  private async work(rest: Rest): Promise<void> {
    if (!(await this.checks.all(rest))) return
    while (this.product !== null) {
      const answering = this.writes.one(rest)
      this.wrote()
      if (!(await answering)) return
    }
  }

  private wrote(): void {
    this.writesSent++
    this.onWrite()
  }

  /** Resolves at the moment of death. */
  private death(plan: Exclude<KillPlan, { type: 'starting' }>): Promise<void> {
    if (plan.type === 'time') return pause(plan.afterMs)
    if (plan.type === 'raised') return this.raised(plan.afterMs)
    return new Promise((resolve) => {
      const last = this.writesSent + plan.count
      const late = setTimeout(resolve, longestLifeMs)
      this.onWrite = () => {
        if (this.writesSent !== last) return
        this.count.writes++
        clearTimeout(late)
        setTimeout(resolve, plan.afterMs)
      }
    })
  }

  private async raised(afterMs: number): Promise<void> {
    await pause(afterMs)
    while (this.witness.raisings === 0 && performance.now() - this.upAtMs < longestFirstLifeMs) await pause(lookEveryMs)
  }

  /** Nobody is killed any more: every car leaves, and everything that was ever promised is looked up. */
  private async lastLife(lives: readonly Promise<void>[]): Promise<void> {
    const rest = this.up(await this.launch().up)
    for (const station of this.stations) station.end()
    const served = await Promise.race([Promise.all(lives).then(() => true), pause(lastLifeMs).then(() => false)])
    if (!served) this.book.fault('charge points were not served in the last life')
    if (!(await this.checks.all(rest))) this.book.fault('kwota did not answer in the last life')
    await this.checks.everySession(rest)
    await checkAudit(rest, this.book, this.writes.audited)
    if (this.witness.raisings === 0) this.book.fault('no car was ever raised: whether their sum stays below the limit was not in question')
    const code = await this.product?.stop()
    this.product = null
    if (code !== 0) this.book.fault(`kwota ended with ${String(code)} when it was asked to stop`)
  }
}

const ghosts = Array.from({ length: 6 }, (_, at) => `GHOST-${at + 1}`)

function configOf(stations: number): object {
  return {
    sites: [{ id: crowd.id, fuseA: crowd.fuseA }, { id: annex.id, fuseA: annex.fuseA, failsafeA: annex.failsafeA }],
    engine: { meterSampleIntervalS: 1 },
    chargePoints: [
      ...Array.from({ length: stations }, (_, at) => ({ id: `CP-${String(at + 1).padStart(2, '0')}`, site: crowd.id, connectors: [{ id: 1 }, { id: 2 }] })),
      ...ghosts.map((id) => ({ id, site: annex.id })),
    ],
  }
}
