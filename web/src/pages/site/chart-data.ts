// What the chart of a site draws, worked out from what kwota tells: stacked columns, the steps of the limit, a table of the same. Pure.
import type { ChartView } from '../../../../src/actors/chart-views.ts'

export type Unit = 'kW' | 'A'
export type Column = (number | null)[]

export interface Layer { readonly name: string; readonly values: Column }
export interface Drawn {
  /** s since the epoch. */
  readonly times: readonly number[]
  /** From the ground up; what each adds. */
  readonly layers: readonly Layer[]
  /** `[time, value]`; a value holds until the next time; null = not on record. */
  readonly pastLimit: readonly (readonly [number, number | null])[]
  readonly nextLimit: readonly (readonly [number, number | null])[]
}

/** What never carries more is nothing but rounding. */
const leastW = 100
const seconds = (at: string): number => Date.parse(at) / 1000

/** Amperes are per phase, as if the phases were even: watts by 3 × voltage. */
export function drawn(chart: ChartView, unit: Unit): Drawn {
  const divisor = unit === 'kW' ? 1000 : 3 * chart.voltage
  const shown = (valueW: number | null): number | null => (valueW === null ? null : valueW / divisor)
  const { times, buildingW, nodes } = chart.measured
  const [site] = nodes
  const children = nodes.filter(({ parent }) => parent !== null && parent === site?.id)
  const others = (site?.powerW ?? []).map((valueW, i) => (valueW === null ? null : Math.max(0, valueW - children.reduce((sum, { powerW }) => sum + (powerW[i] ?? 0), 0))))
  const layers = [
    { name: 'building', watts: buildingW },
    ...children.map(({ id, powerW }) => ({ name: id, watts: powerW })),
    { name: children.length === 0 ? 'cars' : 'other connectors', watts: others },
  ]
  const nowS = seconds(chart.at)
  const valueOf = (step: { readonly currentA: number | null; readonly powerW: number | null }): number | null => (unit === 'kW' ? shown(step.powerW) : step.currentA)
  const past = chart.limits.past.filter(({ at }) => seconds(at) <= nowS).map((step) => [seconds(step.at), valueOf(step)] as const)
  const future = chart.limits.future.map((step) => [Math.max(nowS, seconds(step.at)), valueOf(step)] as const)
  const held = past.at(-1)
  const last = future.at(-1)
  return {
    times,
    layers: layers.filter(({ watts }) => watts.some((valueW) => valueW !== null && valueW > leastW)).map(({ name, watts }) => ({ name, values: watts.map(shown) })),
    pastLimit: held === undefined ? [] : [...past, [nowS, held[1]]],
    nextLimit: last === undefined ? [] : [...future, [seconds(chart.to), last[1]]],
  }
}

/** A step has less than this much room, and a line of full width would be a blot. */
const roomPx = 6

/** Do the steps come so close together in a picture of `spanS` on `widthPx`? */
export function crowded(steps: Drawn['pastLimit'], spanS: number, widthPx: number): boolean {
  const [first, last] = [steps[0], steps.at(-1)]
  if (first === undefined || last === undefined || steps.length < 3) return false
  return ((last[0] - first[0]) / (steps.length - 1)) * (widthPx / spanS) < roomPx
}

/** Each layer on top of those below it; unknown where all of them are unknown. */
export function stacked(layers: readonly Layer[]): Column[] {
  const below: Column[] = []
  for (const { values } of layers) {
    const ground = below.at(-1)
    below.push(values.map((value, i) => {
      const under = ground?.[i] ?? null
      return value === null && under === null ? null : (value ?? 0) + (under ?? 0)
    }))
  }
  return below
}

/** The steps that hold at each of `times`. */
export function held(steps: Drawn['pastLimit'], times: readonly number[]): Column {
  let at = -1
  return times.map((time) => {
    while (at + 1 < steps.length && (steps[at + 1]?.[0] ?? Infinity) <= time) at += 1
    return steps[at]?.[1] ?? null
  })
}

/** Rows for people who read instead of look: every `everyS` a mean of what was measured, and the limit. */
export function tableOf({ times, layers, pastLimit, nextLimit }: Drawn, everyS: number): { readonly fromS: number; readonly values: readonly (number | null)[]; readonly limit: number | null }[] {
  const slots = new Map<number, number[]>()
  for (const [i, time] of times.entries()) {
    const slot = Math.floor(time / everyS) * everyS
    slots.set(slot, [...slots.get(slot) ?? [], i])
  }
  for (const [time] of nextLimit) {
    const slot = Math.floor(time / everyS) * everyS
    if (!slots.has(slot)) slots.set(slot, [])
  }
  const order = [...slots.keys()].sort((a, b) => a - b)
  const limits = held([...pastLimit, ...nextLimit], order.map((slot) => slot + everyS - 1))
  return order.map((fromS, at) => ({ fromS, values: layers.map(({ values }) => mean((slots.get(fromS) ?? []).map((i) => values[i] ?? null))), limit: limits[at] ?? null }))
}

function mean(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length
}
