// The benched depot inside one process on a virtual clock: what it stores, sends, arms and decides is counted, and comes out the same on every machine.
import { Session as Inspector, type HeapProfiler } from 'node:inspector/promises'
import { join } from 'node:path'
import { depotConfig, grantA, pointNames, siteName } from '../../bench/depot.ts'
import { meterFrame } from '../../bench/meter-frame.ts'
import { openDirectory } from '../../src/actors/directory.ts'
import type { Clock } from '../../src/clock.ts'
import { loadConfig } from '../../src/config.ts'
import { Sessions } from '../../src/protocol/sessions.ts'
import type { Line } from '../../src/simulator/link.ts'
import { createRandom } from '../../src/simulator/random.ts'
import { createExchange, type Exchange } from '../../src/simulator/transport.ts'
import { createVirtualClock, type VirtualClock } from '../../src/simulator/virtual-clock.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import type { SeriesEntry, Store } from '../../src/store/port.ts'

/** How often, since the world began. */
export interface Counts {
  /** Batches that are durable before anything follows from them. */
  readonly commits: number
  readonly puts: number
  readonly putBytes: number
  /** Writes of time series, and what was in them. */
  readonly appends: number
  readonly entries: number
  readonly entryBytes: number
  readonly timers: number
  readonly decisions: number
  readonly framesIn: number
  readonly framesOut: number
  readonly profiles: number
}

type Tally = { -readonly [Name in keyof Counts]: number }

/** A charge point that accepts everything; its car draws what it is told to. */
class Station {
  limitA = 0
  transactionId = 0
  private line: Line | null = null
  private readonly waiting = new Map<string, (payload: Record<string, unknown>) => void>()
  private calls = 0
  private readonly tally: Tally
  private readonly clock: VirtualClock

  constructor(id: string, { tally, clock, exchange }: { readonly tally: Tally; readonly clock: VirtualClock; readonly exchange: Exchange }) {
    this.tally = tally
    this.clock = clock
    exchange.dial(id, { opened: (line) => { this.line = line }, received: (text) => this.received(text), closed: () => { throw new Error(`${id} was hung up`) } })
  }

  call(action: string, payload: object): Promise<Record<string, unknown>> {
    const id = `c${++this.calls}`
    return new Promise((resolve) => {
      this.waiting.set(id, resolve)
      this.send(JSON.stringify([2, id, action, payload]))
    })
  }

  /** As the bench sends it. */
  reading(currentA: number): void {
    this.send(meterFrame(`m${++this.calls}`, this.transactionId, 1_000_000 + this.calls, currentA).replace(/"timestamp":"[^"]+"/, `"timestamp":"${this.iso()}"`))
  }

  async charge(): Promise<void> {
    await this.call('BootNotification', { chargePointVendor: 'Bench', chargePointModel: 'Guard' })
    await this.call('StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Preparing' })
    const { transactionId } = await this.call('StartTransaction', { connectorId: 1, idTag: 'BENCH', meterStart: 0, timestamp: this.iso() })
    this.transactionId = Number(transactionId)
    await this.call('StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Charging' })
  }

  private iso(): string {
    return new Date(this.clock.wall()).toISOString()
  }

  private send(text: string): void {
    this.tally.framesIn++
    this.line!.send(text)
  }

  private received(text: string): void {
    this.tally.framesOut++
    const [type, id, third, fourth] = JSON.parse(text) as [number, string, unknown, unknown]
    if (type === 4) throw new Error(`refused: ${text}`)
    if (type === 3) {
      this.waiting.get(id)?.(third as Record<string, unknown>)
      this.waiting.delete(id)
      return
    }
    if (third === 'SetChargingProfile') {
      this.tally.profiles++
      const { csChargingProfiles: profile } = fourth as { csChargingProfiles: { chargingProfilePurpose: string; chargingSchedule: { chargingSchedulePeriod: readonly { limit: number }[] } } }
      if (profile.chargingProfilePurpose === 'TxProfile') this.limitA = profile.chargingSchedule.chargingSchedulePeriod[0]!.limit
    }
    this.send(JSON.stringify([3, id, third === 'GetConfiguration' ? { configurationKey: [{ key: 'ChargeProfileMaxStackLevel', readonly: true, value: '8' }] } : { status: third === 'TriggerMessage' ? 'NotImplemented' : third === 'GetCompositeSchedule' ? 'Rejected' : 'Accepted' }]))
  }
}

const latencyMs = 1

export interface GuardWorld {
  readonly stations: readonly Station[]
  readonly counts: Counts
  /** Time passes; every charge point reports so often, its car drawing a little more and a little less by turns. */
  run(seconds: number, reportEveryS: number): Promise<void>
  limit(currentA: number): Promise<void>
  stop(): Promise<void>
}

