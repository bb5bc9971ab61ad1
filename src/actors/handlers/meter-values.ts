// MeterValues: always confirmed; what is usable becomes a sample of the connector and the energy of its transaction.
import type { MeterValue } from '../../protocol/messages/index.ts'
import { readSamples, type RawSample, type Reading } from '../../sessions/readings.ts'
import { directCurrentOf, type DirectCurrent } from '../../power/tree.ts'
import { asRecord, recordKey } from '../../sessions/record.ts'
import type { ConnectorReading } from '../connector.ts'
import { draws, type TransactionContext } from '../transaction.ts'
import { configOf, meetConnector, phaseCount } from './connectors.ts'
import { reportProgress, runningOn, tellSite } from './running.ts'
import { plausibleTime, stationTime, type Handle, type Station } from './station.ts'

export interface TimedReading {
  readonly reading: Reading
  /** By our clock, corrected. */
  readonly atMs: number
}

/** The readings of a message, oldest first; elements of one instant are one reading. */
export function readMessage(station: Station, connectorId: number, values: readonly MeterValue[]): TimedReading[] {
  const now = station.clock.wall()
  const wiring = { phaseCount: phaseCount(configOf(station, connectorId)), nominalV: station.nominalV }
  const byInstant = new Map<number, RawSample[]>()
  for (const value of values) {
    // A time nobody can order by counts as now, but never as live.
    const stationMs = plausibleTime(value.timestamp, now) ?? now - station.offsetMs
    byInstant.set(stationMs, [...(byInstant.get(stationMs) ?? []), ...value.sampledValue])
  }
  const config = configOf(station, connectorId)
  const dc = config === undefined ? null : directCurrentOf(config, station.nominalV)
  return [...byInstant].toSorted(([a], [b]) => a - b)
    .map(([stationMs, samples]) => ({ reading: onGrid(readSamples(samples, wiring), dc), atMs: stationMs + station.offsetMs }))
}

/** The amps of a DC connector's cable are not those of the grid, which its power says. */
function onGrid(reading: Reading, dc: DirectCurrent | null): Reading {
  if (dc === null) return reading
  const { spread: _, powerW, ...rest } = reading
  const amps = powerW === null ? null : Math.round((powerW / dc.wattsPerA) * 1000) / 1000
  return { ...rest, powerW, currentA: amps === null ? null : { L1: amps, L2: amps, L3: amps } }
}

export function registersOf(readings: readonly TimedReading[]): { energyWh: number; atMs: number }[] {
  return readings.flatMap(({ reading, atMs }) => (reading.energyWh === null ? [] : [{ energyWh: reading.energyWh, atMs }]))
}

export const meterValues: Handle<'MeterValues'> = (station, request) => {
  const { connectorId } = request
  const time = stationTime(station, newestOf(station, request.meterValue), { measure: true })
  const readings = readMessage(station, connectorId, request.meterValue)
  const last = readings.at(-1)
  if (last === undefined) return {}
  const bad = readings.reduce((sum, { reading }) => sum + reading.bad, 0)
  if (bad > 0) station.countBadSamples(bad)
  const { bad: _, spread, ...values } = last.reading
  const reading: ConnectorReading = { ...values, measuredAtMs: time.atMs, receivedAtMs: time.receivedAtMs, live: time.live }
  if (connectorId === 0) station.sendLossy({ type: 'MAIN_METERED', reading })
  else if (meetConnector(station, connectorId)) sampleConnector(station, connectorId, { transactionId: request.transactionId, readings, reading, spread: spread === true })
  return {}
}

function newestOf(station: Station, values: readonly MeterValue[]): string {
  const now = station.clock.wall()
  let newest = { text: '', ms: -Infinity }
  for (const { timestamp } of values) {
    const ms = plausibleTime(timestamp, now)
    if (ms !== null && ms > newest.ms) newest = { text: timestamp, ms }
  }
  return newest.text
}

/** Without a transaction id it belongs to the running one, unless it was measured before that. */
function ownerOf(station: Station, connectorId: number, transactionId: number | undefined, reading: ConnectorReading): TransactionContext | null {
  const running = runningOn(station, connectorId)
  if (transactionId === undefined) return running !== null && (reading.live || reading.measuredAtMs >= running.record.startedAtMs) ? running : null
  if (running?.record.id === transactionId) return running
  const past = asRecord(station.scope.get(recordKey(transactionId)))
  if (past?.clientID !== station.clientID) station.log.warn({ clientID: station.clientID, connectorId, transactionId }, 'readings for a transaction this charge point never started')
  return null
}

function sampleConnector(
  station: Station, connectorId: number,
  message: { transactionId: number | undefined; readings: readonly TimedReading[]; reading: ConnectorReading; spread: boolean },
): void {
  const { reading } = message
  const owner = ownerOf(station, connectorId, message.transactionId, reading)
  const id = owner?.record.id ?? null
  station.sendLossy({ type: 'SAMPLED', connectorId, transactionId: id, reading })
  if (owner !== null) {
    const registers = registersOf(message.readings)
    if (registers.length > 0) station.sendLossy({ type: 'METERED', transactionId: owner.record.id, registers })
    if (reading.live && (owner.record.idTagInfo.status === 'Accepted' || draws(reading) === true)) tellSite(station, owner.record.id)
    reportProgress(station, owner.record.id)
  }
  const { measuredAtMs, receivedAtMs, live, currentA, powerW, energyWh, voltageV } = reading
  station.site.sampled({
    clientID: station.clientID, connectorId, currentA: exact(currentA), powerW, energyWh, voltageV, measuredAtMs, receivedAtMs, live,
    ...(message.spread ? { spread: true as const } : {}),
  })
  station.emit('meter.sample', {
    transactionId: id, currentA, powerW, energyWh, voltageV, socPercent: reading.socPercent, measuredAt: new Date(measuredAtMs).toISOString(), live,
  }, connectorId)
}

/** Phases that were not named are absent, not undefined. */
function exact(amps: ConnectorReading['currentA']): Partial<Record<'L1' | 'L2' | 'L3', number>> | null {
  if (amps === null) return null
  const { L1, L2, L3 } = amps
  return { ...(L1 === undefined ? {} : { L1 }), ...(L2 === undefined ? {} : { L2 }), ...(L3 === undefined ? {} : { L3 }) }
}
