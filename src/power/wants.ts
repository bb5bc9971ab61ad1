// What one connector needs to be told now, given its target: a lower limit, a higher one, the same again, or nothing; and what its row must remember.
import { expectedA, grantSlot, isRefused, isUnproven, mustTell, newest, permitsA, worstIn, type Entry, type Row } from './ledger.ts'
import { isPromised } from './limits.ts'
import { calm, heldBy, type Alarm, type Note, type Order } from './raising.ts'
import { tellAgainAtMs } from './row-times.ts'
import type { Target } from './target.ts'
import { worthA } from './watts.ts'

const eps = 1e-9

/** What a slot needs: lower (perhaps waiting for an answer: not due), raise, renew, or nothing. */
export function wantOf(target: Target, slot: 'default' | 'tx', limitA: number, nowMs: number, wake: Alarm): { kind: 'lower' | 'raise'; cutA: number; due: boolean } | null {
  const { row, outlet } = target.place
  const last = newest(row[slot])
  const pending = last !== null && last.state !== 'unknown' && row[slot].inFlight.includes(last)
  if (mustTell(row, slot, limitA, nowMs)) {
    // A lower one may queue behind what is sent: it hurries that along (5 s) and is built as it leaves.
    const waits = pending ? worthA(last, row) <= limitA + eps : !isRetryDue(row, slot, limitA, nowMs, wake) || isOften(row, slot, limitA, nowMs, wake)
    return { kind: 'lower', cutA: Math.max(worstIn(row, slot, nowMs), slot === 'default' && isUnproven(row) ? outlet.maxA : 0) - limitA, due: !waits }
  }
  if (pending) return null
  const heldA = heldBy(row, slot, nowMs)
  const lost = last?.state === 'unknown' && row[slot].inFlight.length > 0 && !isRenewal(row, last)
  if (limitA > heldA + eps || (lost && limitA >= heldA - eps)) return { kind: 'raise', cutA: 0, due: true }
  return null
}

/** Four profiles a minute outside shedding: until then a lowering waits that only makes room for others, since all fits as it is; 0 = it does not wait. */
export function calmLoweringAtMs({ place: { row }, tied, binding, boundBy, allocatedA }: Target, slot: 'default' | 'tx', nowMs: number): number {
  const makesRoom = allocatedA > 0 && (binding === 'vehicle' || (boundBy !== null && isPromised(boundBy)))
  if (!makesRoom || tied !== null || row.transactionId === null || slot !== grantSlot(row) || isUnproven(row)) return 0
  const recent = row.bookedAtMs.filter((at) => nowMs - at < calm.minuteMs)
  return recent.length < calm.perMinute ? 0 : recent[0]! + calm.minuteMs
}

/** Told that limit again and again within a minute, for whatever reason: the next time waits. */
function isOften(row: Row, slot: 'default' | 'tx', limitA: number, nowMs: number, wake: Alarm): boolean {
  const atMs = tellAgainAtMs(row, slot, limitA, worstIn(row, slot, nowMs) > limitA + eps, nowMs)
  wake.at(atMs)
  return nowMs < atMs
}

/** The limit that is confirmed, sent again and unanswered: whether it arrived changes nothing but the end of the lease. */
function isRenewal(row: Row, entry: Entry): boolean {
  const { confirmed } = row[grantSlot(row)]
  return entry.state === 'unknown' && row.transactionId !== null && entry.slot === grantSlot(row) && entry.limitA === confirmed?.limitA && entry.phases === confirmed.phases
}

/** A lease past its half-life is renewed at the limit that is held; that is no raising (I5). */
export function renewalOf({ place: { row, outlet }, fallbackA, tied }: Target, nowMs: number, wake: Alarm): Order[] {
  const slot = grantSlot(row)
  const last = row[slot].confirmed
  if (row.transactionId === null || last === null || last.leaseEndsAtMs === null || !row[slot].inFlight.every((entry) => isRenewal(row, entry)) || last.limitA <= fallbackA) return []
  // Once it has lapsed, the same limit again is a raising.
  const heldA = worthA(last, row)
  if (permitsA(last, row, nowMs) < heldA) return []
  const triedAtMs = newest(row[slot])!.bookedAtMs
  const half = Math.max(last.bookedAtMs + (last.leaseEndsAtMs - last.bookedAtMs) / 2, triedAtMs === last.bookedAtMs ? 0 : triedAtMs + calm.retryMs, row.refusedAtMs === null ? 0 : row.refusedAtMs + calm.refusedMs)
  if (nowMs >= half) return [{ key: tied?.[0] ?? outlet.key, slot, limitA: heldA, cutA: 0 }]
  wake.at(half)
  return []
}

/** An unanswered or refused lowering is sent again once at once, then every minute; a new one goes at once. */
function isRetryDue(row: Row, slot: 'default' | 'tx', limitA: number, nowMs: number, wake: Alarm): boolean {
  const last = newest(row[slot])
  const unanswered = row[slot].inFlight.filter((entry) => entry.state === 'unknown' && entry.limitA === limitA && worthA(entry, row) <= limitA + eps)
  const { refused } = row[slot]
  const again = Math.max(
    unanswered.length >= 2 && last?.limitA === limitA ? last.bookedAtMs + calm.retryMs : 0,
    refused !== null && isRefused(row, slot) && limitA >= refused.limitA - eps ? refused.atMs + calm.refusedMs : 0,
  )
  if (nowMs >= again) return true
  wake.at(again)
  return false
}

/** What the row must remember of this plan; null entries are left out when nothing changed. */
export function noteOf(target: Target, outstanding: readonly Order[], nowMs: number, notes: Note[]): void {
  const { row, outlet } = target.place
  const toA = outstanding.reduce((least, order) => Math.min(least, order.limitA), Infinity)
  const lowering = outstanding.length === 0 ? null : { toA, decidedAtMs: row.lowering?.decidedAtMs ?? nowMs }
  const active = row.transactionId !== null
  const wantedSinceMs = active && row.pausedByLimit && target.allocatedA > 0 ? (row.wantedSinceMs ?? nowMs) : null
  const starvedSinceMs = active && target.requestedA >= outlet.minA && (newest(row[grantSlot(row)])?.limitA ?? expectedA(row)) <= 0 ? (row.starvedSinceMs ?? nowMs) : null
  // Its share takes no notice of a connector that is set apart: that one's turn stays as it was.
  const turn = target.move === undefined ? undefined : target.move === null || !active ? null : row.turn?.as === target.move ? row.turn : { as: target.move, atMs: nowMs }
  // A queue that dissolves before it had anything, and forms again, is the same queue.
  const kept = starvedSinceMs === null || target.move === 'coming' ? null : (row.queueSinceMs ?? null)
  const queueSinceMs = target.queueSinceMs === undefined ? undefined : active ? (target.queueSinceMs ?? kept) : null
  const sameTurn = turn === undefined || turn === (row.turn ?? null)
  const sameQueue = queueSinceMs === undefined || queueSinceMs === (row.queueSinceMs ?? null)
  const same = sameTurn && sameQueue && row.lowering?.toA === lowering?.toA && row.lowering?.decidedAtMs === lowering?.decidedAtMs
    && row.wantedSinceMs === wantedSinceMs && row.starvedSinceMs === starvedSinceMs
  if (!same) notes.push({ key: outlet.key, lowering, wantedSinceMs, starvedSinceMs, ...(sameTurn ? {} : { turn }), ...(sameQueue ? {} : { queueSinceMs }) })
}
