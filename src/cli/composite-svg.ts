// A stack of profiles as one SVG that needs nothing else: a strip for each profile, the limit they come to below, readable in light and dark.
import type { Picture, Span } from './composite-picture.ts'
import { writtenDuration, writtenLimit, writtenTime } from './composite-times.ts'

const width = 960
const left = 270
const right = 24
const plot = width - left - right
const stripTop = 92
const stripPitch = 30
const stripHeight = 18
const chartHeight = 180

const style = `
  :root { color-scheme: light dark; }
  svg { --ink: #1c2430; --faint: #5b6675; --line: #c9d0d9; --paper: #ffffff; --rules: #0b6e4f; --active: #b98900; --limit: #1f5fbf; background: var(--paper); }
  @media (prefers-color-scheme: dark) { svg { --ink: #e8ecf1; --faint: #a5b0bf; --line: #3b4654; --paper: #12171d; --rules: #4cc79a; --active: #e0b13c; --limit: #7fb2ff; } }
  .paper { fill: var(--paper); } text { font: 13px system-ui, sans-serif; fill: var(--ink); } .title { font-size: 18px; font-weight: 600; } .faint { fill: var(--faint); }
  .grid { stroke: var(--line); } .rules { fill: var(--rules); } .active { fill: none; stroke: var(--active); stroke-width: 2; stroke-dasharray: 4 3; } .silent { stroke: var(--line); }
  .limit { fill: none; stroke: var(--limit); stroke-width: 2.5; } .area { fill: var(--limit); opacity: .15; } .open { fill: none; stroke: var(--limit); stroke-width: 2; stroke-dasharray: 2 5; }
`.trim()

/** The text of an SVG file with title and description; names from outside are escaped. */
export function pictureSvg(picture: Picture): string {
  const { id, connectorId, startMs, durationS, strips, steps, unit } = picture
  const chartTop = stripTop + strips.length * stripPitch + 26
  const bottom = chartTop + chartHeight
  const height = bottom + 76
  const x = (atS: number): string => (left + (atS / durationS) * plot).toFixed(1)
  const heading = `Charging profiles of ${connectorId === 0 ? 'the whole charge point' : `connector ${connectorId}`}`
  const span = `${writtenTime(startMs)} → ${writtenTime(startMs + durationS * 1_000, startMs)} UTC`
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title description">`,
    `<title id="title">${escaped(`${heading}: ${id}`)}</title>`,
    `<desc id="description">${escaped(inWords(picture))}</desc>`,
    `<style>${style}</style>`,
    `<rect class="paper" width="${width}" height="${height}"/>`,
    `<text class="title" x="20" y="34">${escaped(heading)}</text>`,
    `<text class="faint" x="20" y="56">${escaped(`${id}, ${span}`)}</text>`,
    legend(),
    ...timeTicks(durationS).flatMap((atS) => [
      `<line class="grid" x1="${x(atS)}" x2="${x(atS)}" y1="${stripTop - 6}" y2="${bottom}"/>`,
      `<text class="faint" x="${x(atS)}" y="${bottom + 20}" text-anchor="${atS === 0 ? 'start' : atS === durationS ? 'end' : 'middle'}">${writtenTime(startMs + atS * 1_000, startMs + atS * 1_000)}</text>`,
    ]),
    ...strips.flatMap(({ label, spans }, row) => {
      const y = stripTop + row * stripPitch
      return [
        `<text x="20" y="${y + 14}">${escaped(label)}</text>`,
        `<line class="silent" x1="${left}" x2="${width - right}" y1="${y + stripHeight / 2}" y2="${y + stripHeight / 2}"/>`,
        ...spans.map((one) => `<rect class="${one.rules ? 'rules' : 'active'}" x="${x(one.fromS)}" y="${y}" width="${Math.max(1, Number(x(one.toS)) - Number(x(one.fromS))).toFixed(1)}" height="${stripHeight}"><title>${escaped(`${when(startMs, one)}: ${one.rules ? 'rules' : 'active, another rules'}`)}</title></rect>`),
      ]
    }),
    ...limitChart(picture, { top: chartTop, bottom, x }),
    `<text class="faint" x="20" y="${bottom + 52}">${escaped(steps.every(({ limit }) => limit === null) ? 'Nothing limits.' : `Limit in ${unit === 'A' ? 'amps on each phase' : 'watts in all'}; dotted where nothing limits.`)}</text>`,
    '</svg>',
    '',
  ].join('\n')
}

