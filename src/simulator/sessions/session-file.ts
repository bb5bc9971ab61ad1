// Reads a file of charging sessions: strictly, every bad row with its line and why; what overlaps at a station is cut.
import { clientIDSchema, connectorKey } from '../../power/site.ts'
import type { Session } from './session.ts'
import { readTable, type TableRow } from './table.ts'

export interface SessionFault { readonly line: number; readonly problem: string }

export interface SessionFile {
  readonly sessions: readonly Session[]
  /** Stations in order of their names. */
  readonly stations: readonly string[]
  /** Rows that were left out, where that was asked for; otherwise a fault refuses the file. */
  readonly faults: readonly SessionFault[]
  /** Sessions that end early because the next car came to the same station. */
  readonly cut: number
}

/** The file cannot be played; `faults` come in the order of the file. */
export class SessionFileError extends Error {
  override readonly name = 'SessionFileError'
  readonly faults: readonly SessionFault[]
  constructor(file: string, faults: readonly SessionFault[]) {
    const more = faults.length > shown ? [`${file}: … and ${faults.length - shown} more`] : []
    super([...faults.slice(0, shown).map(({ line, problem }) => `${file}:${line}: ${problem}`), ...more].join('\n'))
    this.faults = faults
  }
}

export interface SessionFileOptions {
  /** The column of energy in files that have both (those of ACN-Data). */
  readonly energy: 'requested' | 'delivered'
  /** Leaves bad rows out instead of refusing the file. */
  readonly skipBad?: boolean
  /** Only sessions that begin in here, ms. */
  readonly fromMs?: number
  readonly toMs?: number
}

const shown = 20
const mostRows = 200_000
/** What a car takes at most, where nobody says it. */
const carMaxA = 32
const energyNames = { plain: 'energy_kwh', requested: 'requested_energy (kWh)', delivered: 'delivered_energy (kWh)' } as const
const columnHint = 'the first row names the columns: arrival, departure, energy_kwh, station_id, and perhaps estimated_departure; or those of ACN-Data'

const otherMarks = [[';', 'semicolons'], ['\t', 'tabs']] as const

interface Columns { readonly arrival: number; readonly departure: number; readonly station: number; readonly energy: number; readonly said: number; readonly id: number }

/** Throws SessionFileError. `file` names the source in messages. */
export function readSessions(text: string, file: string, options: SessionFileOptions): SessionFile {
  const { rows, faults: torn } = readTable(text)
  const [header, ...body] = rows
  const columns = header === undefined ? columnHint : readHeader(header.cells, options.energy)
  if (typeof columns === 'string') throw new SessionFileError(file, [{ line: header?.line ?? 1, problem: columns }])
  if (body.length > mostRows) throw new SessionFileError(file, [{ line: 1, problem: `${body.length} rows; at most ${mostRows} are played` }])
  const faults: SessionFault[] = [...torn]
  const read: Session[] = []
  for (const row of body) {
    const session = readRow(row, columns, header!.cells.length)
    if (typeof session === 'string') faults.push({ line: row.line, problem: session })
    else if (session.arrivalMs >= (options.fromMs ?? -Infinity) && session.arrivalMs < (options.toMs ?? Infinity)) read.push(session)
  }
  faults.sort((a, b) => a.line - b.line)
  if (faults.length > 0 && options.skipBad !== true) throw new SessionFileError(file, faults)
  if (read.length === 0) throw new SessionFileError(file, [{ line: 1, problem: body.length === 0 ? 'there is no session in it' : 'no session begins in that time' }])
  const { sessions, cut } = cutOverlaps(read)
  return { sessions, cut, faults, stations: [...new Set(sessions.map(({ key }) => key.slice(0, key.lastIndexOf('/'))))].sort() }
}

