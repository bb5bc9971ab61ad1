// Answers kept under an Idempotency-Key: the same request again is answered again, and done once.
import { z } from 'zod'
import type { Scope } from './scope.ts'
import { storeDown } from './records.ts'

export const replaySchema = z.object({
  v: z.literal(1),
  /** Of the request: method, address and body. */
  fingerprint: z.string(),
  atMs: z.number(),
  /** Null while it is being done, or when the process ended before it was. */
  answer: z.object({ status: z.number(), headers: z.record(z.string(), z.string()), json: z.unknown() }).nullable(),
})
export type KeptAnswer = NonNullable<z.infer<typeof replaySchema>['answer']>

export type Claim =
  | { readonly type: 'mine' }
  | { readonly type: 'replay'; readonly answer: KeptAnswer }
  | { readonly type: 'other-request' }
  /** Being done now. */
  | { readonly type: 'under-way' }
  /** kwota ended while it was done: nobody knows. */
  | { readonly type: 'unknown' }

export interface ReplayFace {
  /** Durable before it resolves with `mine`. Rejects with Refusal store-down. */
  claim(key: string, fingerprint: string): Promise<Claim>
  /** Durable when it resolves; without an answer the key is free again. */
  conclude(key: string, answer: KeptAnswer | null): Promise<void>
}

const keptMs = 24 * 3_600_000
const mostKept = 10_000

export class Replays implements ReplayFace {
  private readonly scope: Scope
  private readonly wall: () => number
  private readonly kept = new Map<string, z.infer<typeof replaySchema>>()
  private readonly underWay = new Set<string>()

  constructor(scope: Scope, wall: () => number) {
    this.scope = scope
    this.wall = wall
    const found = scope.entries('replay:').flatMap(([key, value]) => {
      const parsed = replaySchema.safeParse(value)
      return parsed.success ? [[key.slice('replay:'.length), parsed.data] as const] : []
    })
    for (const [key, record] of found.toSorted(([, a], [, b]) => a.atMs - b.atMs)) this.kept.set(key, record)
  }

  async claim(key: string, fingerprint: string): Promise<Claim> {
    this.forgetOld()
    const known = this.kept.get(key)
    if (known !== undefined) {
      if (known.fingerprint !== fingerprint) return { type: 'other-request' }
      if (known.answer !== null) return { type: 'replay', answer: known.answer }
      return { type: this.underWay.has(key) ? 'under-way' : 'unknown' }
    }
    this.underWay.add(key)
    this.put(key, { v: 1, fingerprint, atMs: this.wall(), answer: null })
    try {
      await this.scope.flush()
    } catch (error) {
      this.drop(key)
      throw storeDown(error)
    }
    return { type: 'mine' }
  }

  async conclude(key: string, answer: KeptAnswer | null): Promise<void> {
    this.underWay.delete(key)
    const known = this.kept.get(key)
    if (known === undefined) return
    if (answer === null) this.drop(key)
    else this.put(key, { ...known, answer })
    await this.scope.flush().catch(() => undefined)
  }

  private put(key: string, record: z.infer<typeof replaySchema>): void {
    this.kept.set(key, record)
    this.scope.put(`replay:${key}`, record)
  }

  private drop(key: string): void {
    this.underWay.delete(key)
    this.kept.delete(key)
    this.scope.delete(`replay:${key}`)
  }

  private forgetOld(): void {
    const before = this.wall() - keptMs
    for (const [key, { atMs }] of this.kept) {
      if (atMs >= before && this.kept.size < mostKept) return
      if (!this.underWay.has(key)) this.drop(key)
    }
  }
}
