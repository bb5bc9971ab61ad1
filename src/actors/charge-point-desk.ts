// The desk charge points come to: decides who is let in, and hands what they say to their families.
import { Refusal } from './house.ts'
import { CallError, type Admission, type Attempt, type RefusalReason, type Session, type StationDesk } from '../protocol/session.ts'
import { chargePointSchema, connectorSchema } from '../power/site.ts'
import { checkSite } from './check-site.ts'
import { PasswordCheck } from './credentials.ts'
import type { Estate, PointRecord } from './estate.ts'

export interface DeskOptions {
  readonly estate: Estate
  readonly unknownChargePoints: 'reject' | 'pending' | 'accept'
  readonly messagesPerSecond?: number
}

/** Minimum wait before a charge point that waits in the lobby boots again, s. */
const pendingIntervalS = 60
const mostConnectors = 100

export class ChargePointDesk implements StationDesk {
  private readonly options: DeskOptions
  private readonly passwords = new PasswordCheck()
  /** Sessions of charge points nobody has configured: connected, and not accepted. */
  private readonly lobby = new Set<string>()
  private readonly joining = new Map<string, Promise<void>>()

  constructor(options: DeskOptions) {
    this.options = options
  }

  async admit(attempt: Attempt): Promise<Admission> {
    const { estate, unknownChargePoints, messagesPerSecond } = this.options
    const bounds = messagesPerSecond === undefined ? {} : { messagesPerSecond }
    const point = estate.point(attempt.clientID)
    if (point === undefined) {
      if (unknownChargePoints === 'reject') {
        await this.passwords.matches(null, attempt.credentials?.password ?? Buffer.alloc(0))
        return { admitted: false, reason: 'unknown-id', status: 401 }
      }
      if (unknownChargePoints === 'accept') await this.welcome(attempt.clientID)
      return { admitted: true, clientID: estate.point(attempt.clientID)?.record.config.id ?? attempt.clientID, ...bounds }
    }
    const { config, password } = point.record
    if (password === null && config.securityProfile === 1) {
      // Profile 1 asks for a password, and there is none that could be right.
      await this.passwords.matches(null, attempt.credentials?.password ?? Buffer.alloc(0))
      return { admitted: false, reason: 'auth-missing', status: 401 }
    }
    if (password !== null) {
      const refuse = (reason: RefusalReason): Admission => ({ admitted: false, reason, status: 401 })
      const given = attempt.credentials
      const fits = given !== undefined && given.password.length >= 16 && given.password.length <= 20
      // The same work whatever is wrong, so that nothing can be learnt from the time it takes.
      const right = await this.passwords.matches(password, given?.password ?? Buffer.alloc(0))
      if (given === undefined) return refuse('auth-missing')
      if (!fits) return refuse('auth-bad-length')
      if (!right || given.username.toLowerCase() !== attempt.clientID.toLowerCase()) return refuse('auth-wrong')
    }
    return { admitted: true, clientID: config.id, ...bounds }
  }

  refused(attempt: Attempt, reason: RefusalReason): void {
    const { estate } = this.options
    const siteID = estate.point(attempt.clientID)?.record.config.site ?? 'main'
    estate.options.log.warn({ clientID: attempt.clientID, remoteAddress: attempt.remoteAddress, path: attempt.path, reason }, 'a connection was refused')
    estate.events.emit({ type: 'chargepoint.rejected', siteID, clientID: attempt.clientID, data: { reason, remoteAddress: attempt.remoteAddress, path: attempt.path, subprotocols: attempt.subprotocols } })
    if (reason === 'duplicate-id') {
      const about = { code: 'duplicate-identity' as const, siteID, clientID: attempt.clientID }
      estate.alerts.set(about, `A second connection came as ${attempt.clientID} from ${attempt.remoteAddress} while the first is alive; it was refused.`, estate.options.clock.wall())
    }
  }

  connected(session: Session): void {
    const { estate } = this.options
    const point = estate.point(session.clientID)
    if (point === undefined) {
      this.lobby.add(session.id)
      return
    }
    point.session = session
    estate.familyOf(session.clientID)?.connected(session)
  }

  disconnected(session: Session, code: number, reason: string): void {
    const { estate } = this.options
    this.lobby.delete(session.id)
    const point = estate.point(session.clientID)
    if (point === undefined) return
    estate.options.log.info({ clientID: session.clientID, code, reason }, 'a charge point disconnected')
    point.family?.disconnected(session, code)
    if (point.session?.id === session.id) {
      point.session = null
      estate.alerts.set({ code: 'duplicate-identity', siteID: point.record.config.site, clientID: session.clientID }, null, estate.options.clock.wall())
    }
  }

  async handle(session: Session, action: string, payload: unknown, faults: readonly string[]): Promise<unknown> {
    const { estate } = this.options
    if (this.lobby.has(session.id)) {
      // Configured since it connected: it begins again, as itself.
      if (estate.point(session.clientID) !== undefined) session.close(1012, 'configured now; connect again')
      if (action !== 'BootNotification') throw new CallError('SecurityError', 'not accepted yet')
      return { status: 'Pending', currentTime: new Date(estate.options.clock.wall()).toISOString(), interval: pendingIntervalS }
    }
    await this.meetConnector(session, payload)
    const family = estate.familyOf(session.clientID)
    if (family === null) throw new CallError('SecurityError', 'this charge point was removed')
    return family.handle(session, action, payload, faults)
  }

  /** A connector nobody configured is counted from the first word about it: what is not in the ledger could draw unseen. */
  private async meetConnector(session: Session, payload: unknown): Promise<void> {
    const connectorId = typeof payload === 'object' && payload !== null && 'connectorId' in payload ? payload.connectorId : 0
    const { estate } = this.options
    const point = estate.point(session.clientID)
    const site = point === undefined ? undefined : estate.sites.get(point.record.config.site)
    if (point === undefined || site === undefined || typeof connectorId !== 'number' || connectorId <= 0) return
    const { config } = point.record
    const parsed = connectorSchema.safeParse({ id: connectorId })
    if (!parsed.success || config.connectors.length >= mostConnectors || config.connectors.some(({ id }) => id === connectorId)) return
    const record: PointRecord = { ...point.record, ...estate.revise(point.record, 'connection'), config: { ...config, connectors: [...config.connectors, parsed.data] } }
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
  private welcome(clientID: string): Promise<void> {
    const key = clientID.toLowerCase()
    const running = this.joining.get(key)
    if (running !== undefined) return running
    const joining = this.join(clientID).finally(() => this.joining.delete(key))
    this.joining.set(key, joining)
    return joining
  }

  private async join(clientID: string): Promise<void> {
    const { estate } = this.options
    const main = estate.sites.get('main')
    const parsed = chargePointSchema.safeParse({ id: clientID })
    if (main === undefined || !parsed.success) return
    const config = parsed.data
    try {
      checkSite(main.record.site, [...estate.configsOf('main'), config])
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
    estate.reconfigure('main')
    estate.alerts.set({ code: 'new-charger', siteID: 'main', clientID }, `${clientID} connected for the first time and joined site main with one connector of 32 A.`, estate.options.clock.wall())
  }
}
