// A MeterValues as nearly all are: one element of the transaction that runs at its connector, measured just now. What it concerns is looked up once; all others take the long way.
import { connectorKey } from '../../power/site.ts'
import { directCurrentOf, type DirectCurrent } from '../../power/tree.ts'
import type { RequestOf } from '../../protocol/messages/index.ts'
import { PlainMeterValues, type SampleShape } from '../../protocol/meter-shape.ts'
import { prepareKinds, readPrepared, readSamples, type PreparedKinds, type Reading, type Wiring } from '../../sessions/readings.ts'
import { hasConnector, type ChargePointSnapshot } from '../charge-point.ts'
import type { ConnectorReading } from '../connector.ts'
import { liveWithinMs } from '../counted-time.ts'
import { meterWatchOf, watchReadingAt } from '../meter-watch.ts'
import type { SampleDesk } from '../site-desk.ts'
import type { Tally } from '../tallies.ts'
import { contextOf, transactionActor, type TransactionActor } from '../transaction-actor.ts'
import { limitWatchOf, watchReading, type LimitWatch } from '../transaction-limits.ts'
import { configOf, phaseCount } from './connectors.ts'
import { followFlow } from './flow.ts'
import { onGrid } from './on-grid.ts'
import type { Turn } from './pace.ts'
import { plausibleTime, type Station } from './station.ts'

/** What a reading of one connector concerns while one transaction runs there. */
export interface Way {
  readonly snapshot: ChargePointSnapshot
  readonly round: number
  readonly transactionId: number
  readonly tally: Tally
  readonly actor: TransactionActor
  readonly key: string
  readonly wiring: Wiring
  readonly dc: DirectCurrent | null
  readonly watched: ReturnType<typeof meterWatchOf>
  readonly limits: LimitWatch
  readonly site: SampleDesk
  readonly turn: Turn
  /** How the newest shape is read. */
  shape: SampleShape | null
  kinds: PreparedKinds | null
}

export interface Element {
  /** When it was measured, by the clock of the charge point. */
  readonly saidMs: number
  readonly reading: Reading
  readonly receivedAtMs: number
}

/** Takes it if it is one of these; else what was read of it so far, the measure of the clock included, or null = nothing was. */
export function takeUsual(station: Station, request: RequestOf<'MeterValues'>): Element | true | null {
  const { connectorId, transactionId } = request
  const before = wayOf(station, connectorId)
  if (before === null || before.transactionId !== transactionId || !before.tally.isRead) return null
  const isPlain = request instanceof PlainMeterValues
  const element = isPlain ? null : request.meterValue.length === 1 ? request.meterValue[0] : null
  if (!isPlain && element === null) return null
  const receivedAtMs = station.clock.wall()
  const saidMs = plausibleTime(isPlain ? request.timestamp : element!.timestamp, receivedAtMs)
  if (saidMs === null) return null
  const reading = onGrid(isPlain ? readPrepared(kindsOf(before, request.shape), request.values, before.wiring) : readSamples(element!.sampledValue, before.wiring), before.dc)
  station.observeTime(saidMs, receivedAtMs, before.site)
  const { offsetMs } = station
  const measuredAtMs = saidMs + offsetMs
  // What the measure of its clock has told may have changed all of it.
  const way = wayOf(station, connectorId)
  if (way === null || receivedAtMs - measuredAtMs > liveWithinMs || station.tallies.isOff(offsetMs)) return { saidMs, reading, receivedAtMs }
  if (reading.bad > 0) station.countBadSamples(reading.bad)
  const { tally } = way
  const { energyWh } = reading
  const shown: ConnectorReading = { currentA: reading.currentA, powerW: reading.powerW, energyWh, voltageV: reading.voltageV, socPercent: reading.socPercent, measuredAtMs, receivedAtMs, live: true }
  watchReadingAt(station, connectorId, way.watched, reading, measuredAtMs, receivedAtMs)
  station.readings.set(connectorId, shown)
  const countedAtMs = saidMs + tally.record.clockOffsetMs
  if (energyWh !== null) station.tallies.noteAt(tally, countedAtMs, energyWh)
  const row = { key: way.key, atMs: countedAtMs, receivedAtMs, transactionId: way.transactionId }
  station.history.add(isPlain ? { ...row, shape: request.shape, texts: request.values } : { ...row, values: element!.sampledValue })
  const context = contextOf(way.actor)
  if (context !== null) followFlow(station, tally.record, context, shown, way.turn)
  if (energyWh !== null) watchReading(station, way.transactionId, energyWh, way.limits)
  way.site.take(reading.spread === true ? { ...shown, spread: true } : shown)
  station.sample(connectorId, way.transactionId, shown)
  return true
}

function wayOf(station: Station, connectorId: number): Way | null {
  const { ways } = station
  const known = ways.get(connectorId)
  const snapshot = station.snapshot()
  if (known !== undefined && known.snapshot === snapshot && known.round === station.tallies.round) return known
  const fresh = findWay(station, snapshot, connectorId)
  if (fresh === null) ways.delete(connectorId)
  else ways.set(connectorId, fresh)
  return fresh
}

function findWay(station: Station, snapshot: ChargePointSnapshot, connectorId: number): Way | null {
  const transactionId = connectorId >= 1 && hasConnector(snapshot, connectorId) ? snapshot.context.running[connectorId] : undefined
  if (transactionId === undefined) return null
  const tally = station.tallies.running.get(transactionId)
  const actor = transactionActor(snapshot, transactionId)
  if (tally === undefined || actor === undefined || tally.record.connectorId !== connectorId || tally.record.clientID !== station.clientID) return null
  const config = configOf(station, connectorId)
  return {
    snapshot, round: station.tallies.round, transactionId, tally, actor, key: connectorKey(station.clientID, connectorId),
    wiring: { phaseCount: phaseCount(config), nominalV: station.nominalV }, dc: config === undefined ? null : directCurrentOf(config, station.nominalV),
    watched: meterWatchOf(station, connectorId), limits: limitWatchOf(station), site: station.site.meterOf(station.clientID, connectorId), turn: station.pace.turnOf(transactionId),
    shape: null, kinds: null,
  }
}

function kindsOf(way: Way, shape: SampleShape): PreparedKinds {
  if (way.shape !== shape || way.kinds === null) {
    way.shape = shape
    way.kinds = prepareKinds(shape.kinds)
  }
  return way.kinds
}
