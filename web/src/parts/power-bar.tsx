// One phase of a grid connection or circuit as a bar: measured is solid, reserved but unused is hatched, the rest is free; ticks say what limits it.
import { amps, limitAmps } from '../data/words.ts'

export interface BarMark {
  readonly atA: number
  readonly kind: 'limit' | 'next' | 'fuse'
  /** For people, e.g. `limit 60 A`. */
  readonly label: string
}

interface PowerBarProps {
  /** `L1`, or the name of what is shown. */
  readonly name: string
  readonly measuredA: number
  /** How much of what may flow that has in it; left out: all. */
  readonly measured?: 'all' | 'part' | 'none'
  readonly reservedA: number
  readonly limitA: number
  readonly marks?: readonly BarMark[]
  /** What the whole width stands for; left out: a little more than the largest of all. */
  readonly fullA?: number
  /** How a current of this phase is written; left out: in amps. */
  readonly written?: (valueA: number) => string
  /** How a limit and what is left of it are written, which is never more than there is; left out: in amps. */
  readonly writtenLimit?: (valueA: number) => string
}

/** Words for it are in its accessible name, and under it for everybody. */
export function PowerBar({ name, measuredA, measured = 'all', reservedA, limitA, marks = [], fullA, written = amps, writtenLimit = limitAmps }: PowerBarProps) {
  const full = fullA ?? barFullA([limitA, measuredA, reservedA, ...marks.map(({ atA }) => atA)])
  const percent = (valueA: number): string => `${Math.max(0, Math.min(100, (valueA / full) * 100))}%`
  const over = measuredA > limitA + 0.5
  const unusedA = Math.max(0, reservedA - measuredA)
  const value = measured === 'all' ? written(measuredA) : measured === 'part' ? `≥ ${written(measuredA)}` : '–'
  const told = measured === 'none' ? `not measured, ${written(reservedA)} reserved` : `${measured === 'part' ? 'at least ' : ''}${written(measuredA)} measured, ${written(unusedA)} more reserved`
  const words = `${name}: ${told}, ${writtenLimit(Math.max(0, limitA - Math.max(reservedA, measuredA)))} free of ${writtenLimit(limitA)}${over ? ', over the limit' : ''}`
  return (
    <div class="bar-line" role="img" aria-label={[words, ...marks.map(({ label }) => label)].join('; ')}>
      <span class="bar-name" aria-hidden="true">{name}</span>
      <div class="bar" aria-hidden="true">
        <div class={`bar-measured moves${over ? ' over' : ''}`} style={{ width: percent(measuredA) }} />
        <div class="bar-reserved moves" style={{ left: percent(measuredA), width: percent(unusedA) }} />
        {marks.map(({ atA, kind, label }) => <div key={kind} class={`bar-tick moves ${kind}`} style={{ left: percent(atA) }} title={label} />)}
      </div>
      <span class="bar-value" aria-hidden="true">{over && '▲ '}{value}</span>
    </div>
  )
}

/** The width of a bar, A. */
export const barFullA = (valuesA: readonly number[]): number => Math.max(1, ...valuesA) * 1.02
