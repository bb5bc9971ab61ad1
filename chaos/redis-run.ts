// One kwota on a Redis that fails again and again: limits are cut meanwhile, and whatever was acknowledged is looked up when Redis is back.
import { mkdirSync } from 'node:fs'
import { carA, CutDepot } from './cut-depot.ts'
import { GridWitness } from './grid-witness.ts'
import { launchProduct, type Product } from './product.ts'
import { pause } from './program.ts'
import type { Random } from './random.ts'
import type { RedisProcess } from './redis.ts'
import { field, listAll, openRest, type Rest } from './rest.ts'
import { beginFault, endFault, type StoreFault } from './store-fault.ts'
import { PromiseBook, writtenBy } from './torture-book.ts'
import { Sessions } from './torture-sessions.ts'
import { TortureStation } from './torture-station.ts'

export interface RedisRunOptions {
  readonly place: string
  readonly connectors: number
  readonly random: Random
  readonly redis: RedisProcess
}

export interface FaultPlan { readonly fault: StoreFault; readonly forMs: number; readonly mostCuts: number }

/** ms, and A per phase of all together. */
export interface FaultResult {
  readonly fault: StoreFault
  readonly forMs: number
  /** From each PUT leaving until the first lowering came. */
  readonly firstMs: readonly number[]
  /** From each PUT leaving until each charge point had accepted its own. */
  readonly eachMs: readonly number[]
  readonly answeredMs: readonly number[]
  readonly raisings: number
  /** The most that all together might draw beyond the limit when the lowering was through. */
  readonly mostOverA: number
  readonly acknowledged: number
  /** From the end of the fault until kwota was ready and its alert resolved. */
  readonly recoveredMs: number
}

const site = 'main'
const walkers = ['WALK-1', 'WALK-2', 'WALK-3', 'WALK-4']
const tags = 12
const patienceMs = 30_000
/** A cut needs so long to be seen through before Redis is back. */
const cutMs = 400
const leastA = 8
const stepA = 1

export class RedisRun {
  readonly book = new PromiseBook()
  private readonly options: RedisRunOptions
  private readonly random: Random
  private readonly sessions = new Sessions(this.book)
  private readonly witness: GridWitness
  private readonly depot: CutDepot
  private readonly walkers: readonly TortureStation[]
  private readonly config: object
  private product: Product | null = null
  private writing = true
  private eachA = carA
  private unique = 0
  private mostOverA = -Infinity
  private cutting = false

  constructor(options: RedisRunOptions) {
    this.options = options
    this.random = options.random
    const names = Array.from({ length: options.connectors }, (_, at) => `CUT-${String(at + 1).padStart(3, '0')}`)
    this.witness = new GridWitness({ fuseA: carA * names.length, fault: (text) => this.book.fault(text), sumA: () => this.depot.sumA })
    this.depot = new CutDepot({ names, sessions: this.sessions, told: (clientID, beforeA, afterA) => {
      this.witness.told(clientID, beforeA, afterA)
      this.weigh()
    } })
    this.walkers = walkers.map((id) => new TortureStation({ id, random: this.random.fork(id), stays: false, sessions: this.sessions, ocppUrl: () => this.product?.ocppUrl ?? null, sentWrite: () => undefined, told: () => undefined }))
    this.config = {
      sites: [{ id: site, fuseA: carA * names.length }, { id: 'annex', fuseA: carA * walkers.length }], engine: { meterSampleIntervalS: 10 },
      chargePoints: [...names.map((id) => ({ id, site })), ...walkers.map((id) => ({ id, site: 'annex' }))],
    }
  }

