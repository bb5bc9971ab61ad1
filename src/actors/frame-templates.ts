// Frames that differ in nothing but their values: what they have in common is learned from one of them and stored once for many.

/** The text between the values; with a value between each and the next it is the text again. */
export type Template = readonly string[]

/** Stands between values; a text that holds it has no template. No JSON text needs to escape it. */
export const separator = '\x7f'

/** Longer texts have none. */
const longestText = 8_192
const mostPerKind = 8
/** Of all templates together, in characters; beyond it all are forgotten and learned anew. */
const mostLearned = 512 * 1024

/** Words, of which there are few: they are no values. */
const wordsUnder: ReadonlySet<string> = new Set(['context', 'format', 'measurand', 'phase', 'location', 'unit', 'errorCode', 'status'])
const token = /"((?:[^"\\]|\\.)*)"(\s*:)?|-?\d[\d.eE+-]*/g

export class FrameTemplates {
  /** What matched last comes first. */
  private readonly known = new Map<string, Template[]>()
  private learned = 0

  /** Of a text that begins with `head`; null = it is stored as it is. `kind` says what such texts have in common, such as their action. */
  find(kind: string, text: string, head: string): { readonly template: Template; readonly values: string } | null {
    if (text.length > longestText || text.includes(separator)) return null
    const some = this.known.get(kind) ?? []
    for (let index = 0; index < some.length; index++) {
      const template = some[index]!
      const values = valuesOf(template, text, head)
      if (values === null) continue
      if (index > 0) [some[0], some[index]] = [template, some[0]!]
      return { template, values }
    }
    if (!text.startsWith(head)) return null
    const template = learn(text.slice(head.length))
    const values = valuesOf(template, text, head)
    if (values === null) return null
    this.remember(kind, template, text.length)
    return { template, values }
  }

  private remember(kind: string, template: Template, size: number): void {
    this.learned += size
    if (this.learned > mostLearned) {
      this.known.clear()
      this.learned = size
    }
    const some = this.known.get(kind)
    if (some === undefined) this.known.set(kind, [template])
    else if (some.unshift(template) > mostPerKind) some.pop()
  }
}

function learn(text: string): Template {
  const pieces: string[] = []
  let from = 0
  let name = ''
  token.lastIndex = 0
  for (let found = token.exec(text); found !== null; found = token.exec(text)) {
    const [whole, quoted, colon] = found
    if (colon !== undefined) name = quoted ?? ''
    if (colon !== undefined || (quoted !== undefined && wordsUnder.has(name))) continue
    const marks = quoted === undefined ? 0 : 1
    pieces.push(text.slice(from, found.index + marks))
    from = found.index + whole.length - marks
  }
  pieces.push(text.slice(from))
  return pieces
}

/** Each value behind a separator; null where the text that comes of them would be another. */
function valuesOf(template: Template, text: string, head: string): string | null {
  const first = template[0]!
  let values = ''
  let again = head + first
  let at = again.length
  for (let index = 1; index < template.length; index++) {
    const piece = template[index]!
    // A value ends with the first character of what follows it: a quote, a comma, a bracket.
    const end = text.indexOf(piece.charAt(0), at)
    if (end === -1) return null
    const value = text.slice(at, end)
    values += separator + value
    again += value + piece
    at = end + piece.length
  }
  // All at once: to compare every piece takes ten times as long.
  return at === text.length && again === text ? values : null
}
