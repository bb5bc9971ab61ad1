// The desk charge points come to: decides who is let in, and hands what they say to their families.
import { ofStation } from './audit-notes.ts'
import { followSettings } from './follow-settings.ts'
import { Refusal } from './house.ts'
import { CallError, subprotocol, type Admission, type Attempt, type RefusalReason, type Session, type StationDesk } from '../protocol/session.ts'
import { chargePointSchema, connectorSchema } from '../power/site.ts'
import { checkFit } from './check-site.ts'
import { adviceFor, judgeAttempt, type Checks, type Recognisable } from './admission.ts'
import type { PasswordCheck } from './credentials.ts'
import type { Estate } from './estate.ts'
import type { PointRecord } from './estate-records.ts'
import { FailurePace } from './failure-pace.ts'
import { settingsOf } from '../settings.ts'
import { connectorIn, Seats } from './seats.ts'
import type { HeldReason } from './lobby.ts'
import { isLost, mayLeave } from './lost-site.ts'
import { takeProof } from './key-rotation.ts'
import { leastProfile } from './point-record.ts'
import { noteAnswer, noteDeaf } from './unanswered.ts'

export interface DeskOptions {
  readonly estate: Estate
  readonly unknownChargePoints: 'reject' | 'pending' | 'accept'
  /** Those who are rejected because nobody knows them are told so (404). */
  readonly revealUnknown?: boolean
  readonly messagesPerSecond?: number
  /** What was proven when the file was laid is proven at the door. */
  readonly passwords: PasswordCheck
}

/** Minimum wait before a charge point that waits in the lobby boots again, s. */
const pendingIntervalS = 60
const mostConnectors = 100

export class ChargePointDesk implements StationDesk {
  private readonly options: DeskOptions
  private readonly checks: Checks
  private readonly joining = new Map<string, Promise<void>>()
  private readonly seats: Seats

  constructor(options: DeskOptions) {
    this.options = options
    this.seats = new Seats(options.estate)
    this.checks = { passwords: options.passwords, pace: new FailurePace(options.estate.options.clock) }
  }

  mayLeave(session: Session, action: string, lowers: boolean): boolean {
    return mayLeave(this.options.estate, session.clientID, action, lowers)
  }

  async admit(attempt: Attempt): Promise<Admission> {
    const { estate, unknownChargePoints, revealUnknown, messagesPerSecond } = this.options
    const bounds = messagesPerSecond === undefined ? {} : { messagesPerSecond }
    const point = estate.point(attempt.clientID)
    if (estate.global.lost || isLost(estate, attempt.clientID)) return { admitted: false, reason: 'not-owner', status: 503 }
    if (point === undefined && unknownChargePoints !== 'reject') {
      const { withoutSubprotocol } = settingsOf(estate.layersOf(attempt.clientID))
      // One that is turned away for what it speaks leaves nothing that counts.
      if (unknownChargePoints === 'accept' && (attempt.subprotocols.includes(subprotocol) || (withoutSubprotocol && attempt.subprotocols.length === 0))) await this.welcome(attempt)
      estate.lobby.approaches(attempt)
      return { admitted: true, clientID: estate.point(attempt.clientID)?.record.config.id ?? attempt.clientID, ...(withoutSubprotocol && { withoutSubprotocol }), ...bounds }
    }
    if (point === undefined && revealUnknown === true) return { admitted: false, reason: 'unknown-id', status: 404 }
    const verdict = await judgeAttempt(attempt, point?.record, this.checks, () => this.recognise(attempt.clientID))
    if (!verdict.admitted || point === undefined) {
      const reason = verdict.admitted ? 'unknown-id' : verdict.reason
      return { admitted: false, reason, status: reason === 'rate-limited' ? 429 : 401 }
    }
    await takeProof(estate, point, verdict)
    estate.lobby.approaches(attempt)
    const { id, site } = point.record.config
    estate.alerts.set({ code: 'security-downgrade', siteID: site, clientID: id }, null, estate.options.clock.wall())
    const { strict, withoutSubprotocol, messagesPerSecond: most } = settingsOf(estate.layersOf(id))
    return { admitted: true, clientID: id, strict, withoutSubprotocol, messagesPerSecond: most, ...(verdict.profile === 3 ? { replacesLive: true } : {}) }
  }

