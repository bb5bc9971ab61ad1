// The leases of one process on its scopes in Redis: renewed together, known here from before each renewal was sent, and asked for after a pause of our own.
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Clock } from '../clock.ts'
import { ownerInWords, StaleEpoch, type Hold, type Leases, type Owner } from './port.ts'
import { runAll, type RedisLink } from './redis-link.ts'
import { leaveScript, renewScript } from './redis-scripts.ts'

export interface LeaseOptions {
  readonly link: RedisLink
  readonly clock: Clock
  readonly owner: Owner | undefined
  readonly leaseMs: number | undefined
  /** How long the store is asked after a pause before it counts as silent. */
  readonly askingMs: number
}

interface Held {
  readonly key: string
  readonly epoch: number
  readonly lost: (why: string) => void
}

const usualLeaseMs = 2_000
const beatsPerLease = 4
/** Of the lease: what our clock and that of Redis may differ by, and what lies between a look at it and the wire. */
const marginShare = 0.1
const renewedTogether = 500
const askAgainMs = 20

const ownerSchema = z.object({ id: z.string(), host: z.string(), pid: z.number(), startedAt: z.string() })

/** As it stands in Redis; null when it cannot be read. */
export function readOwner(text: unknown): Owner | null {
  try {
    return ownerSchema.safeParse(JSON.parse(String(text))).data ?? null
  } catch {
    return null
  }
}

export class RedisLeases implements Leases {
  /** As it stands in Redis. */
  readonly owner: string
  readonly leaseMs: number
  readonly beatMs: number
  private readonly options: LeaseOptions
  private readonly marginMs: number
  /** Every scope this handle took, and until when nobody else can have it, by the monotonic clock; as many as there are sites. */
  private readonly held = new Map<string, Held & { freshUntilMs: number; lostTo: { readonly owner: Owner | null; readonly why: string } | null }>()
  /** Until then none of them can be another's. */
  private allFreshUntilMs = -Infinity
  /** When the last renewal was sent of which we know what became of it, be it nothing. */
  private knownAtMs = -Infinity
  private renewing: Promise<boolean> | null = null
  private asking: Promise<void> | null = null
  private cancelBeat: (() => void) | null = null
  private left = false

  constructor(options: LeaseOptions) {
    const { leaseMs = usualLeaseMs, owner = { id: randomUUID(), host: 'unnamed', pid: 0, startedAt: new Date(options.clock.wall()).toISOString() } } = options
    this.options = options
    this.leaseMs = leaseMs
    this.beatMs = leaseMs / beatsPerLease
    this.marginMs = leaseMs * marginShare
    this.owner = JSON.stringify(owner)
  }

  nowMs(): number {
    return this.options.clock.mono()
  }

  pause(ms: number): Promise<void> {
    return new Promise((resolve) => { this.options.clock.after(ms, resolve) })
  }

  /** It is ours since a request that left at `sentAtMs`, by the monotonic clock. */
  take(scope: string, taken: Held, sentAtMs: number): void {
    const freshUntilMs = this.endOf(sentAtMs)
    if (this.held.size === 0) this.allFreshUntilMs = freshUntilMs
    this.held.set(scope, { ...taken, freshUntilMs, lostTo: null })
    if (this.cancelBeat === null && !this.left) this.beatLater()
  }

  /** A write that left at `sentAtMs` was taken, and has renewed the lease. */
  prove(scope: string, epoch: number, sentAtMs: number): void {
    const held = this.held.get(scope)
    if (held?.epoch === epoch) held.freshUntilMs = Math.max(held.freshUntilMs, this.endOf(sentAtMs))
  }

  /** What Redis has instead of ours. An older epoch is none of another owner: Redis has forgotten. */
  compare(scope: string, epoch: number, newest: number, owner: unknown): void {
    const held = this.held.get(scope)
    if (held?.epoch !== epoch || held.lostTo !== null || newest < epoch || (newest === epoch && (owner === this.owner || owner === ''))) return
    const taker = readOwner(owner)
    held.lostTo = { owner: taker, why: `${scope} was taken by ${ownerInWords(taker)}` }
    held.lost(held.lostTo.why)
  }

