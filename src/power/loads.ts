// Which connectors load which constraints, and by how much: amps turned into the bounds they use up.
import { isPhase, pairOf, type Constraint, type Pair } from './limits.ts'
import { reservedA, type Row } from './ledger.ts'
import { phases, type Phase, type PhaseAmps } from './site.ts'
import type { Outlet, Tree } from './tree.ts'

/** Amps on each phase the car uses, with `profile:<id>` as its source. */
export interface ProfileCap { readonly limitA: number; readonly source: string }

/** A connector as the plan sees it: where it hangs, its ledger row, and what is known of the car there. */
export interface Place {
  readonly outlet: Outlet
  readonly row: Row
  /** May be spoken to now: session alive, boot accepted. */
  readonly online: boolean
  /** How many phases the car uses; null = all the connector has. */
  readonly vehiclePhases: number | null
  readonly vehicleMaxA: number | null
  /** What charging profiles of people allow here now; null = nothing limits. */
  readonly profileCap: ProfileCap | null
  /** What profiles of people may let any car take that the engine's own do not stand above any more (a lower stack level, another rung); absent = none does. */
  readonly overruledA?: number
  readonly priority: number
  readonly weight: number
  /** When the car came, ms: its place in the queue. */
  readonly queuedAtMs: number
  /** When it is said to leave, ms, and what it is said to need still, Wh; null or absent = not known. */
  readonly departureAtMs?: number | null
  readonly remainingWh?: number | null
  /** Its transaction has reached a limit and does not end: its car is given nothing more. */
  readonly withheld?: boolean | undefined
  /** A commissioning check holds it there for a while, A; never below minA. Absent = none does. */
  readonly checkCapA?: number | undefined
}

/** Amps assumed on every phase of the connector, and on the phases of the car that is there (never less). */
export interface Load {
  readonly anyCarA: number
  readonly thisCarA: number
}

export const noLoad: Load = { anyCarA: 0, thisCarA: 0 }

/** The site phases a car with n phases uses: the first n of the connector's. */
export function carPhases(place: Place): readonly Phase[] {
  return carPhasesOf(place.outlet, place.vehiclePhases, place.row.transactionId)
}

/** The same where there is no place yet. */
export function carPhasesOf({ phases: wired, dc = null }: Outlet, vehiclePhases: number | null, transactionId: number | null): readonly Phase[] {
  return dc !== null || vehiclePhases === null || transactionId === null ? wired : wired.slice(0, Math.max(1, vehiclePhases))
}

/** What must be assumed the connector can draw (the ledger's word). */
export function reservedLoad(place: Place, nowMs: number): Load {
  if (place.outlet.control === 'none') return { anyCarA: place.outlet.maxA, thisCarA: place.outlet.maxA }
  const reserved = reservedA(place.row, nowMs)
  const overruledA = place.row.contactedAtMs === null ? 0 : place.overruledA ?? 0
  return overruledA === 0 ? reserved : { anyCarA: Math.max(reserved.anyCarA, overruledA), thisCarA: Math.max(reserved.thisCarA, overruledA) }
}

/** A load on the site's phases. */
export function onPhases(place: Place, load: Load): PhaseAmps {
  const spread: PhaseAmps = { L1: 0, L2: 0, L3: 0 }
  for (const phase of place.outlet.phases) spread[phase] = load.anyCarA
  for (const phase of carPhases(place)) spread[phase] = load.thisCarA
  return spread
}

/** The constraints of a site, each with what is left of it, indexed by the node they stand on. */
export interface Ground {
  readonly tree: Tree
  readonly constraints: readonly Constraint[]
  readonly at: ReadonlyMap<string, readonly number[]>
}

export function layGround(tree: Tree, constraints: readonly Constraint[]): Ground {
  const at = new Map<string, number[]>()
  for (const [index, { nodeID }] of constraints.entries()) {
    const here = at.get(nodeID)
    if (here === undefined) at.set(nodeID, [index])
    else here.push(index)
  }
  return { tree, constraints, at }
}

