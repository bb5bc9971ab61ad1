// Watches what the meters of a charge point say: an anomaly is alerted once per cause, and over when the readings have been right for a while.
import { anomalies, anomalyInWords, isAllWell, isAmiss, isJudged, judge, newMeter, type Anomaly, type Hardware, type Heard, type Meter } from '../sessions/anomalies.ts'
import type { Reading } from '../sessions/readings.ts'
import { directCurrentOf } from '../power/tree.ts'
import type { MeterAlerts } from '../settings.ts'
import { connectorsOf, transactionsOf } from './charge-point.ts'
import { configOf, phaseCount } from './handlers/connectors.ts'
import type { Station } from './handlers/station.ts'
import { sampleMsOf } from './learnt.ts'

/** An anomaly is over after so many readings in a row that are right, the last one so long after the last that was not. */
const calm = { readings: 3, ms: 60_000 }
/** What the settings say is asked for so often: readings come by the thousand. */
const settingsMs = 5_000
/** A charge point may send less often than it says. */
const missed = 3
const longestMs = 24 * 86_400_000

interface Open { good: number; amissAtMs: number }

export interface Watched {
  readonly meter: Meter
  readonly hardware: Hardware
  readonly where: string
  /** By anomaly, those that are or may still be alerted; null = none. */
  open: Map<Anomaly, Open> | null
  heardAtMs: number
  /** The shorter of the last two gaps between its messages, and the last: one message that was lost says nothing. */
  spacingMs: number
  gapMs: number
  isSilent: boolean
}

export interface MeterWatch {
  readonly watched: Map<number, Watched>
  thresholds: MeterAlerts
  askedAtMs: number
  cancel: () => void
}

type Writable<T> = { -readonly [K in keyof T]: T[K] }
const nothing: Reading = { currentA: null, powerW: null, energyWh: null, voltageV: null, socPercent: null, bad: 0 }
const heard: Writable<Heard> = { reading: nothing, atMs: 0, receivedAtMs: 0, isTimed: true }
const watches = new WeakMap<Station, MeterWatch>()

function watchOf(station: Station): MeterWatch {
  const known = watches.get(station)
  if (known !== undefined) return known
  const watch: MeterWatch = { watched: new Map(), thresholds: station.settings().meterAlerts, askedAtMs: station.clock.mono(), cancel: () => undefined }
  watches.set(station, watch)
  return watch
}

function thresholdsOf(station: Station, watch: MeterWatch): MeterAlerts {
  const nowMs = station.clock.mono()
  if (nowMs - watch.askedAtMs < settingsMs) return watch.thresholds
  watch.askedAtMs = nowMs
  watch.thresholds = station.settings().meterAlerts
  return watch.thresholds
}

/** As many as the charge point has connectors: of others nothing is heard. */
function watchedOf(station: Station, watch: MeterWatch, connectorId: number): Watched {
  const known = watch.watched.get(connectorId)
  if (known !== undefined) return known
  // What was alerted before its charge point was described anew is over when the first readings say so.
  const fresh: Watched = { meter: newMeter(), hardware: hardwareOf(station, connectorId), where: `${station.clientID}/${connectorId}`, open: new Map(anomalies.map((anomaly) => [anomaly, { good: 0, amissAtMs: -Infinity }])), heardAtMs: -Infinity, spacingMs: 0, gapMs: 0, isSilent: false }
  watch.watched.set(connectorId, fresh)
  return fresh
}

/** Of one that nobody described nothing is too much. */
function hardwareOf(station: Station, connectorId: number): Hardware {
  const config = configOf(station, connectorId)
  const { nominalV } = station
  if (config === undefined) return { maxA: Infinity, maxPowerW: Infinity, nominalV }
  const dc = directCurrentOf(config, nominalV)
  if (dc !== null) return { maxA: dc.maxW / dc.wattsPerA, maxPowerW: dc.maxW, nominalV: null }
  return { maxA: config.maxA, maxPowerW: config.maxA * phaseCount(config) * nominalV, nominalV }
}

/** Takes in the readings of a message of one connector, oldest first; their times by our clock where `byStation` says that the charge point named them. */
export function watchMeter(station: Station, connectorId: number, readings: readonly { readonly reading: Reading; readonly atMs: number; readonly byStation: boolean }[], receivedAtMs: number): void {
  const watch = watchOf(station)
  const watched = watchedOf(station, watch, connectorId)
  const thresholds = thresholdsOf(station, watch)
  hear(station, connectorId, watched, receivedAtMs)
  for (const { reading, atMs, byStation } of readings) look(station, connectorId, watched, thresholds, reading, byStation ? atMs + station.offsetMs : atMs, receivedAtMs, byStation)
}

