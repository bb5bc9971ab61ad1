// The sessions of a site over a stretch of time, with what was read of them: from memory while they run, else from the history.
import { connectorKey } from '../power/site.ts'
import { countEnergy, type Count } from '../sessions/count.ts'
import type { Sampled } from '../sessions/charging-curve.ts'
import { Curve, type Point } from '../sessions/curve.ts'
import { readSamples } from '../sessions/readings.ts'
import { hasEnded, type TransactionRecord } from '../sessions/record.ts'
import type { Estate } from './estate.ts'
import { Refusal } from './house.ts'
import { siteEntry } from './lookup.ts'
import { unreadable } from './records.ts'
import { ownPoints } from './counted-time.ts'
import { aroundMs, keptReadings } from './kept-readings.ts'
import { asOfNow, heldRecords, newestRecords } from './transaction-reader.ts'

const dayMs = 86_400_000
/** Sessions that began longer before a range, and have ended, are not looked for in it. */
export const longestSessionMs = 7 * dayMs
/** More of them are refused: whoever asks names less. */
const mostSessions = 250_000
/** Others have their turn after so many sessions that were read (20 times as many that were only looked at), or rows of one. */
const pausedEvery = 50
const pausedRows = 5_000

/** What is kept of a session while many are looked at: its record is ten times as large. */
export type SessionFacts = Pick<TransactionRecord, 'id' | 'siteID' | 'clientID' | 'connectorId' | 'status' | 'startedAtMs' | 'stoppedAtMs' | 'clockOffsetMs' | 'meterStartWh' | 'meterStopWh' | 'maxPowerW' | 'energyMWh' | 'lostWh'>

function factsOf({ id, siteID, clientID, connectorId, status, startedAtMs, stoppedAtMs, clockOffsetMs, meterStartWh, meterStopWh, maxPowerW, energyMWh, lostWh }: TransactionRecord): SessionFacts {
  return { id, siteID, clientID, connectorId, status, startedAtMs, stoppedAtMs, clockOffsetMs, meterStartWh, meterStopWh, maxPowerW, energyMWh, lostWh }
}

/** Problem 422 for a question that would take too much work. */
export function tooMuch(what: string): Refusal {
  return new Refusal('invalid', 'range-too-long', `That would be ${what}.`, { hint: 'Ask for less: a later from, an earlier to, a smaller limit, or one charge point by its clientID.', errors: [{ pointer: '/from', message: `the range holds ${what}` }] })
}

/** When it ended, or `nowMs` while it runs. */
export function endOf(record: Pick<TransactionRecord, 'startedAtMs' | 'stoppedAtMs'>, nowMs: number): number {
  return record.stoppedAtMs ?? Math.max(nowMs, record.startedAtMs)
}

/** Those that touch [fromMs, toMs), of one charge point where it is named; oldest first. Rejects with Refusal `range-too-long`, store-down. */
export async function sessionsOver(estate: Estate, siteID: string, fromMs: number, toMs: number, clientID?: string): Promise<SessionFacts[]> {
  const nowMs = estate.options.clock.wall()
  const found = new Map<number, SessionFacts>()
  const isMeant = (record: TransactionRecord): boolean => (clientID === undefined || record.clientID.toLowerCase() === clientID.toLowerCase())
    && record.startedAtMs < toMs && (endOf(record, nowMs) > fromMs || record.startedAtMs >= fromMs)
  let seen = 0
  for await (const record of newestRecords(estate, [siteID], fromMs - longestSessionMs, toMs)) {
    if (++seen > mostSessions) throw tooMuch(`more than ${mostSessions} sessions`)
    if (seen % (20 * pausedEvery) === 0) await pause(estate)
    if (isMeant(record)) found.set(record.id, factsOf(record))
  }
  for (const record of heldRecords(estate, siteEntry(estate, siteID))) if (isMeant(record) && !found.has(record.id)) found.set(record.id, factsOf(asOfNow(estate, record)))
  return [...found.values()].sort((a, b) => a.startedAtMs - b.startedAtMs || a.id - b.id)
}

/** The register of a session, as it is counted. Rejects with StoreUnavailable. */
export async function pointsOf(estate: Estate, record: SessionFacts): Promise<readonly Point[]> {
  const tallies = estate.point(record.clientID)?.family?.station.tallies
  const tally = tallies?.find(record.id)
  if (tallies !== undefined && tally?.isRead === true) return tallies.pointsOf(tally)
  const untilMs = endOf(record, estate.options.clock.wall()) + aroundMs
  return Curve.from(ownPoints(record, await keptReadings(estate.meters.of(record.siteID).history, record, record.startedAtMs - aroundMs, untilMs))).points()
}

/** What a session has counted. Where its readings are gone, its energy flowed evenly. */
export function countWith(record: SessionFacts, points: readonly Point[], nowMs: number): Count {
  const count = countEnergy(record, points, nowMs)
  if (!hasEnded(record) || count.energyMWh === record.energyMWh) return count
  const [fromMs, untilMs] = [Math.floor(record.startedAtMs), Math.max(Math.floor(endOf(record, nowMs)), Math.floor(record.startedAtMs))]
  return { ...count, energyMWh: record.energyMWh, untilMs, points: [{ atMs: fromMs, mWh: 0 }, { atMs: untilMs, mWh: record.energyMWh }] }
}

/** The counts of many sessions, one after the other. Rejects with Refusal `range-too-long` and store-down. */
export async function eachCount(estate: Estate, records: readonly SessionFacts[], most: number, tell: (record: SessionFacts, count: Count) => void): Promise<void> {
  if (records.length > most) throw tooMuch(`the readings of more than ${most} sessions`)
  const nowMs = estate.options.clock.wall()
  for (const [index, record] of records.entries()) {
    if (index % pausedEvery === pausedEvery - 1) await pause(estate)
    tell(record, countWith(record, await pointsOf(estate, record).catch(unreadable), nowMs))
  }
}

/** Power and state of charge while a session ran, in order of time. Rejects with StoreUnavailable. */
export async function samplesOf(estate: Estate, record: SessionFacts): Promise<{ readonly powers: readonly Sampled[]; readonly charges: readonly Sampled[] }> {
  const [powers, charges]: [Sampled[], Sampled[]] = [[], []]
  const key = connectorKey(record.clientID, record.connectorId)
  const untilMs = endOf(record, estate.options.clock.wall())
  const { history } = estate.meters.of(record.siteID)
  for await (const page of history.pages(key, record.startedAtMs, untilMs + 1)) {
    for (const { atMs, transactionId, values } of page) {
      if (transactionId !== null && transactionId !== record.id) continue
      const { powerW, socPercent } = readSamples(values, { phaseCount: 3, nominalV: 230 })
      if (powerW !== null && powers.at(-1)?.atMs !== atMs) powers.push({ atMs, value: powerW })
      if (socPercent !== null) charges.push({ atMs, value: socPercent })
    }
    if (page.length >= pausedRows) await pause(estate)
  }
  return { powers, charges }
}

/** Others have their turn. */
export function pause({ options: { clock, pause: given } }: Estate): Promise<void> {
  return given === undefined ? new Promise((resolve) => { clock.after(0, resolve) }) : given()
}
