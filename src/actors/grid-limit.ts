// The standing grid limit as it was set: checked against the fuse, kept with who set it and when.
import { hasLapsed, type GridLimit } from '../power/limits.ts'
import { perPhase, phases, type SiteConfig } from '../power/site.ts'
import { olderKey } from '../store/port.ts'
import { Refusal } from './house.ts'
import type { Scope } from './scope.ts'

export interface GridRecord {
  readonly limit: GridLimit | null
  readonly version: number
  readonly changedAt: string
  readonly changedBy: string
  /** It was seen to lapse: no step of a clock brings it back. */
  readonly lapsed?: true
}

/** currentA per phase or powerW in total, one of the two. */
export interface WantedLimit { readonly currentA?: number; readonly powerW?: number; readonly reason?: string; readonly ttlS?: number }

const key = 'grid-limit'

export function readGridRecord(scope: Scope, nowMs: number): GridRecord {
  const record = (scope.get(key) as GridRecord | undefined) ?? { limit: null, version: 0, changedAt: new Date(nowMs).toISOString(), changedBy: 'default' }
  return record.lapsed === true && record.limit !== null ? { ...record, limit: { ...record.limit, expiresAtMs: Math.min(record.limit.expiresAtMs ?? nowMs, nowMs) } } : record
}

export function putGridRecord(scope: Scope, before: GridRecord, limit: GridLimit | null, changedBy: string, nowMs: number): GridRecord {
  const record = { limit, version: before.version + 1, changedAt: new Date(nowMs).toISOString(), changedBy }
  scope.put(key, record)
  // Whoever sets it says what holds.
  if (scope.get(olderKey) !== undefined) scope.delete(olderKey)
  return record
}

export function revisionOf({ version, changedAt, changedBy }: GridRecord): Omit<GridRecord, 'limit'> {
  return { version, changedAt, changedBy }
}

/** With every review: a limit that has lapsed is remembered as lapsed, and `told` once. */
export function noteLapse(scope: Scope, record: GridRecord, nowMs: number, told: (limit: GridLimit) => void = () => undefined): GridRecord {
  if (record.lapsed === true || record.limit === null || !hasLapsed(record.limit, nowMs)) return record
  told(record.limit)
  const lapsed: GridRecord = { ...record, lapsed: true }
  scope.put(key, lapsed)
  return lapsed
}

/** What becomes of the limit; `wanted` null = it is lifted. Throws Refusal above-fuse; failsafe-holds where one that has lapsed would be lifted. */
export function changeLimit(site: SiteConfig, before: GridLimit | null, wanted: WantedLimit | null, nowMs: number): GridLimit | null {
  if (wanted !== null) return checkLimit(site, wanted, nowMs)
  if (!hasLapsed(before, nowMs)) return null
  throw new Refusal('conflict', 'failsafe-holds', `The grid limit was not renewed in time: the failsafe limit of ${site.failsafeA} A holds until a new one is set.`, { hint: `PUT a limit; the fuse of ${fuseOf(site).highestA} A is the most.` })
}

/** Throws Refusal above-fuse. */
export function checkLimit(site: SiteConfig, { currentA, powerW, reason, ttlS }: WantedLimit, nowMs: number): GridLimit {
  if (currentA !== undefined) checkFuse(site, { currentA }, '/currentA')
  if (powerW !== undefined) checkFuse(site, { powerW }, '/powerW')
  const setAtMs = Math.floor(nowMs)
  return {
    ...(currentA === undefined ? {} : { currentA }), ...(powerW === undefined ? {} : { powerW }), ...(reason === undefined ? {} : { reason }),
    setAtMs, ...(ttlS === undefined ? {} : { expiresAtMs: setAtMs + ttlS * 1000 }),
  }
}

function fuseOf(site: SiteConfig): { readonly highestA: number; readonly totalW: number } {
  const fuse = perPhase(site.fuseA)
  return { highestA: Math.max(...phases.map((phase) => fuse[phase])), totalW: phases.reduce((sum, phase) => sum + fuse[phase] * site.voltage, 0) }
}

/** No limit stands above the commissioned fuse; `at` = where it is in the body. Throws Refusal above-fuse. */
export function checkFuse(site: SiteConfig, { currentA, powerW }: { readonly currentA?: number; readonly powerW?: number }, at = ''): void {
  const { highestA, totalW } = fuseOf(site)
  const errors = (message: string) => (at === '' ? {} : { errors: [{ pointer: at, message }] })
  if (currentA !== undefined && currentA > highestA) throw new Refusal('invalid', 'above-fuse', `${currentA} A per phase is above the fuse of ${highestA} A.`, { hint: `Send at most ${highestA} A.`, ...errors(`at most ${highestA} A`) })
  if (powerW !== undefined && powerW > totalW) throw new Refusal('invalid', 'above-fuse', `${powerW} W is above the ${totalW} W that the fuse carries.`, { hint: `Send at most ${totalW} W.`, ...errors(`at most ${totalW} W`) })
}

/** After a step of the wall clock in a former run: the limit lapses when it would have then. */
export function moveGridRecord(scope: Scope, laterMs: number): void {
  const record = scope.get(key) as GridRecord | undefined
  const expiresAtMs = record?.limit?.expiresAtMs
  if (laterMs === 0 || record?.lapsed === true || !record?.limit || expiresAtMs === undefined) return
  scope.put(key, { ...record, limit: { ...record.limit, expiresAtMs: expiresAtMs + laterMs } })
}