  /** Plays every plan, then kills kwota and looks everything up once more. */
  async run(plans: readonly FaultPlan[], say: (line: string, result: FaultResult | null) => void): Promise<FaultResult[]> {
    mkdirSync(this.options.place, { recursive: true })
    const looking = setInterval(() => {
      this.witness.look(100)
      this.weigh()
    }, 100)
    const results: FaultResult[] = []
    try {
      const rest = await this.start()
      await this.depot.come(this.product?.ocppUrl ?? '')
      if (!await this.depot.granted(carA, 4 * patienceMs)) throw new Error(`the cars were not given ${carA} A each`)
      say(`${this.options.connectors} connectors charge with ${carA} A each`, null)
      const lives = this.walkers.map((walker) => walker.live())
      const writes = this.write(rest)
      for (const plan of plans) {
        // Power comes back slowly, in steps of its own: only when there is nothing left to take.
        if (this.eachA - plan.mostCuts * stepA < leastA) await this.raise(rest)
        const result = await this.suffer(rest, plan)
        results.push(result)
        say(`${plan.fault} for ${(plan.forMs / 1000).toFixed(1)} s`, result)
      }
      this.eachA = carA
      if (!await this.limit(rest)) this.book.fault('with Redis back the limit is not acknowledged')
      for (const walker of this.walkers) walker.end()
      if (!await Promise.race([Promise.all(lives).then(() => true), pause(patienceMs).then(() => false)])) this.book.fault('charge points wait for answers though Redis is back')
      this.writing = false
      await writes
      await this.product?.kill()
      const again = await this.start()
      await this.lookUp(again, 'after the restart')
      this.sessions.checkAll(await listAll(again, '/api/v1/transactions') ?? [])
      return results
    } finally {
      clearInterval(looking)
      this.writing = false
      this.depot.leave()
      await this.product?.kill()
    }
  }

  private async start(): Promise<Rest> {
    this.product = await launchProduct({ place: this.options.place, config: this.config, redisUrl: this.options.redis.url, port: this.product?.port ?? 0 }).up
    const rest = openRest(this.product.url)
    for (const endMs = performance.now() + patienceMs; (await rest.ask('GET', '/readyz'))?.status !== 200;) {
      if (performance.now() > endMs) throw new Error(`kwota was not ready in ${patienceMs / 1000} s:\n${this.product.output().slice(-2_000)}`)
      await pause(50)
    }
    return rest
  }

  private async suffer(rest: Rest, { fault, forMs, mostCuts }: FaultPlan): Promise<FaultResult> {
    const { redis } = this.options
    await pause(this.random.between(0, 300))
    const [raisings, made] = [this.witness.raisings, this.book.made]
    this.mostOverA = -Infinity
    await beginFault(redis, fault)
    const endMs = performance.now() + forMs
    const cuts: { firstMs: number; eachMs: number[]; answeredMs: number }[] = []
    await pause(this.random.between(0, Math.min(300, forMs / 3)))
    do {
      cuts.push(await this.cut(rest))
      if (cuts.length === 1 && forMs >= 1_000) await this.expectDown(rest, fault)
      await pause(Math.min(Math.max(0, forMs / mostCuts - cutMs), Math.max(0, endMs - performance.now())))
    } while (cuts.length < mostCuts && endMs - performance.now() > cutMs)
    await pause(Math.max(0, endMs - performance.now()))
    // Read before it ends: behind it raisings are nothing wrong.
    const [raised, mostOverA, acknowledged] = [this.witness.raisings - raisings, this.mostOverA, this.book.made - made]
    await endFault(redis, fault)
    const backMs = performance.now()
    if (!await this.recovered(rest)) this.book.fault(`kwota had not recovered ${patienceMs / 1000} s after Redis was ${fault}`)
    const recoveredMs = performance.now() - backMs
    await this.lookUp(rest, `after Redis was ${fault}`)
    if (raised > 0) this.book.fault(`${raised} raisings while Redis was ${fault}`)
    if (mostOverA > 0.05) this.book.fault(`all together might draw ${mostOverA.toFixed(1)} A too much when they had been lowered, while Redis was ${fault}`)
    return { fault, forMs, firstMs: cuts.map(({ firstMs }) => firstMs), eachMs: cuts.flatMap(({ eachMs }) => eachMs), answeredMs: cuts.map(({ answeredMs }) => answeredMs), raisings: raised, mostOverA, acknowledged, recoveredMs }
  }