  frame(session: Session, direction: 'in' | 'out', text: string): void {
    this.options.estate.messages.frame(session, direction, text)
    if (this.options.estate.inspection.hears) this.options.estate.inspection.frame(session, direction, text)
    if (direction === 'in') noteAnswer(this.options.estate, session, text)
  }

  /** Why its settings do not let it boot; null when they do. */
  private heldReason(clientID: string): HeldReason | null {
    const { bootPolicy } = settingsOf(this.options.estate.layersOf(clientID))
    return bootPolicy === 'accept' ? null : bootPolicy === 'pending' ? 'boot-pending' : 'boot-rejected'
  }

  private recognise(clientID: string): Recognisable {
    const { estate } = this.options
    const boot = estate.familyOf(clientID)?.view().boot
    return {
      serialNumbers: [boot?.['chargePointSerialNumber'], boot?.['chargeBoxSerialNumber']].filter((serial) => typeof serial === 'string'),
      clientOrganisation: estate.options.tls?.clientOrganisation,
    }
  }

  refused(attempt: Attempt, reason: RefusalReason): void {
    const { estate } = this.options
    const record = estate.point(attempt.clientID)?.record
    const siteID = record?.config.site ?? 'main'
    const advice = adviceFor(attempt, reason, record)
    estate.lobby.refused(attempt, reason, advice)
    estate.options.log.warn({ clientID: attempt.clientID, remoteAddress: attempt.remoteAddress, path: attempt.path, reason, ...(advice === null ? {} : { advice }) }, 'a connection was refused')
    estate.events.emit({ type: 'chargepoint.rejected', siteID, clientID: attempt.clientID, data: { reason, remoteAddress: attempt.remoteAddress, path: attempt.path, subprotocols: attempt.subprotocols, ...(advice === null ? {} : { advice }) } })
    if (record !== undefined && (reason === 'tls-required' || reason === 'tls-client-cert')) {
      const about = { code: 'security-downgrade' as const, siteID, clientID: record.config.id }
      const without = reason === 'tls-required' ? 'without TLS' : 'without a certificate that is its own'
      estate.alerts.set(about, `Somebody came as ${record.config.id} from ${attempt.remoteAddress} ${without}, below its security profile ${leastProfile(record)}; it was refused.`, estate.options.clock.wall())
    }
    if (reason === 'duplicate-id') {
      const about = { code: 'duplicate-identity' as const, siteID, clientID: attempt.clientID }
      estate.alerts.set(about, `A second connection came as ${attempt.clientID} from ${attempt.remoteAddress} while the first is alive; it was refused.`, estate.options.clock.wall())
    }
  }

  connected(session: Session): void {
    const { estate } = this.options
    const point = estate.point(session.clientID)
    if (point === undefined) {
      estate.options.log.info({ clientID: session.clientID, remoteAddress: session.remoteAddress }, 'a charge point that nobody has configured waits in the lobby')
      return estate.lobby.waits(session, 'unknown-id')
    }
    const held = this.heldReason(session.clientID)
    if (held === null) estate.lobby.joined(session)
    else estate.lobby.waits(session, held)
    point.session = session
    const family = estate.familyOf(session.clientID)
    family?.connected(session)
    if (family !== null) followSettings(family.station)
  }

  disconnected(session: Session, code: number, reason: string): void {
    const { estate } = this.options
    this.seats.leave(session)
    estate.messages.ended(session)
    estate.lobby.gone(session)
    const point = estate.point(session.clientID)
    if (point === undefined) return
    estate.options.log.info({ clientID: session.clientID, code, reason }, 'a charge point disconnected')
    point.family?.disconnected(session, code)
    noteDeaf(estate, point.record.config.site, point.record.config.id, code, reason)
    if (point.session?.id === session.id) {
      point.session = null
      estate.alerts.set({ code: 'duplicate-identity', siteID: point.record.config.site, clientID: session.clientID }, null, estate.options.clock.wall())
    }
  }

  /** At once what needs nobody else, else with a promise; failures are rejections. */
  handle(session: Session, action: string, payload: unknown, faults: readonly string[]): unknown {
    // What comes by the thousand.
    const family = action === 'MeterValues' ? this.seats.familyAt(session, payload) : null
    if (family !== null) return family.handle(session, action, payload, faults)
    // Who owns its site now answers, when it comes there.
    if (isLost(this.options.estate, session.clientID)) return new Promise(() => undefined)
    return this.answer(session, action, payload, faults)
  }

