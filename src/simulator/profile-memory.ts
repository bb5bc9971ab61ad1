// The profiles a simulated charge point holds, and what they let each connector draw: three purposes, stack levels, leases.
import type { ChargingProfile } from '../protocol/messages/index.ts'
import { faultOf, rateAt, type Rate } from './profile-schedule.ts'

export type Purpose = ChargingProfile['chargingProfilePurpose']

export interface Running {
  readonly transactionId: number
  readonly startedMs: number
}

export interface Installed {
  readonly connectorId: number
  readonly installedMs: number
  readonly profile: ChargingProfile
}

export interface ClearFilter {
  readonly id?: number | undefined
  readonly connectorId?: number | undefined
  readonly chargingProfilePurpose?: Purpose | undefined
  readonly stackLevel?: number | undefined
}

export interface ProfileMemory {
  /** Accepted, or why not. A refused profile changes nothing. */
  install(connectorId: number, profile: ChargingProfile, running: Running | null, nowMs: number): { readonly accepted: true } | { readonly accepted: false; readonly reason: string }
  /** How many went. `id` alone counts where given; else every given field must match; nothing given = all. */
  clear(filter: ClearFilter): number
  /** A transaction on the connector ended: its TxProfiles go. */
  endTransaction(connectorId: number): void
  /** What TxProfile or else TxDefaultProfile says for a connector; null = nothing limits. Where no transaction runs, one is thought to begin at `askedMs`. */
  connectorRate(connectorId: number, running: Running | null, atMs: number, askedMs?: number): Rate | null
  /** What ChargePointMaxProfile says for all connectors together; null = nothing limits. */
  wholeRate(atMs: number): Rate | null
  readonly installed: readonly Installed[]
  copy(): ProfileMemory
}

export interface MemoryLimits {
  readonly connectors: number
  readonly maxStackLevel: number
  readonly maxPeriods: number
  readonly maxInstalled: number
}

/** As many as a generous real charge point takes. */
export const usualLimits = { maxStackLevel: 100, maxPeriods: 24, maxInstalled: 30 }

/** An empty memory, or one that begins with `held`. */
export function createProfileMemory(limits: MemoryLimits, held: readonly Installed[] = []): ProfileMemory {
  let list: Installed[] = [...held]

  function refusal(connectorId: number, profile: ChargingProfile, running: Running | null): string | null {
    const purpose = profile.chargingProfilePurpose
    if (connectorId < 0 || connectorId > limits.connectors) return `there is no connector ${connectorId}`
    if (profile.stackLevel > limits.maxStackLevel) return `stack level above ${limits.maxStackLevel}`
    if (profile.chargingSchedule.chargingSchedulePeriod.length > limits.maxPeriods) return `more than ${limits.maxPeriods} periods`
    if (purpose === 'ChargePointMaxProfile' && connectorId !== 0) return 'ChargePointMaxProfile belongs on connector 0'
    if (purpose === 'TxProfile') {
      if (connectorId === 0) return 'TxProfile belongs on a connector'
      if (running === null) return 'no transaction runs there'
      if (profile.transactionId !== undefined && profile.transactionId !== running.transactionId) return 'another transaction runs there'
    }
    return faultOf(profile)
  }

  /** One id may serve several connectors side by side: same purpose, same level, none of them 0. */
  function replaces(profile: ChargingProfile, connectorId: number, other: Installed): boolean {
    const alike = other.profile.chargingProfilePurpose === profile.chargingProfilePurpose && other.profile.stackLevel === profile.stackLevel
    const there = other.connectorId === connectorId
    return there && alike || other.profile.chargingProfileId === profile.chargingProfileId && (there || !alike || connectorId === 0 || other.connectorId === 0)
  }

  /** The highest stack level that says something at `atMs` rules. */
  function prevailing(purpose: Purpose, connectorId: number, running: Running | null, atMs: number, askedMs: number): Rate | null {
    let best: Rate | null = null
    let bestLevel = -1
    for (const entry of list) {
      const { profile } = entry
      if (profile.chargingProfilePurpose !== purpose || entry.connectorId !== connectorId || profile.stackLevel <= bestLevel) continue
      if (purpose === 'TxProfile' && profile.transactionId !== undefined && profile.transactionId !== running?.transactionId) continue
      const rate = rateAt(profile, anchorOf(entry, running, askedMs), atMs)
      if (rate === null) continue
      best = rate
      bestLevel = profile.stackLevel
    }
    return best
  }

  return {
    install(connectorId, profile, running, nowMs) {
      const reason = refusal(connectorId, profile, running)
      if (reason !== null) return { accepted: false, reason }
      const kept = list.filter((other) => !replaces(profile, connectorId, other))
      if (kept.length >= limits.maxInstalled) return { accepted: false, reason: `more than ${limits.maxInstalled} profiles` }
      list = [...kept, { connectorId, installedMs: nowMs, profile }]
      return { accepted: true }
    },
    clear(filter) {
      const before = list.length
      list = list.filter((entry) => !matches(entry, filter))
      return before - list.length
    },
    endTransaction(connectorId) {
      list = list.filter((entry) => entry.connectorId !== connectorId || entry.profile.chargingProfilePurpose !== 'TxProfile')
    },
    connectorRate(connectorId, running, atMs, askedMs = atMs) {
      return (running === null ? null : prevailing('TxProfile', connectorId, running, atMs, askedMs))
        ?? prevailing('TxDefaultProfile', connectorId, running, atMs, askedMs)
        ?? prevailing('TxDefaultProfile', 0, running, atMs, askedMs)
    },
    wholeRate: (atMs) => prevailing('ChargePointMaxProfile', 0, null, atMs, atMs),
    get installed() { return list },
    copy: () => createProfileMemory(limits, list),
  }
}

/** What an entry's schedule counts from where it names no start: the start of the transaction, or of one thought to begin at `askedMs`; a maximum, from when it came. */
export function anchorOf(entry: Installed, running: Running | null, askedMs: number): number {
  return entry.profile.chargingProfilePurpose === 'ChargePointMaxProfile' ? entry.installedMs : running?.startedMs ?? askedMs
}

/** Amps per phase of a rate, for a load on `phases` phases; null (no limit) is Infinity. */
export function ampsOf(rate: Rate | null, phases: number, voltage: number): number {
  if (rate === null) return Infinity
  return rate.unit === 'A' ? rate.limit : rate.limit / (voltage * Math.max(1, phases))
}

function matches(entry: Installed, filter: ClearFilter): boolean {
  const { profile } = entry
  if (filter.id !== undefined) return profile.chargingProfileId === filter.id
  return (filter.connectorId === undefined || filter.connectorId === entry.connectorId)
    && (filter.chargingProfilePurpose === undefined || filter.chargingProfilePurpose === profile.chargingProfilePurpose)
    && (filter.stackLevel === undefined || filter.stackLevel === profile.stackLevel)
}
