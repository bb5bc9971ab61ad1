// The commands of one charge point: recorded before they are sent, one after the other, each ending in exactly one way.
import type { CentralAction, RequestOf, ResponseOf } from '../protocol/messages/index.ts'
import type { CallOutcome } from '../protocol/session.ts'
import type { CommandEnd } from './command.ts'
import { CommandBook } from './command-book.ts'
import type { CommandLog } from './command-log.ts'
import { judgeOutcome } from './command-outcome.ts'
import { Pump } from './command-pump.ts'
import { beginRecord, requestKey, checkDeadline, hasFinished, longestWaitMs, withoutSecrets, type CommandRecord } from './command-record.ts'
import type { Station } from './handlers/station.ts'
import { Refusal, type Caller } from './house.ts'
import { conflict, type Order } from './orders/order.ts'
import { orders } from './orders/table.ts'
import { outOfReach, waitsForBoot } from './reach.ts'
import { storeDown } from './records.ts'

export interface Wanted<A extends CentralAction = CentralAction> {
  readonly action: A
  readonly request: RequestOf<A>
  /** It may wait for the charge point until then, ms since the epoch; null = now or not at all. */
  readonly expiresAtMs: number | null
  readonly batchId?: string | null
}

interface Live {
  readonly id: string
  readonly action: CentralAction
  readonly request: RequestOf<CentralAction>
  /** For a charge point that may come back; else now or not at all. */
  readonly waits: boolean
  /** Its record is in the store; null = it could not be written, and for whoever asked it never was. */
  durable: boolean | null
  sent: boolean
}

const mostWaiting = 100

export interface CommandDeskOptions {
  readonly station: Station
  readonly log: CommandLog
  readonly newId: () => string
  readonly callTimeoutMs: () => number
}

export class CommandDesk {
  private readonly options: CommandDeskOptions
  /** In the order in which they were issued. */
  private readonly live = new Map<string, Live>()
  private readonly book: CommandBook
  private readonly pump: Pump<Live>
  private stopped = false

  constructor(options: CommandDeskOptions) {
    this.options = options
    const { station } = options
    this.book = new CommandBook(station, options.log)
    this.pump = new Pump({
      next: () => [...this.live.values()].find((live) => live.durable === true && !live.sent && !(live.waits && waitsForBoot(station, () => orderOf(live.action).refuse?.(station, live.request)))), isOpen: () => outOfReach(station) === null, send: (live) => this.send(live),
      failed: (error) => station.log.error({ clientID: station.clientID, error }, 'a command could not be sent'),
    })
  }

  /** After a restart: what waits goes on waiting; what was on its way ends, because nobody knows what became of it. `known` = the actors that live. */
  restore(known: readonly { readonly id: string }[]): void {
    const { log, station } = this.options
    const ids = new Set(known.map(({ id }) => id))
    for (const id of ids) if (log.get(id) === undefined) this.book.tell({ type: 'COMMAND_ENDED', commandId: id, end: 'failed' })
    for (const record of log.liveOf(station.clientID).filter(({ siteID }) => siteID === station.siteID)) {
      const { id, expiresAtMs, status, leavingAtMs } = record
      const action = record.action as CentralAction
      const sent = status === 'sent' || leavingAtMs !== null
      if (!ids.has(id)) this.book.tell({ type: 'COMMAND_ISSUED', command: { id, action, expiresAtMs } })
      this.live.set(id, { id, action, request: this.book.requestOf(record), waits: expiresAtMs !== null, durable: true, sent })
      if (sent) this.end(id, 'failed', { sentAtMs: record.sentAtMs ?? leavingAtMs, error: { code: 'restarted', description: 'kwota restarted before the answer came; it may have been carried out' } })
      else if (expiresAtMs === null) this.end(id, 'failed', { error: { code: 'restarted', description: 'kwota restarted before it was sent' } })
    }
  }

