// Alerts: one open per cause, raised and resolved by level, newest kept; bounded.
import type { AlertView } from './views.ts'

export const alertSeverity = {
  'over-limit': 'critical', unenforceable: 'critical', disobeying: 'critical', 'meter-stale': 'critical', 'engine-not-ticking': 'critical',
  'store-down': 'critical', quarantined: 'critical', 'security-event-critical': 'critical',
  'profile-rejected': 'warning', 'offline-in-transaction': 'warning', 'orphaned-stop': 'warning', 'duplicate-identity': 'warning', 'security-event': 'warning', 'security-downgrade': 'warning', 'clock-skew': 'warning', 'entry-deferred': 'warning', deaf: 'warning', 'unknown-id-tag': 'warning', 'id-tag-guessing': 'warning', 'authorisation-unreachable': 'warning', 'firmware-failed': 'warning', 'upload-failed': 'warning', 'local-list-too-long': 'warning', 'certificate-failed': 'warning',
  'new-charger': 'info',
} as const

export type AlertCode = keyof typeof alertSeverity

export interface AlertCause {
  readonly code: AlertCode
  readonly siteID: string
  readonly clientID?: string
  readonly connectorId?: number
  /** Tells causes of one code apart, e.g. a circuit and phase. */
  readonly about?: string
}

/** Equal for equal causes; identities hold no line breaks. */
export function causeKey({ code, siteID, clientID, connectorId, about }: AlertCause): string {
  return `${code}\n${siteID}\n${clientID ?? ''}\n${connectorId ?? ''}\n${about ?? ''}`
}

const mostKept = 500

/** The alerts of a process. `changed` is told once per raising and resolving. */
export class Alerts {
  private readonly open = new Map<string, AlertView>()
  private readonly closed: AlertView[] = []
  private next = 1
  private readonly changed: (alert: AlertView, type: 'alert.raised' | 'alert.resolved') => void

  constructor(changed: (alert: AlertView, type: 'alert.raised' | 'alert.resolved') => void) {
    this.changed = changed
  }

  /** Raises when `message` is given and the cause is not open; resolves when it is null and the cause is open. */
  set(cause: AlertCause, message: string | null, nowMs: number): void {
    const key = causeKey(cause)
    const open = this.open.get(key)
    if (message === null) {
      if (open === undefined) return
      this.open.delete(key)
      const resolved = { ...open, resolvedAt: new Date(nowMs).toISOString() }
      this.closed.unshift(resolved)
      this.closed.length = Math.min(this.closed.length, mostKept)
      this.changed(resolved, 'alert.resolved')
      return
    }
    if (open !== undefined || this.open.size >= mostKept * 20) return
    const alert: AlertView = {
      id: `alr_${this.next++}`, code: cause.code, severity: alertSeverity[cause.code], siteID: cause.siteID,
      clientID: cause.clientID ?? null, connectorId: cause.connectorId ?? null,
      message, raisedAt: new Date(nowMs).toISOString(), resolvedAt: null, ackedAt: null, ackedBy: null,
    }
    this.open.set(key, alert)
    this.changed(alert, 'alert.raised')
  }

  /** Somebody has seen it; a second acknowledgement changes nothing. Undefined when no such alert is held. */
  ack(id: string, by: string, nowMs: number): AlertView | undefined {
    const known = this.list().find((alert) => alert.id === id)
    if (known === undefined || known.ackedAt !== null) return known
    const acked = { ...known, ackedAt: new Date(nowMs).toISOString(), ackedBy: by }
    for (const [key, alert] of this.open) if (alert.id === id) this.open.set(key, acked)
    const index = this.closed.indexOf(known)
    if (index >= 0) this.closed[index] = acked
    return acked
  }

  /** Open ones first, then the resolved, newest first. */
  list(): readonly AlertView[] {
    return [...[...this.open.values()].reverse(), ...this.closed]
  }
}
