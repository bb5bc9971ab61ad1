// The even share against a linear-programming solver: the same fairness level, and how much longer the solver takes.
import type { Part } from './part.ts'
import type { Scale } from './scale.ts'
import { randomFrom } from './random.ts'
import { summarise, type Summary } from './statistics.ts'
import { times, whole } from './words.ts'

export interface FairnessResult {
  readonly sizes: readonly {
    readonly connectors: number
    readonly constraints: number
    /** Linear programs until every share was fixed. */
    readonly programs: number
    readonly solverMs: Summary
    readonly kwotaMs: Summary
    /** The largest difference between the two, shares sorted, before rounding to steps, A. */
    readonly worstA: number
  }[]
}

interface Bound { readonly capacity: number }
interface Member {
  readonly key: string; readonly priority: number; readonly weight: number; readonly minA: number; readonly capA: number; readonly floorA: number; readonly stepA: number; readonly rank: number
  readonly bounds: readonly { readonly index: number; readonly perAmp: number }[]
}
interface Division { readonly amps: ReadonlyMap<string, number> }
interface Built {
  readonly admit: (bounds: readonly Bound[], members: readonly Member[], nowMs: number) => { readonly division: Division; readonly admitted: readonly Member[] }
  readonly fillEvenly: (group: readonly Member[], division: Division, isWeighted: boolean) => void
}
/** What is used of the solver; the types it comes with do not fit how it is loaded. */
interface Model {
  readonly options: { set(options: Readonly<Record<string, boolean | number | string>>): void }
  addVar(lower: number, upper: number): void
  addRow(lower: number, upper: number, row: { readonly indices: readonly number[]; readonly values: readonly number[] }): void
  changeColCost(column: number, cost: number): void
  changeColBounds(column: number, lower: number, upper: number): void
  changeRowBounds(row: number, lower: number, upper: number): void
  run(): void
  getSolution(): { readonly colValue: ArrayLike<number>; readonly rowDual: ArrayLike<number> }
  dispose(): void
}
interface Solver { readonly infinity: number; createModel(): Model }
const solverName = 'highs'

interface World { readonly bounds: readonly Bound[]; readonly members: readonly Member[] }

const perCircuit = 20
const circuitsPerBranch = 5
const minA = 6
/** One share is too short to be timed by itself. */
const repeats = 20

export async function measureFairness(scale: Scale, progress: (line: string) => void): Promise<FairnessResult> {
  const parts = await Promise.all(['admission', 'filling'].map((name) => import(new URL(`../power/${name}.js`, import.meta.url).href) as Promise<object>))
  const { admit, fillEvenly } = Object.assign({}, ...parts) as Built
  const { default: load } = await import(solverName) as { default: () => Promise<Solver> }
  const highs = await load()
  const sizes: FairnessResult['sizes'][number][] = []
  for (const connectors of scale === 'smoke' ? [20] : [100, 1_000]) {
    const [solverMs, kwotaMs]: [number[], number[]] = [[], []]
    let worstA = 0
    let programs = 0
    let constraints = 0
    for (let seed = 0; seed < (scale === 'full' ? 5 : 1); seed++) {
      const world = worldOf(connectors, seed)
      constraints = world.bounds.length
      // Solved once before, so that neither pays for being compiled.
      if (seed === 0) for (let at = 0; at < 20; at++) share(world)
      const begunMs = performance.now()
      for (let at = 0; at < repeats; at++) share(world)
      kwotaMs.push((performance.now() - begunMs) / repeats)
      const own = share(world)
      const solved = solve(world)
      solverMs.push(solved.ms)
      programs += solved.programs
      solved.amps.sort((a, b) => a - b).forEach((amps, at) => { worstA = Math.max(worstA, Math.abs(amps - own[at]!)) })
      progress(`fairness of ${connectors} connectors, site ${seed + 1}: ${solverMs.at(-1)!.toFixed(0)} ms by ${solved.programs} linear programs, ${kwotaMs.at(-1)!.toFixed(2)} ms here, apart by ${worstA.toExponential(1)} A`)
    }
    if (worstA > 1e-6) throw new Error(`the share of ${connectors} connectors is ${worstA} A away from the solver's`)
    sizes.push({ connectors, constraints, programs: programs / solverMs.length, solverMs: summarise(solverMs), kwotaMs: summarise(kwotaMs), worstA })
  }
  return { sizes }

  /** Shares before rounding, sorted. */
  function share({ bounds, members }: World): number[] {
    const { division, admitted } = admit(bounds, members, 0)
    if (admitted.length < members.length) throw new Error('not everybody is admitted')
    fillEvenly(admitted, division, false)
    return [...division.amps.values()].sort((a, b) => a - b)
  }

  /** Max-min by linear programs: the highest common level, then those that cannot rise above it are fixed, and again. */
  function solve({ bounds, members }: World): { amps: number[]; programs: number; ms: number } {
    const begunMs = performance.now()
    const model = highs.createModel()
    try {
      model.options.set({ output_flag: false, primal_feasibility_tolerance: 1e-9, dual_feasibility_tolerance: 1e-9 })
      for (const { capA } of members) model.addVar(minA, capA)
      const level = members.length
      model.addVar(0, highs.infinity)
      model.changeColCost(level, -1)
      const rows = bounds.map(() => ({ indices: [] as number[], values: [] as number[] }))
      members.forEach((member, who) => { for (const { index, perAmp } of member.bounds) { rows[index]!.indices.push(who); rows[index]!.values.push(perAmp) } })
      rows.forEach((row, index) => model.addRow(-highs.infinity, bounds[index]!.capacity, row))
      members.forEach((_, who) => model.addRow(0, highs.infinity, { indices: [who, level], values: [1, -1] }))
      const amps = members.map(() => 0)
      const open = new Set(members.keys())
      let programs = 0
      while (open.size > 0) {
        model.run()
        programs += 1
        const { colValue, rowDual } = model.getSolution()
        const reached = colValue[level]!
        // Who holds the level down: a price on standing at it, or its own cap.
        const fixed = [...open].filter((who) => Math.abs(rowDual[bounds.length + who]!) > 1e-7 || members[who]!.capA <= reached + 1e-9)
        if (fixed.length === 0) throw new Error('nobody holds the level down')
        for (const who of fixed) {
          amps[who] = Math.min(members[who]!.capA, reached)
          open.delete(who)
          model.changeColBounds(who, amps[who], amps[who])
          model.changeRowBounds(bounds.length + who, -highs.infinity, highs.infinity)
        }
      }
      return { amps, programs, ms: performance.now() - begunMs }
    } finally {
      model.dispose()
    }
  }
}