  /** Rejects with Refusal, and then nothing was sent or kept; resolves with the record once it is durable. */
  async issue<A extends CentralAction>(wanted: Wanted<A>, caller: Caller): Promise<CommandRecord> {
    const { station, log, newId } = this.options
    const { action, request, expiresAtMs } = wanted
    const nowMs = station.clock.wall()
    if (this.stopped) throw conflict('charge-point-changing', `${station.clientID} is being changed by somebody.`, 'Repeat the request.')
    if (expiresAtMs !== null) checkDeadline(expiresAtMs, nowMs)
    const unreachable = outOfReach(station)
    if (unreachable !== null && expiresAtMs === null) throw unreachable
    if (this.live.size >= mostWaiting) throw conflict('too-many-commands', `${mostWaiting} commands wait for ${station.clientID} already.`, 'Cancel some, or wait until they are sent.')
    const refusal = unreachable === null ? orderOf(action).refuse?.(station, request) ?? null : null
    if (refusal !== null && !(expiresAtMs !== null && waitsForBoot(station, () => refusal))) throw refusal
    const record = beginRecord({
      id: `cmd_${newId()}`, siteID: station.siteID, clientID: station.clientID, action, request, createdAtMs: nowMs,
      createdBy: caller.name, requestId: caller.requestId, batchId: wanted.batchId ?? null, expiresAtMs,
    })
    const live: Live = { id: record.id, action, request, waits: expiresAtMs !== null, durable: false, sent: false }
    this.live.set(record.id, live)
    log.put(record, station.scope)
    if (expiresAtMs !== null) station.scope.put(requestKey(record.id), request)
    try {
      station.send({ type: 'COMMAND_ISSUED', command: { id: record.id, action, expiresAtMs } })
      orderOf(action).issued?.(station, request, record)
      await station.scope.flush()
    } catch (error) {
      live.durable = null
      log.withdraw(record.id)
      station.scope.delete(requestKey(record.id))
      if (this.live.delete(record.id)) { // Else it has ended meanwhile, with the connection.
        this.book.tell({ type: 'COMMAND_ENDED', commandId: record.id, end: 'failed' })
        orderOf(action).unanswered?.(station, request, 'unsent', record)
      }
      throw storeDown(error)
    }
    live.durable = true
    this.pump.start()
    return log.get(record.id) ?? record
  }

  /** Issues and waits for the end, however it comes. Rejects with Refusal as `issue` does, and when the record is forgotten meanwhile. */
  async run<A extends CentralAction>(wanted: Wanted<A>, caller: Caller): Promise<CommandRecord> {
    const { id } = await this.issue(wanted, caller)
    await this.options.log.wait(id, longestWaitMs)
    const record = this.options.log.get(id)
    if (record === undefined) throw new Refusal('not-found', 'unknown-command', `What became of the command ${id} is not kept any more.`)
    return record
  }

  /** Refused once it was sent. */
  async cancel(id: string): Promise<void> {
    const live = this.live.get(id)
    const record = this.options.log.get(id)
    if (live === undefined || record === undefined || hasFinished(record)) throw conflict('command-finished', `The command ${id} has ended already${record === undefined ? '' : `: ${record.status}`}.`)
    if (live.sent) throw conflict('command-sent', `The command ${id} is on its way; what was sent cannot be taken back.`)
    this.end(id, 'cancelled', {})
    await this.options.station.scope.flush().catch((error: unknown) => { throw storeDown(error) })
  }

  /** Its deadline has come while it waited. */
  expire(id: string): void {
    if (this.live.get(id)?.sent === false) this.end(id, 'expired', { error: { code: 'expired', description: 'the charge point did not come back in time' } })
  }

  /** The charge point may be spoken to. */
  online(): void {
    this.pump.start()
  }

  /** What cannot wait has failed. */
  offline(): void {
    for (const { id, sent, waits } of [...this.live.values()]) {
      if (!sent && !waits) this.end(id, 'failed', { error: { code: 'disconnected', description: 'the connection ended before it was sent' } })
    }
  }

  /** What has not left does not leave any more. */
  stop(): void {
    this.stopped = true
    this.pump.stop()
    for (const { id, sent } of this.live.values()) if (!sent) this.book.stayed(id)
  }

  /** What may wait for another connection is written down before it leaves, so that a crash cannot make it leave twice; false = it does not leave now. */
  private async mayLeave(live: Live): Promise<boolean> {
    if (!live.waits) return true
    await this.book.leaving(live.id)
    if (this.stopped || this.live.get(live.id) !== live) return false
    if (outOfReach(this.options.station) === null) return true
    this.book.stayed(live.id)
    return false
  }

