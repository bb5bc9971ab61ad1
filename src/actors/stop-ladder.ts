// Makes a transaction at its limit end: asked for, asked for again, and at last given nothing more while people are told.
import { connectorKey } from '../power/site.ts'
import type { TransactionRecord } from '../sessions/record.ts'
import type { LimitCause } from '../sessions/session-limits.ts'
import type { Station } from './handlers/station.ts'
import { limitOf } from './limit-judgement.ts'
import { runningView } from './limits-in-force.ts'
import { outOfReach } from './reach.ts'
import { calledOff, noteStop, noteTrail, takeBackStop } from './stop-cause.ts'

/** Who does not stop is asked again so much later, so often on one connection. */
const againMs = 60_000
const mostAsked = 4
const limitCauses: ReadonlySet<string> = new Set(Object.keys(limitOf))
/** In its trail: it did not stop although it was asked to. */
const notStopped = 'not-stopped'

/** How far one transaction has come; begun anew from its record after a restart. */
export class StopLadder {
  private readonly station: Station
  private readonly connector: string
  private readonly connectorId: number
  private readonly id: number
  private asked = 0
  private askedHere = 0
  private askedAtMs = -Infinity
  private sessionId: string | null = null
  private isWritten: boolean
  private isWriting = false
  private isWithheld = false

  constructor(station: Station, { id, connectorId, stoppedBy, trail }: TransactionRecord) {
    this.station = station
    this.id = id
    this.connectorId = connectorId
    this.connector = connectorKey(station.clientID, connectorId)
    // What its record says comes from the store, or is on its way there.
    this.isWritten = isLimit(stoppedBy)
    const cause = givenNothingFor(trail)
    if (cause !== null) this.withhold(limitOf[cause])
  }

  /** Takes the next step when it is time for it; answers when to look again, null = when the charge point comes back. `written` is called once the cause is durable. */
  climb(record: TransactionRecord, cause: LimitCause, nowMs: number, written: () => void): number | null {
    if (isToBeStopped(record)) this.begin(record, cause, nowMs)
    else if (!isLimit(record.stoppedBy)) return nowMs + againMs
    if (!this.isWritten) {
      this.write(written)
      return nowMs + againMs
    }
    const session = this.station.session()
    if (session === null || outOfReach(this.station) !== null) return null
    if (session.id !== this.sessionId) {
      this.sessionId = session.id
      this.askedHere = 0
    } else if (nowMs < this.askedAtMs + againMs) return this.askedAtMs + againMs
    if (this.asked >= mostAsked && nowMs >= this.askedAtMs + againMs && !this.isWithheld) this.escalate(record, cause)
    if (this.askedHere >= mostAsked) return null
    this.ask(nowMs)
    return nowMs + againMs
  }

  /** Its limit is another now, or its readings were wrong: it may go on. Not while it is about to end: answers when to try again, null = it is done. */
  callOff(record: TransactionRecord, nowMs: number): number | null {
    if (record.status === 'stopping') return nowMs + againMs
    const why = 'no limit of it is reached any more'
    takeBackStop(this.station, this.id, limitOnes, why)
    // Somebody else has stopped it meanwhile, and that stays.
    if (this.isWithheld && !isLimit(record.stoppedBy)) noteTrail(this.station, this.id, { what: calledOff, reason: why })
    this.release()
    return null
  }

  /** It has ended, or may go on. */
  release(): void {
    if (!this.isWithheld) return
    this.isWithheld = false
    this.station.site.withhold(this.connector, null)
    this.station.condition('transaction-not-stopped', null, String(this.id), this.connectorId)
  }

  private begin(record: TransactionRecord, cause: LimitCause, nowMs: number): void {
    const { clientID, log } = this.station
    log.info({ clientID, transactionId: this.id, limit: limitOf[cause] }, 'a transaction has reached its limit and is stopped')
    noteStop(this.station, this.id, { cause, by: 'kwota', atMs: nowMs })
    this.isWritten = false
    this.station.emit('transaction.updated', { ...runningView(this.station, { ...record, stoppedBy: { cause, by: 'kwota', atMs: nowMs } }), limitReached: limitOf[cause] }, this.connectorId)
  }

  /** Nothing is sent before its cause is durable; while the store is down it is tried again. */
  private write(written: () => void): void {
    if (this.isWriting) return
    this.isWriting = true
    this.station.scope.flush().then(() => { this.isWritten = true }, () => undefined).finally(() => {
      this.isWriting = false
      if (this.isWritten) written()
    }).catch((error: unknown) => this.station.log.error({ clientID: this.station.clientID, transactionId: this.id, error }, 'the limits of a transaction could not be looked at'))
  }

  private ask(nowMs: number): void {
    const { station, id: transactionId } = this
    const { clientID, log } = station
    this.asked++
    this.askedHere++
    this.askedAtMs = nowMs
    station.order('RemoteStopTransaction', { transactionId }).then(
      ({ status }) => { if (status !== 'accepted') log.warn({ clientID, transactionId, status }, 'a transaction at its limit was not stopped; it is asked again') },
      (error: unknown) => log.warn({ clientID, transactionId, error }, 'a transaction at its limit could not be stopped'),
    )
  }

  private escalate({ id }: TransactionRecord, cause: LimitCause): void {
    const after = { cause }
    noteTrail(this.station, id, { what: notStopped, after })
    this.station.scope.flush().catch(() => undefined)
    this.withhold(limitOf[cause])
  }

  private withhold(limit: string): void {
    this.isWithheld = true
    this.station.site.withhold(this.connector, this.id)
    this.station.condition('transaction-not-stopped', `Transaction ${this.id} on ${this.connector} has reached its limit (${limit}) and does not stop although it is told to; it is given no more power. Look at the charge point, or unplug the car.`, String(this.id), this.connectorId)
  }
}

const limitOnes = new Set(['energy-limit', 'duration-limit', 'cost-limit', 'idle-timeout'] as const satisfies readonly LimitCause[])

function isLimit(stoppedBy: TransactionRecord['stoppedBy']): stoppedBy is { cause: LimitCause; by: string; atMs: number } {
  return stoppedBy !== null && limitCauses.has(stoppedBy.cause)
}

/** Nobody has stopped it for a limit yet, nor is it about to end because somebody else did. */
export function isToBeStopped({ status, stoppedBy }: TransactionRecord): boolean {
  return !isLimit(stoppedBy) && (status !== 'stopping' || stoppedBy === null)
}

/** Was it stopped because of a limit, or is it given nothing for one, whoever else has stopped it since? */
export function isAtLimit({ stoppedBy, trail }: TransactionRecord): boolean {
  return isLimit(stoppedBy) || givenNothingFor(trail) !== null
}

/** The limit at which it did not stop, where that was not called off. */
function givenNothingFor(trail: TransactionRecord['trail']): LimitCause | null {
  const at = trail.findLastIndex(({ what }) => what === notStopped)
  if (at < 0 || trail.findLastIndex(({ what }) => what === calledOff) > at) return null
  const cause = trail[at]?.after?.['cause']
  return [...limitOnes].find((one) => one === cause) ?? null
}
