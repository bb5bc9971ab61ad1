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
  private empty: EmptyReplies | null = null

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
    this.empty ??= new EmptyReplies(this.capacity)
    this.empty.add(sumOfText(id), digest)
  }

  private contentOf(id: string): number | undefined {
    return this.empty === null ? undefined : this.empty.find(sumOfText(id))
  }
}

/** A power of two. */
const lists = 256

/**
 * The sums of id and content of the newest, in turns: thousands a second come and go, and a map of them would be most of what is collected as garbage. They are
 * found by short lists, since to go through all of them is to fetch kilobytes of every charge point for each of its messages.
 */
class EmptyReplies {
  private readonly sums: Float64Array
  /** The place of the first of each list, and of the one behind each; one more than it is, 0 = none. */
  private readonly first = new Uint16Array(lists)
  private readonly behind: Uint16Array
  private place = 0

  constructor(capacity: number) {
    this.sums = new Float64Array(2 * capacity).fill(NaN)
    this.behind = new Uint16Array(capacity)
  }

  find(id: number): number | undefined {
    for (let at = this.first[id & (lists - 1)]!; at !== 0; at = this.behind[at - 1]!) if (this.sums[2 * at - 2] === id) return this.sums[2 * at - 1]
    return undefined
  }

  add(id: number, content: number): void {
    const { sums, first, behind, place } = this
    const oldest = sums[2 * place]!
    if (!Number.isNaN(oldest)) this.forget(oldest & (lists - 1))
    sums[2 * place] = id
    sums[2 * place + 1] = content
    behind[place] = first[id & (lists - 1)]!
    first[id & (lists - 1)] = place + 1
    this.place = (place + 1) % behind.length
  }

  /** What stands at the place that is next, which is the oldest and so the last of its list. */
  private forget(list: number): void {
    const gone = this.place + 1
    let at = this.first[list]!
    if (at === gone) {
      this.first[list] = 0
      return
    }
    while (this.behind[at - 1] !== gone) at = this.behind[at - 1]!
    this.behind[at - 1] = 0
  }
}
