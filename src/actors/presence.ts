// Who is connected to a site, and who is expected back after a start.
import { unansweredMs } from '../power/stuck.ts'
import type { Session } from '../protocol/session.ts'

export class Presence {
  private readonly sessions = new Map<string, Session>()
  /** Known from before this start and not back yet. */
  private readonly awaited: Set<string>
  private readonly awaitedUntilMs: number
  private readonly now: () => number

  constructor(known: Iterable<string>, now: () => number) {
    this.awaited = new Set(known)
    this.now = now
    this.awaitedUntilMs = now() + unansweredMs
  }

  came(session: Session): void {
    this.sessions.set(session.clientID, session)
    this.awaited.delete(session.clientID)
  }

  left(clientID: string): void {
    this.sessions.delete(clientID)
  }

  keepOnly(known: ReadonlySet<string>): void {
    for (const clientID of this.sessions.keys()) if (!known.has(clientID)) this.sessions.delete(clientID)
  }

  clear(): void {
    this.sessions.clear()
  }

  isOnline(clientID: string): boolean {
    return this.sessions.get(clientID)?.open ?? false
  }

  /** Right after a start nobody is back: that is an order not sent yet, for which nobody gives way at once, not a charge point out of reach (decision rule 7). */
  isWithinReach(clientID: string): boolean {
    return this.isOnline(clientID) || (this.awaited.has(clientID) && this.now() < this.awaitedUntilMs)
  }
}