  private async send(live: Live): Promise<void> {
    const { station, log, callTimeoutMs } = this.options
    const { id, action, request } = live
    if (log.get(id) === undefined) {
      this.live.delete(id)
      return this.book.tell({ type: 'COMMAND_ENDED', commandId: id, end: 'failed' })
    }
    if (!await this.mayLeave(live)) return
    const session = station.session()
    if (session === null) return
    let refusal: Refusal | null = null
    const outcome = await session.call(action, () => {
      if (this.stopped || this.live.get(id) !== live) return null
      refusal = orderOf(action).refuse?.(station, request) ?? null
      return refusal === null ? request : null
    }, {
      timeoutMs: callTimeoutMs(), lowers: action === 'ChangeAvailability' && 'type' in request && request.type === 'Inoperative',
      onSent: () => {
        live.sent = true
        this.book.change(id, { status: 'sent', sentAtMs: station.clock.wall() })
        station.send({ type: 'COMMAND_SENT', commandId: id })
      },
      onLate: (late) => this.answeredLate(live, late),
    }).catch((error: unknown): CallOutcome => ({ type: 'error', code: 'not-sendable', description: error instanceof Error ? error.message : String(error) }))
    if (this.stopped || this.live.get(id) !== live) return
    if (outcome.type === 'dropped' && ((refusal === null && outcome.reason === 'closed') || (live.waits && waitsForBoot(station, () => refusal)))) {
      if (live.waits) this.book.stayed(id)
      else this.end(id, 'failed', { error: { code: 'disconnected', description: 'the connection ended before it was sent' } })
      return
    }
    this.settle(live, outcome, refusal)
  }

  private settle({ id, action, request }: Live, outcome: CallOutcome, refusal: Refusal | null): void {
    const { station, log } = this.options
    const { end, changes, follows } = judgeOutcome(action, outcome, refusal)
    const sentAtMs = log.get(id)?.sentAtMs ?? null
    const latencyMs = sentAtMs === null || end === 'timed-out' ? null : station.clock.wall() - sentAtMs
    this.end(id, end, { ...changes, latencyMs }, (record) => {
      if (outcome.type === 'result') orderOf(action).answered?.(station, request, outcome.payload as ResponseOf<CentralAction>, record)
      else if (follows !== 'answered') orderOf(action).unanswered?.(station, request, follows, record)
    })
  }

  private answeredLate(live: Live, outcome: CallOutcome): void {
    if (this.stopped || outcome.type !== 'result') return
    const { station, log } = this.options
    const record = log.get(live.id)
    if (record === undefined) return
    const response = outcome.payload as Record<string, unknown>
    this.book.change(live.id, { response: withoutSecrets(live.action, response) })
    orderOf(live.action).answered?.(station, live.request, outcome.payload as ResponseOf<CentralAction>, log.get(live.id) ?? record)
    station.scope.flush().catch(() => undefined)
  }

  private end(id: string, end: CommandEnd, more: Partial<CommandRecord>, follow?: (record: CommandRecord) => void): void {
    const { station, log } = this.options
    const live = this.live.get(id)
    if (live === undefined) return
    this.live.delete(id)
    const record = this.book.change(id, { ...more, status: end, finishedAtMs: station.clock.wall() })
    station.scope.delete(requestKey(id))
    this.book.tell({ type: 'COMMAND_ENDED', commandId: id, end })
    if (record === null) return
    try {
      if (follow !== undefined) follow(record)
      else orderOf(live.action).unanswered?.(station, live.request, live.sent ? 'timed-out' : 'unsent', record)
    } catch (error) {
      station.log.error({ clientID: station.clientID, commandId: id, error }, 'what follows from an answer failed')
    }
    // Whoever waits is told when the end is durable; while the store is down the charge point's answer is told all the same.
    const tell = (): void => (live.durable === null ? undefined : log.finished(log.get(id) ?? record))
    station.scope.flush().then(tell, tell).catch((error: unknown) => station.log.error({ clientID: station.clientID, commandId: id, error }, 'the end of a command could not be told'))
  }
}

function orderOf<A extends CentralAction>(action: A): Order<A> {
  return orders[action] as Order<A>
}
