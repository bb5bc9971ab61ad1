// The chart itself: stacked power, the limit behind and ahead, curtailments shaded, decisions marked.
import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import type { ChartView } from '../../../../src/actors/chart-views.ts'
import { clock } from '../../data/words.ts'
import { crowded, drawn, stacked, type Unit } from './chart-data.ts'
import { readoutAt } from './chart-words.ts'

interface CanvasProps {
  readonly chart: ChartView
  readonly unit: Unit
  readonly timezone: string
  /** What held at the cursor, moved by pointer or keys, with the decisions about then; null = it is nowhere. */
  readonly onPoint: (words: string | null) => void
}

const heightPx = 260
const nearPx = 12
/** Told apart in light and dark, and by people who see no red and green: lightness falls from one to the next. */
const layerColours = ['#7c8b86', '#0b7a63', '#3a86c8', '#b7791f', '#8456b8', '#5f7f2e', '#a8506d', '#4a6a8a']

export function ChartCanvas({ chart, unit, timezone, onPoint }: CanvasProps) {
  const ref = useRef<HTMLDivElement>(null)
  const shown = useRef<uPlot | null>(null)
  /** Where keys have brought the cursor, s; a plot that is made anew has it there again. */
  const keyedS = useRef<number | null>(null)
  const point = (timeS: number | null): void => {
    keyedS.current = timeS
    const { current: plot } = shown
    plot?.setCursor(timeS === null ? { left: -10, top: -10 } : { left: plot.valToPos(timeS, 'x'), top: heightPx / 2 })
  }
  useEffect(() => {
    const element = ref.current
    if (element === null) return
    const plot = new uPlot(optionsOf(chart, unit, timezone, element, onPoint), dataOf(chart, unit), element)
    shown.current = plot
    if (keyedS.current !== null) point(keyedS.current)
    const observer = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: heightPx }))
    observer.observe(element)
    return () => {
      shown.current = null
      observer.disconnect()
      plot.destroy()
    }
  }, [chart, unit, timezone])
  const key = (event: KeyboardEvent): void => {
    const toS = keyedTo(event.key, keyedS.current, chart)
    if (toS === null) return
    event.preventDefault()
    point(toS)
  }
  return <div ref={ref} class="chart" role="img" tabIndex={0} aria-label="Measured power in layers, the limit as a line, the future limit dashed. Left and right arrow keys move through the time, up and down from decision to decision. The same is offered as a table." onKeyDown={key} onBlur={() => point(null)} />
}

/** Where a key brings the cursor, s; null = it is none that moves it. */
function keyedTo(key: string, fromS: number | null, { at, from, to, decisions }: ChartView): number | null {
  const [beginS, endS] = [Date.parse(from) / 1000, Date.parse(to) / 1000]
  const nowS = Math.min(endS, fromS ?? Date.parse(at) / 1000)
  const timesS = decisions.map((one) => Date.parse(one.at) / 1000)
  const by = { ArrowLeft: -0.02, ArrowRight: 0.02, PageUp: -0.1, PageDown: 0.1 }[key]
  if (by !== undefined) return Math.min(endS, Math.max(beginS, nowS + by * (endS - beginS)))
  if (key === 'ArrowUp') return timesS.findLast((timeS) => timeS < nowS) ?? nowS
  if (key === 'ArrowDown') return timesS.find((timeS) => timeS > nowS) ?? nowS
  return key === 'Home' ? beginS : key === 'End' ? endS : null
}

function dataOf(chart: ChartView, unit: Unit): uPlot.AlignedData {
  const { times, layers, pastLimit, nextLimit } = drawn(chart, unit)
  const tables: uPlot.AlignedData[] = [
    [[...times], ...stacked(layers)],
    [pastLimit.map(([time]) => time), pastLimit.map(([, value]) => value)],
    [nextLimit.map(([time]) => time), nextLimit.map(([, value]) => value)],
  ]
  return uPlot.join(tables)
}

