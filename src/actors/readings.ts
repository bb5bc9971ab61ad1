// What the meters say: the newest live reading of each connector, and the building's load worked out from them.
import { countedBase, countedBetween, baseStatus, nextChangeMs, noBase, readMeter, staleAtMs, type BaseSettings, type CarShare, type BaseState, type BaseStatus } from '../power/base.ts'
import { pairs } from '../power/limits.ts'
import { followMs } from '../power/ledger.ts'
import { onPhases, reservedLoad, tiltOf, type BaseAmps, type Place } from '../power/loads.ts'
import { perPhase, phases, type PhaseAmps, type SiteConfig } from '../power/site.ts'
import type { Outlet } from '../power/tree.ts'
import { provenPhases } from '../power/watts.ts'
import { Heard, longestIntervalMs } from './heard.ts'

export interface Reading {
  readonly siteA: PhaseAmps
  readonly highestA: number
  /** How many phases the car is proven to use; 0 or absent = the sample does not say. */
  readonly provenPhases?: number
  /** It names no phase: how they share what was read is not known. */
  readonly spread?: boolean
  /** All phases together, where that is all it says; null or absent = it names them, or tells no power. */
  readonly totalA?: number | null
  readonly powerW: number | null
  readonly energyWh: number | null
  readonly measuredAtMs: number
  readonly receivedAtMs: number
  /** How far its connector's samples are apart, where that is known, ms. */
  readonly intervalMs?: number | undefined
  /** The transaction that ran when it came; null or absent = none. */
  readonly transactionId?: number | null
}

export interface Meters {
  readonly readings: Map<string, Reading>
  /** By connector, what becomes its reading with the first sample and changes with each. */
  readonly heard: Map<string, Heard>
  /** The longest sample interval of those that charge, ms; 0 = nobody said. */
  intervalMs: number
  base: BaseState
  /** What was taken from the reading of the site meter for phases that a car perhaps does not use, by connector: it is building once the car may draw no more of it. */
  lent: ReadonlyMap<string, PhaseAmps>
}

export function openMeters(): Meters {
  return { readings: new Map(), heard: new Map(), intervalMs: 0, base: noBase, lent: new Map() }
}

/** Where the readings of a connector go. */
export function heardOf({ heard }: Meters, key: string): Heard {
  const known = heard.get(key) ?? new Heard()
  heard.set(key, known)
  return known
}

/** A live reading of a connector, with its sample interval as its charge point says, 0 = it did not. */
export function noteReading(meters: Meters, key: string, reading: Reading, transactionId: number | null, toldMs = 0): void {
  noteHeard(meters, key, heardOf(meters, key), reading, transactionId, toldMs)
}

/** The same where its place is at hand. */
export function noteHeard(meters: Meters, key: string, heard: Heard, reading: Reading, transactionId: number | null, toldMs: number): void {
  if (!heard.isHeard) meters.readings.set(key, heard)
  heard.note(reading, transactionId, toldMs)
}

/** Those of connectors that are gone go with them. */
export function keepReadings({ readings, heard }: Meters, known: ReadonlyMap<string, unknown>): void {
  for (const key of readings.keys()) if (!known.has(key)) readings.delete(key)
  for (const key of heard.keys()) if (!known.has(key)) heard.delete(key)
}

/** So long after the Accepted a car is taken to have followed where the site meter is above the limit, its sample or not: after `followMs` a slow one would pause others, or itself, for what it still draws. */
const followedMs = 8_000

/** Less is noise of a meter, more is a phase in use, A. */
const strayA = 0.5

/** How many of a connector's phases, from its first, carry current; 0 = none. */
export function phasesUsed(outlet: Outlet, siteA: PhaseAmps): number {
  return outlet.phases.findLastIndex((phase) => siteA[phase] > strayA) + 1
}

/** An EV reading is fresh for max(30 s, 2.5 × its sample interval), which is `sampleIntervalMs` where nothing else is known. */
export function isFresh(reading: Reading | undefined, sampleIntervalMs: number, nowMs: number): reading is Reading {
  return reading !== undefined && nowMs - reading.receivedAtMs <= Math.max(30_000, 2.5 * intervalOf(reading, sampleIntervalMs))
}