/** Everything connected, charging, with its power, and at rest. */
export async function openGuardWorld(count: number): Promise<GuardWorld> {
  const tally: Tally = { commits: 0, puts: 0, putBytes: 0, appends: 0, entries: 0, entryBytes: 0, timers: 0, decisions: 0, framesIn: 0, framesOut: 0, profiles: 0 }
  const clock = createVirtualClock({ wallAtZero: Date.UTC(2026, 0, 5, 12) })
  const counted: Clock = {
    wall: () => clock.wall(), mono: () => clock.mono(),
    after(delayMs, fn) {
      tally.timers++
      return clock.after(delayMs, fn)
    },
  }
  const exchange = createExchange({ clock, random: createRandom(1), latencyMs: [latencyMs, latencyMs] })
  const config = loadConfig({ flags: { config: 'kwota.yaml' }, env: {}, readFile: () => JSON.stringify(depotConfig(count)), cwd: import.meta.dirname })
  const log = { debug() {}, info() {}, warn() {}, error: (fields: object, message: string) => { throw new Error(`${message} ${JSON.stringify(fields)}`) } }
  let numbers = 0
  const arriving = async <T>(promise: Promise<T>): Promise<T> => {
    let arrived = false
    const done = promise.finally(() => { arrived = true })
    done.catch(() => undefined)
    for (let at = 0; at < 60_000 && !arrived; at++) await clock.runUntil(clock.mono() + 1)
    return done
  }
  const directory = await arriving(openDirectory({
    store: counting(createMemoryStore(), tally), clock: counted, log, unknownChargePoints: config.unknownChargePoints, messagesPerSecond: config.messagesPerSecond,
    ids: { transactionId: () => 1_000_000 + ++numbers, opaque: () => `guard-${String(++numbers).padStart(6, '0')}` },
    provision: { sites: config.sites, chargePoints: config.chargePoints }, defaults: config.settings, messageLog: config.messageLog, retention: config.retention,
    settings: { leaseMs: config.engine.leaseS * 1_000, sampleIntervalMs: config.engine.meterSampleIntervalS * 1_000 },
    gauge: { reviewed: () => { tally.decisions++ }, lowered: () => undefined },
  }))
  exchange.attach(new Sessions({ desk: directory.desk, clock: counted, log, ids: () => `s${++numbers}` }))
  const stations = pointNames(count).map((id) => new Station(id, { tally, clock, exchange }))
  await clock.runUntil(clock.mono() + 100)
  for (const station of stations) await arriving(station.charge())
  let round = 0
  const world: GuardWorld = {
    stations, counts: tally,
    async run(seconds, reportEveryS) {
      for (const endMs = clock.mono() + seconds * 1_000; clock.mono() < endMs;) {
        round++
        for (const station of stations) {
          if (station.limitA > 0) station.reading(station.limitA - (round % 2 === 0 ? 0.2 : 0.5))
          await clock.runUntil(clock.mono() + (reportEveryS * 1_000) / stations.length)
        }
      }
    },
    limit: async (currentA) => void await arriving(directory.house.setGridLimit(siteName(0), { currentA }, { name: 'guard', requestId: 'guard' })),
    async stop() {
      exchange.attach(null)
      await arriving(directory.stop())
    },
  }
  await world.run(300, 10)
  const without = stations.filter(({ limitA }) => limitA < grantA).length
  if (without > 0) throw new Error(`${without} of ${count} charge points have not got ${grantA} A`)
  return world
}

function counting(store: Store, tally: Tally): Store {
  const took = (entries: readonly SeriesEntry[]): void => {
    tally.entries += entries.length
    for (const entry of entries) tally.entryBytes += sizeOf(entry.value)
  }
  const seen: Partial<Store> = {
    commit(scope, epoch, batch) {
      tally.commits++
      for (const value of batch.puts?.values() ?? []) {
        tally.puts++
        tally.putBytes += sizeOf(value)
      }
      return store.commit(scope, epoch, batch)
    },
    append(scope, series, entries, options) {
      tally.appends++
      took(entries)
      return store.append(scope, series, entries, options)
    },
    appendAll(scope, entries, options) {
      tally.appends++
      for (const some of entries.values()) took(some)
      return store.appendAll(scope, entries, options)
    },
  }
  return new Proxy(store, {
    get(target, name) {
      const own: unknown = Reflect.get(seen, name)
      const value: unknown = own ?? Reflect.get(target, name)
      return typeof value === 'function' && own === undefined ? value.bind(target) as unknown : value
    },
  })
}

/** As the embedded store writes it: texts as they are, all else as JSON. */
function sizeOf(value: unknown): number {
  return Buffer.byteLength(typeof value === 'string' ? value : JSON.stringify(value))
}

/** What is counted while `work` runs. */
export async function countedIn(world: GuardWorld, work: () => Promise<void>): Promise<Counts> {
  const before = { ...world.counts }
  await work()
  const after = world.counts
  const difference: Tally = { ...after }
  for (const name of Object.keys(before) as (keyof Counts)[]) difference[name] -= before[name]
  return difference
}

const samplingBytes = 2_048

/** Bytes that the product's own code allocated while `work` ran, collected since or not: sampled, so within a few percent. What clock, wires, store and charge points of this world take is not in it. */
export async function allocatedIn(work: () => Promise<void>): Promise<number> {
  const inspector = new Inspector()
  inspector.connect()
  try {
    await inspector.post('HeapProfiler.startSampling', { samplingInterval: samplingBytes, ...evenCollected })
    await work()
    const { profile } = await inspector.post('HeapProfiler.stopSampling')
    return sizeOfOurs(profile.head, false)
  } finally {
    inspector.disconnect()
  }
}

const root = join(import.meta.dirname, '../..')
const ours = [`${root}/src/`, ...['xstate', 'rxjs', 'zod'].map((name) => `/node_modules/${name}/`)]
const thisWorlds = [`${root}/src/simulator/`, `${root}/src/store/memory.ts`]
const evenCollected = { includeObjectsCollectedByMajorGC: true, includeObjectsCollectedByMinorGC: true }

/** What the language itself allocates counts for whoever called it. */
function sizeOfOurs({ callFrame: { url }, selfSize, children }: HeapProfiler.SamplingHeapProfileNode, callerIsOurs: boolean): number {
  const isOurs = url === '' || url.startsWith('node:') ? callerIsOurs : ours.some((place) => url.includes(place)) && !thisWorlds.some((place) => url.includes(place))
  return children.reduce((sum, child) => sum + sizeOfOurs(child, isOurs), isOurs ? selfSize : 0)
}
