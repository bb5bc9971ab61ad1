// What the design's text says about sharing, worked out by brute force; written from the text alone and importing nothing.

export interface OracleNode {
  /** Index of the parent; null = the site. */
  readonly parent: number | null
  /** By this node's own L1, L2, L3. */
  readonly limitA: readonly [number, number, number] | null
  readonly limitW: number | null
  /** The parent's phases (0, 1, 2) that feed this node's L1, L2, L3. */
  readonly rotation: readonly [number, number, number]
}

export interface OracleConnector {
  readonly id: string
  readonly node: number
  readonly fallbackA: number
  /** null = idle. */
  readonly car: {
    readonly phases: number
    readonly minA: number
    readonly maxA: number
    readonly stepA: number
    readonly weight: number
    readonly priority: number
    readonly isOn: boolean
    readonly starvedSince: number | null
    readonly queuedAt: number
  } | null
}

export interface OracleCase {
  readonly voltage: number
  readonly weighted: boolean
  readonly baseA: readonly [number, number, number]
  /** The site first. */
  readonly nodes: readonly OracleNode[]
  readonly connectors: readonly OracleConnector[]
}

export interface OracleShare {
  readonly fallbackA: number
  readonly allocatedA: number
  /** Why nothing: `unclear` when several limits block it for different reasons. */
  readonly why: 'minimum' | 'queue' | 'unclear' | 'incapable' | null
}

interface Rule {
  readonly holds: (loads: readonly Load[]) => boolean
  /** Whether the car there loads it; and whether the connector could with another car. */
  readonly touches: (who: number) => boolean
  readonly reaches: (who: number) => boolean
}
/** Amps per site phase of one connector. */
type Load = readonly [number, number, number]

const hair = 1e-6
/** What halving under rules with a hair of room may be off, A: a level a little below a whole step is that step. */
const slip = 2e-5

export function shareByText(given: OracleCase): OracleShare[] {
  const { connectors, nodes } = given
  const wires = connectors.map(({ node }) => [0, 1, 2].map((own) => sitePhase(nodes, node, own)))
  const spread = (who: number, amps: number, count: number): Load => {
    const load: [number, number, number] = [0, 0, 0]
    for (const phase of wires[who]!.slice(0, count)) load[phase] = amps
    return load
  }
  const rules = rulesOf(given)
  const fallbacks = connectors.map(({ fallbackA }) => fallbackA)
  /** Loads when the cars have these amps: each on its phases, and never below the fallback on any phase of the connector. */
  const loadsAt = (amps: readonly number[]): Load[] => connectors.map(({ car }, who) => {
    const start = spread(who, fallbacks[who]!, 3)
    const drawn = spread(who, car === null ? 0 : Math.max(amps[who]!, fallbacks[who]!), car?.phases ?? 0)
    return [Math.max(start[0], drawn[0]), Math.max(start[1], drawn[1]), Math.max(start[2], drawn[2])]
  })
  const amps = connectors.map(() => 0)
  const broken = (tried: readonly number[]) => rules.filter((rule) => !rule.holds(loadsAt(tried)))

  // Where fallbacks leave a car that charges less than its minimum they are lowered: idle connectors first, whoever came last first; then class by class, the lowest first, each for the minimums of no lower class.
  const queue = connectors.map((_, who) => who).sort((a, b) => inQueue(connectors[a]!, connectors[b]!))
  const lastFirst = connectors.map((_, who) => who).sort((a, b) => {
    const [one, other] = [connectors[a]!, connectors[b]!]
    const keys = ({ id, car }: OracleConnector) => [car === null ? 0 : 1, car?.priority ?? 0, -(car?.queuedAt ?? 0), id] as const
    const differs = keys(one).findIndex((key, index) => key !== keys(other)[index])
    const [x, y] = [keys(one)[differs]!, keys(other)[differs]!]
    return (differs === 3 ? x > y : x < y) ? -1 : 1
  })
  const needs = connectors.map(({ car }) => (car === null || floorBy(car.maxA, car.stepA) < leastOf(car) ? 0 : leastOf(car)))
  for (const who of lastFirst) if (connectors[who]!.car === null && broken(needs).some((rule) => rule.reaches(who))) fallbacks[who] = 0
  for (const priority of [...new Set(connectors.flatMap(({ car }) => car?.priority ?? []))].sort((a, b) => a - b)) {
    const group = [...connectors.keys()].filter((who) => connectors[who]!.car?.priority === priority)
    const short = broken(needs)
    for (const who of group) if (short.some((rule) => rule.reaches(who))) fallbacks[who] = 0
    // To whom a higher class need not give way.
    for (const who of group) needs[who] = 0
  }

  // Admission: each in turn its minimum, if every limit above it still holds.
  const why: OracleShare['why'][] = connectors.map(() => null)
  const admitted: number[] = []
  for (const who of queue) {
    const { car } = connectors[who]!
    if (car === null) continue
    const least = leastOf(car)
    if (floorBy(car.maxA, car.stepA) < least) {
      why[who] = 'incapable'
      continue
    }
    const tried = amps.map((value, index) => (index === who ? least : value))
    const blocking = least <= fallbacks[who]! ? [] : broken(tried).filter((rule) => rule.touches(who))
    if (blocking.length === 0) {
      amps[who] = Math.min(Math.max(least, fallbacks[who]!), floorBy(car.maxA, car.stepA))
      admitted.push(who)
    } else {
      const taken = blocking.map((rule) => admitted.some((other) => rule.touches(other)))
      why[who] = taken.every(Boolean) ? 'queue' : taken.some(Boolean) ? 'unclear' : 'minimum'
    }
  }

  // Filling: class by class a common level, found by halving.
  const carOf = (who: number) => connectors[who]!.car!
  for (const priority of [...new Set(admitted.map((who) => carOf(who).priority))].sort((a, b) => b - a)) {
    const group = admitted.filter((who) => carOf(who).priority === priority)
    const leasts = new Map(group.map((who) => [who, amps[who]!]))
    const at = (who: number, level: number) => {
      const car = carOf(who)
      return Math.min(floorBy(car.maxA, car.stepA), Math.max(leasts.get(who)!, level * (given.weighted ? car.weight : 1)))
    }
    let open = group
    while (open.length > 0) {
      const all = (level: number) => amps.map((value, who) => (open.includes(who) ? at(who, level) : value))
      const fits = (level: number) => broken(all(level)).every((rule) => !open.some((who) => rule.touches(who) && all(level)[who]! > amps[who]! + 1e-12))
      let low = 0
      let high = 10_000
      if (fits(high)) low = high
      else for (let turn = 0; turn < 90; turn++) {
        const middle = (low + high) / 2
        if (fits(middle)) low = middle
        else high = middle
      }
      const reached = all(low)
      for (const who of open) amps[who] = reached[who]!
      const before = open.length
      // Frozen is who cannot have a hair more, or has all it can use.
      open = open.filter((who) => at(who, 10_000) > amps[who]! + hair && !broken(amps.map((value, index) => (index === who ? value + 1e-4 : value))).some((rule) => rule.touches(who)))
      if (open.length === before) throw new Error('nothing was frozen')
    }
  }

  // Whole steps down, then single steps by largest remainder while everything holds.
  const rests = new Map(admitted.map((who) => {
    const car = carOf(who)
    const whole = Math.max(floorBy(amps[who]! + slip, car.stepA), Math.min(leastOf(car), amps[who]!))
    const rest = amps[who]! - whole
    amps[who] = whole
    return [who, rest]
  }))
  const handing = [...admitted].sort((a, b) => carOf(b).priority - carOf(a).priority || (Math.abs(rests.get(a)! - rests.get(b)!) > hair ? rests.get(b)! - rests.get(a)! : carOf(a).queuedAt - carOf(b).queuedAt || (connectors[a]!.id < connectors[b]!.id ? -1 : 1)))
  for (const who of handing) {
    const next = amps[who]! + carOf(who).stepA
    const tried = amps.map((value, index) => (index === who ? next : value))
    if (next <= carOf(who).maxA + hair && (next <= fallbacks[who]! || !broken(tried).some((rule) => rule.touches(who)))) amps[who] = next
  }
  return connectors.map((_, who) => ({ fallbackA: fallbacks[who]!, allocatedA: Math.round(amps[who]! * 1e6) / 1e6, why: why[who]! }))
}

