// The decision: compares what every connector should have with what the ledger must assume, and says what to send now.
import { expectedA, grantSlot, isRefused, isSettling, leaseMarginMs, mustTell, newest, permitsA, isUnproven, settledAtMs, settleMs, doubtMs, worstIn, type Entry, type Row } from './ledger.ts'
import { constraintsAt, isPromised, type Constraint, type GridLimit, type Imposed, type TimedLimit } from './limits.ts'
import { capacities, reservedLoad, subtract, type BaseAmps, type Place } from './loads.ts'
import { calm, heldBy, pickRaisings, type Alarm, type Note, type Order, type Wanted } from './raising.ts'
import { defaultNowA } from './rungs.ts'
import { tellAgainAtMs } from './row-times.ts'
import { isSteered, setTargets, unansweredMs, type Target, type Targets } from './target.ts'
import type { Tree } from './tree.ts'
import { worthA } from './watts.ts'

export interface PlanInputs {
  readonly tree: Tree
  readonly grid: GridLimit | null
  /** The counted base load per site phase, and between phases. */
  readonly baseA: BaseAmps
  readonly places: readonly Place[]
  /** What people's charging profiles ask of whole charge points, and when they next change anything. */
  readonly imposed?: Imposed
  /** Look again after so long at the latest, ms; absent = 5 s. A player of months that brings every event itself may wait longer. */
  readonly longestMs?: number
  /** Limits of the site for a time; those that hold now count. */
  readonly timed?: readonly TimedLimit[]
}

export interface Plan extends Targets {
  /** Due now, largest cut first. */
  readonly lowerings: readonly Order[]
  /** Fit now, each on top of the ones before it. */
  readonly raisings: readonly Order[]
  /** The same limit again, before its lease ends. */
  readonly renewals: readonly Order[]
  /** What the rows must remember; only rows where it changed. */
  readonly notes: readonly Note[]
  /** Constraints where base + Σ reserved is over now, with the excess: nothing may be raised below their nodes. */
  readonly over: readonly { readonly constraint: Constraint; readonly amount: number }[]
  readonly state: 'enforcing' | 'enforced' | 'unenforceable'
  /** Missing amps when unenforceable. */
  readonly deficitA: number
  /** When the plan must be looked at again, ms. */
  readonly nextAtMs: number
}

const eps = 1e-9
/** The site plans at least this often, whatever happens. */
const longestMs = 5_000

/** The whole decision at `nowMs`. Pure: the same inputs give the same plan, in whatever order the places come. */
export function plan(inputs: PlanInputs, nowMs: number): Plan {
  const { tree, baseA } = inputs
  const targets = setTargets(tree, constraintsAt(tree, inputs.grid, nowMs, inputs.imposed?.constraints, inputs.timed), baseA, inputs.places, nowMs)
  const wake = alarmAfter(nowMs, inputs.longestMs)
  const lowerings: Order[] = []
  const wanted: Wanted[] = []
  const ageing: Order[] = []
  const notes: Note[] = []
  // Of connectors that one profile limits, one speaks for all.
  const spoken = new Set<string>()

  for (const target of targets.targets.values()) {
    const { place } = target
    watch(place, wake)
    if (!isSteered(place)) {
      if (place.row.lowering !== null) notes.push({ key: place.outlet.key, lowering: null, wantedSinceMs: null, starvedSinceMs: place.row.starvedSinceMs })
      continue
    }
    const outstanding: Order[] = []
    const together = target.tied === null ? null : target.tied.map((key) => targets.targets.get(key)!)
    const isFirst = (what: string) => target.tied === null || isNew(spoken, `${target.tied[0]} ${what}`)
    for (const slot of ['default', 'tx'] as const) {
      if (slot === 'tx' && (place.row.transactionId === null || grantSlot(place.row) !== 'tx')) continue
      const limitA = slot === 'tx' ? target.txA : defaultNowA(together === null ? [place.row] : together.map((one) => one.place.row), target.defaultA, nowMs)
      const want = wantOf(target, slot, limitA, nowMs, wake)
      if (want === null) continue
      const order: Order = { key: target.tied?.[0] ?? place.outlet.key, slot, limitA, cutA: want.cutA }
      if (want.kind === 'lower') outstanding.push(order)
      else if (isFirst('raise')) wanted.push({ order, targets: together ?? [target] })
      if (want.kind === 'lower' && want.due && isFirst('lower')) lowerings.push(order)
    }
    if (outstanding.length === 0) for (const order of renewalOf(target, nowMs, wake)) if (isFirst('renew')) ageing.push(order)
    noteOf(target, outstanding, nowMs, notes)
  }
  lowerings.sort((a, b) => b.cutA - a.cutA || (a.key < b.key ? -1 : a.key > b.key ? 1 : a.slot < b.slot ? -1 : 1))
  const left = reservedLeft(targets, baseA, nowMs)
  const over = targets.ground.constraints.flatMap((constraint, index) => (left[index]! < -1e-6 && isPromised(constraint) ? [{ constraint, amount: -left[index]! }] : []))
  const raisings = pickRaisings(spoken.size === 0 ? wanted : wanted.filter(({ order }) => !spoken.has(`${order.key} lower`)), targets, left, new Set(over.map(({ constraint }) => constraint.nodeID)), notes, nowMs, wake)
  const renewals = ageing.filter((order) => !raisings.some((raising) => raising.key === order.key && raising.slot === order.slot))
  const unsettled = lowerings.length > 0 || over.length > 0 || notes.some((note) => note.lowering !== null)
    || inputs.places.some((place) => place.outlet.control === 'engine' && ((place.online && place.row.lowering !== null) || isSettling(place.row, nowMs)))
  const deficitA = targets.missing.reduce((most, { constraint, amount }) => Math.max(most, constraint.on === 'W' ? amount / (3 * tree.site.voltage) : amount), 0)
  if (inputs.grid?.expiresAtMs !== undefined) wake.at(inputs.grid.expiresAtMs)
  if (inputs.imposed !== undefined) wake.at(inputs.imposed.nextAtMs)
  for (const { fromMs, untilMs } of inputs.timed ?? []) for (const ms of [fromMs, untilMs]) wake.at(ms)
  return {
    ...targets, lowerings, raisings, renewals, notes, over,
    state: deficitA > 0 ? 'unenforceable' : unsettled ? 'enforcing' : 'enforced',
    deficitA, nextAtMs: wake.first(),
  }
}