function readHeader(cells: readonly string[], energy: 'requested' | 'delivered'): Columns | string {
  const other = cells.length === 1 ? otherMarks.find(([mark]) => cells[0]!.includes(mark)) : undefined
  if (other !== undefined) return `columns are separated by commas, not by ${other[1]}; write the file with commas (and numbers with a point)`
  const names = cells.map((name) => name.toLowerCase())
  const at = (name: string) => names.indexOf(name.toLowerCase())
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) return `the column ${twice} is there twice; ${columnHint}`
  const columns = {
    arrival: at('arrival'), departure: at('departure'), station: at('station_id'), said: at('estimated_departure'), id: at('session_id'),
    energy: at(energyNames.plain) >= 0 ? at(energyNames.plain) : at(energyNames[energy]),
  }
  const missing = (['arrival', 'departure', 'station', 'energy'] as const).find((name) => columns[name] < 0)
  if (missing === undefined) return columns
  return `there is no column ${missing === 'station' ? 'station_id' : missing === 'energy' ? energyNames.plain : missing}; ${columnHint}`
}

function readRow({ line, cells }: TableRow, columns: Columns, width: number): Session | string {
  if (cells.length !== width) return `has ${cells.length} cells where the first row has ${width}`
  const arrivalMs = readTime(cells[columns.arrival]!)
  const departureMs = readTime(cells[columns.departure]!)
  const kWh = cells[columns.energy]!
  const station = clientIDSchema.safeParse(cells[columns.station])
  const said = columns.said < 0 || cells[columns.said] === '' ? null : readTime(cells[columns.said]!)
  if (arrivalMs === undefined) return `arrival ${quoted(cells[columns.arrival]!)} is no time; write 2026-01-31T08:00:00Z`
  if (departureMs === undefined) return `departure ${quoted(cells[columns.departure]!)} is no time; write 2026-01-31T17:00:00Z`
  if (said === undefined) return `estimated_departure ${quoted(cells[columns.said]!)} is no time`
  if (departureMs <= arrivalMs) return 'the departure is not after the arrival'
  if (departureMs - arrivalMs > 31 * 86_400_000) return 'the stay is longer than 31 days'
  if (!/^\d{1,6}(?:\.\d{1,20})?(?:e-\d{1,2})?$/i.test(kWh) || Number(kWh) > 1_000) return `energy ${quoted(kWh)} is no number of kWh from 0 to 1000`
  if (!station.success) return `station_id ${quoted(cells[columns.station]!)}: ${station.error.issues[0]?.message ?? 'is none'}`
  const wantedWh = Number(kWh) * 1000
  return {
    id: `line ${line}`, key: connectorKey(station.data, 1), arrivalMs, departureMs, wantedWh, saidWh: wantedWh,
    // Drivers also say times that are over before they come: then it is known no better than by what happened.
    saidDepartureMs: said === null || said <= arrivalMs ? departureMs : said,
    car: { maxA: carMaxA, phases: 3 },
  }
}

const time = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?$/

/** ISO 8601 with `T` or a space; without a zone it is UTC. */
function readTime(text: string): number | undefined {
  if (!time.test(text)) return undefined
  const iso = text.replace(' ', 'T')
  const ms = Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/.test(iso) ? iso : `${iso}Z`)
  return Number.isNaN(ms) ? undefined : ms
}

/** One car at a time: whoever is still there when the next comes to the same station has left then; of two that come at once the first counts. */
export function cutOverlaps(given: readonly Session[]): { sessions: Session[]; cut: number } {
  const last = new Map<string, number>()
  const sessions: Session[] = []
  let cut = 0
  for (const session of [...given].sort((a, b) => a.arrivalMs - b.arrivalMs)) {
    const at = last.get(session.key)
    const before = at === undefined ? undefined : sessions[at]!
    if (at !== undefined && before !== undefined && before.departureMs > session.arrivalMs) {
      cut++
      if (before.arrivalMs === session.arrivalMs) continue
      sessions[at] = { ...before, departureMs: session.arrivalMs }
    }
    last.set(session.key, sessions.length)
    sessions.push(session)
  }
  return { sessions, cut }
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 40))
}
