// MeterValues: always confirmed; what is usable becomes the newest reading of the connector and is counted with its transaction.
import type { MeterValue, RequestOf } from '../../protocol/messages/index.ts'
import { PlainMeterValues } from '../../protocol/meter-shape.ts'
import { readSamples, type Reading } from '../../sessions/readings.ts'
import { directCurrentOf } from '../../power/tree.ts'
import type { ConnectorReading } from '../connector.ts'
import { watchMeter } from '../meter-watch.ts'
import { liveWithinMs, type SaidTime } from '../counted-time.ts'
import type { Tally } from '../tallies.ts'
import { watchReading } from '../transaction-limits.ts'
import { transactionState } from '../charge-point.ts'
import { configOf, meetConnector, phaseCount } from './connectors.ts'
import { readBack } from './counting.ts'
import { keepHistory } from './history.ts'
import { countLate, recallEnded, recallNamed, runsAgain } from './late-readings.ts'
import { followFlow } from './flow.ts'
import { onGrid } from './on-grid.ts'
import { reportProgress } from './running.ts'
import { byMeasure } from './said-time.ts'
import { plausibleTime, type Handle, type Station } from './station.ts'
import { takeUsual } from './usual-values.ts'

export interface TimedReading extends SaidTime {
  readonly reading: Reading
}

/** The readings of a message, oldest first; elements of one instant are one reading. A time nobody can order by counts as now. */
export function readMessage(station: Station, connectorId: number, values: readonly MeterValue[]): TimedReading[] {
  const nowMs = station.clock.wall()
  const config = configOf(station, connectorId)
  const wiring = { phaseCount: phaseCount(config), nominalV: station.nominalV }
  const dc = config === undefined ? null : directCurrentOf(config, station.nominalV)
  const timed = values.map(({ timestamp, sampledValue }) => {
    const saidMs = plausibleTime(timestamp, nowMs)
    return { atMs: saidMs ?? nowMs, byStation: saidMs !== null, samples: sampledValue }
  })
  if (timed.length > 1) timed.sort((a, b) => ourMs(station, a) - ourMs(station, b))
  const readings: TimedReading[] = []
  for (let at = 0; at < timed.length;) {
    const { atMs, byStation, samples } = timed[at]!
    let end = at + 1
    while (end < timed.length && timed[end]!.atMs === atMs && timed[end]!.byStation === byStation) end++
    const together = end === at + 1 ? samples : timed.slice(at, end).flatMap((one) => one.samples)
    readings.push({ atMs, byStation, reading: onGrid(readSamples(together, wiring), dc) })
    at = end
  }
  return readings
}

/** By our clock, as measured now: for what concerns power. */
function ourMs(station: Station, { atMs, byStation }: SaidTime): number {
  return byStation ? atMs + station.offsetMs : atMs
}

export const meterValues: Handle<'MeterValues'> = (station, request) => {
  const usual = takeUsual(station, request)
  if (usual === true) return {}
  // What is kept of it is what was sent.
  const sent = request instanceof PlainMeterValues ? request.toJSON() : request
  return usual === null ? takeTheLongWay(station, sent) : takeRead(station, sent, [{ atMs: usual.saidMs, byStation: true, reading: usual.reading }], usual.receivedAtMs)
}

/** Whatever it says. */
export const takeTheLongWay: Handle<'MeterValues'> = (station, request) => {
  const read = readMessage(station, request.connectorId, request.meterValue)
  const receivedAtMs = station.clock.wall()
  const newest = read.findLast(({ byStation }) => byStation)
  if (newest !== undefined) station.observeTime(newest.atMs, receivedAtMs)
  return takeRead(station, request, read, receivedAtMs)
}