/** Where no constraint stands. */
const none: readonly number[] = []

/** The constraints above a place, each with what one amp takes from it: of any car on all phases of the connector, or of the car that is there on its `used` phases. */
export function boundsAbove(ground: Ground, place: Place, used: readonly Phase[]): { index: number; perAmp: number }[] {
  const bounds: { index: number; perAmp: number }[] = []
  for (const nodeID of place.outlet.path) {
    for (const index of ground.at.get(nodeID) ?? none) {
      const { on } = ground.constraints[index]!
      if (on === 'W') bounds.push({ index, perAmp: ground.tree.site.voltage * used.length })
      else if (isPhase(on) ? used.includes(on) : tilts(place.outlet, used === place.outlet.phases ? null : phasesKnown(place), on)) bounds.push({ index, perAmp: 1 })
    }
  }
  return bounds
}

/** The phases that the car which is there is told or measured to use; null = nobody knows, or what was told does not go with a total that names no phase. */
function phasesKnown({ outlet, row: { transactionId, phases: { measured, told } }, vehiclePhases }: Place): readonly Phase[] | null {
  const count = transactionId === null ? null : measured ?? (told === null || told === vehiclePhases ? vehiclePhases : null)
  return count === null ? null : outlet.phases.slice(0, Math.max(1, count))
}

/** May load the first phase of a pair and not the second: what is not known may be any first phases of the connector. A DC connector loads all alike. */
function tilts({ phases: wired, dc = null }: Outlet, known: readonly Phase[] | null, pair: Pair): boolean {
  const [one, other] = pairOf(pair)!
  if (dc !== null) return false
  if (known !== null) return known.includes(one) && !known.includes(other)
  return wired.includes(one) && (!wired.includes(other) || wired.indexOf(one) < wired.indexOf(other))
}

/** What a place's load takes from a constraint above it. */
export function loadOn(ground: Ground, place: Place, load: Load, on: Constraint['on'], spread: PhaseAmps = onPhases(place, load)): number {
  if (on === 'W') return (spread.L1 + spread.L2 + spread.L3) * ground.tree.site.voltage
  if (isPhase(on)) return spread[on]
  return tiltOf(place, load, on)
}

/** How much more of a load the first phase of a pair may carry than the second. */
export function tiltOf(place: Place, load: Load, pair: Pair): number {
  return tilts(place.outlet, phasesKnown(place), pair) ? load.thisCarA : tilts(place.outlet, null, pair) ? load.anyCarA : 0
}

/** Takes a place's load from what is left of the constraints above it. */
export function subtract(ground: Ground, left: number[], place: Place, load: Load): void {
  if (load.anyCarA === 0 && load.thisCarA === 0) return
  const spread = onPhases(place, load)
  for (const nodeID of place.outlet.path) {
    for (const index of ground.at.get(nodeID) ?? none) left[index]! -= loadOn(ground, place, load, ground.constraints[index]!.on, spread)
  }
}

/** The base load on each phase, and what one phase may carry more of it than another; the latter absent = their difference. */
export type BaseAmps = Readonly<PhaseAmps> & { readonly between?: Readonly<Partial<Record<Pair, number>>> }

/** Capacities less the base load, which hangs at the site's own node. */
export function capacities(ground: Ground, baseA: BaseAmps): number[] {
  const { site } = ground.tree
  return ground.constraints.map(({ nodeID, on, capacity }) => {
    if (nodeID !== site.id) return capacity
    if (on === 'W') return capacity - site.voltage * phases.reduce((sum, phase) => sum + baseA[phase], 0)
    if (isPhase(on)) return capacity - baseA[on]
    const [one, other] = pairOf(on)!
    return capacity - (baseA.between?.[on] ?? baseA[one] - baseA[other])
  })
}
