// Whether what was decided before still holds: a zone nothing of which has changed, and constraints and targets that came out as they were.
import type { Constraint } from './limits.ts'
import type { BaseAmps, Place } from './loads.ts'
import type { Target } from './target.ts'
import type { Tree } from './tree.ts'
import type { ZonePlan } from './zone-plan.ts'

/** What a zone was decided by, and what. Its targets take the newest place where nothing but a measurement is new. */
export interface KnownZone {
  readonly constraints: readonly Constraint[]
  readonly baseA: BaseAmps
  places: readonly Place[]
  readonly atMs: number
  readonly plan: ZonePlan
  readonly targets: Map<string, Target>
  /** Who waits, in order. */
  readonly queue: readonly string[]
}

/** The same constraints keep their identity. */
export function sameConstraints(before: readonly Constraint[], now: readonly Constraint[]): readonly Constraint[] {
  const nameOf = ({ nodeID, on, source }: Constraint) => `${nodeID} ${on} ${source}`
  const aligned = before.length === now.length
  const byName = aligned ? null : new Map(before.map((one) => [nameOf(one), one]))
  const kept = now.map((one, index) => {
    const other = byName === null ? before[index] : byName.get(nameOf(one))
    return other !== undefined && isAlike(other, one) ? other : one
  })
  return aligned && kept.every((one, index) => one === before[index]) ? before : kept
}

/** A zone as it was decided, where nothing that it was decided by has changed; null = it has to be decided anew. `changed` takes the targets whose place is another. */
export function recallZone(before: KnownZone | undefined, tree: Tree, constraints: readonly Constraint[], places: readonly Place[], baseA: BaseAmps, nowMs: number, changed: Map<string, Target>): KnownZone | null {
  if (before === undefined || nowMs < before.atMs || nowMs >= before.plan.nextAtMs || (before.plan.fleeting && nowMs !== before.atMs)) return null
  if (before.plan.ground.tree !== tree || before.places.length !== places.length || before.constraints.length !== constraints.length) return null
  if (!constraints.every((one, index) => one === before.constraints[index])) return null
  if (constraints.some(({ nodeID }) => nodeID === tree.site.id) && !isSameBase(before.baseA, baseA)) return null
  if (places === before.places) return before
  const measured: Place[] = []
  for (let index = 0; index < places.length; index++) {
    const [one, other] = [places[index]!, before.places[index]!]
    if (one === other) continue
    if (!isOnlyMeasured(other, one)) return null
    measured.push(one)
  }
  for (const place of measured) {
    const target = { ...before.targets.get(place.outlet.key)!, place }
    before.targets.set(place.outlet.key, target)
    changed.set(place.outlet.key, target)
  }
  before.places = places
  return before
}

/** A zone as it was decided now. Targets that came out as they were keep their identity; the others go into `changed`. */
export function keepZone(before: KnownZone | undefined, constraints: readonly Constraint[], places: readonly Place[], baseA: BaseAmps, plan: ZonePlan, nowMs: number, changed: Map<string, Target>): KnownZone {
  const { targets } = plan
  const queue: string[] = []
  for (const [key, made] of targets) {
    const other = before?.targets.get(key)
    if (other !== undefined && isSameTarget(other, made)) targets.set(key, other)
    else changed.set(key, made)
    if (made.queuePlace !== null) queue.push(key)
  }
  return { constraints, baseA, places, atMs: nowMs, plan, targets, queue }
}

/** A draw at or below the limit, with nothing to prove: no decision looks at it. */
function isOnlyMeasured(before: Place, now: Place): boolean {
  const quiet = ({ row }: Place) => !row.excess && row.settling === null && row.lowering === null
  if (!quiet(before) || !quiet(now)) return false
  const { reclaim: was } = before.row
  const { reclaim: is } = now.row
  return isAlike(before, now, ['row']) && was?.capA === is?.capA && was?.changedAtMs === is?.changedAtMs && isAlike({ ...before.row, reclaim: null }, { ...now.row, reclaim: null }, ['measuredA'])
}

function isSameTarget(one: Target, other: Target): boolean {
  return one.place === other.place && isAlike(one, other, ['stuck', 'tied']) && isAlike(one.stuck, other.stuck) && one.tied?.join() === other.tied?.join()
}

function isSameBase(one: BaseAmps, other: BaseAmps): boolean {
  return one === other || (isAlike(one, other, ['between']) && isAlike(one.between ?? {}, other.between ?? {}))
}

/** The same fields with the same values, by identity. */
function isAlike(one: object, other: object, except: readonly string[] = []): boolean {
  const [left, right] = [one as Record<string, unknown>, other as Record<string, unknown>]
  let fields = 0
  for (const name in left) {
    if (left[name] !== right[name] && !except.includes(name)) return false
    fields += 1
  }
  for (const _ in right) fields -= 1
  return fields === 0
}