function rulesOf({ nodes, connectors, baseA, voltage }: OracleCase): Rule[] {
  const rules: Rule[] = []
  nodes.forEach((node, index) => {
    const below = connectors.map((connector) => isUnder(nodes, connector.node, index))
    const total = (loads: readonly Load[], phase: number) => loads.reduce((sum, load, who) => sum + (below[who] ? load[phase]! : 0), index === 0 ? baseA[phase]! : 0)
    if (node.limitA !== null) {
      node.limitA.forEach((limit, own) => {
        const phase = sitePhase(nodes, index, own)
        const isOn = (who: number, count: number) => below[who]! && [0, 1, 2].slice(0, count).some((wire) => sitePhase(nodes, connectors[who]!.node, wire) === phase)
        rules.push({ holds: (loads) => total(loads, phase) <= limit + hair, touches: (who) => isOn(who, connectors[who]!.car?.phases ?? 0), reaches: (who) => isOn(who, 3) })
      })
    }
    if (node.limitW !== null) {
      const { limitW } = node
      rules.push({ holds: (loads) => voltage * (total(loads, 0) + total(loads, 1) + total(loads, 2)) <= limitW + hair * voltage, touches: (who) => below[who]!, reaches: (who) => below[who]! })
    }
  })
  return rules
}

function sitePhase(nodes: readonly OracleNode[], index: number, own: number): number {
  const node = nodes[index]!
  return node.parent === null ? own : sitePhase(nodes, node.parent, node.rotation[own]!)
}

function isUnder(nodes: readonly OracleNode[], index: number, ancestor: number): boolean {
  if (index === ancestor) return true
  const { parent } = nodes[index]!
  return parent !== null && isUnder(nodes, parent, ancestor)
}

/** The order of admission: class, those that are on, the longest starved, the queue, the name. */
function inQueue(a: OracleConnector, b: OracleConnector): number {
  const keys = ({ id, car }: OracleConnector): (number | string)[] => [-(car?.priority ?? 0), car?.isOn ? 0 : 1, car?.starvedSince ?? 1e15, car?.queuedAt ?? 0, id]
  const [one, other] = [keys(a), keys(b)]
  for (const [index, key] of one.entries()) if (key !== other[index]) return key < other[index]! ? -1 : 1
  return 0
}

function leastOf({ minA, stepA }: { minA: number; stepA: number }): number {
  return Math.ceil(minA / stepA - hair) * stepA
}

function floorBy(value: number, step: number): number {
  return Math.floor(value / step + hair) * step
}