/** Adds it; false = it was there. */
function isNew(seen: Set<string>, what: string): boolean {
  if (seen.has(what)) return false
  seen.add(what)
  return true
}

function alarmAfter(nowMs: number, withinMs = longestMs): Alarm {
  let first = nowMs + withinMs
  return {
    at(ms) { if (ms > nowMs && ms < first) first = ms },
    first: () => first,
  }
}

/** Moments at which a row means something else by time alone. */
function watch({ row, outlet }: Place, wake: Alarm): void {
  if (row.settling !== null) {
    wake.at(settledAtMs(row.settling, row.heldUntilMs))
    wake.at(row.settling.acceptedAtMs + settleMs)
  }
  if (row.lowering !== null) wake.at(row.lowering.decidedAtMs + unansweredMs)
  if (row.doubtSinceMs !== null) wake.at(row.doubtSinceMs + doubtMs)
  if (outlet.obeysLease) for (const entry of [row.tx.confirmed, ...row.tx.inFlight, ...(grantSlot(row) === 'tx' ? [] : [row.default.confirmed, ...row.default.inFlight])]) if (entry?.leaseEndsAtMs) wake.at(entry.leaseEndsAtMs + leaseMarginMs)
}

/** What a slot needs: lower (perhaps waiting for an answer: not due), raise, renew, or nothing. */
function wantOf(target: Target, slot: 'default' | 'tx', limitA: number, nowMs: number, wake: Alarm): { kind: 'lower' | 'raise'; cutA: number; due: boolean } | null {
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
function renewalOf({ place: { row, outlet }, fallbackA, tied }: Target, nowMs: number, wake: Alarm): Order[] {
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
function noteOf(target: Target, outstanding: readonly Order[], nowMs: number, notes: Note[]): void {
  const { row, outlet } = target.place
  const toA = outstanding.reduce((least, order) => Math.min(least, order.limitA), Infinity)
  const lowering = outstanding.length === 0 ? null : { toA, decidedAtMs: row.lowering?.decidedAtMs ?? nowMs }
  const active = row.transactionId !== null
  const wantedSinceMs = active && row.pausedByLimit && target.allocatedA > 0 ? (row.wantedSinceMs ?? nowMs) : null
  const starvedSinceMs = active && target.requestedA >= outlet.minA && (newest(row[grantSlot(row)])?.limitA ?? expectedA(row)) <= 0 ? (row.starvedSinceMs ?? nowMs) : null
  const same = row.lowering?.toA === lowering?.toA && row.lowering?.decidedAtMs === lowering?.decidedAtMs
    && row.wantedSinceMs === wantedSinceMs && row.starvedSinceMs === starvedSinceMs
  if (!same) notes.push({ key: outlet.key, lowering, wantedSinceMs, starvedSinceMs })
}

function reservedLeft({ ground, targets }: Targets, baseA: BaseAmps, nowMs: number): number[] {
  const left = capacities(ground, baseA)
  for (const { place } of targets.values()) subtract(ground, left, place, reservedLoad(place, nowMs))
  return left
}
