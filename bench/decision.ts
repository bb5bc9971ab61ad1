// How long a decision takes on one core: all of a site anew, and after the change of a single car, from 100 to 10,000 connectors.
import { buildWorld, loadPower, nowMs, type Built, type Shortage } from './decision-world.ts'
import type { Part, Row } from './part.ts'
import type { PerScale, Scale } from './scale.ts'
import { atMost, whole } from './words.ts'

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
  /** By which power of the number of connectors the time grows, from the smallest site to the largest. */
  readonly growth: readonly { readonly shortage: Shortage; readonly full: number; readonly one: number }[]
}

export interface Spread { readonly p50: number; readonly p99: number }

const shortages: readonly Shortage[] = ['branch', 'branches', 'site']
const sizes: PerScale<readonly number[]> = { full: [100, 1_000, 10_000], quick: [100, 1_000, 10_000], smoke: [100] }
/** So many connectors are decided for in all, for every size alike. */
const decided: PerScale<number> = { full: 400_000, quick: 50_000, smoke: 1_000 }
const fewest = 10
const mostRounds = 300

export async function measureDecision(scale: Scale, progress: (line: string) => void): Promise<DecisionResult> {
  const power = await loadPower()
  const figures: DecisionFigure[] = []
  for (const shortage of shortages) {
    for (const connectors of sizes[scale]) {
      const rounds = Math.max(fewest, Math.min(mostRounds, Math.round(decided[scale] / connectors)))
      const figure = measureSite(power, connectors, shortage, rounds)
      figures.push(figure)
      progress(`${connectors} connectors, ${shortageWords[shortage]}: all ${show(figure.fullMs)}, one car ${show(figure.oneMs)}, shared anew among ${figure.shared}`)
    }
  }
  return { figures, growth: shortages.map((shortage) => growthOf(figures.filter((one) => one.shortage === shortage), shortage)) }
}

/** What a site is short of, in words. */
const shortageWords: Readonly<Record<Shortage, string>> = { branch: 'one branch of 25 short of current', branches: 'every branch of 25 short by itself', site: 'the fuse short for all' }

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
  const [small, large] = [figures[0]!, figures.at(-1)!]
  const power = (of: (figure: DecisionFigure) => Spread) => (small === large ? 0 : Math.log(of(large).p50 / of(small).p50) / Math.log(large.connectors / small.connectors))
  return { shortage, full: power((one) => one.fullMs), one: power((one) => one.oneMs) }
}

function show({ p50, p99 }: Spread): string {
  return `${p50.toFixed(2)} ms (p99 ${p99.toFixed(2)})`
}

const most = { fullMs: 100, oneMs: 5 }

/** Goals are named for 10,000 connectors, where one branch is short: a car that comes where the fuse itself is short is a full decision. */
export async function decision(scale: Scale, progress: (line: string) => void): Promise<Part<DecisionResult>> {
  const data = await measureDecision(scale, progress)
  const largest = Math.max(...data.figures.map(({ connectors }) => connectors))
  const rows = data.figures.flatMap(({ connectors, shortage, fullMs, oneMs, shared }): Row[] => {
    const brief = connectors === largest && shortage !== 'branches'
    return [
      { what: `a decision for ${whole(connectors)} connectors on 4 levels, ${shortageWords[shortage]}`, figure: spreadWords(fullMs), beside: 'no sockets, no store', brief, goal: atMost(fullMs.p50, most.fullMs, `within ${most.fullMs} ms`) },
      {
        what: `the same after one car's change`, figure: spreadWords(oneMs), beside: `shared anew for that car among ${whole(shared)}`, brief,
        ...(shared === connectors && shortage === 'site' ? {} : { goal: atMost(oneMs.p50, most.oneMs, `within ${most.oneMs} ms`) }),
      },
    ]
  })
  const growth = data.growth.map(({ shortage, full, one }): Row => ({
    what: `how that grows with the connectors, ${shortageWords[shortage]}`, figure: `connectors to the power of ${full.toFixed(2)}; after one car's change ${one.toFixed(2)}`, beside: 'from the smallest site to the largest',
  }))
  return { data, rows: [...rows, ...growth] }
}

function spreadWords({ p50, p99 }: Spread): string {
  return `${p50.toFixed(2)} ms (99 of 100 within ${p99.toFixed(2)})`
}