  private async answer(session: Session, action: string, payload: unknown, faults: readonly string[]): Promise<unknown> {
    const { estate } = this.options
    const point = estate.point(session.clientID)
    if (action === 'BootNotification') {
      const held = point?.session?.id === session.id ? this.heldReason(session.clientID) : 'unknown-id'
      if (held === null) estate.lobby.joined(session)
      else if (held !== 'unknown-id' || estate.lobby.isWaiting(session)) estate.lobby.booted(session, payload, held)
    }
    if (estate.lobby.isWaiting(session) && point?.session?.id !== session.id) {
      // Configured since it connected: it begins again, as itself.
      if (point !== undefined) session.close(1012, 'configured now; connect again')
      if (action !== 'BootNotification') throw new CallError('SecurityError', 'not accepted yet')
      return { status: 'Pending', currentTime: new Date(estate.options.clock.wall()).toISOString(), interval: pendingIntervalS }
    }
    this.meetConnector(session, payload)
    const family = estate.familyOf(session.clientID)
    if (family === null) throw new CallError('SecurityError', 'this charge point was removed')
    return family.handle(session, action, payload, faults)
  }

  /** A connector nobody configured is counted from the first word about it: what is not in the ledger could draw unseen. */
  private meetConnector(session: Session, payload: unknown): void {
    const connectorId = connectorIn(payload)
    const { estate } = this.options
    const point = estate.point(session.clientID)
    const site = point === undefined ? undefined : estate.sites.get(point.record.config.site)
    if (point === undefined || site === undefined || connectorId <= 0) return
    const { config } = point.record
    if (config.connectors.length >= mostConnectors || config.connectors.some(({ id }) => id === connectorId)) return
    const parsed = connectorSchema.safeParse({ id: connectorId })
    if (!parsed.success) return
    const record: PointRecord = { ...point.record, ...estate.revise(point.record, 'connection'), config: { ...config, connectors: [...config.connectors, parsed.data] } }
    estate.audit.note(ofStation('add-connector', point.record, record, `it spoke of connector ${connectorId}`))
    point.record = record
    site.scope.put(`chargepoint:${config.id}`, record)
    estate.reconfigure(config.site)
    const family = estate.familyOf(config.id)
    if (family?.view().connection.state === 'online') {
      site.room.stationOnline(session)
      family.tellAgain()
    }
    const about = { code: 'new-charger' as const, siteID: config.site, clientID: config.id, connectorId }
    estate.alerts.set(about, `${config.id} has a connector ${connectorId} that nobody configured; it is counted with ${parsed.data.maxA} A.`, estate.options.clock.wall())
  }

  /** An unknown charge point joins site `main` as one connector of 32 A with fallback 0. */
  private welcome(attempt: Attempt): Promise<void> {
    const key = attempt.clientID.toLowerCase()
    const running = this.joining.get(key)
    if (running !== undefined) return running
    const joining = this.join(attempt).finally(() => this.joining.delete(key))
    this.joining.set(key, joining)
    return joining
  }

  private async join({ clientID, loopback }: Attempt): Promise<void> {
    const { estate } = this.options
    const main = estate.sites.get('main')
    // Who may come from anywhere without a password is said on its entry.
    const parsed = chargePointSchema.safeParse({ id: clientID, ...(loopback ? {} : { securityProfile: 0 }) })
    if (main === undefined || !parsed.success) return
    const config = parsed.data
    try {
      checkFit(main.record.site, [...estate.configsOf('main'), config])
    } catch (error) {
      if (error instanceof Refusal) return estate.options.log.warn({ clientID, why: error.message }, 'an unknown charge point could not join')
      throw error
    }
    const record: PointRecord = { ...estate.revise(undefined, 'connection'), config, password: null }
    try {
      await estate.placePoint(record, undefined)
    } catch (error) {
      if (error instanceof Refusal && error.kind === 'conflict') return
      throw error
    }
    estate.audit.note(ofStation('join-charge-point', undefined, record, 'unknownChargePoints: accept'))
    estate.reconfigure('main')
    estate.alerts.set({ code: 'new-charger', siteID: 'main', clientID }, `${clientID} connected for the first time and joined site main with one connector of 32 A.`, estate.options.clock.wall())
  }
}
