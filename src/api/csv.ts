// Lists as text/csv (RFC 4180), safe to open in a spreadsheet, and read back as they were written.
import { Problem } from './problem.ts'

/** One line per row under a header line; numbers bare, null empty. */
export function toCsv<T>(columns: readonly (keyof T & string)[], rows: readonly T[]): string {
  const lines = [columns.map((name) => cell(name)), ...rows.map((row) => columns.map((name) => cell(row[name])))]
  return lines.map((cells) => `${cells.join(',')}\r\n`).join('')
}

const formula = /^'*\s*[=+\-@|\t\r]/

export interface CsvRow {
  /** From 1; of its first line when a cell holds several. */
  readonly line: number
  readonly cells: readonly string[]
}

/** The rows of a text as `toCsv` or a spreadsheet writes it, without empty lines; a byte order mark and either line end are taken. Problem 422 when a quote is not closed or is in the middle of a cell. */
export function readCsv(text: string): CsvRow[] {
  const rows: CsvRow[] = []
  let line = 1
  let at = text.startsWith('\ufeff') ? 1 : 0
  while (at < text.length) {
    const begun = line
    const cells: string[] = []
    for (let more = true; more;) {
      const { cell, end, lines } = readCell(text, at, line)
      cells.push(cell.startsWith("'") && formula.test(cell) ? cell.slice(1) : cell)
      line += lines
      more = text[end] === ','
      at = more ? end + 1 : end
    }
    if (text.startsWith('\r\n', at)) at++
    at++
    line++
    if (cells.length > 1 || cells[0] !== '') rows.push({ line: begun, cells })
  }
  return rows
}

const ends = /[",\r\n]/g

/** The cell that begins at `at`, where it ends, and the line ends within. */
function readCell(text: string, at: number, line: number): { cell: string; end: number; lines: number } {
  let cell = ''
  let end = at
  if (text[at] === '"') {
    for (let from = at + 1; ; from = end + 1) {
      const quote = text.indexOf('"', from)
      if (quote < 0) throw unreadable(line)
      cell += text.slice(from, quote)
      end = quote + 1
      if (text[end] !== '"') break
      cell += '"'
    }
  } else {
    ends.lastIndex = at
    end = ends.exec(text)?.index ?? text.length
    cell = text.slice(at, end)
  }
  if (end < text.length && !',\r\n'.includes(text[end] ?? '')) throw unreadable(line)
  return { cell, end, lines: cell.match(/\r\n|\r|\n/g)?.length ?? 0 }
}

function unreadable(line: number): Problem {
  const message = `line ${line}: a quote is not closed, or stands in the middle of a cell`
  return new Problem(422, 'invalid', `The table cannot be read: ${message}.`, { errors: [{ pointer: '', message }], hint: 'Cells with commas, quotes or line ends stand in double quotes; a quote in them is written twice.' })
}

/** A text that a spreadsheet would run as a formula gets an apostrophe in front; so does one that looks as if it had got one. */
function cell(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const harmless = formula.test(text) ? `'${text}` : text
  return /[",\r\n\t']/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}