function optionsOf(chart: ChartView, unit: Unit, timezone: string, element: HTMLElement, onPoint: CanvasProps['onPoint']): uPlot.Options {
  const style = getComputedStyle(element)
  const token = (name: string): string => resolved(element, style.getPropertyValue(name))
  const [text, soft, line, warning, main] = ['--text', '--soft', '--line', '--warning', '--main'].map(token) as [string, string, string, string, string]
  const what = drawn(chart, unit)
  const { layers, pastLimit } = what
  const blot = crowded(pastLimit, (Date.parse(chart.to) - Date.parse(chart.from)) / 1000, element.clientWidth)
  const value = (_: uPlot, number: number | null): string => (number === null || number === undefined ? '–' : `${Math.round(number * 10) / 10} ${unit}`)
  // A circuit keeps its colour whether the building draws or not.
  const shift = layers[0]?.name === 'building' ? 0 : 1
  const stepped = uPlot.paths.stepped?.({ align: 1 })
  const steps = stepped === undefined ? {} : { paths: stepped }
  const axis = { stroke: soft, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 }, font: '12px system-ui, sans-serif' }
  return {
    width: element.clientWidth, height: heightPx,
    tzDate: (s) => uPlot.tzDate(new Date(s * 1000), timezone),
    scales: { x: { range: [Date.parse(chart.from) / 1000, Date.parse(chart.to) / 1000] }, y: { range: (_, __, most) => [0, Math.max(1, most * 1.1)] } },
    axes: [{ ...axis, values: [[3600 * 24, '{YYYY}-{MM}-{DD}', null, null, null, null, null, null, 1], [60, '{HH}:{mm}', '\n{YYYY}-{MM}-{DD}', null, null, null, null, null, 1]] }, { ...axis, size: 52, values: (_, splits) => splits.map((each) => `${each} ${unit}`) }],
    series: [
      { label: 'Time', value: '{YYYY}-{MM}-{DD} {HH}:{mm}' },
      ...layers.map(({ name, values }, i): uPlot.Series => ({ label: name, stroke: colourOf(i + shift), fill: `${colourOf(i + shift)}${name === 'building' ? 'aa' : ''}`, width: 1, points: { show: false }, value: (_, __, ___, at) => value(_, at === null || at === undefined ? null : values[at] ?? null) })),
      { label: 'limit', stroke: blot ? faint(text) : text, width: blot ? 1 : 2, points: { show: false }, ...steps, value },
      { label: 'future limit', stroke: warning, width: 2, dash: [7, 5], points: { show: false }, ...steps, value },
    ],
    bands: layers.slice(1).map((_, i) => ({ series: [i + 2, i + 1] as [number, number] })),
    cursor: { y: false, points: { show: false } },
    legend: { live: true },
    hooks: {
      drawClear: [(plot) => shade(plot, chart, warning)],
      draw: [(plot) => mark(plot, chart.decisions.map(({ at }) => Date.parse(at) / 1000), main, Date.parse(chart.at) / 1000, soft)],
      setCursor: [(plot) => {
        const { left } = plot.cursor
        if (left === undefined || left < 0) return void onPoint(null)
        const timeS = plot.posToVal(left, 'x')
        onPoint(`${clock(timeS * 1000, Date.parse(chart.at), timezone)}: ${readoutAt(chart, what, unit, timeS, plot.posToVal(left + nearPx, 'x') - timeS)}`)
      }],
    },
  }
}

/** `rgb(1, 2, 3)`, as a computed colour is written. */
const faint = (colour: string): string => colour.replace(/^rgb\((.*)\)$/, 'rgba($1, 0.3)')
const colourOf = (i: number): string => layerColours[i % layerColours.length] ?? '#7c8b86'

/** Curtailments as striped stretches behind everything. */
function shade({ ctx, bbox, valToPos }: uPlot, { curtailments }: ChartView, colour: string): void {
  ctx.save()
  ctx.beginPath()
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
  ctx.clip()
  for (const { startsAt, endsAt } of curtailments) {
    const [left, right] = [startsAt, endsAt].map((at) => valToPos(Date.parse(at) / 1000, 'x', true)) as [number, number]
    ctx.globalAlpha = 0.14
    ctx.fillStyle = colour
    ctx.fillRect(left, bbox.top, right - left, bbox.height)
    ctx.globalAlpha = 0.5
    ctx.strokeStyle = colour
    ctx.beginPath()
    const stripePx = 14 * devicePixelRatio
    for (let x = left; x < right; x += stripePx) {
      ctx.moveTo(x, bbox.top + bbox.height)
      ctx.lineTo(Math.min(right, x + stripePx / 2), bbox.top + bbox.height - stripePx / 2)
    }
    ctx.stroke()
  }
  ctx.restore()
}

/** A triangle for each decision at the foot, and a line for now. */
function mark({ ctx, bbox, valToPos }: uPlot, timesS: readonly number[], colour: string, nowS: number, soft: string): void {
  ctx.save()
  const bottom = bbox.top + bbox.height
  const size = 4 * devicePixelRatio
  ctx.fillStyle = colour
  for (const timeS of timesS) {
    const x = valToPos(timeS, 'x', true)
    if (x < bbox.left || x > bbox.left + bbox.width) continue
    ctx.beginPath()
    ctx.moveTo(x - size, bottom)
    ctx.lineTo(x + size, bottom)
    ctx.lineTo(x, bottom - 2 * size)
    ctx.fill()
  }
  const now = valToPos(nowS, 'x', true)
  if (now >= bbox.left && now <= bbox.left + bbox.width) {
    ctx.strokeStyle = soft
    ctx.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio])
    ctx.beginPath()
    ctx.moveTo(now, bbox.top)
    ctx.lineTo(now, bottom)
    ctx.stroke()
  }
  ctx.restore()
}

/** A canvas does not know `light-dark()`: the element's own computed colour does. */
function resolved(element: HTMLElement, colour: string): string {
  const before = element.style.color
  element.style.color = colour
  const found = getComputedStyle(element).color
  element.style.color = before
  return found
}
