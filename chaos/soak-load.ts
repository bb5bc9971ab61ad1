// A part of the charge points of a soak, in a process of its own: cars come and go, connections break and come back, strangers knock.
import { DialRefused, dial, type OcppClient } from './ocpp-client.ts'
import { pause } from './program.ts'
import { createRandom, type Random } from './random.ts'

export interface SoakOrder { readonly ocppUrl: string; readonly names: readonly string[]; readonly seed: number; readonly minutes: number }
export type SoakWord =
  | { readonly type: 'ready' }
  | { readonly type: 'done'; readonly calls: number; readonly sessions: number; readonly reconnects: number; readonly strangers: number; readonly faults: readonly string[] }

const atOnce = 25
const restMs = [2_000, 10_000] as const
const strangerEveryMs = 250

class Station {
  calls = 0
  sessions = 0
  reconnects = 0
  readonly faults: string[] = []
  private readonly ocppUrl: string
  private readonly name: string
  private readonly random: Random
  private client: OcppClient | null = null
  private transactionId: number | null = null
  private registerWh = 0

  constructor(order: SoakOrder, name: string, random: Random) {
    this.ocppUrl = order.ocppUrl
    this.name = name
    this.random = random
  }

  async come(): Promise<void> {
    for (; ;) {
      try {
        this.client = await dial({ url: `${this.ocppUrl}/${this.name}`, asked: answered, closed: () => undefined })
        await this.call('BootNotification', { chargePointVendor: 'Chaos', chargePointModel: 'Soak' })
        await this.status(this.transactionId === null ? 'Available' : 'Charging')
        return
      } catch (error) {
        if (!(error instanceof DialRefused)) throw error
        await pause(error.retryAfterS === null ? 500 : error.retryAfterS * 1000)
      }
    }
  }

  async live(endMs: number): Promise<void> {
    await pause(this.random.between(0, restMs[1]))
    while (performance.now() < endMs) {
      if (this.client?.open !== true) await this.come()
      const turn = this.random.next()
      if (turn < 0.12) await this.leave()
      else if (turn < 0.3) await this.carComesOrGoes()
      else if (turn < 0.4) await this.call('Heartbeat', {})
      else await this.read()
      await pause(this.random.between(...restMs))
    }
    this.client?.terminate()
  }

  private async leave(): Promise<void> {
    this.reconnects++
    this.client?.terminate()
    await pause(this.random.between(0, 3_000))
    await this.come()
  }

  private async carComesOrGoes(): Promise<void> {
    const timestamp = new Date().toISOString()
    if (this.transactionId !== null) {
      await this.call('StopTransaction', { transactionId: this.transactionId, meterStop: this.registerWh, timestamp, reason: 'Local' })
      this.transactionId = null
      return this.status('Available')
    }
    await this.status('Preparing')
    const started = await this.call('StartTransaction', { connectorId: 1, idTag: this.name.slice(0, 20), meterStart: this.registerWh, timestamp })
    if (started === null) return
    this.sessions++
    this.transactionId = Number(started['transactionId'])
    await this.status('Charging')
  }

  private async read(): Promise<void> {
    if (this.transactionId === null) return void await this.status('Available')
    const amps = (['L1', 'L2', 'L3'] as const).map((phase) => ({ value: '15.9', measurand: 'Current.Import', phase, unit: 'A' }))
    this.registerWh += 10
    await this.call('MeterValues', { connectorId: 1, transactionId: this.transactionId, meterValue: [{ timestamp: new Date().toISOString(), sampledValue: [...amps, { value: String(this.registerWh), measurand: 'Energy.Active.Import.Register', unit: 'Wh' }] }] })
  }

  private async status(status: string): Promise<void> {
    await this.call('StatusNotification', { connectorId: 1, errorCode: 'NoError', status })
  }

  /** Null when the line was cut. */
  private async call(action: string, payload: object): Promise<Readonly<Record<string, unknown>> | null> {
    const reply = await this.client?.call(action, payload)
    this.calls++
    if (reply?.type === 'error' && this.faults.length < 5) this.faults.push(`${this.name}: ${action} was answered ${reply.code}`)
    return reply?.type === 'result' ? reply.payload : null
  }
}

function answered(action: string): object {
  if (action === 'GetConfiguration') return { configurationKey: [{ key: 'ChargeProfileMaxStackLevel', readonly: true, value: '5' }] }
  return { status: action === 'TriggerMessage' ? 'NotImplemented' : action === 'GetCompositeSchedule' ? 'Rejected' : 'Accepted' }
}

async function run(order: SoakOrder): Promise<void> {
  const say = (word: SoakWord): void => void process.stdout.write(`${JSON.stringify(word)}\n`)
  const random = createRandom(order.seed)
  const stations = order.names.map((name) => new Station(order, name, random.fork(name)))
  const next = stations.values()
  await Promise.all(Array.from({ length: atOnce }, async () => { for (const station of next) await station.come() }))
  say({ type: 'ready' })
  const endMs = performance.now() + order.minutes * 60_000
  let strangers = 0
  const knocking = async (): Promise<void> => {
    for (; performance.now() < endMs; strangers++) {
      await dial({ url: `${order.ocppUrl}/STRANGER-${random.between(1, 1e9)}`, asked: answered, closed: () => undefined }).then((client) => client.terminate(), () => undefined)
      await pause(strangerEveryMs)
    }
  }
  await Promise.all([knocking(), ...stations.map((station) => station.live(endMs))])
  const sum = (of: (station: Station) => number): number => stations.reduce((total, station) => total + of(station), 0)
  say({ type: 'done', strangers, calls: sum(({ calls }) => calls), sessions: sum(({ sessions }) => sessions), reconnects: sum(({ reconnects }) => reconnects), faults: stations.flatMap(({ faults }) => faults).slice(0, 20) })
}

await run(JSON.parse(process.argv[2] ?? '') as SoakOrder)
process.exit(0)
