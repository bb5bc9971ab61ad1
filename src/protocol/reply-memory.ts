// Remembers the answers given on one connection, so that a CALL that is repeated gets the same answer again.
import { hash } from 'node:crypto'

const maxBytes = 256 * 1024

export type Recollection = { readonly type: 'new' } | { readonly type: 'same'; readonly reply: string } | { readonly type: 'other' }

/** Least recently used first out, by number and by size. Only CALLRESULTs belong in it: after a CALLERROR nothing has changed. */
export class ReplyMemory {
  private readonly replies = new Map<string, { readonly digest: string; readonly reply: string }>()
  private readonly capacity: number
  private bytes = 0

  constructor(capacity: number) {
    this.capacity = capacity
  }

  /** Content is compared after parsing, so that duplicate keys or spacing cannot make two messages of one. */
  static digest(action: string, payload: unknown): string {
    return hash('sha1', JSON.stringify([action, payload]), 'base64')
  }

  recall(id: string, digest: string): Recollection {
    const found = this.replies.get(id)
    if (found === undefined) return { type: 'new' }
    if (found.digest !== digest) return { type: 'other' }
    this.replies.delete(id)
    this.replies.set(id, found)
    return { type: 'same', reply: found.reply }
  }

  remember(id: string, digest: string, reply: string): void {
    this.replies.set(id, { digest, reply })
    this.bytes += reply.length
    for (const [oldest, entry] of this.replies) {
      if (this.replies.size <= this.capacity && this.bytes <= maxBytes) break
      this.replies.delete(oldest)
      this.bytes -= entry.reply.length
    }
  }
}
