// Two schedules over one time axis: expected as a filled step line, reported dashed above it.
import { num } from '../../data/words.ts'
import { pathOf, topOf, type Step } from './steps.ts'

const width = 640
const height = 150
const left = 52
const foot = 24

export function StepChart({ expected, reported, durationS, unit, startMs, label }: { expected: readonly Step[]; reported: readonly Step[] | null; durationS: number; unit: string; startMs: number; label: string }) {
  const top = topOf([expected, reported ?? []])
  const size = { width: width - left - 8, height: height - foot - 8, durationS, top }
  const line = pathOf(expected, size)
  const hours = (s: number): string => new Date(startMs + s * 1000).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })
  return (
    <svg class="step-chart" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
      <g transform={`translate(${left} 8)`}>
        {[0, 0.5, 1].map((part) => (
          <g key={part}>
            <line x1="0" x2={size.width} y1={size.height * (1 - part)} y2={size.height * (1 - part)} class="grid" />
            <text x="-6" y={size.height * (1 - part) + 4} text-anchor="end">{num(top * part)}{part === 1 && ` ${unit}`}</text>
          </g>
        ))}
        {[0, 0.25, 0.5, 0.75, 1].map((part) => <text key={part} x={size.width * part} y={size.height + 17} text-anchor={part === 0 ? 'start' : part === 1 ? 'end' : 'middle'}>{hours(durationS * part)}</text>)}
        <path d={line} class="expected" />
        {reported !== null && <path d={pathOf(reported, size)} class="reported" />}
      </g>
    </svg>
  )
}
