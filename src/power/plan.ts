// The decision: compares what every connector should have with what the ledger must assume, and says what to send now.
import { expectedA, isRefused, isSettling, leaseMarginMs, mustTell, newest, permitsA, fallbackNowA, isUnproven, settledAtMs, settleMs, doubtMs, worstIn, type Entry, type Row } from './ledger.ts'
import { constraintsAt, isPromised, type Constraint, type GridLimit, type Imposed } from './limits.ts'
import { boundsAbove, capacities, onPhases, reservedLoad, subtract, carPhases, type Place } from './loads.ts'
import type { PhaseAmps } from './site.ts'
import { isReady, isSteered, setTargets, unansweredMs, type Target, type Targets } from './target.ts'
import type { Tree } from './tree.ts'

export interface PlanInputs {
  readonly tree: Tree
  readonly grid: GridLimit | null
  /** The counted base load per site phase. */
  readonly baseA: PhaseAmps
  readonly places: readonly Place[]
  /** What people's charging profiles ask of whole charge points, and when they next change anything. */
  readonly imposed?: Imposed
}

export interface Order {
  readonly key: string
  readonly slot: 'default' | 'tx'
  readonly limitA: number
  /** How many amps it takes away; lowerings go out largest first. */
  readonly cutA: number
}

export interface Note {
  readonly key: string
  readonly lowering: Row['lowering']
  readonly wantedSinceMs: number | null
  readonly starvedSinceMs: number | null
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
const calm = { changeMs: 15_000, pauseMs: 60_000, refusedMs: 60_000, retryMs: 60_000, perMinute: 4, minuteMs: 60_000, fallbackMs: 60_000 }

/** The whole decision at `nowMs`. Pure: the same inputs give the same plan, in whatever order the places come. */
export function plan(inputs: PlanInputs, nowMs: number): Plan {
  const { tree, baseA } = inputs
  const targets = setTargets(tree, constraintsAt(tree, inputs.grid, nowMs, inputs.imposed?.constraints), baseA, inputs.places, nowMs)
  const wake = alarmAfter(nowMs)
  const lowerings: Order[] = []
  const wanted: { order: Order; target: Target }[] = []
  const ageing: Order[] = []
  const notes: Note[] = []

  for (const target of targets.targets.values()) {
    const { place } = target
    watch(place, wake)
    if (!isSteered(place)) {
      if (place.row.lowering !== null) notes.push({ key: place.outlet.key, lowering: null, wantedSinceMs: null, starvedSinceMs: place.row.starvedSinceMs })
      continue
    }
    const outstanding: Order[] = []
    for (const [slot, limitA] of [['default', fallbackNowA(place.row, target.fallbackA)], ['tx', target.allocatedA]] as const) {
      if (slot === 'tx' && place.row.transactionId === null) continue
      const want = wantOf(target, slot, limitA, nowMs, wake)
      if (want === null) continue
      const order: Order = { key: place.outlet.key, slot, limitA, cutA: want.cutA }
      if (want.kind === 'raise') wanted.push({ order, target })
      else outstanding.push(order)
      if (want.kind === 'lower' && want.due) lowerings.push(order)
    }
    if (outstanding.length === 0) ageing.push(...renewalOf(target, nowMs, wake))
    noteOf(target, outstanding, nowMs, notes)
  }
  lowerings.sort((a, b) => b.cutA - a.cutA || (a.key < b.key ? -1 : a.key > b.key ? 1 : a.slot < b.slot ? -1 : 1))
  const left = reservedLeft(targets, baseA, nowMs)
  const over = targets.ground.constraints.flatMap((constraint, index) => (left[index]! < -1e-6 && isPromised(constraint) ? [{ constraint, amount: -left[index]! }] : []))
  const raisings = pickRaisings(wanted, targets, left, new Set(over.map(({ constraint }) => constraint.nodeID)), notes, nowMs, wake)
  const renewals = ageing.filter((order) => !raisings.some((raising) => raising.key === order.key && raising.slot === 'tx'))
  const unsettled = lowerings.length > 0 || over.length > 0 || notes.some((note) => note.lowering !== null)
    || inputs.places.some((place) => place.outlet.control === 'engine' && ((place.online && place.row.lowering !== null) || isSettling(place.row, nowMs)))
  const deficitA = targets.missing.reduce((most, { constraint, amount }) => Math.max(most, constraint.on === 'W' ? amount / (3 * tree.site.voltage) : amount), 0)
  if (inputs.grid?.expiresAtMs !== undefined) wake.at(inputs.grid.expiresAtMs)
  if (inputs.imposed !== undefined) wake.at(inputs.imposed.nextAtMs)
  return {
    ...targets, lowerings, raisings, renewals, notes, over,
    state: deficitA > 0 ? 'unenforceable' : unsettled ? 'enforcing' : 'enforced',
    deficitA, nextAtMs: wake.first(),
  }
}

interface Alarm { at(ms: number): void; first(): number }

function alarmAfter(nowMs: number): Alarm {
  let first = nowMs + longestMs
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
  if (outlet.obeysLease) for (const entry of [row.tx.confirmed, ...row.tx.inFlight]) if (entry?.leaseEndsAtMs) wake.at(entry.leaseEndsAtMs + leaseMarginMs)
}

/** What a slot needs: lower (perhaps waiting for an answer: not due), raise, renew, or nothing. */
function wantOf(target: Target, slot: 'default' | 'tx', limitA: number, nowMs: number, wake: Alarm): { kind: 'lower' | 'raise'; cutA: number; due: boolean } | null {
  const { row, outlet } = target.place
  const last = newest(row[slot])
  const pending = last !== null && last.state !== 'unknown' && row[slot].inFlight.includes(last)
  if (mustTell(row, slot, limitA, nowMs)) {
    // A lower one may queue behind what is sent: it hurries that along (5 s) and is built as it leaves.
    const waits = pending ? last.limitA <= limitA + eps || last.limitA === limitA : !isRetryDue(row, slot, limitA, nowMs, wake)
    return { kind: 'lower', cutA: Math.max(worstIn(row, slot, nowMs), slot === 'default' && isUnproven(row) ? outlet.maxA : 0) - limitA, due: !waits }
  }
  if (pending) return null
  const heldA = heldBy(row, slot, nowMs)
  const lost = last?.state === 'unknown' && row[slot].inFlight.length > 0 && !isRenewal(row, last)
  if (limitA > heldA + eps || (lost && limitA >= heldA - eps)) return { kind: 'raise', cutA: 0, due: true }
  return null
}

/** The limit a slot holds by the newest profile in it; without a TxProfile the TxDefaultProfile holds. */
function heldBy(row: Row, slot: 'default' | 'tx', nowMs: number): number {
  const last = newest(row[slot]) ?? newest(row.default)
  return last === null ? 0 : permitsA(last, row, nowMs)
}

/** The limit that is confirmed, sent again and unanswered: whether it arrived changes nothing but the end of the lease. */
function isRenewal(row: Row, entry: Entry): boolean {
  return entry.state === 'unknown' && entry.limitA === row.tx.confirmed?.limitA && entry.slot === 'tx'
}

/** A lease past its half-life is renewed at the limit that is held; that is no raising (I5). */
function renewalOf({ place: { row, outlet }, fallbackA }: Target, nowMs: number, wake: Alarm): Order[] {
  const last = row.tx.confirmed
  if (row.transactionId === null || last === null || last.leaseEndsAtMs === null || !row.tx.inFlight.every((entry) => isRenewal(row, entry)) || last.limitA <= fallbackA) return []
  // Once it has lapsed, the same limit again is a raising.
  if (permitsA(last, row, nowMs) < last.limitA) return []
  const triedAtMs = newest(row.tx)!.bookedAtMs
  const half = Math.max(last.bookedAtMs + (last.leaseEndsAtMs - last.bookedAtMs) / 2, triedAtMs === last.bookedAtMs ? 0 : triedAtMs + calm.retryMs, row.refusedAtMs === null ? 0 : row.refusedAtMs + calm.refusedMs)
  if (nowMs >= half) return [{ key: outlet.key, slot: 'tx', limitA: last.limitA, cutA: 0 }]
  wake.at(half)
  return []
}

/** An unanswered or refused lowering is sent again once at once, then every minute; a new one goes at once. */
function isRetryDue(row: Row, slot: 'default' | 'tx', limitA: number, nowMs: number, wake: Alarm): boolean {
  const last = newest(row[slot])
  const unanswered = row[slot].inFlight.filter((entry) => entry.state === 'unknown' && entry.limitA === limitA)
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
  const starvedSinceMs = active && target.requestedA >= outlet.minA && (newest(row.tx)?.limitA ?? expectedA(row)) <= 0 ? (row.starvedSinceMs ?? nowMs) : null
  const same = row.lowering?.toA === lowering?.toA && row.lowering?.decidedAtMs === lowering?.decidedAtMs
    && row.wantedSinceMs === wantedSinceMs && row.starvedSinceMs === starvedSinceMs
  if (!same) notes.push({ key: outlet.key, lowering, wantedSinceMs, starvedSinceMs })
}

function reservedLeft({ ground, targets }: Targets, baseA: PhaseAmps, nowMs: number): number[] {
  const left = capacities(ground, baseA)
  for (const { place } of targets.values()) subtract(ground, left, place, reservedLoad(place, nowMs))
  return left
}

/** Raisings that are calm and fit whole, with every unsettled lowering not effective and every earlier raising effective (I2). */
function pickRaisings(wanted: readonly { order: Order; target: Target }[], { ground }: Targets, left: number[], shedding: ReadonlySet<string>, notes: readonly Note[], nowMs: number, wake: Alarm): Order[] {
  const picked: Order[] = []
  for (const { order, target } of wanted) {
    const { place } = target
    if (!isReady(place) || place.outlet.path.some((nodeID) => shedding.has(nodeID))) continue
    const calmAt = order.slot === 'tx' ? calmAtMs(place.row, order.limitA, notes.find((note) => note.key === order.key), nowMs) : (newest(place.row.default)?.bookedAtMs ?? 0) + calm.fallbackMs
    if (calmAt > nowMs) {
      wake.at(calmAt)
      continue
    }
    const before = reservedLoad(place, nowMs)
    const raised = order.slot === 'tx' ? { anyCarA: before.anyCarA, thisCarA: Math.max(before.thisCarA, order.limitA) } : { anyCarA: Math.max(before.anyCarA, order.limitA), thisCarA: Math.max(before.thisCarA, order.limitA) }
    const from = onPhases(place, before)
    const to = onPhases(place, raised)
    const used = order.slot === 'tx' ? carPhases(place) : place.outlet.phases
    const grownA = used.map((phase) => to[phase] - from[phase])
    const fits = boundsAbove(ground, place, used).every(({ index, perAmp }) => {
      const { on } = ground.constraints[index]!
      const growth = on === 'W' ? grownA.reduce((sum, amps) => sum + amps, 0) * (perAmp / used.length) : to[on] - from[on]
      return left[index]! >= growth - 1e-6
    })
    if (!fits) continue
    subtract(ground, left, place, { anyCarA: raised.anyCarA - before.anyCarA, thisCarA: raised.thisCarA - before.thisCarA })
    picked.push(order)
  }
  return picked
}

/** Decision rule 6: when a connector may be raised to `limitA`; Infinity = not by this much. */
function calmAtMs(row: Row, limitA: number, note: Note | undefined, nowMs: number): number {
  const heldA = heldBy(row, 'tx', nowMs)
  const lost = newest(row.tx)?.state === 'unknown'
  if (heldA > 0 && limitA - heldA < 1 - eps && !lost) return Infinity
  const recent = row.bookedAtMs.filter((at) => nowMs - at < calm.minuteMs)
  const wantedSinceMs = note === undefined ? row.wantedSinceMs : note.wantedSinceMs
  return Math.max(
    row.changedAtMs === null || lost ? 0 : row.changedAtMs + calm.changeMs,
    row.pausedByLimit ? (wantedSinceMs ?? nowMs) + calm.pauseMs : 0,
    row.refusedAtMs === null ? 0 : row.refusedAtMs + calm.refusedMs,
    recent.length >= calm.perMinute ? recent[0]! + calm.minuteMs : 0,
  )
}
