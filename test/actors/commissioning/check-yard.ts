// The real actors and sessions on a virtual clock, with simulated charge points in front of them, for commissioning checks.
import { openDirectory, type Directory } from '../../../src/actors/directory.ts'
import type { CheckView } from '../../../src/actors/commissioning/check-face.ts'
import type { CheckStep } from '../../../src/actors/commissioning/check-record.ts'
import { chargePointSchema, siteSchema, type ChargePointInput } from '../../../src/power/site.ts'
import { Sessions } from '../../../src/protocol/sessions.ts'
import type { BehaviourName } from '../../../src/simulator/behaviours.ts'
import { createChargePoint, type SimulatedChargePoint } from '../../../src/simulator/charge-point.ts'
import { createRandom, forkRandom } from '../../../src/simulator/random.ts'
import { createExchange } from '../../../src/simulator/transport.ts'
import { createVirtualClock } from '../../../src/simulator/virtual-clock.ts'
import { createMemoryStore } from '../../../src/store/memory.ts'

export const caller = { name: 'tester', requestId: 'r1' }
const limitA = 40

export interface Yard {
  readonly stations: ReadonlyMap<string, SimulatedChargePoint>
  readonly told: readonly string[]
  /** The most that all cars together could draw on a phase, A, since it was last asked. */
  worstA(): number
  directory(): Directory
  run(ms: number): Promise<void>
  wait<T>(promise: Promise<T>): Promise<T>
  /** Runs until the check has ended. */
  check(clientID: string, wanted?: { readonly connectorId?: number; readonly limitTest?: boolean }): Promise<CheckView>
  drawnA(clientID: string): number
  /** As if killed, and started again. */
  restart(): Promise<void>
}

export const step = (view: CheckView, id: CheckStep) => view.steps.find((one) => one.id === id)!

/** Every charge point is there and has booted; the site has 40 A. */
export async function openYard(points: readonly (ChargePointInput & { readonly behaviour?: readonly BehaviourName[] })[]): Promise<Yard> {
  const clock = createVirtualClock({ wallAtZero: Date.UTC(2026, 0, 1) })
  const random = createRandom(7)
  const exchange = createExchange({ clock, random, latencyMs: [5, 20] })
  const told: string[] = []
  const provision = { sites: [siteSchema.parse({ id: 'main', fuseA: limitA })], chargePoints: points.map((point) => chargePointSchema.parse(Object.fromEntries(Object.entries(point).filter(([name]) => name !== 'behaviour')))) }
  const silent = { debug() {}, info() {}, warn() {}, error() {} }
  let memory = createMemoryStore()
  let directory: Directory | null = null
  let numbers = 0
  let worstA = 0

  async function wait<T>(promise: Promise<T>): Promise<T> {
    let done = false
    const arrived = promise.finally(() => { done = true })
    arrived.catch(() => undefined)
    for (let turn = 0; turn < 1_000 && !done; turn++) await clock.runUntil(clock.mono() + 10)
    return arrived
  }
  async function open(): Promise<void> {
    directory = await wait(openDirectory({ store: memory, clock, log: silent, provision, unknownChargePoints: 'reject', ids: { transactionId: () => 1_000 + ++numbers, opaque: () => `yard${String(++numbers).padStart(10, '0')}` } }))
    exchange.attach(new Sessions({ desk: directory.desk, clock, log: silent, ids: () => `s${++numbers}` }))
  }
  await open()
  const stations = new Map(points.map(({ id, behaviour = [] }) => [id, createChargePoint({
    id, connectors: [{ id: 1, maxA: 32, phases: 3 }], voltage: 230, sampleS: 10, behaviours: behaviour, idTag: `CAR-${id}`, clock, random: forkRandom(7, id), dial: exchange.dial,
    tell: (fact) => { if (fact.type === 'profile') told.push(`${id} ${fact.profile.chargingProfilePurpose} ${fact.profile.chargingSchedule.chargingSchedulePeriod[0]!.limit}`) },
  })]))
  const yard: Yard = {
    stations, told,
    worstA: () => {
      const worst = worstA
      worstA = 0
      return worst
    },
    directory: () => directory!,
    wait,
    async run(ms) {
      const endMs = clock.mono() + ms
      while (clock.mono() < endMs) {
        await clock.runUntil(Math.min(endMs, clock.mono() + 1_000))
        for (const station of stations.values()) station.step()
        worstA = Math.max(worstA, [...stations.values()].flatMap((station) => station.look()).reduce((sum, { drawA }) => sum + drawA, 0))
      }
    },
    drawnA: (clientID) => stations.get(clientID)!.look()[0]!.drawA,
    async check(clientID, wanted = {}) {
      await wait(directory!.house.checks.start(clientID, wanted, caller))
      for (let seconds = 0; seconds < 200 && directory!.house.checks.latest(clientID).state === 'running'; seconds++) await yard.run(1_000)
      return directory!.house.checks.latest(clientID)
    },
    async restart() {
      exchange.attach(null)
      directory!.crash()
      exchange.cutAll()
      memory = memory.restart()
      await open()
    },
  }
  for (const station of stations.values()) station.start()
  await yard.run(30_000)
  return yard
}
