// A charge point of the torture: its car comes and goes, whatever was not answered is said again, and it draws what it was told.
import { DialRefused, dial, type OcppClient } from './ocpp-client.ts'
import { HeldProfiles, type ToldProfile } from './held-profiles.ts'
import { pause } from './program.ts'
import type { Random } from './random.ts'
import type { Session, Sessions } from './torture-sessions.ts'

export interface TortureStationOptions {
  readonly id: string
  readonly random: Random
  /** Its cars stay for many lives, others for a second. */
  readonly stays: boolean
  readonly sessions: Sessions
  /** Where kwota listens; null while it is down. */
  readonly ocppUrl: () => string | null
  /** A message that has to be remembered has left. */
  readonly sentWrite: () => void
  readonly told: (clientID: string, beforeA: number, afterA: number) => void
}

const hardwareA = 32
const redialMs = [40, 160] as const

export class TortureStation {
  readonly id: string
  private readonly options: TortureStationOptions
  private readonly held = new HeldProfiles(hardwareA)
  private client: OcppClient | null = null
  private commissioned = false
  private plugged = false
  private transactionId: number | null = null
  private registerWh = 0
  private ending = false
  private starts = 0
  /** StartTransactions that were said again after a cut. */
  repeats = 0

  constructor(options: TortureStationOptions) {
    this.options = options
    this.id = options.id
  }

  /** What it may draw now, A per phase; 0 while no car is there. */
  get permitA(): number {
    return this.plugged ? this.held.limitA(Date.now(), this.transactionId) : 0
  }

  /** One car after the other until `end`; resolves when the last one has left. */
  async live(): Promise<void> {
    await this.repeat('BootNotification', { chargePointVendor: 'Chaos', chargePointModel: 'Torture' })
    await this.repeat('StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Available' })
    while (!this.commissioned && !this.ending) await pause(20)
    while (!this.ending) {
      await pause(this.options.random.between(20, 600))
      await this.serveOne()
    }
  }

  end(): void {
    this.ending = true
  }

  private async serveOne(): Promise<void> {
    const { random, sessions, stays } = this.options
    this.plugged = true
    await this.say('StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Preparing' })
    const start = { connectorId: 1, idTag: `TAG-${this.id}`, meterStart: ++this.starts * 1_000_000 + this.registerWh % 1_000_000, timestamp: new Date().toISOString() }
    this.registerWh = start.meterStart
    const session = sessions.begin(this.id, start)
    await this.start(session)
    // A reply that got lost on the way is asked for again, also by who has had it.
    if (random.chance(0.1)) await this.start(session)
    for (let left = stays ? random.between(50, 200) : random.between(0, 6); left > 0 && !this.ending; left--) {
      await pause(stays ? 500 : random.between(10, 300))
      await this.say('MeterValues', this.sample())
    }
    this.plugged = false
    const stop = { meterStop: this.registerWh += random.between(1, 500), timestamp: new Date().toISOString(), reason: random.pick(['Local', 'EVDisconnected', 'Remote', 'Other']) }
    session.stop = stop
    await this.repeat('StopTransaction', { transactionId: session.transactionId, idTag: start.idTag, ...stop })
    sessions.stopped(session)
    this.transactionId = null
    this.held.endTransaction()
    await this.say('StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Available' })
  }

  private async start(session: Session): Promise<void> {
    const { sessions } = this.options
    const payload = await this.repeat('StartTransaction', session.start)
    const transactionId = Number(payload['transactionId'])
    sessions.started(session, transactionId, String((payload['idTagInfo'] as { status?: unknown } | undefined)?.status))
    this.transactionId = transactionId
  }

  /** Until it is answered, on one connection after the other. */
  private async repeat(action: string, payload: object): Promise<Readonly<Record<string, unknown>>> {
    for (let attempt = 0; ; attempt++) {
      const client = await this.connected()
      if (attempt > 0 && action === 'StartTransaction') this.repeats++
      const answer = client.call(action, payload)
      this.options.sentWrite()
      const reply = await answer
      if (reply.type === 'result' && reply.payload['status'] !== 'Pending') return reply.payload
      if (reply.type === 'error') await pause(100)
    }
  }

  /** Once, and not again when it is cut. */
  private async say(action: string, payload: object): Promise<void> {
    await (await this.connected()).call(action, payload)
  }

  private async connected(): Promise<OcppClient> {
    for (; ;) {
      if (this.client?.open === true) return this.client
      const url = this.options.ocppUrl()
      if (url !== null) {
        try {
          return this.client = await dial({ url: `${url}/${this.id}`, asked: (action, payload) => this.answer(action, payload), closed: () => undefined })
        } catch (error) {
          if (!(error instanceof DialRefused)) throw error
        }
      }
      await pause(this.options.random.between(...redialMs))
    }
  }

  private answer(action: string, payload: Readonly<Record<string, unknown>>): object {
    switch (action) {
      case 'GetConfiguration': return { configurationKey: [{ key: 'ChargeProfileMaxStackLevel', readonly: true, value: '5' }] }
      case 'SetChargingProfile': return { status: this.take(Number(payload['connectorId']), payload['csChargingProfiles'] as ToldProfile) }
      case 'ClearChargingProfile': return { status: 'Unknown' }
      case 'GetCompositeSchedule': return { status: 'Rejected' }
      case 'TriggerMessage': return { status: 'NotImplemented' }
      default: return { status: 'Accepted' }
    }
  }

  /** Connector 2 is there to be reserved: it has no car. */
  private take(connectorId: number, profile: ToldProfile): string {
    if (connectorId > 1) return 'Accepted'
    const beforeA = this.permitA
    const status = this.held.take(connectorId, profile, this.transactionId)
    if (profile.chargingProfilePurpose === 'TxDefaultProfile' && status === 'Accepted') this.commissioned = true
    this.options.told(this.id, beforeA, this.permitA)
    return status
  }

  private sample(): object {
    const amps = (['L1', 'L2', 'L3'] as const).map((phase) => ({ value: this.permitA.toFixed(1), measurand: 'Current.Import', phase, unit: 'A' }))
    return { connectorId: 1, transactionId: this.transactionId, meterValue: [{ timestamp: new Date().toISOString(), sampledValue: [...amps, { value: String(++this.registerWh), measurand: 'Energy.Active.Import.Register', unit: 'Wh' }] }] }
  }
}
