// What stands in the place of an id tag before those who may not see it: the same for the same tag, and nothing to guess it by.
import { createHmac, randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { Scope } from './scope.ts'

const key = 'tag-mask'
const recordSchema = z.object({ v: z.literal(1), secret: z.string().min(32) })
/** In a text, and in one that is itself a text in it. */
const inText = /("(?:parent|stop)?idTag"\s*:\s*")((?:[^"\\]|\\.)+)/gi
const inInnerText = /((?<!\\)\\+"(?:parent|stop)?idTag\\+"\s*:\s*\\+")([^"\\]+)/gi

/** Each escape of JSON; of a plain letter that was written as its number, the number. */
const escapes = /\\(?:u00(4[1-9a-f]|5[0-9a]|6[1-9a-f]|7[0-9a])|[^])/gi

/** A field of this name holds an id tag. */
export function isIdTagName(name: string): boolean {
  return /^(?:parent|stop)?idTag$/i.test(name)
}

/** A copy with what fields of these names hold masked, at any depth, and in texts that are JSON themselves. */
export function maskTags<T>(value: T, mask: (idTag: string) => string): T {
  function shown(part: unknown, name: string | null): unknown {
    if (typeof part === 'string') return name !== null && isIdTagName(name) ? mask(part) : maskTagText(part, mask)
    if (Array.isArray(part)) return part.map((item) => shown(item, name))
    if (typeof part !== 'object' || part === null || part instanceof Date) return part
    return Object.fromEntries(Object.entries(part).map(([key, item]) => [key, shown(item, key)]))
  }
  return shown(value, null) as T
}

/** Masks them where they stand in a text as JSON, also one that was cut short. */
export function maskTagText(text: string, mask: (idTag: string) => string): string {
  if (!text.includes('"')) return text
  const masked = (_: string, before: string, idTag: string): string => `${before}${mask(plainly(idTag))}`
  const plain = text.includes('\\u00') ? text.replace(escapes, (all: string, code: string | undefined) => (code === undefined ? all : String.fromCharCode(Number.parseInt(code, 16)))) : text
  return plain.replace(inText, masked).replace(inInnerText, masked)
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
