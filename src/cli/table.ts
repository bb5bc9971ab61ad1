// Rows as columns of text, and colours where somebody looks at them.
import type { Terminal } from './terminal.ts'

export interface Paint { bold(text: string): string; dim(text: string): string; good(text: string): string; warn(text: string): string; bad(text: string): string }

/** Colours on a terminal only, and not with NO_COLOR or on one that cannot show them. */
export function paintFor(stream: Pick<Terminal['stdout'], 'isTTY'>, env: Terminal['env']): Paint {
  const colour = stream.isTTY === true && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb'
  const painted = (code: number) => (text: string) => (colour && text !== '' ? `\x1b[${code}m${text}\x1b[0m` : text)
  return { bold: painted(1), dim: painted(2), good: painted(32), warn: painted(33), bad: painted(31) }
}

/** Lines, the first with the names; what is shown may be painted by `paint`, which does not count for the width. */
export function tableOf(names: readonly string[], rows: readonly (readonly string[])[], paint: (text: string, column: number, row: number) => string = (text) => text): string[] {
  const all = [names, ...rows].map((row) => row.map(plain))
  const widths = names.map((_, column) => Math.max(...all.map((row) => [...(row[column] ?? '')].length)))
  return all.map((row, index) => `  ${row.map((text, column) => paint(text, column, index - 1) + (column === row.length - 1 ? '' : ' '.repeat(widths[column]! - [...text].length))).join('  ')}`.trimEnd())
}

/** What others say must not steer the terminal, nor turn a line round or break it. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\u{fffd}')
}
