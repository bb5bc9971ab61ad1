// OCPP frames as facts on the same axis: read at first sight, cut, without id tags and secrets.
import type { Session } from '../../protocol/session.ts'
import { glance, redact } from '../message-text.ts'
import { maskTagText } from '../tag-mask.ts'
import { chargePointActorID } from './actor-id.ts'
import { cutBytes } from './actor-views.ts'
import type { Fact } from './attachment.ts'
import type { RootBook } from './root-book.ts'
import { cutMark } from './safe-copy.ts'

const kinds = { 2: 'call', 3: 'result', 4: 'error' } as const
/** Requests whose answers have not been seen; then the oldest is forgotten. */
const mostAsked = 1_000

export class Frames {
  private readonly book: RootBook
  private readonly mask: (idTag: string) => string
  private readonly asked = new Map<string, { readonly action: string; readonly secrets: readonly string[] }>()

  constructor(book: RootBook, mask: (idTag: string) => string) {
    this.book = book
    this.mask = mask
  }

  /** Null for those of nobody who is configured. */
  read({ id, clientID }: Session, direction: 'in' | 'out', text: string): Fact | null {
    const root = this.book.find(chargePointActorID(clientID))
    if (root === undefined) return null
    const seen = glance(text)
    // An answer goes the other way.
    const asker = seen?.type === 2 ? direction : direction === 'in' ? 'out' : 'in'
    const key = `${id} ${asker} ${seen?.id ?? ''}`
    const before = this.asked.get(key)
    const action = seen?.action ?? before?.action ?? null
    const { text: shown, secrets } = redact(text, action, before?.secrets)
    if (seen?.type !== 2) this.asked.delete(key)
    else if (action !== null) this.ask(key, { action, secrets })
    const masked = maskTagText(shown, this.mask)
    const truncated = masked.length > cutBytes
    return {
      kind: 'frame', root, actorID: root.id, type: root.type,
      more: { direction, frame: seen === null ? 'unreadable' : kinds[seen.type], action, messageId: seen?.id ?? null, payload: truncated ? `${masked.slice(0, cutBytes)}${cutMark}` : masked, bytes: Buffer.byteLength(text), ...(truncated && { truncated }) },
    }
  }

  forget(): void {
    this.asked.clear()
  }

  private ask(key: string, call: { readonly action: string; readonly secrets: readonly string[] }): void {
    const oldest = this.asked.keys().next()
    if (this.asked.size >= mostAsked && oldest.done !== true) this.asked.delete(oldest.value)
    this.asked.set(key, call)
  }
}
