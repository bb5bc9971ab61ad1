// Remembers the answers given on one connection, so that a CALL that is repeated gets the same answer again.
import { hash } from 'node:crypto'

const maxBytes = 256 * 1024

/** What stands for the content of a CALL. */
export type Digest = string | number
/** `reply` null = it was an empty result, of which there are too many to keep. */
export type Recollection = { readonly type: 'new' } | { readonly type: 'same'; readonly reply: string | null } | { readonly type: 'other' }

/** Least recently used first out, by number and by size. Only CALLRESULTs belong in it: after a CALLERROR nothing has changed. */
export class ReplyMemory {
  private readonly replies = new Map<string, { readonly digest: Digest; readonly reply: string | null }>()
  private readonly capacity: number
  private bytes = 0

  constructor(capacity: number) {
    this.capacity = capacity
  }

  /** Content is compared after parsing, so that duplicate keys or spacing cannot make two messages of one. */
  static digest(action: string, payload: unknown): string {
    return hash('sha1', JSON.stringify([action, payload]), 'base64')
  }

  recall(id: string, digest: Digest): Recollection {
    const found = this.replies.get(id)
    if (found === undefined) return { type: 'new' }
    if (found.digest !== digest) return { type: 'other' }
    this.replies.delete(id)
    this.replies.set(id, found)
    return { type: 'same', reply: found.reply }
  }

  /** `reply` null = an empty result. */
  remember(id: string, digest: Digest, reply: string | null): void {
    this.replies.set(id, { digest, reply })
    this.bytes += reply?.length ?? 0
    for (const [oldest, entry] of this.replies) {
      if (this.replies.size <= this.capacity && this.bytes <= maxBytes) break
      this.replies.delete(oldest)
      this.bytes -= entry.reply?.length ?? 0
    }
  }
}
