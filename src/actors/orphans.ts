// Keeps what a charge point said of transactions that could not be matched: once, bounded, and told to people while it is open.
import type { RequestOf } from '../protocol/messages/index.ts'
import { orphanId, orphanKey, orphanPrefix, orphansIn, readOrphan, type OrphanCause, type OrphanRecord } from './orphan-record.ts'
import type { Scope } from './scope.ts'
import type { Station } from './handlers/station.ts'

/** Beyond that the oldest of the charge point go; beyond the other the oldest of the charge point that has most. */
const mostPerPoint = 1_000
const mostPerSite = 20_000
/** The data of a stop beyond that is left out; its meter and its time say what it was. */
const mostRequestChars = 64 * 1024
/** Readings are counted in memory and noted this often. */
const notedEveryMs = 60_000

type Asker = Pick<Station, 'clientID' | 'siteID' | 'scope' | 'condition'>

/** A stop of a transaction this charge point never had; repeated it is still one. */
export function keepStop(station: Asker, request: RequestOf<'StopTransaction'>, receivedAtMs: number, ofAnother = false): void {
  const cause: OrphanCause = ofAnother ? 'of-another-charge-point' : request.transactionId > 0 ? 'unknown-transaction' : 'no-transaction-id'
  const key = orphanKey(station.clientID, [request.transactionId, request.timestamp, request.meterStop])
  keep(station, key, { kind: 'stop', connectorId: null, transactionId: request.transactionId, cause, receivedAtMs, request })
}

/** Readings that name a transaction this charge point never had: one orphan for each connector and number. */
export function keepReadings(station: Asker, request: RequestOf<'MeterValues'>, receivedAtMs: number, ofAnother = false): void {
  const { connectorId, transactionId = null } = request
  const cause: OrphanCause = ofAnother ? 'of-another-charge-point' : transactionId !== null && transactionId > 0 ? 'unknown-transaction' : 'no-transaction-id'
  keep(station, orphanKey(station.clientID, ['readings', connectorId, transactionId]), { kind: 'readings', connectorId, transactionId, cause, receivedAtMs, request })
}

/** A start at a connector that no charge point can have; it has a transaction with this number, and no connector. */
export function keepStart(station: Asker, request: { readonly connectorId: number; readonly idTag: string; readonly timestamp: string; readonly meterStart: number }, transactionId: number, receivedAtMs: number): void {
  keep(station, orphanKey(station.clientID, ['start', transactionId]), { kind: 'start', connectorId: request.connectorId, transactionId, cause: 'impossible-connector', receivedAtMs, request })
}

/** The alerts of a charge point say how many of its stops, and its readings of how many transactions, wait for somebody; they resolve when none does. */
export function tellOrphans({ clientID, scope, condition }: Pick<Asker, 'clientID' | 'scope' | 'condition'>): void {
  const open = orphansIn(scope, clientID).map(([, orphan]) => orphan).filter(isTold)
  for (const { kind, code, words } of told) {
    const some = open.filter((one) => one.kind === kind)
    const newest = some.reduce<OrphanRecord | null>((best, one) => (best === null || one.receivedAtMs > best.receivedAtMs ? one : best), null)
    condition(code, newest === null ? null : words(newest, some.length))
  }
}

const told = [
  { kind: 'stop', code: 'orphaned-stop', words: wordsOfStops },
  { kind: 'readings', code: 'orphaned-readings', words: wordsOfReadings },
] as const

/** Is somebody to look at it? Many charge points say 0 in readings while nothing runs: those are kept, and nobody is called. */
export function isTold({ kind, state, cause }: Pick<OrphanRecord, 'kind' | 'state' | 'cause'>): boolean {
  return state === 'open' && told.some((one) => one.kind === kind) && !(kind === 'readings' && cause === 'no-transaction-id')
}

