// One case of `kwota composite` for people: what every request would be answered, the schedule as a table, and the stack as a picture.
import type { Broken, Computed } from './composite-cases.ts'
import { chartLines, type ChartOptions } from './composite-chart.ts'
import { pictureOf, type Picture } from './composite-picture.ts'
import { plain } from './table.ts'
import { writtenDuration, writtenLimit, writtenTime } from './composite-times.ts'

/** Beyond this the table is cut; `--json` has them all. */
const mostRows = 100

export function caseText(result: Computed | Broken, options: ChartOptions): string {
  if ('error' in result) return `${plain(result.id)}\n  broken: ${plain(result.error)}\n`
  const { answer, ground } = result
  const startMs = Date.parse(answer.scheduleStart)
  const where = answer.connectorId === 0 ? 'the whole charge point' : `connector ${answer.connectorId}`
  const lines = [
    `${plain(answer.id)}: ${where}, ${writtenTime(startMs)} → ${writtenTime(startMs + answer.durationS * 1_000, startMs)} UTC, ${ground.voltage} V, ${phasesOf(ground.phases)}`,
    ...answer.install.map(({ status, reason }, index) => `  profile ${index + 1}: ${status}${reason === undefined ? '' : `, ${reason}`}`),
    ...answer.clears.map(({ status, removed }, index) => `  clear ${index + 1}: ${status}${removed.length === 0 ? ', nothing fits' : `, removed ${removed.join(', ')}`}`),
  ]
  if (answer.status !== 'Accepted') return `${[...lines, `  schedule: Rejected, there is no connector ${answer.connectorId}`].join('\n')}\n`
  const picture = pictureOf(result)
  const chart = chartLines(picture, { ...options, columns: options.columns - 2 }).map((line) => (line === '' ? '' : `  ${line}`))
  return `${[...lines, '', ...tableLines(picture), ...(chart.length > 0 ? ['', ...chart] : [])].join('\n')}\n`
}

function tableLines({ startMs, unit, steps }: Picture): string[] {
  const rows = steps.slice(0, mostRows).map(({ fromS, toS, limit, numberPhases, by }) => {
    const [fromMs, toMs] = [startMs + fromS * 1_000, startMs + toS * 1_000]
    return {
      when: `${writtenTime(fromMs, startMs)} → ${writtenTime(toMs, fromMs)}`, howLong: writtenDuration(toS - fromS),
      limit: `${writtenLimit(limit, unit)}${numberPhases === undefined || limit === null ? '' : ` on ${phasesOf(numberPhases)}`}`, by: by ?? '',
    }
  })
  const widest = (column: 'when' | 'howLong' | 'limit') => Math.max(...rows.map((row) => row[column].length))
  const [when, howLong, limit] = [widest('when'), widest('howLong'), widest('limit')]
  return [
    ...rows.map((row) => `  ${row.when.padEnd(when)}  ${row.howLong.padStart(howLong)}  ${row.limit.padEnd(limit)}  ${row.by}`.trimEnd()),
    ...(steps.length > mostRows ? [`  … and ${steps.length - mostRows} more; --json prints them all`] : []),
  ]
}

function phasesOf(count: number): string {
  return count === 1 ? '1 phase' : `${count} phases`
}
