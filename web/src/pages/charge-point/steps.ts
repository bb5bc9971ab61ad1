// Schedules as steps for a drawing and a table: what should hold and what the charge point says, on one axis.
export interface Period { readonly startPeriod: number; readonly limit: number }
/** `limit` null = nothing limits then. */
export interface Step { readonly fromS: number; readonly toS: number; readonly limit: number | null }

/** Before the first period nothing limits; each holds until the next, the last until the end. `offsetS`: how much later this schedule starts than the drawing. */
export function stepsOf(periods: readonly Period[], durationS: number, offsetS = 0): readonly Step[] {
  const sorted = periods.map(({ startPeriod, limit }) => ({ fromS: Math.max(0, startPeriod + offsetS), limit })).sort((a, b) => a.fromS - b.fromS)
  const first = sorted[0]?.fromS ?? durationS
  const steps: Step[] = first > 0 ? [{ fromS: 0, toS: Math.min(first, durationS), limit: null }] : []
  for (const [index, { fromS, limit }] of sorted.entries()) {
    const toS = Math.min(sorted[index + 1]?.fromS ?? durationS, durationS)
    if (toS > fromS) steps.push({ fromS, toS, limit })
  }
  return steps
}

/** A round number above every limit. */
export function topOf(all: readonly (readonly Step[])[]): number {
  const most = Math.max(1, ...all.flat().map(({ limit }) => limit ?? 0))
  const unit = 10 ** Math.floor(Math.log10(most))
  const step = [1, 2, 2.5, 4, 5, 8, 10].map((factor) => factor * unit).find((round) => round >= most)
  return step ?? 10 * unit
}

/** An SVG path through the steps; where nothing limits there is no line. */
export function pathOf(steps: readonly Step[], { width, height, durationS, top }: { width: number; height: number; durationS: number; top: number }): string {
  const x = (s: number): number => Math.round((s / durationS) * width * 10) / 10
  const y = (limit: number): number => Math.round((1 - limit / top) * height * 10) / 10
  let path = ''
  let drawing = false
  for (const { fromS, toS, limit } of steps) {
    if (limit === null) {
      drawing = false
      continue
    }
    path += drawing ? `V${y(limit)}H${x(toS)}` : `M${x(fromS)} ${y(limit)}H${x(toS)}`
    drawing = true
  }
  return path
}
