// A table of text as comma-separated lines: quotes as a spreadsheet writes them, each row with its line.

export interface TableRow {
  /** From 1. */
  readonly line: number
  readonly cells: readonly string[]
}

/** The rows without empty lines; null cells do not exist. Faults name their line; a cell may not hold a line end. */
export function readTable(text: string): { readonly rows: readonly TableRow[]; readonly faults: readonly { readonly line: number; readonly problem: string }[] } {
  const rows: TableRow[] = []
  const faults: { line: number; problem: string }[] = []
  const lines = (text.startsWith('\ufeff') ? text.slice(1) : text).split(/\r\n|\n|\r/)
  lines.forEach((content, index) => {
    if (content.trim() === '') return
    const cells = readLine(content)
    if (cells === null) faults.push({ line: index + 1, problem: 'a quote is not closed, or stands in the middle of a cell' })
    else rows.push({ line: index + 1, cells })
  })
  return { rows, faults }
}

const cell = /\s*(?:"((?:[^"]|"")*)"|([^",]*))\s*(,|$)/y

function readLine(content: string): string[] | null {
  const cells: string[] = []
  cell.lastIndex = 0
  for (;;) {
    const match = cell.exec(content)
    if (match === null) return null
    cells.push((match[1]?.replaceAll('""', '"') ?? match[2] ?? '').trim())
    if (match[3] === '') return cells
  }
}
