// Transactions as they are asked for: newest first over all sites, from memory and from the archive behind it, and one by its id.
import { asRecord, hasEnded, recordKey, type TransactionRecord } from '../sessions/record.ts'
import { beganAt } from './archive.ts'
import type { Estate, SiteEntry } from './estate.ts'
import { readBack, recordOf } from './handlers/counting.ts'
import { runningAs } from './handlers/running.ts'
import type { Station } from './handlers/station.ts'
import { Refusal } from './house.ts'
import { unreadable } from './records.ts'

export interface TransactionQuery {
  readonly siteID?: string | undefined
  /** Absent: every site. */
  readonly covers?: (siteID: string) => boolean
  readonly clientID?: string | undefined
  readonly connectorId?: number | undefined
  readonly status?: TransactionRecord['status'] | undefined
  /** Without regard to case. */
  readonly idTag?: string | undefined
  /** RFC 3339, of the start; from inclusive, to exclusive. */
  readonly from?: string | undefined
  readonly to?: string | undefined
  /** `next` of the page before. */
  readonly after?: string | undefined
  /** At least 1. */
  readonly limit: number
}

const mostScanned = 5_000
const dayMs = 86_400_000
/** A store that cannot be read is waited for so long. */
const mostWaitMs = 10_000

/** One page, newest first. Looks at no more than 5,000 at a time: a page may be short and still have a next. Rejects with Refusal store-down. */
export async function listRecords(estate: Estate, query: TransactionQuery): Promise<{ readonly data: readonly TransactionRecord[]; readonly next: string | null }> {
  const sites = [...estate.sites.keys()].filter((siteID) => (query.siteID === undefined || siteID === query.siteID) && query.covers?.(siteID) !== false)
  const fromMs = query.from === undefined ? 0 : Date.parse(query.from)
  const toMs = query.to === undefined ? Infinity : Date.parse(query.to)
  const data: TransactionRecord[] = []
  let scanned = 0
  let last = query.after ?? null
  for await (const record of newestRecords(estate, sites, fromMs, Math.min(toMs, afterMs(query.after)))) {
    const key = cursorOf(record)
    if (last !== null && key >= last) continue
    if (data.length >= query.limit || scanned >= mostScanned) return { data, next: last }
    last = key
    scanned++
    if (fits(record, query)) data.push(await onceRead(estate, record))
  }
  return { data, next: null }
}

/** Everything that began in [fromMs, toMs) at these sites, newest first, running ones as they are now (`onceRead` = where what was before a restart is read back first). Rejects with Refusal store-down. */
export async function* newestRecords(estate: Estate, siteIDs: readonly string[], fromMs: number, toMs: number): AsyncGenerator<TransactionRecord> {
  const streams = siteIDs.flatMap((siteID) => {
    const entry = estate.sites.get(siteID)
    return entry === undefined ? [] : [newestOf(estate, entry, fromMs, Math.min(toMs, estate.options.clock.wall() + dayMs))]
  })
  const heads = await Promise.all(streams.map(async (stream) => ({ stream, head: await stream.next() })))
  for (;;) {
    let best: (typeof heads)[number] | null = null
    for (const one of heads) if (!one.head.done && (best === null || best.head.done || newerFirst(one.head.value, best.head.value) < 0)) best = one
    if (best === null || best.head.done) return
    yield best.head.value
    best.head = await best.stream.next()
  }
}

/** One by its id, running ones as they are now. Rejects with Refusal not-found (`unknown-transaction`) or store-down. */
export async function findRecord(estate: Estate, id: number): Promise<{ readonly record: TransactionRecord; readonly site: SiteEntry }> {
  const held = (): { record: TransactionRecord; site: SiteEntry } | null => {
    for (const site of estate.sites.values()) {
      const record = asRecord(site.scope.get(recordKey(id)))
      const family = record === null ? undefined : estate.point(record.clientID)?.family
      if (record !== null) return { record: (family?.station.scope === site.scope ? recordOf(family.station, id) : null) ?? record, site }
    }
    return null
  }
  const near = held()
  if (near !== null) {
    await waitForReadings(estate, near.record)
    return held() ?? near
  }
  for (const site of [...estate.sites.values()]) {
    const record = await site.archive.find(id).catch(unreadable)
    // It may have come back into memory meanwhile.
    if (record !== null) return held() ?? { record, site }
  }
  throw new Refusal('not-found', 'unknown-transaction', `There is no transaction ${id}.`)
}