/** After the measure of its clock. */
function takeRead(station: Station, request: Request, read: readonly TimedReading[], receivedAtMs: number): ReturnType<typeof meterValues> {
  const { connectorId } = request
  const last = read.at(-1)
  if (last === undefined) return {}
  const newest = read.findLast(({ byStation }) => byStation)
  if (request.transactionId !== undefined) recallNamed(station, request.transactionId)
  const readings = station.tallies.isOff(station.offsetMs) ? read.map((one) => byMeasure(station, one, receivedAtMs)) : read
  let bad = 0
  for (const { reading } of readings) bad += reading.bad
  if (bad > 0) station.countBadSamples(bad)
  const measuredAtMs = newest === undefined ? receivedAtMs : newest.atMs + station.offsetMs
  const { currentA, powerW, energyWh, voltageV, socPercent, spread } = last.reading
  const reading: ConnectorReading = {
    currentA, powerW, energyWh, voltageV, socPercent, measuredAtMs, receivedAtMs,
    live: newest !== undefined && receivedAtMs - measuredAtMs <= liveWithinMs,
  }
  if (connectorId === 0) {
    station.readings.set(0, reading)
    // It is of the charge point as a whole, unless it names a transaction.
    const late = request.transactionId === undefined ? null : countReadings(station, request, readings)
    keepHistory(station, request)
    return late === null ? {} : late.then(() => ({}))
  }
  if (!meetConnector(station, connectorId)) return {}
  watchMeter(station, connectorId, readings, receivedAtMs)
  return sampleConnector(station, request, { readings, reading, spread: spread === true })
}

type Request = RequestOf<'MeterValues'>

function sampleConnector(station: Station, request: Request, { readings, reading, spread }: { readings: readonly TimedReading[]; reading: ConnectorReading; spread: boolean }): ReturnType<typeof meterValues> {
  const { connectorId, transactionId } = request
  // History that arrives late does not cover what is newer.
  const before = station.readings.get(connectorId)
  if (reading.live || before === undefined || reading.measuredAtMs >= before.measuredAtMs) station.readings.set(connectorId, reading)
  if (transactionId !== undefined && reading.live) runsAgain(station, transactionId, connectorId)
  const late = countReadings(station, request, readings)
  // Whose they are is known by now.
  keepHistory(station, request)
  const running = runningTally(station, connectorId)
  const isOf = running !== undefined && (transactionId === undefined ? reading.live || reading.measuredAtMs >= startedMs(station, running) : running.record.id === transactionId)
  const { currentA, powerW, energyWh, voltageV, measuredAtMs, receivedAtMs, live } = reading
  const context = isOf ? transactionState(station.snapshot(), running.record.id)?.context : undefined
  if (isOf && context !== undefined) followFlow(station, running.record, context, reading, station.pace.turnOf(running.record.id))
  if (isOf && energyWh !== null) watchReading(station, running.record.id, energyWh)
  station.site.sampled({
    clientID: station.clientID, connectorId, currentA, powerW, energyWh, voltageV, measuredAtMs, receivedAtMs, live,
    ...(spread ? { spread: true as const } : {}),
  })
  station.sample(connectorId, isOf ? running.record.id : null, reading)
  return late === null ? {} : late.then(() => ({}))
}

function runningTally(station: Station, connectorId: number): Tally | undefined {
  const id = station.snapshot().context.running[connectorId]
  return id === undefined ? undefined : station.tallies.running.get(id)
}

/** When it began by our clock as measured now. */
function startedMs(station: Station, { record }: Tally): number {
  return record.startedAtMs - record.clockOffsetMs + station.offsetMs
}

/** Whoever they name, or whose they are by their time; what has to be waited for, null = nothing. */
function countReadings(station: Station, request: Request, readings: readonly TimedReading[]): Promise<void> | null {
  if (request.transactionId === undefined) return countLoose(station, request, readings)
  const owner = station.tallies.running.get(request.transactionId)
  if (owner === undefined) return countLate(station, request, readings)
  for (const one of readings) if (one.reading.energyWh !== null) station.tallies.note(owner, one, one.reading.energyWh)
  // Of another connector, or of the charge point as a whole: nobody else follows it.
  if (owner.record.connectorId !== request.connectorId) {
    reportProgress(station, owner.record.id)
    for (const { reading: { energyWh } } of readings) if (energyWh !== null) watchReading(station, owner.record.id, energyWh)
  }
  if (!owner.isRead) void readBack(station, owner)
  return null
}

/** Those that name no transaction: of the one that runs, or of one that is over, which is then counted again. */
function countLoose(station: Station, request: Request, readings: readonly TimedReading[]): Promise<void> | null {
  const { connectorId } = request
  let late = false
  const counting = readings.filter(({ reading }) => reading.energyWh !== null)
  recallEnded(station, connectorId, counting)
  for (const one of counting) {
    if (one.reading.energyWh === null) continue
    const whose = station.tallies.noteLoose(connectorId, one, one.reading.energyWh)
    if (whose !== undefined) station.tallies.hear(whose, one, one.reading.energyWh)
    late ||= whose === undefined || !station.tallies.running.has(whose.record.id)
  }
  return late ? countLate(station, request, readings) : null
}