/** It may be shown as what is drawn now: of the car that is there, or of none, and not older than three samples or a minute. What is counted has rules of its own. */
export function isCurrent(reading: Reading, { transactionId }: { readonly transactionId: number | null }, sampleIntervalMs: number, nowMs: number): boolean {
  return (reading.transactionId ?? null) === transactionId && nowMs - reading.receivedAtMs <= Math.max(60_000, 3 * intervalOf(reading, sampleIntervalMs))
}

function intervalOf(reading: Reading | undefined, sampleIntervalMs: number): number {
  return Math.max(sampleIntervalMs, reading?.intervalMs ?? 0)
}

/** So long a reading proves a fall: until the next one is due, and a little. */
function recentMs(sampleIntervalMs: number): number {
  return Math.max(15_000, dueMs(sampleIntervalMs))
}

function dueMs(sampleIntervalMs: number): number {
  return 1.1 * sampleIntervalMs + 2_000
}

/** Who samples more often than the others must be heard as often: of what it lets go in steps, each just before a lost sample, nobody would know. */
function isRecent(reading: Reading, sampleIntervalMs: number, nowMs: number): boolean {
  const { intervalMs = sampleIntervalMs, receivedAtMs } = reading
  return nowMs - receivedAtMs <= (intervalMs < sampleIntervalMs ? dueMs(intervalMs) : recentMs(intervalMs))
}

export function baseSettings(site: SiteConfig, sampleIntervalMs: number): BaseSettings {
  return {
    worstCaseA: perPhase(site.baseLoad.worstCaseA),
    staleAfterMs: site.baseLoad.staleAfterS * 1000,
    creditExport: site.baseLoad.creditExport,
    holdMs: Math.max(30_000, recentMs(sampleIntervalMs) + 10_000),
    sampleIntervalMs,
  }
}

export interface CountedBase {
  readonly status: BaseStatus
  readonly amps: BaseAmps
  /** When it may change by time alone, ms; null = not. */
  readonly nextAtMs: number | null
}

/** `places` = those of now, where anything is lent. */
export function baseNow(meters: Meters, site: SiteConfig, sampleIntervalMs: number, nowMs: number, places: readonly Place[] = []): CountedBase {
  const settings = baseSettings(site, Math.max(sampleIntervalMs, meters.intervalMs))
  const next = [staleAtMs(meters.base, settings, nowMs), nextChangeMs(meters.base, settings, nowMs)].filter((at) => at !== null && at > nowMs)
  const status = baseStatus(meters.base, settings, nowMs)
  return {
    status,
    amps: { ...addLent(countedBase(meters.base, settings, nowMs), status === 'fresh' ? meters.lent : new Map(), places, nowMs), between: countedBetween(meters.base, settings, nowMs) },
    nextAtMs: next.length === 0 ? null : Math.min(...next.map((at) => at ?? Infinity)),
  }
}

/** The building as it is if what was taken from it was never a car's: beside what a car may still draw that is counted with it. */
function addLent(counted: PhaseAmps, lent: Meters['lent'], places: readonly Place[], nowMs: number): PhaseAmps {
  if (lent.size === 0) return counted
  const sum = { ...counted }
  const byKey = new Map(places.map((place) => [place.outlet.key, place]))
  for (const [key, amps] of lent) {
    const place = byKey.get(key)
    const reserved = place === undefined ? null : onPhases(place, reservedLoad(place, nowMs))
    for (const phase of phases) sum[phase] += Math.max(0, amps[phase] - (reserved?.[phase] ?? 0))
  }
  return sum
}

/** Of a car whose phases nobody knows a total is spread over all; that it uses the first of them is certain. */
function lentBy({ outlet, row }: Place, { measuredA, reservedA }: CarShare): PhaseAmps | null {
  if (measuredA === null || provenPhases(row) >= outlet.phases.length) return null
  const amps: PhaseAmps = { L1: 0, L2: 0, L3: 0 }
  for (const phase of outlet.phases.slice(1)) amps[phase] = Math.min(measuredA[phase], reservedA[phase])
  return amps
}