/** As `asOfNow`, but after a restart only once what it had measured before is read back: for that it waits at most 10 s, then what was worked out last stands. */
export async function onceRead(estate: Estate, record: TransactionRecord): Promise<TransactionRecord> {
  const station = await waitForReadings(estate, record)
  // It may have ended meanwhile.
  return station === null ? asOfNow(estate, record) : recordOf(station, record.id) ?? asRecord(station.scope.get(recordKey(record.id))) ?? record
}

/** Null = there was nothing to wait for. */
async function waitForReadings(estate: Estate, record: TransactionRecord): Promise<Station | null> {
  const station = hasEnded(record) ? undefined : estate.point(record.clientID)?.family?.station
  const tally = station?.tallies.running.get(record.id)
  if (station === undefined || tally === undefined || tally.isRead) return null
  await new Promise<void>((resolve) => {
    const cancel = station.clock.after(mostWaitMs, resolve)
    void readBack(station, tally).then(() => {
      cancel()
      resolve()
    })
  })
  return station
}

/** With its totals as they are now, while it runs. */
export function asOfNow(estate: Estate, record: TransactionRecord): TransactionRecord {
  const family = hasEnded(record) ? null : estate.point(record.clientID)?.family
  return (family === null || family === undefined ? null : recordOf(family.station, record.id)) ?? record
}

/** What is in memory, newest first: what runs, with its totals as they were worked out last (`asOfNow` = as they are), and what ended not long ago. */
export function heldRecords(estate: Estate, { scope, record: { site } }: SiteEntry): readonly TransactionRecord[] {
  const held = new Map(scope.entries('tx:').flatMap(([, value]) => {
    const record = asRecord(value)
    return record === null ? [] : [[record.id, record]]
  }))
  for (const { family } of estate.points.ofSite(site.id)) {
    if (family === null) continue
    for (const id of family.station.tallies.running.keys()) {
      const running = runningAs(family.station, id)
      if (running !== null) held.set(id, running.record)
    }
  }
  return [...held.values()].sort(newerFirst)
}

/** As `cursorOf` orders them. */
export function newerFirst(a: TransactionRecord, b: TransactionRecord): number {
  return beganAt(b) - beganAt(a) || b.id - a.id
}

/** What is in memory is at most some days old, but for what runs or was changed; the archive may hold any of it in an older form. */
async function* newestOf(estate: Estate, site: SiteEntry, fromMs: number, toMs: number): AsyncGenerator<TransactionRecord> {
  const held = heldRecords(estate, site)
  const ids = new Set(held.map(({ id }) => id))
  const near = held.filter(({ startedAtMs }) => startedAtMs >= fromMs && startedAtMs < toMs)
  const far = site.archive.newestFirst(fromMs, toMs)
  let next = 0
  try {
    for await (const record of far) {
      for (let one = near[next]; one !== undefined && newerFirst(one, record) < 0; one = near[++next]) yield asOfNow(estate, one)
      if (!ids.has(record.id)) yield record
    }
  } catch (error) {
    unreadable(error)
  }
  for (const one of near.slice(next)) yield asOfNow(estate, one)
}

function fits(record: TransactionRecord, { clientID, connectorId, status, idTag }: TransactionQuery): boolean {
  return (clientID === undefined || record.clientID.toLowerCase() === clientID.toLowerCase())
    && (connectorId === undefined || record.connectorId === connectorId)
    && (status === undefined || record.status === status)
    && (idTag === undefined || record.idTag.toLowerCase() === idTag.toLowerCase())
}

/** Ascending with time, unique. */
export function cursorOf(record: Pick<TransactionRecord, 'startedAtMs' | 'id'>): string {
  return `${beganAt(record).toString(36).padStart(9, '0')}-${String(record.id).padStart(10, '0')}`
}

function afterMs(cursor: string | undefined): number {
  return cursor === undefined ? Infinity : parseInt(cursor.slice(0, 9), 36) + 1
}
