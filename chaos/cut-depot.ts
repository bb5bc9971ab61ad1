// Charge points whose limit is cut while the store fails: each keeps the profiles it accepts, draws what they allow, and notes when it was lowered.
import { DialRefused, dial, type OcppClient } from './ocpp-client.ts'
import { HeldProfiles, type ToldProfile } from './held-profiles.ts'
import { pause } from './program.ts'
import type { Sessions } from './torture-sessions.ts'

export interface CutDepotOptions {
  readonly names: readonly string[]
  readonly sessions: Sessions
  /** Each time one has taken a profile. */
  readonly told: (clientID: string, beforeA: number, afterA: number) => void
}

/** What each car takes, and what it is given when there is enough. */
export const carA = 32
const atOnce = 20
const toleranceA = 0.05

class CutCharger {
  readonly name: string
  lowered = (): void => undefined
  private readonly options: CutDepotOptions
  private readonly held = new HeldProfiles(carA)
  private client: OcppClient | null = null
  private transactionId: number | null = null

  constructor(name: string, options: CutDepotOptions) {
    this.name = name
    this.options = options
  }

  /** A per phase. */
  get permitA(): number {
    return this.held.limitA(Date.now(), this.transactionId)
  }

  async come(ocppUrl: string): Promise<void> {
    this.client = await this.dialled(`${ocppUrl}/${this.name}`)
    await this.client.call('BootNotification', { chargePointVendor: 'Chaos', chargePointModel: 'Cut' })
    await this.client.call('StatusNotification', { connectorId: 1, errorCode: 'NoError', status: this.transactionId === null ? 'Preparing' : 'Charging' })
    if (this.transactionId === null) await this.start(this.client)
  }

  leave(): void {
    this.client?.terminate()
  }

  private async start(client: OcppClient): Promise<void> {
    const session = this.options.sessions.begin(this.name, { connectorId: 1, idTag: this.name, meterStart: 0, timestamp: new Date().toISOString() })
    const answer = await client.call('StartTransaction', session.start)
    if (answer.type !== 'result') throw new Error(`${this.name}: its start was not answered (${answer.type})`)
    this.transactionId = Number(answer.payload['transactionId'])
    this.options.sessions.started(session, this.transactionId, String((answer.payload['idTagInfo'] as { status?: unknown } | undefined)?.status))
    await client.call('StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Charging' })
  }

  private async dialled(url: string): Promise<OcppClient> {
    for (; ;) {
      try {
        return await dial({ url, closed: () => undefined, asked: (action, payload) => this.answer(action, payload) })
      } catch (error) {
        if (!(error instanceof DialRefused)) throw error
        await pause(error.retryAfterS === null ? 200 : error.retryAfterS * 1000)
      }
    }
  }

  private answer(action: string, payload: Readonly<Record<string, unknown>>): object {
    if (action === 'GetConfiguration') return { configurationKey: [{ key: 'ChargeProfileMaxStackLevel', readonly: true, value: '5' }] }
    if (action !== 'SetChargingProfile') return { status: action === 'TriggerMessage' ? 'NotImplemented' : action === 'GetCompositeSchedule' ? 'Rejected' : 'Accepted' }
    const beforeA = this.permitA
    const status = this.held.take(Number(payload['connectorId']), payload['csChargingProfiles'] as ToldProfile, this.transactionId)
    this.options.told(this.name, beforeA, this.permitA)
    this.lowered()
    return { status }
  }
}

export class CutDepot {
  private readonly chargers: readonly CutCharger[]

  constructor(options: CutDepotOptions) {
    this.chargers = options.names.map((name) => new CutCharger(name, options))
  }

  /** What all together may draw now, A per phase. */
  get sumA(): number {
    return this.chargers.reduce((sum, { permitA }) => sum + permitA, 0)
  }

  async come(ocppUrl: string): Promise<void> {
    const next = this.chargers.values()
    await Promise.all(Array.from({ length: atOnce }, async () => { for (const charger of next) await charger.come(ocppUrl) }))
  }

  leave(): void {
    for (const charger of this.chargers) charger.leave()
  }

  /** Until every car may draw that much; false when that takes too long. */
  async granted(eachA: number, withinMs: number): Promise<boolean> {
    for (const endMs = performance.now() + withinMs; this.chargers.some(({ permitA }) => permitA < eachA - toleranceA);) {
      if (performance.now() > endMs) return false
      await pause(50)
    }
    return true
  }

  /** From now until each has accepted at most `eachA`, ms; Infinity for those that were not told in time. */
  async lowering(eachA: number, withinMs: number): Promise<number[]> {
    const beganMs = performance.now()
    const tookMs = new Map<CutCharger, number>()
    await new Promise<void>((resolve) => {
      const late = setTimeout(resolve, withinMs)
      for (const charger of this.chargers) {
        charger.lowered = () => {
          if (charger.permitA > eachA + toleranceA || tookMs.has(charger)) return
          tookMs.set(charger, performance.now() - beganMs)
          if (tookMs.size < this.chargers.length) return
          clearTimeout(late)
          resolve()
        }
      }
    })
    for (const charger of this.chargers) charger.lowered = () => undefined
    return this.chargers.map((charger) => tookMs.get(charger) ?? Infinity)
  }
}
