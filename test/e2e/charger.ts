// Charge points for tests of the whole product: an OCPP client we did not write, with a car that follows what it is told.
import { once, type EventEmitter } from 'node:events'
import { createRequire } from 'node:module'
import { setTimeout as wait } from 'node:timers/promises'
import { HeldProfiles, type ToldProfile } from '../../chaos/held-profiles.ts'
import type { Yard } from './yard.ts'

interface RpcClient extends EventEmitter {
  readonly state: number
  connect(): Promise<unknown>
  close(options?: { readonly force?: boolean }): Promise<unknown>
  call(action: string, payload: object): Promise<Record<string, unknown>>
  handle(action: string, handler: (call: { readonly params: Record<string, unknown> }) => unknown): void
}
const { RPCClient } = createRequire(import.meta.url)('ocpp-rpc') as { RPCClient: new (options: object) => RpcClient }
const open = 1

export interface ChargerOptions {
  readonly ocppUrl: string
  readonly id: string
  readonly yard: Yard
  readonly sampleMs?: number
  readonly maxA?: number
}

export class Charger {
  readonly id: string
  transactionId: number | null = null
  drawA = 0
  private readonly client: RpcClient
  private readonly yard: Yard
  private readonly held: HeldProfiles
  private readonly timers: NodeJS.Timeout[] = []
  private readonly sampleMs: number
  private plugged = false
  private registerWh = 1_000
  private start: Record<string, unknown> | null = null

  constructor({ ocppUrl, id, yard, sampleMs = 1_000, maxA = 32 }: ChargerOptions) {
    this.id = id
    this.yard = yard
    this.sampleMs = sampleMs
    this.held = new HeldProfiles(maxA)
    this.client = new RPCClient({
      endpoint: ocppUrl, identity: id, protocols: ['ocpp1.6'], strictMode: true, callTimeoutMs: 20_000,
      backoff: { initialDelay: 100, maxDelay: 1_000, factor: 2, randomisationFactor: 0.2 },
    })
    yard.join(this)
    this.client.on('strictValidationFailure', (failure: { readonly method: string; readonly error: unknown }) => yard.strictFailures.push({ id, ...failure }))
    this.client.on('badMessage', ({ error }: { readonly error: unknown }) => yard.strictFailures.push({ id, error }))
    this.client.handle('SetChargingProfile', ({ params }) => ({ status: this.take(params['connectorId'] as number, params['csChargingProfiles'] as ToldProfile) }))
    this.client.handle('GetConfiguration', () => ({ configurationKey: [{ key: 'ChargeProfileMaxStackLevel', readonly: true, value: '5' }] }))
  }

  get connected(): boolean { return this.client.state === open }

  /** What its profiles let it draw now, A per phase; 0 while no car is there. */
  get permitA(): number {
    return this.plugged ? this.held.limitA(Date.now(), this.transactionId) : 0
  }

  async connect(): Promise<void> {
    await this.client.connect()
  }

  async boot(): Promise<void> {
    await this.client.call('BootNotification', { chargePointVendor: 'Elsewhere', chargePointModel: 'Independent' })
    await this.report('Available')
  }

  /** A car comes and charges; resolves with the transaction id when the start was answered. */
  async charge(idTag = `TAG-${this.id}`): Promise<number> {
    await this.report('Preparing')
    this.plugged = true
    this.yard.look()
    this.start = { connectorId: 1, idTag, meterStart: this.registerWh, timestamp: new Date().toISOString() }
    this.every(250, () => this.follow())
    const id = await this.repeatStart()
    await this.report('Charging')
    this.every(this.sampleMs, () => this.measure())
    return id
  }

  /** Sends the very same StartTransaction until it is answered; gives the id of the answer. */
  async repeatStart(): Promise<number> {
    if (this.start === null) throw new Error(`${this.id} has not started anything`)
    for (let attempt = 0; attempt < 100; attempt++) {
      if (!this.connected) await Promise.race([once(this.client, 'open'), wait(500)])
      const answer = await this.client.call('StartTransaction', this.start).catch(() => null)
      if (answer === null) {
        await wait(100)
        continue
      }
      const id = answer['transactionId'] as number
      this.transactionId = id
      this.yard.acknowledged.push({ id: this.id, transactionId: id })
      return id
    }
    throw new Error(`${this.id}: StartTransaction was never answered`)
  }

  async leave(): Promise<void> {
    for (const timer of this.timers.splice(0)) clearInterval(timer)
    await this.client.close({ force: true }).catch(() => undefined)
  }

  heartbeat(): Promise<Record<string, unknown>> {
    return this.client.call('Heartbeat', {})
  }

  private report(status: string): Promise<unknown> {
    return this.client.call('StatusNotification', { connectorId: 1, errorCode: 'NoError', status })
  }

  private take(connectorId: number, profile: ToldProfile): string {
    const beforeA = this.limitA()
    const answer = this.held.take(connectorId, profile, this.transactionId)
    this.yard.tell({
      id: this.id, atMs: Date.now(), purpose: profile.chargingProfilePurpose, limitA: profile.chargingSchedule.chargingSchedulePeriod[0]?.limit ?? NaN,
      answer, beforeA, afterA: this.limitA(),
    })
    return answer
  }

  private limitA(): number {
    return this.held.limitA(Date.now(), this.transactionId)
  }

  /** The car draws what it may; it needs up to a quarter of a second to follow. */
  private follow(): void {
    this.registerWh += Math.round((this.drawA * 690) / 3_600 / 4)
    this.drawA = this.permitA
    this.yard.look()
  }

  private measure(): void {
    if (!this.connected || this.transactionId === null) return
    const amps = (['L1', 'L2', 'L3'] as const).map((phase) => ({ value: this.drawA.toFixed(1), measurand: 'Current.Import', phase, unit: 'A' }))
    const energy = { value: String(this.registerWh), measurand: 'Energy.Active.Import.Register', unit: 'Wh' }
    const meterValue = [{ timestamp: new Date().toISOString(), sampledValue: [...amps, energy] }]
    this.client.call('MeterValues', { connectorId: 1, transactionId: this.transactionId, meterValue }).catch(() => undefined)
  }

  private every(ms: number, run: () => void): void {
    this.timers.push(setInterval(run, ms))
  }
}
