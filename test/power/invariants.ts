// I1, I2, I3 and I7 of the design, checked on a plan from the outside.
import { constraintsAt, type Constraint } from '../../src/power/limits.ts'
import { reservedA } from '../../src/power/ledger.ts'
import type { Place } from '../../src/power/loads.ts'
import type { Plan } from '../../src/power/plan.ts'
import { phases, type Phase, type PhaseAmps } from '../../src/power/site.ts'
import type { Play } from './harness.ts'

/** What went wrong, in words; empty when nothing did. */
export function faultsOf(play: Play, made: Plan): string[] {
  const faults: string[] = []
  const places = new Map(play.places().map((place) => [place.outlet.key, place]))
  // Each limit with what it holds now, and with every raising on top.
  for (const constraint of constraintsAt(play.tree, play.grid, play.nowMs)) {
    const before = sum(play, places, constraint.nodeID, constraint.on, new Map())
    const after = sum(play, places, constraint.nodeID, constraint.on, raisedTo(made))
    const name = `${constraint.nodeID} ${constraint.on} ≤ ${constraint.capacity} at ${play.nowMs}`
    if (after > before + 1e-6 && after > constraint.capacity + 1e-5) faults.push(`I1: raised to ${after} although ${name}`)
    const raisedBelow = made.raisings.some((order) => places.get(order.key)!.outlet.path.includes(constraint.nodeID))
    if (before > constraint.capacity + 1e-5 && raisedBelow) faults.push(`I2: raised while ${before} is over ${name}`)
  }
  for (const order of [...made.lowerings, ...made.raisings, ...made.renewals]) {
    const { outlet, row } = places.get(order.key)!
    if (order.slot === 'tx' && row.quirks.ladder !== 'tx') faults.push(`a TxProfile for ${order.key}, which takes none`)
    if (order.limitA < row.quirks.pauseA) faults.push(`${order.limitA} A for ${order.key}, whose lowest is ${row.quirks.pauseA}`)
    if ((order.slot === 'default' && order.limitA === outlet.fallbackA) || order.limitA === row.quirks.pauseA) continue
    // The same watts as before, for the phases that are proven by now.
    if (row.quirks.unit === 'W' && made.renewals.includes(order)) continue
    if (!isAllowed(order.limitA, outlet)) faults.push(`I3: ${order.slot} of ${order.key} to ${order.limitA}`)
  }
  for (const target of made.targets.values()) {
    const { outlet, row, online } = target.place
    if (online && outlet.control === 'engine' && row.transactionId !== null && !isAllowed(target.allocatedA, outlet)) faults.push(`I3: ${outlet.key} is allocated ${target.allocatedA}`)
  }
  return faults
}

function isAllowed(limitA: number, { minA, maxA, stepA }: { minA: number; maxA: number; stepA: number }): boolean {
  const whole = (value: number) => Math.abs(value - Math.round(value)) < 1e-6
  return limitA === 0 || (limitA >= minA && limitA <= maxA && whole(limitA / stepA) && whole(limitA * 10))
}

function raisedTo(made: Plan): Map<string, { anyCarA: number; thisCarA: number }> {
  const raised = new Map<string, { anyCarA: number; thisCarA: number }>()
  for (const { key, slot, limitA } of [...made.raisings, ...made.renewals]) {
    for (const one of made.targets.get(key)?.tied ?? [key]) {
      const before = raised.get(one) ?? { anyCarA: 0, thisCarA: 0 }
      raised.set(one, slot === 'tx' ? { ...before, thisCarA: limitA } : { ...before, anyCarA: limitA })
    }
  }
  return raised
}

function sum(play: Play, places: ReadonlyMap<string, Place>, nodeID: string, on: Constraint['on'], raised: ReadonlyMap<string, { anyCarA: number; thisCarA: number }>): number {
  const total: PhaseAmps = nodeID === play.tree.site.id ? { ...play.baseA } : { L1: 0, L2: 0, L3: 0 }
  let tilted = 0
  const [one, other] = on.split('-')
  for (const { outlet, row, vehiclePhases } of places.values()) {
    if (!outlet.path.includes(nodeID)) continue
    const held = outlet.control === 'none' ? { anyCarA: outlet.maxA, thisCarA: outlet.maxA } : reservedA(row, play.nowMs)
    const more = raised.get(outlet.key)
    const anyCarA = Math.max(held.anyCarA, more?.anyCarA ?? 0)
    const thisCarA = Math.max(held.thisCarA, more?.thisCarA ?? 0, anyCarA)
    const used = row.transactionId === null || vehiclePhases === null ? outlet.phases.length : vehiclePhases
    outlet.phases.forEach((phase, index) => { total[phase] += index < used ? thisCarA : anyCarA })
    // Of every car that could hang there, the one that tilts the pair most.
    const counts = (car: number) => outlet.phases.slice(0, car).some((phase) => phase === one) && !outlet.phases.slice(0, car).some((phase) => phase === other)
    const known = row.transactionId === null ? null : row.phases.measured ?? vehiclePhases
    const cars = known === null ? [1, 2, 3] : [Math.min(known, outlet.phases.length)]
    tilted += outlet.dc ? 0 : Math.max(...[1, 2, 3].map((car) => (counts(car) ? anyCarA : 0)), ...cars.map((car) => (counts(car) ? thisCarA : 0)))
  }
  if (other !== undefined) return tilted + (nodeID === play.tree.site.id ? play.baseA[one as Phase] - play.baseA[other as Phase] : 0)
  return on === 'W' ? phases.reduce((all, phase) => all + total[phase], 0) * play.tree.site.voltage : total[on as Phase]
}

/** A plan as plain data without the tree it echoes, for comparing two of them. */
export function plainPlan(made: Plan): unknown {
  const { ground, targets, ...rest } = made
  return { ...rest, constraints: ground.constraints, targets: [...targets].sort(([a], [b]) => (a < b ? -1 : 1)) }
}
