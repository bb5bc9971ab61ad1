// The decision for places that share the same constraints: their targets, and what to send them now.
import { leastA, mayHaveLapsed } from './least.ts'
import { grantSlot, isSettling } from './ledger.ts'
import { isInForce, isPromised, type Constraint } from './limits.ts'
import { capacities, subtract, type BaseAmps, type Place } from './loads.ts'
import { watchTurns } from './queue.ts'
import { pickRaisings, type Note, type Order, type Wanted } from './raising.ts'
import { isDue, probesOf, type Probe } from './probing.ts'
import { defaultNowA } from './rungs.ts'
import { isSteered } from './stuck.ts'
import { setTargets, type Target, type Targets, type ZoneTargets } from './target.ts'
import type { Tree } from './tree.ts'
import { alarmAfter, watch } from './wake.ts'
import { calmLoweringAtMs, noteOf, renewalOf, wantOf } from './wants.ts'

export interface ZonePlan extends Targets {
  readonly targets: Map<string, Target>
  /** Each on top of the ones before it. */
  readonly raisings: readonly Order[]
  readonly lowerings: readonly Order[]
  readonly renewals: readonly Order[]
  readonly notes: readonly Note[]
  /** Idle caps of what cars take that go up. */
  readonly probes: readonly Probe[]
  readonly over: readonly { readonly constraint: Constraint; readonly amount: number }[]
  /** Something is still to be told, answered or proven. */
  readonly unsettled: boolean
  /** The first later instant at which it may be another; Infinity = not without news. */
  readonly nextAtMs: number
  /** What it says holds at its own instant only. */
  readonly fleeting: boolean
}

/** Pure: depends on nothing but its arguments, and by time only at the instants that `nextAtMs` names. */
export function planZone(tree: Tree, constraints: readonly Constraint[], baseA: BaseAmps, places: readonly Place[], nowMs: number): ZonePlan {
  const zone = setTargets(tree, constraints, baseA, places, nowMs)
  const { ground, targets, missing, waiting } = zone
  const wake = alarmAfter(nowMs)
  const lowerings: Order[] = []
  const wanted: Wanted[] = []
  const ageing: Order[] = []
  const notes: Note[] = []
  const idle: Target[] = []
  const left = reservedLeft(zone, baseA)
  const over = constraints.flatMap((constraint, index) => (left[index]! < -1e-6 && isPromised(constraint) ? [{ constraint, amount: -left[index]! }] : []))
  const shedding = new Set(over.map(({ constraint }) => constraint.nodeID))
  // Of connectors that one profile limits, one speaks for all.
  const spoken = new Set<string>()
  let pending = false

  for (const target of targets.values()) {
    const { place } = target
    const { outlet, row } = place
    watch(place, wake)
    watchTurns(place, tree.site.voltage, nowMs, wake)
    if (isDue(target, nowMs, wake)) idle.push(target)
    pending ||= outlet.control === 'engine' && ((place.online && row.lowering !== null) || isSettling(row, nowMs))
    if (!isSteered(place)) {
      // Out of reach its turn is over; what it has waited for one is not.
      const ends = row.turn ? { turn: null } : {}
      if (row.lowering !== null || 'turn' in ends) notes.push({ key: outlet.key, lowering: null, wantedSinceMs: null, starvedSinceMs: row.starvedSinceMs, ...ends })
      continue
    }
    const outstanding: Order[] = []
    const { tied } = target
    const together = tied === null ? null : tied.map((key) => targets.get(key)!)
    const isShedding = shedding.size > 0 && outlet.path.some((nodeID) => shedding.has(nodeID))
    const rows = together === null ? [row] : together.map((one) => one.place.row)
    const isFirst = (what: string) => tied === null || isNew(spoken, `${tied[0]} ${what}`)
    for (const slot of ['default', 'tx'] as const) {
      if (slot === 'tx' && (row.transactionId === null || grantSlot(row) !== 'tx')) continue
      const wantedA = slot === 'tx' ? target.txA : defaultNowA(rows, target.defaultA, nowMs)
      const first = wantOf(target, slot, wantedA, nowMs, wake)
      // What it may be down to already is the most it is told while something is over.
      const limitA = first?.kind === 'lower' && isShedding ? Math.min(wantedA, leastA(rows, slot, nowMs)) : wantedA
      const want = limitA === wantedA ? first : wantOf(target, slot, limitA, nowMs, wake)
      if (want === null) continue
      if (want.kind === 'lower' && !isShedding) {
        const calmAtMs = calmLoweringAtMs(target, slot, nowMs)
        wake.at(calmAtMs)
        // Told that anyway to keep its lease, it is told the lower limit: the higher one must not leave any more, and trying would count as telling.
        if (nowMs < calmAtMs && renewalOf(target, nowMs, wake).length === 0) continue
      }
      const order: Order = { key: tied?.[0] ?? outlet.key, slot, limitA, cutA: want.cutA }
      if (want.kind === 'lower') outstanding.push(order)
      else if (isFirst('raise')) wanted.push({ order, targets: together ?? [target], isToldAnyway: slot === grantSlot(row) && renewalOf(target, nowMs, wake).length > 0 })
      if (want.kind === 'lower' && want.due && isFirst('lower')) lowerings.push(order)
    }
    if (outstanding.length === 0) for (const order of renewalOf(target, nowMs, wake)) {
      if (!(isShedding && rows.some((one) => mayHaveLapsed(one, grantSlot(row), nowMs))) && isFirst('renew')) ageing.push(order)
    }
    noteOf(target, outstanding, nowMs, notes)
  }
  const raisings = wanted.length === 0 ? [] : pickRaisings(spoken.size === 0 ? wanted : wanted.filter(({ order }) => !spoken.has(`${order.key} lower`)), zone, left, shedding, notes, nowMs, wake)
  const probes = probesOf(idle, zone, baseA)
  const raised = new Set(raisings.map(({ key, slot }) => `${key} ${slot}`))
  const unsettled = pending || lowerings.length > 0 || over.some(({ constraint }) => isInForce(constraint)) || notes.some((note) => note.lowering !== null)
  return {
    ground, targets, missing, waiting, lowerings, raisings, renewals: ageing.filter(({ key, slot }) => !raised.has(`${key} ${slot}`)), notes, over, unsettled, probes, nextAtMs: wake.first(),
    // A note is dated, and so is a raising of what is paused and was not wanted before.
    fleeting: notes.length > 0 || wanted.some((one) => one.targets.some(({ place: { row } }) => row.pausedByLimit && row.wantedSinceMs === null)),
  }
}

/** Adds it; false = it was there. */
function isNew(seen: Set<string>, what: string): boolean {
  if (seen.has(what)) return false
  seen.add(what)
  return true
}

function reservedLeft({ ground, targets, reserved }: ZoneTargets, baseA: BaseAmps): number[] {
  const left = capacities(ground, baseA)
  let at = 0
  for (const { place } of targets.values()) subtract(ground, left, place, reserved[at++]!)
  return left
}
