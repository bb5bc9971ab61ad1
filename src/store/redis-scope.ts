// The writes of one scope to Redis: one script call at a time, everything that waits goes into the next, fenced by epoch and sequence.
import { asUnavailable, type Change } from './batch.ts'
import { StaleEpoch, StoreOwned, StoreUnavailable } from './port.ts'
import { readOwner, type RedisLeases } from './redis-leases.ts'
import { run, type RedisLink } from './redis-link.ts'
import { commitScript, ownScript } from './redis-scripts.ts'

interface Waiting {
  readonly epoch: number
  readonly changes: readonly Change[]
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

const mostPending = 10_000
const mostChanges = 5_000
const mostOwnAttempts = 20

export class RedisScope {
  private readonly link: RedisLink
  private readonly scope: string
  private readonly warn: (message: string) => void
  private readonly leases: RedisLeases
  private readonly epochKey: string
  private readonly stateKey: string
  private pending: Waiting[] = []
  private running: Promise<void> | undefined
  /** The epoch this handle writes with: the sequence it used last, and the last that Redis acknowledged. */
  private fence: { readonly epoch: number; used: number; acknowledged: number } | undefined

  constructor(link: RedisLink, leases: RedisLeases, scope: string, keyBase: string, warn: (message: string) => void) {
    this.link = link
    this.leases = leases
    this.scope = scope
    this.warn = warn
    this.epochKey = `${keyBase}:epoch`
    this.stateKey = `${keyBase}:state`
  }

  /** Compare and set, so that an attempt that lands late can never overtake the one that succeeded. Whose lease is renewed while we wait for it lives. */
  async own(lost: (why: string) => void): Promise<number> {
    const { link, leases, epochKey, scope } = this
    let firstEnd: string | null = null
    for (let attempt = 0; attempt < mostOwnAttempts; attempt += 1) {
      const seen = (await this.stored()).epoch
      const sentAtMs = leases.nowMs()
      const answer = await link.write('own', redis => run(redis, ownScript, [epochKey], [seen, leases.owner, leases.leaseMs]))
      const [verdict, first, end, leftMs] = Array.isArray(answer) ? answer : []
      if (verdict === 'ok') {
        const epoch = Number(first)
        this.fence = { epoch, used: 0, acknowledged: 0 }
        leases.take(scope, { key: epochKey, epoch, lost }, sentAtMs)
        return epoch
      }
      if (verdict !== 'owned') continue
      if (firstEnd !== null && String(end) !== firstEnd) throw new StoreOwned(scope, readOwner(first))
      firstEnd = String(end)
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
    const answer = await this.link.write('commit', redis =>
      run(redis, commitScript, [this.epochKey, this.stateKey], [epoch, sequence, this.leases.leaseMs, deletes.length, ...deletes, ...puts]))
    const [verdict, stored, owner] = Array.isArray(answer) ? answer : []
    if (verdict === 'stale') {
      this.leases.compare(this.scope, epoch, Number(stored), owner)
      throw this.stale(epoch, Number(stored))
    }
    if (verdict !== 'ok') throw new StaleEpoch(`${this.scope} has another writer at epoch ${epoch}`)
    if (Number(stored) < fence.acknowledged) {
      this.warn(`Redis lost acknowledged writes of ${this.scope}: it was at sequence ${String(stored)}, ${fence.acknowledged} was acknowledged`)
    }
    fence.acknowledged = sequence
    this.leases.prove(this.scope, epoch, sentAtMs)
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