/** Fuse, branches, circuits with limits by phase and some by power; cars of one and three phases; everybody's minimum fits, and nearly everybody wants more. */
function worldOf(connectors: number, seed: number): World {
  const next = randomFrom(seed + 1)
  const bounds: { capacity: number }[] = []
  const nodes = new Map<string, readonly number[]>()
  const usage: number[] = []
  const members: Member[] = []
  const nodeOf = (name: string, withPower: boolean) => {
    const known = nodes.get(name)
    if (known !== undefined) return known
    const made = Array.from({ length: withPower ? 4 : 3 }, () => bounds.push({ capacity: 0 }) - 1)
    for (const index of made) usage[index] = 0
    nodes.set(name, made)
    return made
  }
  for (let at = 0; at < connectors; at++) {
    const circuit = Math.floor(at / perCircuit)
    const above = [nodeOf(`circuit ${circuit}`, circuit % 3 === 0), nodeOf(`branch ${Math.floor(circuit / circuitsPerBranch)}`, false), nodeOf('site', true)]
    const first = Math.floor(next() * 3)
    const used = next() < 0.5 ? [0, 1, 2] : [first]
    const loads = above.flatMap((node) => [...used.map((phase) => ({ index: node[phase]!, perAmp: 1 })), ...(node[3] === undefined ? [] : [{ index: node[3], perAmp: 0.23 * used.length }])])
    for (const { index, perAmp } of loads) usage[index]! += minA * perAmp
    members.push({ key: String(at), priority: 0, weight: 1, minA, capA: [32, 32, 16, 20][Math.floor(next() * 4)]!, floorA: 0, stepA: 1, rank: at, bounds: loads })
  }
  bounds.forEach((bound, index) => { bound.capacity = Math.ceil((usage[index]! * (1.1 + 2.4 * next()) + 1) * 10) / 10 })
  return { bounds, members }
}

export async function fairness(scale: Scale, progress: (line: string) => void): Promise<Part<FairnessResult>> {
  const data = await measureFairness(scale, progress)
  return { data, rows: data.sizes.map(({ connectors, constraints, programs, solverMs, kwotaMs, worstA }, at) => ({
    what: `an even share of ${whole(connectors)} connectors under ${constraints} constraints, before rounding`, figure: times(kwotaMs), brief: at === data.sizes.length - 1,
    beside: `by ${Math.round(programs)} linear programs of the HiGHS solver: ${times(solverMs)}, ${whole(solverMs.median / kwotaMs.median)} times as long; the shares, sorted, differ by ${worstA.toExponential(0)} A at most`,
  })) }
}
