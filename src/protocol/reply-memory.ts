// Remembers the answers given on one connection, so that a CALL that is repeated gets the same answer again.
import { hash } from 'node:crypto'
import { sumOfText } from './plain-meter-values.ts'

const maxBytes = 256 * 1024

/** What stands for the content of a CALL: a number where its answer is an empty result, of which there are too many to keep more than that. */
export type Digest = string | number
/** `reply` null = it was an empty result. */
export type Recollection = { readonly type: 'new' } | { readonly type: 'same'; readonly reply: string | null } | { readonly type: 'other' }

const isNew: Recollection = { type: 'new' }
const isOther: Recollection = { type: 'other' }

/** Oldest first out, by number of either kind and by size. Only CALLRESULTs belong in it: after a CALLERROR nothing has changed. */
export class ReplyMemory {
  private readonly replies = new Map<string, { readonly digest: string; readonly reply: string }>()
  private readonly capacity: number
  private bytes = 0
  /** Of the empty ones the sums of id and content, in turns: thousands a second come and go, and a map of them would be most of what is collected as garbage. */
  private sums: Float64Array | null = null
  private nextSum = 0

  constructor(capacity: number) {
    this.capacity = capacity
  }

  /** Content is compared after parsing, so that duplicate keys or spacing cannot make two messages of one. */
  static digest(action: string, payload: unknown): string {
    return hash('sha1', JSON.stringify([action, payload]), 'base64')
  }

  recall(id: string, digest: Digest): Recollection {
    const found = this.replies.get(id)
    if (found !== undefined) {
      if (found.digest !== digest) return isOther
      this.replies.delete(id)
      this.replies.set(id, found)
      return { type: 'same', reply: found.reply }
    }
    const content = this.contentOf(id)
    if (content === undefined) return isNew
    return content === digest ? { type: 'same', reply: null } : isOther
  }

  /** An answer with a text of its own. */
  remember(id: string, digest: string, reply: string): void {
    this.replies.set(id, { digest, reply })
    this.bytes += reply.length
    for (const [oldest, entry] of this.replies) {
      if (this.replies.size <= this.capacity && this.bytes <= maxBytes) break
      this.replies.delete(oldest)
      this.bytes -= entry.reply.length
    }
  }

  /** An empty result. */
  rememberEmpty(id: string, digest: number): void {
    this.sums ??= new Float64Array(2 * this.capacity).fill(NaN)
    this.sums[this.nextSum] = sumOfText(id)
    this.sums[this.nextSum + 1] = digest
    this.nextSum = (this.nextSum + 2) % this.sums.length
  }

  private contentOf(id: string): number | undefined {
    const { sums } = this
    if (sums === null) return undefined
    const sum = sumOfText(id)
    for (let at = 0; at < sums.length; at += 2) if (sums[at] === sum) return sums[at + 1]
    return undefined
  }
}