  hold(scope: string, epoch: number): Hold {
    const held = this.held.get(scope)
    if (held?.epoch !== epoch || held.lostTo !== null) return { state: 'lost', endsAtMs: null, owner: held?.lostTo?.owner ?? null }
    const leftMs = held.freshUntilMs - this.nowMs()
    return leftMs > 0 ? { state: 'fresh', endsAtMs: Math.round(this.options.clock.wall() + leftMs + this.marginMs), owner: null } : { state: 'overdue', endsAtMs: null, owner: null }
  }

  doubt(): Promise<void> | null {
    if (!this.isInDoubt()) return null
    this.asking ??= this.ask().finally(() => { this.asking = null })
    return this.asking
  }

  /** Rejects with StaleEpoch when a scope that was ours is not. What never was ours is nobody's business here. */
  async demand(scope: string): Promise<void> {
    if (!this.held.has(scope)) return
    await this.doubt()
    const lostTo = this.held.get(scope)?.lostTo ?? null
    if (lostTo !== null) throw new StaleEpoch(lostTo.why)
  }

  /** Gives everything back, so that the next owner need not wait. Nothing of it is waited for longer than for a write. */
  async leave(): Promise<void> {
    this.left = true
    this.cancelBeat?.()
    await this.renewing
    const mine = [...this.held.values()].filter(({ lostTo }) => lostTo === null)
    this.held.clear()
    for (const some of chunksOf(mine)) await this.options.link.write('leave', redis => runAll(redis, leaveScript, some.map(({ key, epoch }) => ({ keys: [key], args: [epoch, this.owner] })))).catch(() => undefined)
  }

  /** Beats that went unanswered are known of; only where there were none have we been away. */
  private isInDoubt(): boolean {
    const nowMs = this.nowMs()
    return this.held.size > 0 && nowMs >= this.allFreshUntilMs && nowMs - this.knownAtMs > 2 * this.beatMs
  }

  /** More than once: what Redis has answered meanwhile may still be in the socket. */
  private async ask(): Promise<void> {
    const endMs = this.nowMs() + this.options.askingMs
    while (!await this.renew() && this.nowMs() < endMs) await this.pause(askAgainMs)
  }

  private beatLater(): void {
    this.cancelBeat = this.options.clock.after(this.beatMs, () => {
      this.beatLater()
      void this.renew()
    })
  }

  /** False when Redis has not renewed all that it did not give to others. */
  private renew(): Promise<boolean> {
    this.renewing ??= this.renewAll().finally(() => { this.renewing = null })
    return this.renewing
  }

  private async renewAll(): Promise<boolean> {
    const sentAtMs = this.nowMs()
    const mine = [...this.held].filter(([, { lostTo }]) => lostTo === null)
    let all = true
    for (const some of chunksOf(mine)) {
      const answers = await this.options.link.write('renew', redis => runAll(redis, renewScript, some.map(([, { key, epoch }]) => ({ keys: [key], args: [epoch, this.owner, this.leaseMs] })))).catch(() => [])
      for (const [index, [scope, { epoch }]] of some.entries()) {
        const answer = answers[index]
        if (answer === 'ok') this.prove(scope, epoch, sentAtMs)
        else if (Array.isArray(answer)) this.compare(scope, epoch, Number(answer[0]), answer[1])
        all &&= answer === 'ok' || this.held.get(scope)?.lostTo !== null
      }
    }
    this.knownAtMs = sentAtMs
    if (all) this.allFreshUntilMs = this.endOf(sentAtMs)
    return all
  }

  private endOf(sentAtMs: number): number {
    return sentAtMs + this.leaseMs - this.marginMs
  }
}

function chunksOf<T>(all: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(all.length / renewedTogether) }, (_, nth) => all.slice(nth * renewedTogether, (nth + 1) * renewedTogether))
}
