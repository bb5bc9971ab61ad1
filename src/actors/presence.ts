// Who is connected to a site, and who is expected back after a start.
import { unansweredMs } from '../power/stuck.ts'
import type { Session } from '../protocol/session.ts'

export class Presence {
  private readonly sessions = new Map<string, Session>()
  /** Known from before this start and not back yet, or connected for the first time and not booted yet: for how long. */
  private readonly awaited = new Map<string, number>()
  private readonly now: () => number

  constructor(known: Iterable<string>, now: () => number) {
    this.now = now
    for (const clientID of known) this.expect(clientID)
  }

  /** It may be spoken to in a moment. */
  expect(clientID: string): void {
    this.awaited.set(clientID, this.now() + unansweredMs)
  }

  came(session: Session): void {
    this.sessions.set(session.clientID, session)
    this.awaited.delete(session.clientID)
  }

  left(clientID: string): void {
    this.sessions.delete(clientID)
    this.awaited.delete(clientID)
  }

  keepOnly(known: ReadonlySet<string>): void {
    for (const clientID of this.sessions.keys()) if (!known.has(clientID)) this.sessions.delete(clientID)
    for (const clientID of this.awaited.keys()) if (!known.has(clientID)) this.awaited.delete(clientID)
  }

  clear(): void {
    this.sessions.clear()
  }

  isOnline(clientID: string): boolean {
    return this.sessions.get(clientID)?.open ?? false
  }

  /** Right after a start nobody is back, and who connects for the first time boots first: that is an order not sent yet, for which nobody gives way at once, not a charge point out of reach (decision rule 7). */
  isWithinReach(clientID: string): boolean {
    return this.isOnline(clientID) || this.now() < (this.awaited.get(clientID) ?? -Infinity)
  }
}
