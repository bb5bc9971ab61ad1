// What the external service last said of each id tag, per charge point: durable, bounded, never past its own expiry date.
import { z } from 'zod'
import { readDateTime, type IdTagInfo } from '../protocol/messages/index.ts'
import type { Scope } from './scope.ts'

const answerSchema = z.object({
  idTag: z.string(),
  idTagInfo: z.object({
    expiryDate: z.string().exactOptional(),
    parentIdTag: z.string().exactOptional(),
    status: z.enum(['Accepted', 'Blocked', 'Expired', 'Invalid']),
  }),
  answeredAtMs: z.number(),
})
export const recordSchema = z.object({ v: z.literal(1), answers: z.array(answerSchema) })
export type CachedAnswer = Readonly<z.infer<typeof answerSchema>>

export interface CacheBounds {
  /** Beyond that the oldest go. */
  readonly perChargePoint: number
  readonly perSite: number
}

const usual: CacheBounds = { perChargePoint: 500, perSite: 10_000 }

/** One record `authorised:<clientID>` per charge point, oldest answer first. */
export class AuthorisationCache {
  private readonly scope: Scope
  private readonly bounds: CacheBounds
  /** Never fewer than there are; counted anew when there seem to be too many. */
  private atMost: number

  constructor(scope: Scope, bounds: CacheBounds = usual) {
    this.scope = scope
    this.bounds = bounds
    this.atMost = this.all().length
  }

  /** What was said at most `ttlS` ago; null when nothing was, or when its expiry date is over. */
  get(clientID: string, idTag: string, nowMs: number, ttlS: number): IdTagInfo | null {
    const found = this.list(clientID).find((answer) => same(answer.idTag, idTag))
    if (found === undefined || Math.abs(nowMs - found.answeredAtMs) > ttlS * 1000) return null
    const { expiryDate } = found.idTagInfo
    return expiryDate !== undefined && (readDateTime(expiryDate) ?? -Infinity) <= nowMs ? null : found.idTagInfo
  }

  /** Newest last. */
  list(clientID: string): readonly CachedAnswer[] {
    return read(this.scope.get(`authorised:${clientID}`))
  }

  /** ConcurrentTx says something about now only: it is not kept. */
  put(clientID: string, idTag: string, { status, ...rest }: IdTagInfo, nowMs: number): void {
    if (status === 'ConcurrentTx') return
    const before = this.list(clientID)
    const others = before.filter((answer) => !same(answer.idTag, idTag))
    const { expiryDate, parentIdTag } = rest
    const idTagInfo = { ...(expiryDate === undefined ? {} : { expiryDate }), ...(parentIdTag === undefined ? {} : { parentIdTag }), status }
    const after = [...others, { idTag, idTagInfo, answeredAtMs: nowMs }].slice(-this.bounds.perChargePoint)
    this.scope.put(`authorised:${clientID}`, { v: 1, answers: after })
    this.atMost += after.length - before.length
    if (this.atMost > this.bounds.perSite) this.dropOldest()
    // Nobody waits for it: while the store is down people charge all the same, and the scope tries again by itself.
    this.scope.flush().catch(() => undefined)
  }

  private all(): { readonly key: string; readonly answer: CachedAnswer }[] {
    return this.scope.entries('authorised:').flatMap(([key, value]) => read(value).map((answer) => ({ key, answer })))
  }

  /** A tenth more than has to go, so that it is not done for every answer. */
  private dropOldest(): void {
    const all = this.all().toSorted((a, b) => a.answer.answeredAtMs - b.answer.answeredAtMs)
    this.atMost = all.length
    if (all.length <= this.bounds.perSite) return
    const gone = all.slice(0, Math.ceil(all.length - this.bounds.perSite * 0.9))
    const touched = new Set(gone.map(({ key }) => key))
    const lost = new Set(gone.map(({ answer }) => answer))
    for (const key of touched) this.scope.put(key, { v: 1, answers: all.filter((one) => one.key === key && !lost.has(one.answer)).map(({ answer }) => answer) })
    this.atMost = all.length - gone.length
  }
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}

const parsed = new WeakMap<object, readonly CachedAnswer[]>()

/** What cannot be read is as if it had not been said: it can be asked again. */
function read(value: unknown): readonly CachedAnswer[] {
  if (typeof value !== 'object' || value === null) return []
  const answers = parsed.get(value) ?? recordSchema.safeParse(value).data?.answers ?? []
  parsed.set(value, answers)
  return answers
}
