// Readings of transactions that do not run: those of one that is over are counted after all, and one that was taken to be over runs again.
import type { RequestOf } from '../../protocol/messages/index.ts'
import { withTrail } from '../../sessions/record-parts.ts'
import { asRecord, hasEnded, recordKey } from '../../sessions/record.ts'
import { keepReadings } from '../orphans.ts'
import { countedTime, covers, liveWithinMs, type SaidTime } from '../counted-time.ts'
import type { Tally } from '../tallies.ts'
import { countAgain, findTransaction, ownName, readBack } from './counting.ts'
import { takeUpAgain } from './running.ts'
import type { Station } from './station.ts'

interface Said extends SaidTime { readonly reading: { readonly energyWh: number | null } }

/** Counts readings with the ended transactions they belong to; resolves once what has changed by that is durable, null = nothing to wait for. */
export function countLate(station: Station, request: RequestOf<'MeterValues'>, readings: readonly Said[]): Promise<void> | null {
  const { connectorId, transactionId } = request
  if (transactionId === undefined) return countUnnamed(station, connectorId, readings)
  const tally = station.tallies.find(transactionId)
  if (tally?.isRead === true) return countNamed(station, tally, readings)
  return findTransaction(station, transactionId).then(async ({ tally: past, ofAnother }) => {
    if (past === null) return keepReadings(station, request, station.clock.wall(), ofAnother)
    for (const one of readings) if (one.reading.energyWh !== null) station.tallies.hear(past, one, one.reading.energyWh)
    await readBack(station, past)
    await countNamed(station, past, readings)
  })
}

function countNamed(station: Station, tally: Tally, readings: readonly Said[]): Promise<void> | null {
  for (const one of readings) if (one.reading.energyWh !== null) station.tallies.note(tally, one, one.reading.energyWh)
  return countAgain(station, tally)
}

function countUnnamed(station: Station, connectorId: number, readings: readonly Said[]): Promise<void> | null {
  const { tallies } = station
  const owners = new Set<Tally>()
  for (const one of readings) {
    const owner = one.reading.energyWh === null ? undefined : tallies.ownerAt(connectorId, one)
    if (owner !== undefined && !tallies.running.has(owner.record.id)) owners.add(owner)
  }
  if (owners.size === 0) return null
  return Promise.all([...owners].map(async (owner) => {
    if (!owner.isRead) await readBack(station, owner)
    await countAgain(station, owner)
  })).then(() => undefined)
}

/** Takes up again what a message names: its clock may be another than is measured, which only who is at hand can tell. */
export function recallNamed({ tallies, scope, clientID }: Station, transactionId: number): void {
  if (tallies.find(transactionId) !== undefined) return
  const record = asRecord(scope.get(recordKey(transactionId)))
  if (record !== null && record.clientID === clientID && hasEnded(record)) tallies.takeUp(record)
}

/** Takes up again what had ended at a connector and was running at one of these times: after a restart nobody has it at hand. Of a status, also what began later and knows none that is newer. */
export function recallEnded(station: Station, connectorId: number, times: readonly SaidTime[], isStatus = false): void {
  const { tallies, scope, clock, offsetMs } = station
  const nowMs = clock.wall()
  const stopMs = tallies.past.newestStopMs(connectorId)
  // What was measured just now, and after all that has ended there, is of nothing that has.
  const late = times.filter(({ atMs, byStation }) => byStation && (nowMs - atMs - offsetMs > liveWithinMs || atMs + offsetMs < stopMs))
  if (late.length === 0) return
  const meant = tallies.pastOnes(connectorId).filter((one) => !tallies.running.has(one.id) && late.some((time) => {
    const atMs = countedTime(one, time)
    return covers(one, time) || (isStatus && one.startedAtMs > atMs && one.statusBeforeMs <= atMs)
  }))
  const together = new Set(meant.map(({ id }) => id))
  for (const { id } of meant.toSorted((a, b) => a.startedAtMs - b.startedAtMs)) {
    const record = tallies.find(id)?.record ?? asRecord(scope.get(recordKey(id)))
    if (record === null) tallies.past.forget(id)
    else if (hasEnded(record)) tallies.takeUp(record, together)
  }
}

/** A live reading that names a transaction which was taken to be over: it runs, unless another does where it was. */
export function runsAgain(station: Station, transactionId: number, connectorId: number): void {
  if (station.tallies.running.has(transactionId) || station.snapshot().context.running[connectorId] !== undefined) return
  const record = station.tallies.find(transactionId)?.record ?? asRecord(station.scope.get(recordKey(transactionId)))
  if (record?.status !== 'unconfirmed' || record.clientID !== station.clientID || record.connectorId !== connectorId) return
  const entry = { atMs: station.clock.wall(), by: ownName, what: 'runs-again', reason: 'a live reading names it' }
  takeUpAgain(station, withTrail({ ...record, status: 'starting', stoppedAtMs: null }, entry))
}
