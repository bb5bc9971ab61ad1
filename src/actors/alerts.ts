// Alerts: one open per cause, raised and resolved by level, newest kept; bounded.
import type { AlertView } from './views.ts'

export const alertSeverity = {
  'over-limit': 'critical', unenforceable: 'critical', disobeying: 'critical', 'meter-stale': 'critical', 'engine-not-ticking': 'critical',
  'store-down': 'critical', 'site-lost': 'critical', 'store-rolled-back': 'critical', quarantined: 'critical', 'security-event-critical': 'critical',
  'profile-rejected': 'warning', starved: 'warning', 'profile-drift': 'warning', 'offline-in-transaction': 'warning', 'orphaned-stop': 'warning', 'orphaned-readings': 'warning', 'zombie-transaction': 'warning', 'duplicate-identity': 'warning', 'security-event': 'warning', 'security-downgrade': 'warning', 'clock-skew': 'warning', 'entry-deferred': 'warning', deaf: 'warning', 'unknown-id-tag': 'warning', 'id-tag-guessing': 'warning', 'authorisation-unreachable': 'warning', 'firmware-failed': 'warning', 'upload-failed': 'warning', 'local-list-too-long': 'warning', 'certificate-failed': 'warning', 'meter-anomaly': 'warning', 'under-reporting': 'warning', 'command-timed-out': 'warning', 'transaction-not-stopped': 'warning', 'loop-stalled': 'warning', 'webhook-failing': 'warning', 'mqtt-unreachable': 'warning',
  'new-charger': 'info', 'limit-active': 'info', 'limit-changed': 'info', 'limit-expired': 'info', 'record-begun-anew': 'info',
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
const mostOpen = 10_000
/** Of one charge point: none takes the room of the others. */
const mostOpenPerChargePoint = 100
/** Of less than critical alerts the oldest goes, and this often somebody is told, ms. */
const saidEveryMs = 60_000

export interface AlertListeners {
  /** Once per raising and resolving. */
  changed(alert: AlertView, type: 'alert.raised' | 'alert.resolved'): void
  /** Alerts found no room, this many since it was said last; at most once a minute. */
  dropped(alert: AlertView, count: number): void
}

/** The alerts of a process. */
export class Alerts {
  private readonly open = new Map<string, AlertView>()
  private readonly closed: AlertView[] = []
  private next = 1
  /** Open ones by charge point. */
  private readonly counts = new Map<string, number>()
  private droppedCount = 0
  private saidAtMs = -Infinity
  private readonly run: string
  /** What they say is over; they wait for somebody to have seen them. */
  private readonly settled = new Set<string>()
  private readonly changed: AlertListeners['changed']
  private readonly dropped: AlertListeners['dropped']

  /** `run` = what tells its alerts from those of other runs. */
  constructor(changed: AlertListeners['changed'], dropped: AlertListeners['dropped'] = () => undefined, run = '') {
    this.run = run
    this.changed = changed
    this.dropped = dropped
  }

  /**
   * Raises when `message` is given and the cause is not open; an open one takes the new words and nobody is told. Resolves when it
   * is null and the cause is open. Where there are too many open ones, of a charge point or of all, the oldest that is not critical goes.
   */
  set(cause: AlertCause, message: string | null, nowMs: number): void {
    const key = causeKey(cause)
    const open = this.open.get(key)
    if (message === null) {
      if (open !== undefined) this.resolve(key, open, nowMs)
      return
    }
    if (open !== undefined) return void (open.message === message || this.open.set(key, { ...open, message }))
    const alert: AlertView = {
      id: `alr_${this.run === '' ? '' : `${this.run}_`}${this.next++}`, code: cause.code, severity: alertSeverity[cause.code], siteID: cause.siteID,
      clientID: cause.clientID ?? null, connectorId: cause.connectorId ?? null,
      message, raisedAt: new Date(nowMs).toISOString(), resolvedAt: null, ackedAt: null, ackedBy: null,
    }
    const owner = ownerOf(alert)
    const crowded = owner !== null && (this.counts.get(owner) ?? 0) >= mostOpenPerChargePoint && !this.makeRoom(nowMs, owner)
    // A critical one of a crowded charge point still comes: there are only so many causes of those.
    const full = this.open.size >= mostOpen && !this.makeRoom(nowMs, null)
    if (full || (crowded && alert.severity !== 'critical')) return this.tellDropped(alert, nowMs)
    this.open.set(key, alert)
    if (owner !== null) this.counts.set(owner, (this.counts.get(owner) ?? 0) + 1)
    this.changed(alert, 'alert.raised')
  }

  private resolve(key: string, open: AlertView, nowMs: number): AlertView {
    this.leave(key, open)
    const resolved = { ...open, resolvedAt: new Date(nowMs).toISOString() }
    this.closed.unshift(resolved)
    this.closed.length = Math.min(this.closed.length, mostKept)
    this.changed(resolved, 'alert.resolved')
    return resolved
  }

  /** What it says is over, but somebody has to see it: it is resolved when it is acknowledged. */
  settle(cause: AlertCause, message: string, nowMs: number): void {
    const open = this.open.get(causeKey(cause))
    if (open === undefined) return
    this.set(cause, message, nowMs)
    if (open.ackedAt !== null) this.set(cause, null, nowMs)
    else this.settled.add(open.id)
  }

  /** Drops the oldest that is not critical, of a charge point or (null) of all. False when there is none. */
  private makeRoom(nowMs: number, owner: string | null): boolean {
    for (const [key, alert] of this.open) {
      if (alert.severity === 'critical' || (owner !== null && ownerOf(alert) !== owner)) continue
      this.leave(key, alert)
      this.tellDropped(alert, nowMs)
      return true
    }
    return false
  }

  private leave(key: string, alert: AlertView): void {
    this.open.delete(key)
    this.settled.delete(alert.id)
    const owner = ownerOf(alert)
    if (owner === null) return
    const left = (this.counts.get(owner) ?? 0) - 1
    if (left > 0) this.counts.set(owner, left)
    else this.counts.delete(owner)
  }

  private tellDropped(alert: AlertView, nowMs: number): void {
    this.droppedCount++
    if (nowMs - this.saidAtMs < saidEveryMs) return
    this.saidAtMs = nowMs
    this.dropped(alert, this.droppedCount)
    this.droppedCount = 0
  }

  /** Somebody has seen it; a second acknowledgement changes nothing. Undefined when no such alert is held. */
  ack(id: string, by: string, nowMs: number): AlertView | undefined {
    const known = this.list().find((alert) => alert.id === id)
    if (known === undefined || known.ackedAt !== null) return known
    const acked = { ...known, ackedAt: new Date(nowMs).toISOString(), ackedBy: by }
    for (const [key, alert] of this.open) {
      if (alert.id !== id) continue
      if (this.settled.has(id)) return this.resolve(key, acked, nowMs)
      this.open.set(key, acked)
    }
    const index = this.closed.indexOf(known)
    if (index >= 0) this.closed[index] = acked
    return acked
  }

  /** Open ones first, then the resolved, newest first. */
  list(): readonly AlertView[] {
    return [...[...this.open.values()].reverse(), ...this.closed]
  }
}

function ownerOf({ siteID, clientID }: AlertView): string | null {
  return clientID === null ? null : `${siteID}\n${clientID}`
}
