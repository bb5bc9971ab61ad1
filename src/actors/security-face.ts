// The security of charge points as REST asks for it.
import type { Estate } from './estate.ts'
import { pointEntry, siteEntry } from './lookup.ts'
import { readSecurityEvents, type SecurityLevel } from './security-events.ts'

export interface SecurityEventView {
  readonly id: string
  readonly type: string
  readonly at: string
  readonly receivedAt: string
  readonly timestamp: string
  readonly techInfo: string | null
  readonly level: SecurityLevel
}

export interface SecurityFace {
  /** Newest first. */
  events(clientID: string): readonly SecurityEventView[]
}

export class SecurityOffice implements SecurityFace {
  private readonly estate: Estate

  constructor(estate: Estate) {
    this.estate = estate
  }

  events(clientID: string): readonly SecurityEventView[] {
    const { id, site } = pointEntry(this.estate, clientID).record.config
    return readSecurityEvents(siteEntry(this.estate, site).scope, id).map(({ atMs, receivedAtMs, ...rest }) => ({
      ...rest, at: new Date(atMs).toISOString(), receivedAt: new Date(receivedAtMs).toISOString(),
    })).toReversed()
  }
}
