// Lines over time: axes, steps and a cursor that reads out what held, by pointer and arrow keys.
import { useEffect, useRef, useState } from 'preact/hooks'
import { localOf } from '../data/zone.ts'
import { clock, num } from '../data/words.ts'
import { pathOf, roundTicks, timeTicks, valueAt, type Point } from './chart-geometry.ts'

export interface Line {
  readonly name: string
  readonly points: readonly Point[]
  /** Each value holds until the next point. */
  readonly step?: boolean
  /** How it is drawn; never told apart by colour alone. */
  readonly look: 'measured' | 'limit' | 'second'
}

/** `label` says in words what a reader who sees nothing has to know. */
export function TimeChart({ lines, fromMs, toMs, unit, zone, label, nowMs, height = 220 }: {
  lines: readonly Line[]; fromMs: number; toMs: number; unit: string; zone: string; label: string; nowMs?: number; height?: number
}) {
  const frame = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(640)
  const [cursorMs, setCursor] = useState<number | null>(null)
  useEffect(() => {
    const { current } = frame
    if (current === null) return
    const observer = new ResizeObserver(([entry]) => setWidth(Math.max(240, Math.round(entry?.contentRect.width ?? 640))))
    observer.observe(current)
    return () => observer.disconnect()
  }, [])
  const [left, right, top, bottom] = [46, 12, 22, 24]
  const ticks = roundTicks(Math.max(0, ...lines.flatMap(({ points }) => points.map(([, value]) => value ?? 0))))
  const most = ticks.at(-1) ?? 1
  const spanMs = Math.max(1, toMs - fromMs)
  const x = (ms: number): number => left + ((Math.min(toMs, Math.max(fromMs, ms)) - fromMs) / spanMs) * (width - left - right)
  const y = (value: number): number => height - bottom - (value / most) * (height - top - bottom)
  const aheadMs = localOf(fromMs, zone).minutes * 60_000 - (Math.floor(fromMs / 60_000) % 1440) * 60_000
  const moveTo = (clientX: number): void => {
    const box = frame.current?.getBoundingClientRect()
    if (box !== undefined) setCursor(Math.min(toMs, Math.max(fromMs, fromMs + ((clientX - box.left - left) / (width - left - right)) * spanMs)))
  }
  const key = (event: KeyboardEvent): void => {
    const by = { ArrowLeft: -0.02, ArrowRight: 0.02, PageUp: -0.1, PageDown: 0.1 }[event.key]
    if (by === undefined && event.key !== 'Home' && event.key !== 'End') return
    event.preventDefault()
    setCursor(by === undefined ? (event.key === 'Home' ? fromMs : toMs) : Math.min(toMs, Math.max(fromMs, (cursorMs ?? (fromMs + toMs) / 2) + by * spanMs)))
  }
  const at = cursorMs ?? null
  return (
    <div class="time-chart" ref={frame}>
      <ul class="legend">{lines.map(({ name, look }) => <li key={name}><svg width="26" height="10" aria-hidden="true"><path class={`line ${look}`} d="M0 5H26" /></svg> {name}</li>)}</ul>
      <svg width={width} height={height} tabIndex={0} role="img" aria-label={label} onPointerMove={({ clientX }) => moveTo(clientX)} onPointerDown={({ clientX }) => moveTo(clientX)} onPointerLeave={() => setCursor(null)} onBlur={() => setCursor(null)} onKeyDown={key}>
        {ticks.map((tick) => <g key={tick}><path class="grid" d={`M${left} ${y(tick)}H${width - right}`} /><text class="axis" x={left - 6} y={y(tick) + 4} text-anchor="end">{num(tick, 2)}</text></g>)}
        {timeTicks(fromMs, toMs, Math.max(2, Math.floor((width - left) / 90)), aheadMs).map((ms) => <g key={ms}><path class="grid" d={`M${x(ms)} ${height - bottom}v4`} /><text class="axis" x={x(ms)} y={height - 6} text-anchor="middle">{clock(ms, fromMs, zone)}</text></g>)}
        <text class="axis" x={left - 6} y={12} text-anchor="end">{unit}</text>
        {lines.map(({ name, points, step = false, look }) => <path key={name} class={`line ${look}`} d={pathOf(points.map(([ms, value]) => [ms, value] as const), x, y, step)} />)}
        {nowMs !== undefined && nowMs > fromMs && nowMs < toMs && <path class="now" d={`M${x(nowMs)} ${top}V${height - bottom}`} />}
        {at !== null && <path class="cursor" d={`M${x(at)} ${top}V${height - bottom}`} />}
      </svg>
      <p class="readout" aria-live="polite">{at === null ? <span class="soft">Point at the chart, or use the arrow keys, to read values.</span>
        : <><b>{clock(at, nowMs ?? toMs, zone)}</b> {lines.map(({ name, points, step = false }) => `${name} ${num(valueAt(points, at, step), 2)} ${unit}`).join(' · ')}</>}</p>
    </div>
  )
}
