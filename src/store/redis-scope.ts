// The writes of one scope to Redis: one script call at a time, everything that waits goes into the next, fenced by epoch and sequence.
import { asUnavailable, type Change } from './batch.ts'
import { ownerInWords, StaleEpoch, StoreOwned, StoreUnavailable } from './port.ts'
import { readOwner, type RedisLeases } from './redis-leases.ts'
import { run, type RedisLink } from './redis-link.ts'
import type { Mark } from './redis-mark.ts'
import { commitScript, ownAgainScript, ownScript } from './redis-scripts.ts'

interface Waiting {
  readonly epoch: number
  readonly changes: readonly Change[]
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

const mostPending = 10_000
const mostChanges = 5_000
const mostOwnAttempts = 20

export interface RedisScopePorts {
  readonly link: RedisLink
  readonly leases: RedisLeases
  readonly keyBase: string
  readonly mark: Mark | null
  readonly warn: (message: string) => void
  /** Puts the scope among those there are. */
  readonly list: () => Promise<unknown>
  /** Redis came back older: whatever else it held may be gone too. */
  readonly lost: () => void
  /** Writes that again; called before a write resolves. */
  readonly repair: () => Promise<void>
}

export class RedisScope {
  private readonly link: RedisLink
  private readonly scope: string
  private readonly leases: RedisLeases
  private readonly ports: RedisScopePorts
  private older: () => void = () => undefined
  /** The epoch that this handle itself took. */
  private owned = 0
  private readonly epochKey: string
  private readonly stateKey: string
  private pending: Waiting[] = []
  private running: Promise<void> | undefined
  /** The epoch this handle writes with: the sequence it used last, and the last that Redis acknowledged. */
  private fence: { readonly epoch: number; used: number; acknowledged: number } | undefined

  constructor(scope: string, ports: RedisScopePorts) {
    this.link = ports.link
    this.leases = ports.leases
    this.scope = scope
    this.ports = ports
    this.epochKey = `${ports.keyBase}:epoch`
    this.stateKey = `${ports.keyBase}:state`
  }

  /** Compare and set, so that an attempt that lands late can never overtake the one that succeeded. Whose lease is renewed while we wait for it lives. */
  async own(lost: (why: string) => void, older: () => void): Promise<number> {
    const { link, leases, epochKey, scope, ports: { mark, warn } } = this
    const promised = mark?.of(scope)
    let first: { readonly end: string; readonly seenAtMs: number } | null = null
    for (let attempt = 0; attempt < mostOwnAttempts; attempt += 1) {
      const seen = await this.stored()
      const behind = promised !== undefined && (promised.lost === true || seen.epoch < promised.epoch || (seen.epoch === promised.epoch && seen.sequence < promised.sequence))
      // It is known until something says so in Redis itself, also when we are killed before.
      if (behind) await mark?.lose(scope)
      const sentAtMs = leases.nowMs()
      // The clock of Redis may have been put back since: an end that nobody moves for two leases is nobody's, however far off it is.
      const unrenewed: string = first !== null && sentAtMs - first.seenAtMs > 2 * leases.leaseMs ? first.end : ''
      const answer = await link.write('own', redis => run(redis, ownScript, [epochKey], [seen.epoch, leases.owner, leases.leaseMs, Math.max(seen.epoch, promised?.epoch ?? 0) + 1, unrenewed]))
      const [verdict, taken, end, leftMs] = Array.isArray(answer) ? answer : []
      if (verdict === 'ok') {
        const epoch = Number(taken)
        this.fence = { epoch, used: 0, acknowledged: 0 }
        this.owned = epoch
        this.older = older
        leases.take(scope, { key: epochKey, epoch, lost }, sentAtMs)
        if (behind) {
          warn(`Redis is older than it was: of ${scope} it held epoch ${seen.epoch} up to sequence ${seen.sequence}, and epoch ${promised.epoch} up to at least sequence ${promised.sequence} was acknowledged`)
          older()
        } else mark?.note(scope, epoch, 0)
        return epoch
      }
      if (verdict !== 'owned') continue
      if (first !== null && String(end) !== first.end) throw new StoreOwned(scope, readOwner(taken))
      first ??= { end: String(end), seenAtMs: sentAtMs }
      await leases.pause(Math.min(Number(leftMs) + 1, leases.beatMs))
    }
    throw new StoreUnavailable(`${scope} is being taken by several owners at once`)
  }

