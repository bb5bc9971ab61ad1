// A desk that admits as it is told, answers like a small central system, and remembers what it was told.
import type { Admission, Attempt, RefusalReason, Session, StationDesk } from '../../src/protocol/session.ts'

export class RecordingDesk implements StationDesk {
  readonly events: string[] = []
  readonly attempts: Attempt[] = []
  readonly sessions: Session[] = []
  readonly handled: { readonly clientID: string; readonly action: string; readonly payload: unknown }[] = []
  decide: (attempt: Attempt) => Admission | Promise<Admission> = (attempt) => ({ admitted: true, clientID: attempt.clientID })
  onHandle: (session: Session, action: string, payload: unknown) => unknown = () => undefined
  /** Answers at once, not with a promise. */
  atOnce = false
  private readonly watchers = new Set<() => void>()

  async admit(attempt: Attempt): Promise<Admission> {
    this.attempts.push(attempt)
    return this.decide(attempt)
  }

  refused(attempt: Attempt, reason: RefusalReason): void {
    this.note(`refused ${attempt.clientID} ${reason}`)
  }

  connected(session: Session): void {
    this.sessions.push(session)
    this.note(`connected ${session.clientID} ${session.generation}`)
  }

  disconnected(session: Session, code: number, reason: string): void {
    this.note(`disconnected ${session.clientID} ${session.generation} ${code} ${reason}`.trimEnd())
  }

  handle(session: Session, action: string, payload: unknown): unknown {
    this.handled.push({ clientID: session.clientID, action, payload })
    return this.atOnce ? this.usual(action) : this.answer(session, action, payload)
  }

  private async answer(session: Session, action: string, payload: unknown): Promise<unknown> {
    return await this.onHandle(session, action, payload) ?? this.usual(action)
  }

  private usual(action: string): unknown {
    const currentTime = '2024-05-01T10:00:00.000Z'
    if (action === 'BootNotification') return { status: 'Accepted', currentTime, interval: 300 }
    if (action === 'Heartbeat') return { currentTime }
    if (action === 'StartTransaction') return { idTagInfo: { status: 'Accepted' }, transactionId: 7 }
    return {}
  }

  /** Resolves when an event has this beginning, at once if one had. */
  until(beginning: string): Promise<string> {
    return new Promise((resolve) => {
      const look = () => {
        const found = this.events.find((event) => event.startsWith(beginning))
        if (found === undefined) return
        this.watchers.delete(look)
        resolve(found)
      }
      this.watchers.add(look)
      look()
    })
  }

  private note(event: string): void {
    this.events.push(event)
    for (const look of this.watchers) look()
  }
}
