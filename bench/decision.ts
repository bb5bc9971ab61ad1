// How long a decision takes on one core: all of a site anew, and after the change of a single car, from 100 to 10,000 connectors.
import { buildWorld, loadPower, nowMs, type Built, type Shortage } from './decision-world.ts'
import type { Scale } from './scale.ts'

export interface DecisionFigure {
  readonly connectors: number
  readonly shortage: Shortage
  /** Without anything known of before. */
  readonly fullMs: Spread
  /** A car comes or goes; what was decided before is known. */
  readonly oneMs: Spread
  /** Connectors that were shared among anew for that change, at most: all of them where the fuse is short, since what one car leaves is for all. */
  readonly shared: number
}

export interface DecisionResult {
  readonly figures: readonly DecisionFigure[]
  /** By which power of the number of connectors the time grows, from the second smallest site to the largest. */
  readonly growth: readonly { readonly shortage: Shortage; readonly full: number; readonly one: number }[]
}

export interface Spread { readonly p50: number; readonly p99: number }

const shortages: readonly Shortage[] = ['branch', 'branches', 'site']
const sizes: Readonly<Record<Scale['name'], readonly number[]>> = { full: [100, 500, 1_000, 10_000], quick: [100, 500, 1_000], smoke: [100] }
/** So many connectors are decided for in all, for every size alike. */
const decided: Readonly<Record<Scale['name'], number>> = { full: 400_000, quick: 50_000, smoke: 1_000 }
const fewest = 10
const most = 300

export async function measureDecision(scale: Scale, progress: (line: string) => void): Promise<DecisionResult> {
  const power = await loadPower()
  const figures: DecisionFigure[] = []
  for (const shortage of shortages) {
    for (const connectors of sizes[scale.name]) {
      const rounds = Math.max(fewest, Math.min(most, Math.round(decided[scale.name] / connectors)))
      const figure = measureSite(power, connectors, shortage, rounds)
      figures.push(figure)
      progress(`${connectors} connectors, ${words[shortage]}: all ${show(figure.fullMs)}, one car ${show(figure.oneMs)}, shared anew among ${figure.shared}`)
    }
  }
  return { figures, growth: shortages.map((shortage) => growthOf(figures.filter((one) => one.shortage === shortage), shortage)) }
}

/** What a site is short of, in words. */
export const words: Readonly<Record<Shortage, string>> = { branch: 'one branch of 25 short of current', branches: 'every branch of 25 short by itself', site: 'the fuse short for all' }

function measureSite(power: Built, connectors: number, shortage: Shortage, rounds: number): DecisionFigure {
  const { inputs, change } = buildWorld(power, connectors, shortage)
  const fullMs: number[] = []
  for (let at = -fewest; at < rounds; at++) {
    const begunMs = performance.now()
    power.plan(inputs, nowMs + at)
    if (at >= 0) fullMs.push(performance.now() - begunMs)
  }
  const memory = power.openMemory()
  power.plan(inputs, nowMs, memory)
  const oneMs: number[] = []
  let shared = 0
  let current = inputs
  for (let at = 0; at < rounds + fewest; at++) {
    current = change(current, at)
    const begunMs = performance.now()
    power.plan(current, nowMs + at, memory)
    if (at >= fewest) oneMs.push(performance.now() - begunMs)
    shared = Math.max(shared, memory.effort.shared)
  }
  return { connectors, shortage, fullMs: spreadOf(fullMs), oneMs: spreadOf(oneMs), shared }
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!
  return { p50: at(0.5), p99: at(0.99) }
}

function growthOf(figures: readonly DecisionFigure[], shortage: Shortage): DecisionResult['growth'][number] {
  const [small, large] = [figures[Math.min(1, figures.length - 1)]!, figures.at(-1)!]
  const power = (of: (figure: DecisionFigure) => Spread) => (small === large ? 0 : Math.log(of(large).p50 / of(small).p50) / Math.log(large.connectors / small.connectors))
  return { shortage, full: power((one) => one.fullMs), one: power((one) => one.oneMs) }
}

function show({ p50, p99 }: Spread): string {
  return `${p50.toFixed(2)} ms (p99 ${p99.toFixed(2)})`
}
