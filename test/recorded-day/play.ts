// Plays a day against the real actors and sessions on a time of its own, and hands out every frame and what kwota made of them.
import { openDirectory, type Directory } from '../../src/actors/directory.ts'
import { silentLog } from '../../src/protocol/ports.ts'
import { Sessions } from '../../src/protocol/sessions.ts'
import { idTagSchema } from '../../src/settings.ts'
import { createChargePoint } from '../../src/simulator/charge-point.ts'
import { between, forkRandom } from '../../src/simulator/random.ts'
import { createVirtualClock } from '../../src/simulator/virtual-clock.ts'
import { createMemoryStore, type MemoryStore } from '../../src/store/memory.ts'
import { createCourier, type Courier } from './courier.ts'
import type { Day } from './day.ts'
import type { Frame } from './frame.ts'
import { drawMischief } from './mischief.ts'
import { createWires } from './wires.ts'

export interface Played<T> { readonly frames: readonly Frame[]; readonly undelivered: number; readonly read: T; readonly logged: readonly string[] }

const sampleS = 180
const tickMs = 30_000
/** A reading that was answered so long ago is on the disk; what came later may go with a kill, and is not let through. Starts and stops are: they are answered when they are there. */
const writingMs = 500
const deliveryMs = 20 * 60_000

/** `read` asks kwota at the end, when everything was delivered. */
export async function playDay<T>(day: Day, read: (directory: Directory) => Promise<T>): Promise<Played<T>> {
  const { seed } = day
  const clock = createVirtualClock({ wallAtZero: day.startWallMs })
  const random = forkRandom(seed, 'ids')
  const wires = createWires(clock)
  const logged: string[] = []
  const trouble = { store: false }
  let store: MemoryStore = createMemoryStore({ failing: () => trouble.store })
  let directory: Directory | null = null
  let [opaque, sessions] = [0, 0]
  const couriers = new Map<string, Courier>()

  async function start(): Promise<void> {
    const say = (fields: object, message: string): void => { logged.push(`${message} ${String((fields as { error?: unknown }).error ?? '')}`) }
    directory = await openDirectory({
      store, clock, log: { debug() {}, info() {}, warn() {}, error: say }, settings: { leaseMs: 3_600_000 },
      ids: { transactionId: () => between(random, 1, 2_147_483_646), opaque: () => `o${++opaque}` },
      unknownChargePoints: 'reject', tariffs: day.tariffs, idTags: fleetTags(day), defaults: { heartbeatIntervalS: 3_600 }, provision: { sites: day.sites, chargePoints: day.chargePoints },
    })
    wires.attach(new Sessions({ desk: directory.desk, clock, log: silentLog, limits: { pingIntervalMs: 600_000 }, ids: () => `s${++sessions}` }))
  }

  function kill(): void {
    wires.attach(null)
    directory?.crash()
    directory = null
    wires.cutAll()
    store = store.restart()
  }

  const stations = new Map(day.chargePoints.map(({ id, connectors }, index) => {
    const courier = createCourier({ clientID: id, clock, dial: wires.dial, mischief: drawMischief(seed, id, index) })
    couriers.set(id, courier)
    return [id, createChargePoint({
      id, voltage: 230, sampleS, behaviours: day.ahead.has(id) ? ['clock-ahead'] : [], idTag: day.idTagOf(id), tell: () => undefined,
      connectors: connectors.map((each) => ({ id: each.id, maxA: each.maxA, phases: 3 })), clock, random: forkRandom(seed, id), dial: courier.dial,
    })]
  }))
  const at = (ms: number, fn: () => void): void => void clock.after(ms, fn)
  const station = (clientID: string) => stations.get(clientID)!

  function tick(): void {
    for (const each of stations.values()) each.step()
    at(tickMs, tick)
  }

  await start()
  at(tickMs, tick)
  ;[...stations.values()].forEach((each, index) => at(100 + index * 50, () => each.start()))
  for (const { clientID, connectorId, plugMs, unplugMs, car, pauses } of day.visits) {
    at(plugMs, () => station(clientID).plugIn(connectorId, car))
    at(unplugMs, () => station(clientID).unplug(connectorId))
    for (const { fromMs, untilMs } of pauses) {
      at(fromMs, () => station(clientID).suspend(connectorId, true))
      at(untilMs, () => station(clientID).suspend(connectorId, false))
    }
  }
  for (const { clientID, fromMs, untilMs } of day.outages) {
    at(fromMs, () => station(clientID).goOffline())
    at(untilMs, () => station(clientID).goOnline())
  }
  for (const { clientID, atMs } of day.cuts) at(atMs, () => wires.cut(clientID))
  for (const { clientID, atMs } of day.reboots) at(atMs, () => station(clientID).reboot())
  for (const { atMs, downMs } of day.kills) {
    at(atMs, () => wires.afterReading(() => {
      for (const courier of couriers.values()) courier.hold(writingMs)
      at(writingMs, kill)
      at(writingMs + downMs, () => void start().catch((error: unknown) => logged.push(`kwota does not start: ${String(error)}`)))
    }))
  }
  for (const { fromMs, untilMs } of day.storeFails) {
    at(fromMs, () => { trouble.store = true })
    at(untilMs, () => { trouble.store = false })
  }

  await clock.runUntil(day.hours * 3_600_000)
  for (const each of stations.values()) each.goOnline()
  for (const courier of couriers.values()) courier.heal()
  await clock.runUntil(day.hours * 3_600_000 + deliveryMs)
  const undelivered = [...couriers.values()].reduce((sum, { waiting }) => sum + waiting, 0)
  for (const each of stations.values()) each.stop()
  if (directory === null) throw new Error(`kwota is not there at the end: ${logged.join('\n')}`)
  const opened = directory as Directory
  const asked = read(opened)
  await clock.runUntil(clock.mono() + 60_000)
  const answer = await asked
  opened.crash()
  return { frames: wires.frames, undelivered, read: answer, logged }
}

/** The tags that have a tariff of their own. */
function fleetTags(day: Day) {
  return day.chargePoints.flatMap(({ id }) => {
    const idTag = day.idTagOf(id)
    const tariffId = day.tariffOfTag(idTag)
    return tariffId === undefined ? [] : [idTagSchema.parse({ id: idTag, tariffId })]
  })
}
