// What happened in a run, in order: the timeline for people and programs, and what expectations ask about.
import type { House } from '../actors/house.ts'

export interface TimelineEntry {
  /** Seconds from the start of the scenario. */
  readonly at: number
  readonly type: string
  readonly [detail: string]: unknown
}

export interface ToldProfile {
  readonly atMs: number
  readonly clientID: string
  /** 0 = the whole charge point. */
  readonly connectorId: number
  readonly purpose: string
  readonly raises: boolean
}

export interface RaisedAlert { readonly atMs: number; readonly code: string }

export interface RunRecord {
  say(type: string, details: Readonly<Record<string, unknown>>): void
  told(message: Omit<ToldProfile, 'atMs'>): void
  /** Takes over what the house says about alerts and allocations since it was last asked. */
  look(house: House): void
  readonly timeline: readonly TimelineEntry[]
  readonly profiles: readonly ToldProfile[]
  readonly alerts: readonly RaisedAlert[]
  /** Events of the run itself that could not be done; a run with any has failed. */
  readonly failures: readonly string[]
  fail(message: string): void
}

const keptEntries = 100_000

/** `nowMs` is ms from the start of the scenario, negative before it. */
export function createRecord(siteID: string, nowMs: () => number): RunRecord {
  const timeline: TimelineEntry[] = []
  const profiles: ToldProfile[] = []
  const alerts: RaisedAlert[] = []
  const failures: string[] = []
  /** Alert id → still open when last seen. */
  const seen = new Map<string, boolean>()
  const shares = new Map<string, string>()

  function say(type: string, details: Readonly<Record<string, unknown>>): void {
    if (timeline.length < keptEntries) timeline.push({ at: Math.round(nowMs()) / 1000, type, ...details })
  }

  return {
    say,
    told(message) { if (profiles.length < keptEntries) profiles.push({ atMs: nowMs(), ...message }) },
    look(house) {
      for (const alert of [...house.alerts()].reverse()) {
        const open = alert.resolvedAt === null
        const before = seen.get(alert.id)
        if (before === open) continue
        seen.set(alert.id, open)
        if (before === undefined) alerts.push({ atMs: nowMs(), code: alert.code })
        const { code, severity, clientID, connectorId, message } = alert
        say(open ? 'alert' : 'alert-resolved', { code, severity, clientID, connectorId, message })
      }
      for (const row of house.power(siteID).connectors) {
        const key = `${row.clientID}/${row.connectorId}`
        const share = `${row.allocatedA} ${row.binding}`
        if (shares.get(key) === share) continue
        shares.set(key, share)
        say('allocation', { connector: key, allocatedA: row.allocatedA, binding: row.binding })
      }
    },
    timeline, profiles, alerts, failures,
    fail(message) {
      failures.push(message)
      say('failure', { message })
    },
  }
}