  /** One ampere less for every car. */
  private async cut(rest: Rest): Promise<{ firstMs: number; eachMs: number[]; answeredMs: number }> {
    this.cutting = true
    this.eachA -= stepA
    // Whoever manages energy has a connection already.
    await rest.ask('GET', '/livez')
    const beganMs = performance.now()
    const lowering = this.depot.lowering(this.eachA, patienceMs)
    const limiting = this.limit(rest).then(() => performance.now() - beganMs)
    const [eachMs, answeredMs] = await Promise.all([lowering, limiting])
    const missing = eachMs.filter((ms) => ms === Infinity).length
    if (missing > 0) this.book.fault(`${missing} of ${eachMs.length} charge points were not lowered in ${patienceMs / 1000} s`)
    this.witness.limitIs(this.eachA * this.options.connectors)
    this.cutting = false
    return { firstMs: Math.min(...eachMs), eachMs, answeredMs }
  }

  /** Whether it was acknowledged. */
  private async limit(rest: Rest): Promise<boolean> {
    const currentA = this.eachA * this.options.connectors
    this.witness.limitAsked(currentA)
    const [key, value] = ['limit', String(currentA)]
    this.book.ask(key, value)
    const answer = await rest.ask('PUT', `/api/v1/sites/${site}/grid-limit`, { currentA, reason: 'the store fails' })
    if (answer?.status !== 200 && answer?.status !== 503) this.book.fault(`the limit was answered ${answer?.status ?? 'not at all'}`)
    this.book.answered(key, value, writtenBy(answer))
    return writtenBy(answer) === 'acknowledged'
  }

  /** Everything is granted again. */
  private async raise(rest: Rest): Promise<void> {
    this.cutting = true
    this.eachA = carA
    for (const endMs = performance.now() + patienceMs; !await this.limit(rest) && performance.now() < endMs;) await pause(100)
    this.witness.limitIs(carA * this.options.connectors)
    if (!await this.depot.granted(carA, 3 * patienceMs)) this.book.fault(`with Redis back not every car was given its power again: ${JSON.stringify((await rest.ask('GET', `/api/v1/sites/${site}/power`))?.body)?.slice(0, 2_500)}`)
    this.cutting = false
  }

  private async expectDown(rest: Rest, fault: StoreFault): Promise<void> {
    const ready = await rest.ask('GET', '/readyz')
    if (ready?.status !== 503) this.book.fault(`/readyz was answered ${ready?.status ?? 'not at all'} while Redis was ${fault}`)
    if (!await this.alerted(rest)) this.book.fault(`no store-down alert while Redis was ${fault}`)
  }

  private async alerted(rest: Rest): Promise<boolean> {
    const rows = await listAll(rest, '/api/v1/alerts')
    return rows === null || rows.some((row) => field(row, 'code') === 'store-down' && field(row, 'resolvedAt') === null)
  }

  private async recovered(rest: Rest): Promise<boolean> {
    for (const endMs = performance.now() + patienceMs; performance.now() < endMs; await pause(50)) {
      if ((await rest.ask('GET', '/readyz'))?.status === 200 && !await this.alerted(rest)) return true
    }
    return false
  }

  private async lookUp(rest: Rest, when: string): Promise<void> {
    const limit = field((await rest.ask('GET', `/api/v1/sites/${site}/grid-limit`))?.body, 'currentA')
    this.book.found('limit', String(limit))
    if (limit !== this.eachA * this.options.connectors) this.book.fault(`the limit ${when} is ${String(limit)} A, and ${this.eachA * this.options.connectors} A were asked for last`)
  }

  /** Id tags, one after the other, each looked up before it is written anew. */
  private async write(rest: Rest): Promise<void> {
    while (this.writing) {
      const id = `KEPT-${++this.unique % tags}`
      const [key, path, value] = [`tag ${id}`, `/api/v1/id-tags/${id}`, `P${this.unique}`]
      const there = await rest.ask('GET', path)
      if (there !== null && there.status < 500) this.book.found(key, there.status === 200 ? String(field(there.body, 'parentIdTag')) : 'gone')
      this.book.ask(key, value)
      this.book.answered(key, value, writtenBy(await rest.ask('PUT', path, { parentIdTag: value })))
      await pause(20)
    }
  }

  private weigh(): void {
    if (!this.cutting) this.mostOverA = Math.max(this.mostOverA, this.depot.sumA - this.eachA * this.options.connectors)
  }
}