function look(station: Station, connectorId: number, watched: Watched, thresholds: MeterAlerts, reading: Reading, atMs: number, receivedAtMs: number, isTimed: boolean): void {
  heard.reading = reading
  heard.atMs = atMs
  heard.receivedAtMs = receivedAtMs
  heard.isTimed = isTimed
  const verdict = judge(watched.meter, heard, watched.hardware, thresholds)
  if (watched.open !== null || !isAllWell(verdict)) note(station, connectorId, watched, verdict, receivedAtMs)
  heard.reading = nothing
}

/** Where the readings of a connector are watched, for as long as its charge point is described so. */
export function meterWatchOf(station: Station, connectorId: number): { readonly watch: MeterWatch; readonly watched: Watched } {
  const watch = watchOf(station)
  return { watch, watched: watchedOf(station, watch, connectorId) }
}

/** As `watchMeter`, of one reading at a time that its charge point named, by our clock. */
export function watchReadingAt(station: Station, connectorId: number, { watch, watched }: ReturnType<typeof meterWatchOf>, reading: Reading, atMs: number, receivedAtMs: number): void {
  hear(station, connectorId, watched, receivedAtMs)
  look(station, connectorId, watched, thresholdsOf(station, watch), reading, atMs, receivedAtMs, true)
}

function hear(station: Station, connectorId: number, watched: Watched, receivedAtMs: number): void {
  if (watched.isSilent || watched.heardAtMs < 0) resolveSilence(station, connectorId, watched)
  watched.spacingMs = Math.min(watched.gapMs, receivedAtMs - watched.heardAtMs)
  watched.gapMs = watched.heardAtMs < 0 ? 0 : receivedAtMs - watched.heardAtMs
  watched.heardAtMs = receivedAtMs
}

function note(station: Station, connectorId: number, watched: Watched, verdict: number, nowMs: number): void {
  const open = (watched.open ??= new Map())
  for (let at = 0; at < anomalies.length; at++) {
    const anomaly = anomalies[at]!
    const before = open.get(anomaly)
    if (isAmiss(verdict, at)) {
      const message = anomalyInWords(anomaly, watched.where, watched.meter, heard, watched.hardware)
      open.set(anomaly, { good: 0, amissAtMs: nowMs })
      if (before === undefined || before.amissAtMs < 0) station.log.warn({ clientID: station.clientID, connectorId, anomaly, message }, 'a meter says what cannot be')
      tell(station, connectorId, anomaly, message)
    } else if (before !== undefined && isJudged(verdict, at)) {
      before.good++
      if (before.good < calm.readings || nowMs - before.amissAtMs < calm.ms) continue
      open.delete(anomaly)
      tell(station, connectorId, anomaly, null)
    }
  }
  if (open.size === 0) watched.open = null
}

function resolveSilence(station: Station, connectorId: number, watched: Watched): void {
  watched.isSilent = false
  tell(station, connectorId, 'silence', null)
}

function tell(station: Station, connectorId: number, what: Anomaly | 'silence', message: string | null): void {
  station.condition('meter-anomaly', message, `${connectorId} ${what}`, connectorId)
}

/** Looks who should have been heard: whoever charges over a connection that stands. Looks again when the next one may be overdue; nothing waits while nobody charges. */
export function tendMeters(station: Station): void {
  const watch = watchOf(station)
  watch.cancel()
  watch.cancel = () => undefined
  const nowMs = station.clock.wall()
  const { silenceS } = thresholdsOf(station, watch)
  const snapshot = station.snapshot()
  const running = transactionsOf(snapshot)
  for (const [connectorId, watched] of watch.watched) {
    if (watched.isSilent && (silenceS === 0 || !running.some(({ record }) => record.connectorId === connectorId))) resolveSilence(station, connectorId, watched)
  }
  if (silenceS === 0 || running.length === 0) return
  const sampleMs = sampleMsOf(station.scope, station.clientID)
  const isThere = station.session()?.open === true
  const due = running.map(({ record: { connectorId, startReceivedAtMs } }) => {
    const watched = watchedOf(station, watch, connectorId)
    const limitMs = Math.max(silenceS * 1000, missed * Math.max(sampleMs, watched.spacingMs))
    const connector = connectorsOf(snapshot).find((one) => one.connectorId === connectorId)
    if (!isThere || connector?.status !== 'Charging' || watched.isSilent) return nowMs + limitMs
    const sinceMs = Math.max(watched.heardAtMs, startReceivedAtMs, connector.statusAtMs ?? 0, snapshot.context.connectionSinceMs ?? 0)
    if (nowMs < sinceMs + limitMs) return sinceMs + limitMs
    watched.isSilent = true
    tell(station, connectorId, 'silence', `${watched.where} charges and has sent no reading for ${Math.round((nowMs - sinceMs) / 1000)} s. Its energy is counted when its meter says something again; see MeterValueSampleInterval.`)
    return nowMs + limitMs
  })
  watch.cancel = station.clock.after(Math.min(Math.max(Math.min(...due) - nowMs, 1_000), longestMs), () => tendMeters(station))
}
