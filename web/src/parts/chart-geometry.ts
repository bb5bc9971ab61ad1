// Where the marks and lines of a chart over time lie; knows nothing of how they are drawn.

/** An instant, ms, and what held then; null = not known. */
export type Point = readonly [atMs: number, value: number | null]

/** Round numbers from 0 to at least `max`, about `wanted` of them. */
export function roundTicks(max: number, wanted = 4): number[] {
  if (!(max > 0)) return [0, 1]
  const rough = max / wanted
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = power * ([1, 2, 2.5, 5, 10].find((one) => one * power >= rough - 1e-9) ?? 10)
  const ticks: number[] = []
  for (let i = 0; (i - 1) * step < max - 1e-9; i++) ticks.push(Number((i * step).toPrecision(12)))
  return ticks
}

const spans = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10_080].map((minutes) => minutes * 60_000)

/** Whole minutes, hours or days by the clock that is `aheadMs` ahead of UTC, at most `most` of them. */
export function timeTicks(fromMs: number, toMs: number, most: number, aheadMs = 0): number[] {
  const span = spans.find((one) => (toMs - fromMs) / one <= most) ?? (toMs - fromMs) / most
  const ticks: number[] = []
  for (let ms = Math.ceil((fromMs + aheadMs) / span) * span - aheadMs; ms <= toMs; ms += span) ticks.push(ms)
  return ticks
}

/** An SVG path. `step` = each value holds until the next point. Gaps where nothing is known. */
export function pathOf(points: readonly Point[], x: (ms: number) => number, y: (value: number) => number, step: boolean): string {
  let path = ''
  let before: readonly [number, number] | null = null
  for (const [ms, value] of points) {
    const px = round(x(ms))
    if (value === null) {
      if (before !== null && step) path += `H${px}`
      before = null
      continue
    }
    const py = round(y(value))
    path += before === null ? `M${px} ${py}` : step ? `H${px}V${py}` : `L${px} ${py}`
    before = [px, py]
  }
  return path
}

/** What a line shows at an instant; null before its first and where nothing is known. */
export function valueAt(points: readonly Point[], ms: number, step: boolean): number | null {
  let low = 0
  let high = points.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((points[middle]?.[0] ?? Infinity) <= ms) low = middle + 1
    else high = middle
  }
  const [before, after] = [points[low - 1], points[low]]
  if (before === undefined || before[1] === null) return null
  if (step || after === undefined || after[1] === null) return before[1]
  return before[1] + ((after[1] - before[1]) * (ms - before[0])) / (after[0] - before[0])
}

const round = (value: number): number => Math.round(value * 10) / 10
