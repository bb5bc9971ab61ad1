// A stack of profiles in a terminal: a strip for each that shows when it is active and when it rules, and the limit below as bars.
import type { Picture, Span, Strip } from './composite-picture.ts'
import { writtenLimit, writtenTime } from './composite-times.ts'

export interface ChartOptions {
  readonly columns: number
  readonly colour: boolean
}

const barRows = 6
const eighths = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']
const leastPlot = 24
const paints = { rules: '32', active: '33', dim: '2' } as const

/** Lines no wider than `columns` (40 at least). Of a column in which several things happen it shows who ruled, and the lowest limit. */
export function chartLines(picture: Picture, options: ChartOptions): string[] {
  const columns = Math.max(40, options.columns)
  const paint = (kind: keyof typeof paints, text: string): string => (options.colour && text !== '' ? `\u001b[${paints[kind]}m${text}\u001b[0m` : text)
  if (picture.steps.every(({ limit }) => limit === null) && picture.strips.length === 0) return []
  const limits = picture.steps.flatMap(({ limit }) => (limit === null ? [] : [limit]))
  const top = Math.max(0, ...limits)
  const scale = [writtenLimit(top, picture.unit), writtenLimit(0, picture.unit)]
  const labels = Math.min(Math.max(...picture.strips.map(({ label }) => label.length), ...scale.map(({ length }) => length)), columns - 2 - leastPlot)
  const width = columns - labels - 2
  const slots = Array.from({ length: width }, (_, index): Span => ({ fromS: (index * picture.durationS) / width, toS: ((index + 1) * picture.durationS) / width }))
  const strips = picture.strips.map(({ label, spans }) => `${fit(label, labels)}  ${slots.map((slot) => stripCell(spans, slot, paint)).join('')}`)
  const heights = slots.map((slot) => lowest(picture, slot)).map((limit) => (limit === null ? null : top === 0 ? 0 : Math.max(limit > 0 ? 1 : 0, Math.round((limit / top) * barRows * 8))))
  const bars = Array.from({ length: barRows }, (_, row) => {
    const floor = (barRows - 1 - row) * 8
    const cells = heights.map((height) => (height === null ? (row === 0 ? '·' : ' ') : eighths[Math.min(8, Math.max(0, height - floor))] ?? ' ')).join('')
    const label = row === 0 ? (limits.length > 0 ? scale[0] : '') : row === barRows - 1 && top > 0 ? scale[1] : ''
    return `${(label ?? '').padStart(labels)}  ${cells}`.trimEnd()
  })
  const legend = ['█ rules', '░ active, another rules', '· silent; below: nothing limits'].join('   ')
  return [...strips, ...(strips.length > 0 ? [''] : []), ...bars, `${' '.repeat(labels + 2)}${paint('dim', axis(picture, width))}`, ...(strips.length > 0 ? [paint('dim', fit(legend, columns).trimEnd())] : [])]
}

function stripCell(spans: Strip['spans'], slot: Span, paint: (kind: keyof typeof paints, text: string) => string): string {
  const here = spans.filter(({ fromS, toS }) => fromS < slot.toS && toS > slot.fromS)
  if (here.some(({ rules }) => rules)) return paint('rules', '█')
  return here.length > 0 ? paint('active', '░') : paint('dim', '·')
}

function lowest({ steps }: Picture, slot: Span): number | null {
  const here = steps.filter(({ fromS, toS }) => fromS < slot.toS && toS > slot.fromS).map(({ limit }) => limit ?? Infinity)
  const least = Math.min(...here)
  return least === Infinity ? null : least
}

/** Begin, middle where there is room, end. */
function axis({ startMs, durationS }: Picture, width: number): string {
  const endMs = startMs + durationS * 1_000
  const middleMs = startMs + durationS * 500
  const [begin, middle, end] = [writtenTime(startMs, startMs), writtenTime(middleMs, startMs), writtenTime(endMs, startMs)]
  const at = Math.floor((width - middle.length) / 2)
  // A middle that is no whole minute would be said wrong.
  if (durationS % 120 !== 0 || at < begin.length + 1 || at + middle.length + 1 > width - end.length) return `${begin}${end.padStart(width - begin.length)}`
  return `${begin}${middle.padStart(at + middle.length - begin.length)}${end.padStart(width - at - middle.length)}`
}

function fit(text: string, width: number): string {
  const letters = [...text]
  return letters.length > width ? `${letters.slice(0, Math.max(0, width - 1)).join('')}…` : text.padEnd(width)
}
