// What stands in the place of an id tag before those who may not see it: the same for the same tag, and nothing to guess it by.
import { createHmac, randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { Scope } from './scope.ts'

const key = 'tag-mask'
const recordSchema = z.object({ v: z.literal(1), secret: z.string().min(32) })
/** `idToken` and the others as data of vendors and later versions call it. */
const names = '(?:(?:parent|group|start|stop)?id(?:tag|token)|tagid|rfid(?:tag)?)'
const one = new RegExp(`^${names}$`, 'i')
const several = /^(?:id(?:tag|token)s|rfids)$/i
/** In a text that was cut short, and in one that is itself a text in it. */
const inText = new RegExp(`("${names}"\\s*:\\s*")((?:[^"\\\\]|\\\\.)+)`, 'gi')
const inInnerText = new RegExp(`((?<!\\\\)\\\\+"${names}\\\\+"\\s*:\\s*\\\\+")([^"\\\\]+)`, 'gi')
/** A text without any of this holds no such field, however it is written. */
const perhaps = /id(?:tag|token)|tagid|rfid|\\u00/i
/** Each escape of JSON; of a plain letter that was written as its number, the number. */
const escapes = /\\(?:u00(4[1-9a-f]|5[0-9a]|6[1-9a-f]|7[0-9a])|[^])/gi
/** What lies deeper is nobody's honest message. */
const deepest = 64

/** A field of this name holds an id tag. */
export function isIdTagName(name: string): boolean {
  return one.test(name)
}

/** The name by which the texts in a field are judged, also those below it in objects and lists; null = they are no id tags. */
export function tagNameOf(field: string, outer: string | null): string | null {
  return isTagField(field) ? field : outer !== null && one.test(outer) ? outer : null
}

/** Names of fields that were looked at, and whether they hold id tags: our own are few and come by the thousand. When there are too many, it begins anew. */
const looked = new Map<string, boolean>()
const mostLooked = 2_000

function isTagField(field: string): boolean {
  const known = looked.get(field)
  if (known !== undefined) return known
  const is = one.test(field) || several.test(field)
  if (looked.size >= mostLooked) looked.clear()
  if (field.length <= 64) looked.set(field, is)
  return is
}

/** With what fields of these names hold masked, numbers too, at any depth, and in texts that are JSON themselves: a copy, of which what holds nothing to mask is the same as before. `cut` = what stands for what is too deep. */
export function maskTags<T>(value: T, mask: (idTag: string) => string, cut: () => string = () => '…'): T {
  function shown(part: unknown, name: string | null, depth: number): unknown {
    if (typeof part === 'string') return name === null ? maskTagText(part, mask) : part === '' ? '' : mask(part)
    if (typeof part === 'number') return name === null ? part : mask(String(part))
    if (typeof part !== 'object' || part === null || part instanceof Date) return part
    if (depth > deepest) return cut()
    if (Array.isArray(part)) {
      const items = part as readonly unknown[]
      let copy: unknown[] | null = null
      for (let at = 0; at < items.length; at++) {
        const now = shown(items[at], name, depth + 1)
        if (now !== items[at]) (copy ??= [...items])[at] = now
      }
      return copy ?? part
    }
    const fields = part as Readonly<Record<string, unknown>>
    const names = Object.keys(fields)
    let copy: [string, unknown][] | null = null
    for (let at = 0; at < names.length; at++) {
      const field = names[at]!
      const now = shown(fields[field], tagNameOf(field, name), depth + 1)
      if (now !== fields[field]) (copy ??= Object.entries(fields))[at] = [field, now]
    }
    return copy === null ? part : Object.fromEntries(copy)
  }
  return shown(value, null, 0) as T
}

/** Masks them where they stand in a text as JSON, also one that was cut short. One that can be read is written anew where something had to be masked. */
export function maskTagText(text: string, mask: (idTag: string) => string): string {
  if (!text.includes('"') || !perhaps.test(text)) return text
  const read = /^\s*[[{]/.test(text) ? parsed(text) : undefined
  if (read !== undefined) {
    let changed = false
    const change = (to: string): string => {
      changed = true
      return to
    }
    const shown = maskTags(read, (idTag) => change(mask(idTag)), () => change('…'))
    if (changed) return JSON.stringify(shown)
  }
  const masked = (_: string, before: string, idTag: string): string => `${before}${mask(plainly(idTag))}`
  const plain = text.includes('\\u00') ? text.replace(escapes, (all: string, code: string | undefined) => (code === undefined ? all : String.fromCharCode(Number.parseInt(code, 16)))) : text
  const shown = plain.replace(inText, masked).replace(inInnerText, masked)
  // Of a name that stands twice in what can be read, only the last was looked at.
  return read !== undefined && shown === plain ? text : shown
}

/** `TA…3kX9_q`: two characters of a tag of more than four, and the beginning of an HMAC-SHA256; without regard to case. */
export class TagMask {
  private readonly scope: Scope
  private secret: Buffer | null = null

  constructor(scope: Scope) {
    this.scope = scope
  }

  of(idTag: string): string {
    const tag = idTag.toUpperCase()
    if (tag === '') return ''
    this.secret ??= this.open()
    return `${tag.length > 4 ? tag.slice(0, 2) : ''}…${createHmac('sha256', this.secret).update(tag).digest('base64url').slice(0, 6)}`
  }

  /** Made when it is first needed, and kept: what looked equal yesterday looks equal today. */
  private open(): Buffer {
    const read = recordSchema.safeParse(this.scope.get(key))
    if (read.success) return Buffer.from(read.data.secret, 'base64url')
    const made = randomBytes(32)
    this.scope.put(key, { v: 1, secret: made.toString('base64url') })
    this.scope.flush().catch(() => undefined)
    return made
  }
}

function plainly(escaped: string): string {
  try {
    return String(JSON.parse(`"${escaped}"`))
  } catch {
    return escaped
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
