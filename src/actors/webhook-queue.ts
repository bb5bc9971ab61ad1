// The queue of one webhook: what waits in the order it falls due, within a bound beyond which the oldest goes, and the newest of what is done.
import type { DeliveryRecord } from './webhook-record.ts'

/** Of what waits for one webhook. */
export const mostQueued = 10_000
export const mostQueuedBytes = 16 * 1024 * 1024
/** Of what is done: people look at it. */
export const mostDone = 200

interface Due { readonly dueMs: number; readonly seq: number }

export class WebhookQueue {
  private readonly pending = new Map<number, DeliveryRecord>()
  /** By when they fall due, without those that are being sent. */
  private readonly line: Due[] = []
  private readonly sending = new Set<number>()
  private done: DeliveryRecord[] = []
  private nextSeq = 1
  bytes = 0
  /** Events that found no room. */
  dropped = 0
  lastDeliveredAtMs: number | null = null

  get size(): number { return this.pending.size }

  get inFlight(): number { return this.sending.size }

  get last(): DeliveryRecord | undefined { return this.done.at(-1) }

  takeSeq(): number { return this.nextSeq++ }

  /** As it was stored; oldest first. */
  restore(record: DeliveryRecord): void {
    this.nextSeq = Math.max(this.nextSeq, record.seq + 1)
    if (record.status === 'pending') this.add(record)
    else this.keep(record)
  }

  add(record: DeliveryRecord): void {
    this.pending.set(record.seq, record)
    this.bytes += bytesOf(record)
    this.lineUp(record)
  }

  /** True while there is more than may wait. */
  get isOver(): boolean { return this.pending.size > mostQueued || this.bytes > mostQueuedBytes }

  /** Takes the oldest that is not being sent out, for good; undefined when there is none. */
  dropOldest(): DeliveryRecord | undefined {
    for (const [seq, record] of this.pending) {
      if (this.sending.has(seq)) continue
      this.leave(record)
      const at = this.line.findIndex((due) => due.seq === seq)
      if (at >= 0) this.line.splice(at, 1)
      this.dropped++
      return record
    }
    return undefined
  }

  /** When the next one falls due, ms; null when nothing waits. */
  get nextDueMs(): number | null { return this.line[0]?.dueMs ?? null }

  /** The next one that is due, to be sent: it comes back by `again` or `finish`. */
  take(nowMs: number): DeliveryRecord | undefined {
    const first = this.line[0]
    if (first === undefined || first.dueMs > nowMs) return undefined
    this.line.shift()
    this.sending.add(first.seq)
    return this.pending.get(first.seq)
  }

  /** Was sent in vain and will be again; answers it with the body that stands now. */
  again(record: DeliveryRecord): DeliveryRecord {
    const after = { ...record, payload: this.pending.get(record.seq)?.payload ?? record.payload }
    this.sending.delete(record.seq)
    this.pending.set(record.seq, after)
    this.lineUp(after)
    return after
  }

  /** Is done with, one way or the other; answers what is kept no more. */
  finish(record: DeliveryRecord): readonly DeliveryRecord[] {
    const before = this.pending.get(record.seq)
    if (before !== undefined) this.leave(before)
    if (record.status === 'delivered') this.lastDeliveredAtMs = record.lastAttemptAtMs
    return this.keep({ ...record, payload: null, nextAttemptAtMs: null })
  }

  /** Whatever waits is due now. */
  hurry(nowMs: number): readonly DeliveryRecord[] {
    const waiting = this.line.splice(0)
    return waiting.flatMap(({ seq }) => {
      const before = this.pending.get(seq)
      if (before === undefined) return []
      const record = { ...before, nextAttemptAtMs: nowMs }
      this.pending.set(seq, record)
      this.lineUp(record)
      return [record]
    })
  }

  /** Puts another body in the place of each that `how` changes; answers those. */
  rewrite(how: (payload: string) => string): readonly DeliveryRecord[] {
    return [...this.pending.values()].flatMap((record) => {
      const payload = record.payload === null ? null : how(record.payload)
      if (payload === record.payload) return []
      const after = { ...record, payload }
      this.pending.set(record.seq, after)
      this.bytes += bytesOf(after) - bytesOf(record)
      return [after]
    })
  }

  /** Newest first. */
  list(): readonly DeliveryRecord[] {
    return [...this.pending.values(), ...this.done].sort((a, b) => b.seq - a.seq)
  }

  private keep(record: DeliveryRecord): readonly DeliveryRecord[] {
    this.done.push(record)
    if (record.status === 'delivered') this.lastDeliveredAtMs = Math.max(this.lastDeliveredAtMs ?? 0, record.lastAttemptAtMs ?? 0)
    return this.done.splice(0, Math.max(0, this.done.length - mostDone))
  }

  private leave(record: DeliveryRecord): void {
    this.pending.delete(record.seq)
    this.sending.delete(record.seq)
    this.bytes -= bytesOf(record)
  }

  private lineUp({ seq, nextAttemptAtMs }: DeliveryRecord): void {
    const due = { dueMs: nextAttemptAtMs ?? 0, seq }
    let low = 0
    let high = this.line.length
    while (low < high) {
      const middle = (low + high) >> 1
      const at = this.line[middle]
      if (at !== undefined && (at.dueMs < due.dueMs || (at.dueMs === due.dueMs && at.seq < due.seq))) low = middle + 1
      else high = middle
    }
    this.line.splice(low, 0, due)
  }
}

function bytesOf({ payload }: DeliveryRecord): number {
  return payload === null ? 0 : Buffer.byteLength(payload)
}