function wordsOfReadings({ clientID, connectorId, transactionId }: OrphanRecord, count: number): string {
  const last = `${transactionId} on connector ${connectorId}`
  return count === 1
    ? `${clientID} sends readings of transaction ${last}, which it never started here: they are counted for none, and kept until somebody dismisses them (/api/v1/orphans?kind=readings).`
    : `${clientID} sends readings of ${count} transactions it never started here, the last of ${last}: they are counted for none, and kept until somebody dismisses them (/api/v1/orphans?kind=readings).`
}

function wordsOfStops({ clientID, transactionId }: OrphanRecord, count: number): string {
  return count === 1
    ? `${clientID} stopped transaction ${transactionId}, which it never started here; the stop is kept until somebody assigns or dismisses it (/api/v1/orphans).`
    : `${clientID} sent ${count} stops of transactions it never started here, the last of ${transactionId}; they are kept until somebody assigns or dismisses them (/api/v1/orphans).`
}

type Given = Pick<OrphanRecord, 'kind' | 'connectorId' | 'transactionId' | 'cause' | 'receivedAtMs'> & { readonly request: object }

/** Counted and not noted yet, by key, of those that are kept; lost by a crash. */
const uncounted = new WeakMap<Scope, Map<string, number>>()

function keep(station: Asker, key: string, { request: given, ...orphan }: Given): void {
  const { scope, siteID, clientID } = station
  const request = bounded({ ...given })
  const known = readOrphan(siteID, key, scope.get(key))
  if (known !== null) return orphan.kind === 'readings' ? countAgain(scope, key, known, request, orphan.receivedAtMs) : undefined
  makeRoom(scope, clientID)
  scope.put(key, {
    v: 2, id: orphanId(key), siteID, clientID, ...orphan, lastReceivedAtMs: orphan.receivedAtMs, count: 1, request, lastRequest: null,
    state: 'open', closedAtMs: null, closedBy: null, closedRequestId: null, reason: null, assignedTo: null,
  } satisfies OrphanRecord)
  if (orphan.kind !== 'start') tellOrphans(station)
}

function countAgain(scope: Scope, key: string, known: OrphanRecord, request: Record<string, unknown>, receivedAtMs: number): void {
  const counts = uncounted.get(scope) ?? new Map<string, number>()
  uncounted.set(scope, counts)
  const more = (counts.get(key) ?? 0) + 1
  if (Math.abs(receivedAtMs - known.lastReceivedAtMs) < notedEveryMs) return void counts.set(key, more)
  counts.delete(key)
  scope.put(key, { ...known, count: known.count + more, lastReceivedAtMs: receivedAtMs, lastRequest: request })
}

function makeRoom(scope: Scope, clientID: string): void {
  const held = scope.entries(orphanPrefix)
  const own = held.filter(([key]) => key.startsWith(`${orphanPrefix}${clientID}:`))
  if (own.length >= mostPerPoint) dropOldest(scope, own)
  else if (held.length >= mostPerSite) dropOldest(scope, mostOf(held))
}

function mostOf(held: readonly [string, unknown][]): [string, unknown][] {
  const byPoint = new Map<string, [string, unknown][]>()
  for (const one of held) {
    const point = one[0].slice(0, one[0].lastIndexOf(':'))
    const known = byPoint.get(point)
    if (known === undefined) byPoint.set(point, [one])
    else known.push(one)
  }
  return [...byPoint.values()].reduce((a, b) => (b.length > a.length ? b : a))
}

function dropOldest(scope: Scope, held: readonly [string, unknown][]): void {
  const age = ([, value]: [string, unknown]): number => (typeof value === 'object' && value !== null && 'receivedAtMs' in value ? Number(value.receivedAtMs) : 0)
  dropOrphan(scope, held.reduce((a, b) => (age(b) < age(a) ? b : a))[0])
}

/** Forgets one, with what was counted of it; the caller makes it durable. */
export function dropOrphan(scope: Scope, key: string): void {
  scope.delete(key)
  uncounted.get(scope)?.delete(key)
}

function bounded(request: Record<string, unknown>): Record<string, unknown> {
  if (JSON.stringify(request).length <= mostRequestChars) return request
  const { transactionData: _, meterValue: _values, ...rest } = request
  return { ...rest, cut: true }
}