/** It is of a car that has stopped since: what it drew may be the building by now. */
function isPast({ transactionId = null }: Reading, { row }: Place): boolean {
  return transactionId !== null && transactionId !== row.transactionId
}

/** Takes a reading of the site meter (its total, cars included), so old when it came: it turns stale that much earlier. `limitA` is the site's own limit per phase now; `toldMs` = a charge point's sample interval as it says, 0 = it did not. */
export function takeMeter(meters: Meters, site: SiteConfig, sampleIntervalMs: number, { meterA, ageMs }: { readonly meterA: PhaseAmps; readonly ageMs: number }, limitA: PhaseAmps, places: readonly Place[], nowMs: number, toldMs: (clientID: string) => number = () => 0): void {
  const measuredAtMs = nowMs - Math.max(0, ageMs)
  // An older reading that was overtaken on its way says nothing any more.
  if (measuredAtMs < (meters.base.meterAtMs ?? -Infinity)) return
  const told = (place: Place): number => Math.min(longestIntervalMs, toldMs(place.outlet.clientID))
  meters.intervalMs = Math.max(0, ...places.filter(({ row }) => row.transactionId !== null).map((place) => Math.max(told(place), meters.readings.get(place.outlet.key)?.intervalMs ?? 0)))
  const cars = places.map((place) => {
    const heard = meters.readings.get(place.outlet.key)
    const reading = heard === undefined || isPast(heard, place) ? undefined : heard
    const fresh = isFresh(reading, sampleIntervalMs, nowMs)
    const changedAtMs = Math.max(place.row.changedAtMs ?? 0, place.row.settling?.acceptedAtMs ?? 0)
    const reserved = reservedLoad(place, nowMs)
    // What has just begun or been told is waited for.
    const isUnseen = !fresh && place.row.transactionId !== null && reserved.thisCarA > 0 && nowMs > changedAtMs + Math.max(sampleIntervalMs, told(place)) + followMs
    const isSilent = fresh && place.row.settling !== null && reading.receivedAtMs < changedAtMs + followMs && measuredAtMs >= changedAtMs + followedMs
    const tilts = pairs.some((pair) => tiltOf(place, reserved, pair) > 0)
    return {
      isLevel: !tilts,
      ...(isSilent ? { followedA: onPhases(place, reservedLoad({ ...place, row: { ...place.row, settling: null } }, nowMs)) } : {}),
      isHidden: isUnseen && tilts,
      reservedA: onPhases(place, reserved),
      measuredA: fresh ? reading.siteA : null,
      isRecent: fresh && isRecent(reading, sampleIntervalMs, nowMs),
      changedAtMs,
      // A sample from within the ramp is not the car's last word on the change; after two intervals without one it explains nothing any more.
      changedSinceSample: changedAtMs + followMs > (fresh ? reading.receivedAtMs : 0) && nowMs <= changedAtMs + followMs + 2 * Math.max(intervalOf(reading, sampleIntervalMs), told(place)),
    }
  })
  meters.base = { ...readMeter(meters.base, meterA, cars, limitA, baseSettings(site, Math.max(sampleIntervalMs, meters.intervalMs)), nowMs), meterAtMs: measuredAtMs }
  // While cars that ramp are waited for the readings before still count.
  const lent = new Map(meters.base.ramp === null ? [] : meters.lent)
  for (const [index, place] of places.entries()) {
    const { key } = place.outlet
    const amps = meters.readings.get(key)?.spread !== true ? null : lentBy(place, cars[index]!)
    const before = lent.get(key)
    if (amps !== null) lent.set(key, before === undefined ? amps : { L1: Math.max(amps.L1, before.L1), L2: Math.max(amps.L2, before.L2), L3: Math.max(amps.L3, before.L3) })
  }
  meters.lent = lent
}