function limitChart({ startMs, unit, steps }: Picture, { top, bottom, x }: { top: number; bottom: number; x: (atS: number) => string }): string[] {
  const limits = [...new Set(steps.flatMap(({ limit }) => (limit === null ? [] : [limit])))]
  const most = Math.max(...limits, 1) * 1.1
  const y = (limit: number): string => (bottom - (limit / most) * (bottom - top)).toFixed(1)
  const levels = [...new Set([0, ...apart(limits, (limit) => Number(y(limit)))])]
  let path = ''
  let before: number | null = null
  const areas: string[] = []
  for (const { fromS, toS, limit, by } of steps) {
    if (limit === null) areas.push(`<line class="open" x1="${x(fromS)}" x2="${x(toS)}" y1="${top}" y2="${top}"><title>${escaped(`${when(startMs, { fromS, toS })}: nothing limits`)}</title></line>`)
    else {
      path += `${before === null ? 'M' : 'L'}${x(fromS)} ${y(limit)}H${x(toS)}`
      areas.push(`<rect class="area" x="${x(fromS)}" y="${y(limit)}" width="${(Number(x(toS)) - Number(x(fromS))).toFixed(1)}" height="${(bottom - Number(y(limit))).toFixed(1)}"><title>${escaped(`${when(startMs, { fromS, toS })}: ${writtenLimit(limit, unit)}${by === null ? '' : ` (${by})`}`)}</title></rect>`)
    }
    before = limit
  }
  return [
    ...levels.flatMap((limit) => [
      `<line class="grid" x1="${left}" x2="${width - right}" y1="${y(limit)}" y2="${y(limit)}"/>`,
      `<text x="${left - 10}" y="${(Number(y(limit)) + 4).toFixed(1)}" text-anchor="end">${escaped(writtenLimit(limit, unit))}</text>`,
    ]),
    ...areas, ...(path === '' ? [] : [`<path class="limit" d="${path}"/>`]),
  ]
}

/** Of values that would be written over each other the higher one stays. */
function apart(limits: readonly number[], y: (limit: number) => number): number[] {
  const kept: number[] = []
  for (const limit of limits.toSorted((a, b) => b - a)) if (kept.every((other) => Math.abs(y(other) - y(limit)) >= 16) && y(0) - y(limit) >= 16) kept.push(limit)
  return kept
}

function legend(): string {
  return [
    `<rect class="rules" x="${width - 350}" y="22" width="26" height="14"/><text x="${width - 316}" y="34">rules</text>`,
    `<rect class="active" x="${width - 260}" y="22" width="26" height="14"/><text x="${width - 226}" y="34">active, another rules</text>`,
  ].join('')
}

/** Five or so, at round times from the start. */
function timeTicks(durationS: number): number[] {
  const pitchS = [10, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800].find((each) => durationS / each <= 8) ?? Math.ceil(durationS / 8)
  return Array.from({ length: Math.floor(durationS / pitchS) + 1 }, (_, index) => index * pitchS)
}

function when(startMs: number, { fromS, toS }: Span): string {
  const fromMs = startMs + fromS * 1_000
  return `${writtenTime(fromMs, startMs)} → ${writtenTime(startMs + toS * 1_000, fromMs)}`
}

const mostTold = 12

function inWords({ startMs, unit, steps }: Picture): string {
  const told = steps.slice(0, mostTold).map(({ fromS, toS, limit, by }) => `${when(startMs, { fromS, toS })} (${writtenDuration(toS - fromS)}): ${writtenLimit(limit, unit)}${by === null ? '' : `, ${by}`}`)
  return `${told.join('. ')}${steps.length > mostTold ? `. And ${steps.length - mostTold} more.` : '.'}`
}

function escaped(text: string): string {
  // What XML cannot hold at all is left out.
  return text.replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '').replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)
}
