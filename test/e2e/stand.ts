// The real actors, sessions and store on a virtual clock, with charge points whose every answer a test can hold back.
import { openDirectory, type Directory } from '../../src/actors/directory.ts'
import type { ConnectorPowerView, PowerView } from '../../src/actors/views.ts'
import { chargePointSchema, siteSchema, type ChargePointInput, type SiteInput } from '../../src/power/site.ts'
import { Sessions } from '../../src/protocol/sessions.ts'
import type { Line } from '../../src/simulator/link.ts'
import { createRandom } from '../../src/simulator/random.ts'
import { createExchange, type Exchange } from '../../src/simulator/transport.ts'
import { createVirtualClock, type VirtualClock } from '../../src/simulator/virtual-clock.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import type { Store } from '../../src/store/port.ts'
import { HeldProfiles, type ToldProfile } from '../../chaos/held-profiles.ts'

export interface SeenProfile {
  readonly atMs: number
  readonly purpose: string
  readonly transactionId: number | null
  /** Of its periods in order: the limit, then what holds when the lease has ended. */
  readonly limitsA: readonly number[]
}

const latencyMs = 10
const sampleMs = 1_000
const hardwareA = 32

/** A charge point with one connector: answers at once unless told to hold; its car draws what it is allowed. */
export class StandStation {
  readonly id: string
  readonly seen: SeenProfile[] = []
  /** SetChargingProfile is neither answered nor applied while true; see `release`. */
  holding = false
  transactionId: number | null = null
  private readonly clock: VirtualClock
  private readonly exchange: Exchange
  private profiles = new HeldProfiles(hardwareA)
  private readonly held: (() => void)[] = []
  private readonly waiting = new Map<string, (answer: Record<string, unknown>) => void>()
  private line: Line | null = null
  private next = 0
  private registerWh = 0

  constructor(id: string, clock: VirtualClock, exchange: Exchange) {
    this.id = id
    this.clock = clock
    this.exchange = exchange
    this.sample()
  }

  get online(): boolean { return this.line !== null }

  /** What it may draw now, A per phase. */
  get permitA(): number { return this.profiles.limitA(this.clock.wall(), this.transactionId) }

  get drawA(): number { return this.transactionId === null ? 0 : this.permitA }

  connect(): void {
    this.exchange.dial(this.id, {
      opened: (line) => { this.line = line },
      received: (text) => this.received(text),
      closed: () => { this.line = null },
    })
  }

  /** The socket goes, with every answer that was held back. */
  drop(): void {
    this.line?.close()
    this.line = null
    this.held.length = 0
    this.waiting.clear()
  }

  forget(): void { this.profiles = new HeldProfiles(hardwareA) }

  /** Sends a CALL; `answered` runs with the payload of its CALLRESULT. */
  say(action: string, payload: unknown, answered: (answer: Record<string, unknown>) => void = () => undefined): void {
    const id = `${this.id}-${++this.next}`
    this.waiting.set(id, answered)
    this.line?.send(JSON.stringify([2, id, action, payload]))
  }

  boot(): void {
    this.say('BootNotification', { chargePointVendor: 'Stand', chargePointModel: 'One' })
    this.say('StatusNotification', { connectorId: 1, errorCode: 'NoError', status: this.transactionId === null ? 'Available' : 'Charging' })
  }

  start(): void {
    this.say('StartTransaction', { connectorId: 1, idTag: `TAG-${this.id}`, meterStart: this.registerWh, timestamp: this.iso() }, (answer) => {
      this.transactionId = answer['transactionId'] as number
    })
  }

  stopTransaction(): void {
    const { transactionId } = this
    this.transactionId = null
    this.profiles.endTransaction()
    this.say('StopTransaction', { transactionId, meterStop: this.registerWh, timestamp: this.iso() })
  }

  /** Applies and answers the oldest order that was held back. */
  release(): void { this.held.shift()?.() }

  private iso(): string { return new Date(this.clock.wall()).toISOString() }

  private sample(): void {
    this.clock.after(sampleMs, () => {
      this.registerWh += Math.round((this.drawA * 690 * sampleMs) / 3_600_000)
      if (this.transactionId !== null) {
        const sampledValue = ['L1', 'L2', 'L3'].map((phase) => ({ value: this.drawA.toFixed(1), measurand: 'Current.Import', phase, unit: 'A' }))
        this.say('MeterValues', { connectorId: 1, transactionId: this.transactionId, meterValue: [{ timestamp: this.iso(), sampledValue }] })
      }
      this.sample()
    })
  }