  commit(epoch: number, changes: readonly Change[]): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      if (this.pending.length >= mostPending) {
        return reject(new StoreUnavailable(`${mostPending} writes of ${this.scope} are waiting already`))
      }
      this.pending.push({ epoch, changes, resolve, reject })
      this.running ??= this.drain()
    })
  }

  /** After Redis was away: whether it is what it was. */
  async look(): Promise<void> {
    const { fence } = this
    if (fence === undefined || fence.epoch !== this.owned || this.running !== undefined) return
    const { acknowledged } = fence
    const { epoch, sequence } = await this.stored()
    if (epoch > fence.epoch || (epoch === fence.epoch && sequence >= acknowledged)) return
    if (epoch === fence.epoch) fence.acknowledged = sequence
    this.lose(epoch, sequence, acknowledged)
  }

  private lose(epoch: number, sequence: number, acknowledged: number): void {
    this.ports.warn(`Redis lost acknowledged writes of ${this.scope}: it was at sequence ${sequence}${epoch === this.owned ? '' : ` of epoch ${epoch}`}, ${acknowledged} was acknowledged`)
    void this.ports.mark?.lose(this.scope)
    this.ports.lost()
    this.older()
  }

  /** Resolves when nothing is being written. */
  async idle(): Promise<void> {
    await this.running
  }

  private async drain(): Promise<void> {
    await Promise.resolve()
    while (this.pending.length > 0) {
      const group = this.takeGroup()
      try {
        await this.send(group)
        for (const waiting of group) waiting.resolve()
      } catch (thrown) {
        const error = asUnavailable('commit', thrown)
        // What waits behind a failed write was built on it, so it fails too, unsent.
        if (error instanceof StoreUnavailable) group.push(...this.pending.splice(0))
        for (const waiting of group) waiting.reject(error)
      }
    }
    this.running = undefined
  }

  private takeGroup(): Waiting[] {
    let size = 0
    const epoch = this.pending[0]?.epoch
    const end = this.pending.findIndex((waiting, index) => {
      size += waiting.changes.length
      return waiting.epoch !== epoch || (index > 0 && size > mostChanges)
    })
    return this.pending.splice(0, end < 0 ? this.pending.length : end)
  }

  private async send(group: readonly Waiting[]): Promise<void> {
    const epoch = group[0]?.epoch ?? 0
    const fence = await this.fenceOf(epoch)
    const merged = new Map<string, string | undefined>()
    for (const { changes } of group) for (const { key, json } of changes) merged.set(key, json)
    const deletes: string[] = []
    const puts: string[] = []
    for (const [key, json] of merged) {
      if (json === undefined) deletes.push(key)
      else puts.push(key, json)
    }
    fence.used += 1
    const sequence = fence.used
    const sentAtMs = this.leases.nowMs()
    const write = async () => {
      const answer = await this.link.write('commit', redis =>
        run(redis, commitScript, [this.epochKey, this.stateKey], [epoch, sequence, this.leases.leaseMs, this.leases.owner, deletes.length, ...deletes, ...puts]))
      return Array.isArray(answer) ? answer : []
    }
    let [verdict, stored, owner] = await write()
    let before = epoch
    if (verdict === 'stale' && epoch === this.owned && Number(stored) < epoch) {
      // Nobody can have gone back: it is Redis that does not know any more whom the scope belongs to.
      before = Number(stored)
      await this.ports.list()
      const again = await this.link.write('own again', redis => run(redis, ownAgainScript, [this.epochKey], [epoch, this.leases.owner, this.leases.leaseMs]))
      if (Array.isArray(again) && again[0] === 'owned') throw new StoreUnavailable(`Redis came back older, and ${this.scope} was taken there by ${ownerInWords(readOwner(again[1]))}`)
      ;[verdict, stored, owner] = await write()
    }
    if (verdict === 'stale') {
      this.leases.compare(this.scope, epoch, Number(stored), owner)
      throw this.stale(epoch, Number(stored))
    }
    if (verdict !== 'ok') throw new StaleEpoch(`${this.scope} has another writer at epoch ${epoch}`)
    if (before < epoch || Number(stored) < fence.acknowledged) this.lose(before, Number(stored), fence.acknowledged)
    else this.ports.mark?.note(this.scope, epoch, sequence)
    fence.acknowledged = sequence
    this.leases.prove(this.scope, epoch, sentAtMs)
    await this.ports.repair()
  }

  private async fenceOf(epoch: number) {
    if (this.fence?.epoch === epoch) return this.fence
    const stored = await this.stored()
    if (stored.epoch !== epoch) throw this.stale(epoch, stored.epoch)
    this.fence = { epoch, used: stored.sequence, acknowledged: stored.sequence }
    return this.fence
  }

  private async stored(): Promise<{ epoch: number; sequence: number }> {
    const [epoch, sequence] = await this.link.write('read the epoch', redis => redis.hmget(this.epochKey, 'epoch', 'seq'))
    return { epoch: Number(epoch ?? '0'), sequence: Number(sequence ?? '0') }
  }

  private stale(epoch: number, newest: number): StaleEpoch {
    return new StaleEpoch(`${this.scope} is at epoch ${newest}, not ${epoch}`)
  }
}
