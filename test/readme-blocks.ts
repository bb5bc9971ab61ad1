// Finds the code blocks of a Markdown page, and compares an example answer with a real one.

export interface Block { readonly line: number; readonly language: string; readonly text: string }

/** Fenced blocks in order; `line` is that of the opening fence, from 1. */
export function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = []
  let open: { line: number; language: string; lines: string[] } | null = null
  for (const [index, line] of markdown.split('\n').entries()) {
    const fence = /^```(\w*)\s*$/.exec(line)
    if (open === null && fence !== null) open = { line: index + 1, language: fence[1] ?? '', lines: [] }
    else if (open !== null && line.trimEnd() === '```') {
      blocks.push({ line: open.line, language: open.language, text: `${open.lines.join('\n')}\n` })
      open = null
    } else open?.lines.push(line)
  }
  if (open !== null) throw new Error(`the block of line ${open.line} is not closed`)
  return blocks
}

/** Every field of the example has to be in the real one, with the same type; null stands for any. Values may differ, lists may be empty. */
export function differenceInShape(example: unknown, real: unknown, at = ''): string[] {
  if (example === null || real === null) return []
  if (Array.isArray(example) || Array.isArray(real)) {
    if (!Array.isArray(example) || !Array.isArray(real)) return [`${at}: ${kind(example)} in the example, ${kind(real)} in truth`]
    return example.length === 0 || real.length === 0 ? [] : differenceInShape(example[0], real[0], `${at}/0`)
  }
  if (typeof example !== typeof real) return [`${at}: ${kind(example)} in the example, ${kind(real)} in truth`]
  if (typeof example !== 'object' || typeof real !== 'object') return []
  return Object.entries(example).flatMap(([key, value]) => (Object.hasOwn(real, key) ? differenceInShape(value, Reflect.get(real, key), `${at}/${key}`) : [`${at}/${key}: only in the example`]))
}

function kind(value: unknown): string {
  return Array.isArray(value) ? 'a list' : typeof value
}
