// The figures as rows of a Markdown table: what, figure, beside.
import { cpus, loadavg } from 'node:os'
import type { CompositeResult } from './composite.ts'
import { words, type DecisionResult, type Spread } from './decision.ts'
import type { EngineCutResult } from './engine-cut.ts'
import type { FairnessResult } from './fairness.ts'
import type { FramesResult, Rate } from './frames.ts'
import type { LimitCutResult } from './limit-cut.ts'
import type { Summary } from './statistics.ts'

export interface Figures {
  readonly at: string
  readonly scale: string
  readonly machine: { readonly node: string; readonly cores: number; readonly model: string; readonly platform: string; readonly load: number }
  readonly frames: FramesResult
  readonly limitCut: LimitCutResult
  readonly composite: CompositeResult
  readonly fairness: FairnessResult
  readonly decision: DecisionResult
  readonly engineCut: EngineCutResult
}

/** `load` is the average of the last minute: what else the machine does, when asked before the bench begins. */
export function machineFacts(): Figures['machine'] {
  const list = cpus()
  return { node: process.version, cores: list.length, model: list[0]?.model.trim() || 'unknown', platform: `${process.platform} ${process.arch}`, load: loadavg()[0]! }
}

/** `brief` = what a README has room for: of the even shares the largest, of the decisions those that the targets name, and no growth. */
export function renderTable(figures: Figures, brief = false): string {
  const { frames, limitCut, composite, engineCut } = figures
  const { fairness, decision } = brief ? inBrief(figures) : figures
  const { limitOff, limitOn, bareWs, ratio } = frames
  const share = ratio.framesPerCoreS === null ? '' : `, ${percent(ratio.framesPerCoreS)} per core-second`
  const rows = [
    [
      `frames per second through the whole path (parse, validate, actor, store, answer), message limit off, ${frames.stations} stations`,
      rate(limitOff), `bare \`ws\` echo of the same frames in the same run: ${rate(bareWs)}; kwota has ${percent(ratio.framesPerS)} of it${share}`,
    ],
    [
      `the same, message limit on (${frames.messagesPerSecond}/s per charge point)`,
      rate(limitOn), `the limit itself: ${whole(frames.messagesPerSecond * frames.stations)}`,
    ],
    [
      `from PUT of a limit to the last lowering received, ${limitCut.chargePoints} charge points`,
      times(limitCut.lastLoweringMs), `to the first: ${times(limitCut.firstLoweringMs)}; durable and answered: ${times(limitCut.answeredMs)}`,
    ],
    [
      `composite schedules per second, ${composite.profiles} stacked profiles over ${composite.windowH} h, one core`,
      span(composite.perS), `each of ${Math.round(composite.periods)} periods; of profiles never seen before: ${span(composite.firstSightPerS)}`,
    ],
    ...fairness.sizes.map(({ connectors, constraints, programs, solverMs, kwotaMs, worstA }) => [
      `an even share of ${whole(connectors)} connectors under ${constraints} constraints, before rounding`,
      times(kwotaMs), `by ${Math.round(programs)} linear programs of the HiGHS solver: ${times(solverMs)}, ${whole(solverMs.median / kwotaMs.median)} times as long; the shares, sorted, differ by ${worstA.toExponential(0)} A at most`,
    ]),
    ...decision.figures.map(({ connectors, shortage, fullMs, oneMs, shared }) => [
      `a decision for ${whole(connectors)} connectors on 4 levels, ${words[shortage]}`,
      `${spread(fullMs)}; after one car's change ${spread(oneMs)}`, `shared anew for that car among ${whole(shared)}; no sockets, no store`,
    ]),
    [
      `from a limit to the last lowering handed to its session, ${engineCut.chargePoints} charge points, inside the process`,
      spread(engineCut.lastMs), `${engineCut.cuts} cuts, the memory store, no sockets`,
    ],
    ...decision.growth.map(({ shortage, full, one }) => [`how that grows with the connectors, ${words[shortage]}`, `connectors to the power of ${full.toFixed(2)}; after one car's change ${one.toFixed(2)}`, 'from the second smallest site to the largest']),
  ]
  return ['| what | figure | beside |', '|---|---|---|', ...rows.map((row) => `| ${row.join(' | ')} |`)].join('\n')
}

function inBrief({ fairness, decision }: Figures): Pick<Figures, 'fairness' | 'decision'> {
  const largest = Math.max(...decision.figures.map(({ connectors }) => connectors))
  return {
    fairness: { ...fairness, sizes: fairness.sizes.slice(-1) },
    decision: { ...decision, figures: decision.figures.filter(({ connectors, shortage }) => shortage !== 'branches' && (connectors === 500 || connectors === largest)), growth: [] },
  }
}

function rate({ framesPerS, framesPerCoreS, cores }: Rate): string {
  const cpu = framesPerCoreS === null || cores === null ? '' : `; ${whole(framesPerCoreS.median)} per core-second, at ${cores.median.toFixed(2)} cores`
  return `${span(framesPerS)}${cpu}`
}

function span({ median, min, max }: Summary): string {
  return `${whole(median)} (${whole(min)}–${whole(max)})`
}

function times({ median, min, max }: Summary): string {
  return `${ms(median)} ms (${ms(min)}–${ms(max)})`
}

function spread({ p50, p99 }: Spread): string {
  return `${p50.toFixed(2)} ms (99 of 100 within ${p99.toFixed(2)})`
}

const whole = (value: number) => Math.round(value).toString().replace(/\B(?=(\d{3})+$)/g, ',')
const ms = (value: number) => value.toFixed(value < 10 ? 1 : 0)
const percent = (value: number) => `${Math.round(value * 100)} %`