  private received(text: string): void {
    const [type, id, ...rest] = JSON.parse(text) as [number, string, ...unknown[]]
    if (type === 3) return this.settle(id, rest[0] as Record<string, unknown>)
    if (type === 4) throw new Error(`${this.id} was refused: ${text}`)
    const [action, payload] = rest as [string, Record<string, unknown>]
    const { line } = this
    const reply = (answer: unknown) => { if (this.line === line) line?.send(JSON.stringify([3, id, answer])) }
    if (action === 'GetConfiguration') return reply({ configurationKey: [{ key: 'ChargeProfileMaxStackLevel', readonly: true, value: '3' }] })
    if (action !== 'SetChargingProfile') return reply({ status: 'NotImplemented' })
    const { connectorId, csChargingProfiles: profile } = payload as { connectorId: number; csChargingProfiles: ToldProfile }
    const { chargingProfilePurpose: purpose, transactionId = null, chargingSchedule } = profile
    this.seen.push({ atMs: this.clock.mono(), purpose, transactionId, limitsA: chargingSchedule.chargingSchedulePeriod.map(({ limit }) => limit) })
    const obey = () => reply({ status: this.profiles.take(connectorId, profile, this.transactionId) })
    if (this.holding) this.held.push(obey)
    else obey()
  }

  private settle(id: string, answer: Record<string, unknown>): void {
    this.waiting.get(id)?.(answer)
    this.waiting.delete(id)
  }
}

export interface Stand {
  readonly clock: VirtualClock
  readonly stations: readonly StandStation[]
  run(ms: number): Promise<void>
  power(): PowerView
  row(clientID: string): ConnectorPowerView
  /** null lifts it. Time passes until it is answered. */
  limit(currentA: number | null): Promise<void>
  /** What the site's meter shows, A on every phase. */
  meter(currentA: number): void
  crash(): void
  restart(): Promise<void>
}

/** Everything connected, booted, and its fallbacks confirmed. `through` may stand between the actors and the store. */
export async function openStand(site: SiteInput, points: readonly ChargePointInput[], through: (store: Store) => Store = (store) => store): Promise<Stand> {
  const clock = createVirtualClock({ wallAtZero: Date.UTC(2026, 0, 1) })
  const exchange = createExchange({ clock, random: createRandom(1), latencyMs: [latencyMs, latencyMs] })
  const provision = { sites: [siteSchema.parse(site)], chargePoints: points.map((point) => chargePointSchema.parse(point)) }
  const silent = { debug() {}, info() {}, warn() {}, error() {} }
  const caller = { name: 'test', requestId: 'test' }
  let memory = createMemoryStore()
  let directory: Directory | null = null
  let numbers = 0

  async function arriving<T>(promise: Promise<T>): Promise<T> {
    let arrived = false
    const done = promise.finally(() => { arrived = true })
    done.catch(() => undefined)
    for (let i = 0; i < 1_000 && !arrived; i++) await clock.runUntil(clock.mono() + 1)
    return done
  }
  async function restart(): Promise<void> {
    directory = await arriving(openDirectory({
      store: through(memory), clock, log: silent, provision, unknownChargePoints: 'reject',
      ids: { transactionId: () => 1_000 + ++numbers, opaque: () => `stand-${String(++numbers).padStart(6, '0')}` },
      settings: { sampleIntervalMs: sampleMs },
    }))
    exchange.attach(new Sessions({ desk: directory.desk, clock, log: silent, ids: () => `s${++numbers}` }))
  }
  function house() {
    if (directory === null) throw new Error('kwota is not running')
    return directory.house
  }

  await restart()
  const stations = points.map(({ id }) => new StandStation(id, clock, exchange))
  const stand: Stand = {
    clock, stations,
    run: (ms) => clock.runUntil(clock.mono() + ms),
    power: () => house().power('main'),
    row(clientID) {
      const row = house().power('main').connectors.find((one) => one.clientID === clientID)
      if (row === undefined) throw new Error(`no row for ${clientID}`)
      return row
    },
    async limit(currentA) {
      await arriving<unknown>(currentA === null ? house().clearGridLimit('main', caller) : house().setGridLimit('main', { currentA }, caller))
    },
    meter: (currentA) => house().pushBaseLoad('main', { currentA: { L1: currentA, L2: currentA, L3: currentA } }),
    crash() {
      exchange.attach(null)
      directory?.crash()
      directory = null
      exchange.cutAll()
      for (const station of stations) station.drop()
      memory = memory.restart()
    },
    restart,
  }
  for (const station of stations) station.connect()
  await stand.run(100)
  for (const station of stations) station.boot()
  await stand.run(60_000)
  return stand
}
