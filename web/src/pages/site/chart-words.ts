// The chart of a site in words: what held at a time, and for each stretch of its table what limited it and what was decided. Pure.
import type { ChartView } from '../../../../src/actors/chart-views.ts'
import { limitWords } from '../../data/limit-words.ts'
import { num } from '../../data/words.ts'
import { held, type Drawn, type Unit } from './chart-data.ts'

const seconds = (at: string): number => Date.parse(at) / 1000
const decisionsSaid = 3
const leastS = 0.001

/** Which limits were in effect within each stretch, and the decisions made in it; `fromS` ascending. */
export function remarksOf({ at, limits: { past, future }, decisions }: Pick<ChartView, 'at' | 'limits' | 'decisions'>, fromS: readonly number[], everyS: number): { readonly limitedBy: string; readonly decisions: readonly string[] }[] {
  const nowS = seconds(at)
  const steps = [...past.filter((step) => seconds(step.at) < nowS), ...future].map((step) => ({ timeS: seconds(step.at), binding: step.binding }))
  const made = decisions.map((one) => ({ timeS: seconds(one.at), words: one.words }))
  let [step, decision] = [0, 0]
  return fromS.map((beginS) => {
    const endS = beginS + everyS
    while ((steps[step + 1]?.timeS ?? Infinity) <= beginS) step++
    const bindings = new Set<string>()
    for (let i = step; i < steps.length && steps[i]!.timeS < endS; i++) bindings.add(steps[i]!.binding ?? '')
    while ((made[decision]?.timeS ?? Infinity) < beginS) decision++
    const words: string[] = []
    for (; (made[decision]?.timeS ?? Infinity) < endS; decision++) words.push(made[decision]!.words)
    return { limitedBy: [...bindings].filter((binding) => binding !== '').map(limitWords).join(', '), decisions: words }
  })
}

/** `building 3 kW · row 8.1 kW · limit 27.6 kW (the fuse). The grid limit was changed: …`; of decisions those within `nearS`, the nearest first. */
export function readoutAt(chart: Pick<ChartView, 'at' | 'stepS' | 'limits' | 'decisions'>, { times, layers, pastLimit, nextLimit }: Drawn, unit: Unit, timeS: number, nearS: number): string {
  const index = times.findLastIndex((time) => time <= timeS)
  const known = index >= 0 && timeS < times[index]! + chart.stepS
  const [limit = null] = held(seconds(chart.at) <= timeS ? nextLimit : pastLimit, [timeS])
  const [{ limitedBy } = { limitedBy: '' }] = remarksOf(chart, [timeS], leastS)
  const written = (value: number | null | undefined): string => (value === null || value === undefined ? 'not known' : `${num(value)} ${unit}`)
  const values = [...known ? layers.map(({ name, values }) => `${name} ${written(values[index])}`) : [], `limit ${written(limit)}${limitedBy === '' ? '' : ` (${limitedBy})`}`]
  const near = chart.decisions.map(({ at, words }) => ({ words, awayS: Math.abs(seconds(at) - timeS) })).filter(({ awayS }) => awayS <= nearS).sort((a, b) => a.awayS - b.awayS)
  return [`${values.join(' · ')}.`, ...near.slice(0, decisionsSaid).map(({ words }) => words), ...(near.length > decisionsSaid ? [`And ${near.length - decisionsSaid} more decisions about then.`] : [])].join(' ')
}
