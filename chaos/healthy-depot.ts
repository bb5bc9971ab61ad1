// Charge points that stay connected while others storm: each has a car that charges and takes every limit at once; limits are cut and timed.
import { DialRefused, dial, type OcppClient } from './ocpp-client.ts'
import { pause } from './program.ts'
import { openRest } from './rest.ts'
import { grantA, healthyName, passwordOf, stormSite } from './storm-config.ts'

export interface Cut {
  /** ms from the request leaving until the first lowering came, the last was answered, and the request was. */
  readonly firstMs: number
  readonly allMs: number
  readonly answeredMs: number
}

const withinMs = 30_000
const atOnce = 20

class Charger {
  limitA = Infinity
  limited: () => void = () => undefined
  private client: OcppClient | null = null
  private transactionId: number | null = null
  private readonly name: string
  private readonly passwords: boolean

  constructor(name: string, passwords: boolean) {
    this.name = name
    this.passwords = passwords
  }

  async come(ocppUrl: string): Promise<void> {
    for (; ;) {
      try {
        const authorization = this.passwords ? `Basic ${Buffer.from(`${this.name}:${passwordOf(this.name)}`).toString('base64')}` : undefined
        const client = this.client = await dial({ url: `${ocppUrl}/${this.name}`, authorization, closed: () => undefined, asked: (action, payload) => this.answer(action, payload) })
        if (this.transactionId !== null) return
        await client.call('BootNotification', { chargePointVendor: 'Chaos', chargePointModel: 'Healthy' })
        await client.call('StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Preparing' })
        const started = await client.call('StartTransaction', { connectorId: 1, idTag: this.name, meterStart: 0, timestamp: new Date().toISOString() })
        if (started.type !== 'result') continue
        this.transactionId = Number(started.payload['transactionId'])
        await client.call('StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Charging' })
        return
      } catch (error) {
        if (!(error instanceof DialRefused)) throw error
        await pause(error.retryAfterS === null ? 200 : error.retryAfterS * 1000)
      }
    }
  }

  cut(): void {
    this.client?.terminate()
  }

  private answer(action: string, payload: Readonly<Record<string, unknown>>): object {
    if (action === 'GetConfiguration') return { configurationKey: [{ key: 'ChargeProfileMaxStackLevel', readonly: true, value: '5' }] }
    if (action === 'SetChargingProfile') {
      const { chargingProfilePurpose, chargingSchedule } = payload['csChargingProfiles'] as { chargingProfilePurpose: string; chargingSchedule: { chargingSchedulePeriod: readonly { limit: number }[] } }
      if (chargingProfilePurpose === 'TxProfile') {
        this.limitA = chargingSchedule.chargingSchedulePeriod[0]?.limit ?? Infinity
        this.limited()
      }
    }
    return { status: action === 'TriggerMessage' ? 'NotImplemented' : action === 'GetCompositeSchedule' ? 'Rejected' : 'Accepted' }
  }
}

export class HealthyDepot {
  private readonly chargers: readonly Charger[]
  private currentA = grantA

  constructor(count: number, passwords: boolean) {
    this.chargers = Array.from({ length: count }, (_, at) => new Charger(healthyName(at), passwords))
  }

  async come(ocppUrl: string): Promise<void> {
    const next = this.chargers.values()
    await Promise.all(Array.from({ length: atOnce }, async () => { for (const charger of next) await charger.come(ocppUrl) }))
  }

  leave(): void {
    for (const charger of this.chargers) charger.cut()
  }

  /** Until every car has all that it can take. */
  async granted(): Promise<void> {
    for (const endMs = performance.now() + 4 * withinMs; this.chargers.some(({ limitA }) => limitA !== grantA);) {
      if (performance.now() > endMs) throw new Error(`${this.chargers.filter(({ limitA }) => limitA !== grantA).length} of ${this.chargers.length} healthy cars were not given ${grantA} A`)
      await pause(100)
    }
  }

  /** One ampere less for every car; null when there is nothing left to take. */
  async cutOnce(url: string): Promise<Cut | null> {
    if (this.currentA <= 7 || this.chargers.length === 0) return null
    const toA = --this.currentA
    const rest = openRest(url)
    const waiting = new Set(this.chargers)
    const beganMs = performance.now()
    let firstMs: number | null = null
    const all = new Promise<number>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`${waiting.size} of ${this.chargers.length} healthy charge points were not lowered in ${withinMs / 1000} s`)), withinMs)
      for (const charger of this.chargers) {
        charger.limited = () => {
          if (charger.limitA > toA) return
          firstMs ??= performance.now() - beganMs
          waiting.delete(charger)
          if (waiting.size > 0) return
          clearTimeout(late)
          resolve(performance.now() - beganMs)
        }
      }
    })
    const put = rest.ask('PUT', `/api/v1/sites/${stormSite}/grid-limit`, { currentA: toA * this.chargers.length, reason: 'cut in the storm' }).then((answer) => {
      if (answer?.status !== 200) throw new Error(`the limit was answered ${answer?.status ?? 'not at all'}`)
      return performance.now() - beganMs
    })
    const [allMs, answeredMs] = await Promise.all([all, put])
    return { firstMs: firstMs ?? allMs, allMs, answeredMs }
  }
}
