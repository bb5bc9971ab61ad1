// Lists as text/csv (RFC 4180), safe to open in a spreadsheet.

/** One line per row under a header line; numbers bare, null empty. */
export function toCsv<T>(columns: readonly (keyof T & string)[], rows: readonly T[]): string {
  const lines = [columns.map((name) => cell(name)), ...rows.map((row) => columns.map((name) => cell(row[name])))]
  return lines.map((cells) => `${cells.join(',')}\r\n`).join('')
}

/** A text that a spreadsheet would run as a formula gets an apostrophe in front. */
function cell(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const harmless = /^\s*[=+\-@|\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n\t']/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}
