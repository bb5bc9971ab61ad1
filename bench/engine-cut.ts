// How long it takes inside the process from a limit to the last lowering handed to a session: the engine alone, without sockets or disk.
import { spreadOf, type Spread } from './decision.ts'
import type { Part } from './part.ts'
import type { Scale } from './scale.ts'

export interface EngineCutResult { readonly chargePoints: number; readonly cuts: number; readonly lastMs: Spread }

interface Sent { readonly csChargingProfiles?: { readonly chargingProfilePurpose: string; readonly chargingSchedule: { readonly chargingSchedulePeriod: readonly { readonly limit: number }[] } } }
interface Room {
  stationBooted(session: object): void
  stationOnline(session: object): void
  transactionStarted(fact: object): void
  sampled(sample: object): void
  setGridLimit(wanted: object, by: string): Promise<unknown>
  stop(): void
}
interface Built {
  readonly SiteRoom: new (options: object) => Room
  readonly Alerts: new (changed: () => void) => object
  readonly openScope: (options: object) => Promise<object>
  readonly createMemoryStore: () => object
  readonly systemClock: { wall(): number }
  readonly siteSchema: { parse(value: unknown): object }
  readonly chargePointSchema: { parse(value: unknown): object }
}

const grantA = 32
const stepA = 2
const withinMs = 60_000

export async function measureEngineCut(scale: Scale, progress: (line: string) => void): Promise<EngineCutResult> {
  const [count, cuts] = scale === 'smoke' ? [10, 1] : [500, scale === 'quick' ? 4 : 12]
  const parts = ['actors/site-room', 'actors/alerts', 'actors/scope', 'store/memory', 'clock', 'power/site'].map((name) => import(new URL(`../${name}.js`, import.meta.url).href) as Promise<object>)
  const built = Object.assign({}, ...await Promise.all(parts)) as Built
  const clock = built.systemClock
  const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: (_: object, message: string) => { throw new Error(message) } }
  const names = Array.from({ length: count }, (_, index) => `CP${index}`)
  const room = new built.SiteRoom({
    scope: await built.openScope({ store: built.createMemoryStore(), name: 'main', clock }), clock, log, alerts: new built.Alerts(() => undefined),
    site: built.siteSchema.parse({ id: 'main', fuseA: grantA * count }), chargePoints: names.map((id) => built.chargePointSchema.parse({ id })),
    settings: { leaseMs: 900_000, sampleIntervalMs: 10_000 }, emit: () => undefined, append: () => Promise.resolve(), mirror: () => undefined,
  })
  try {
    let heard: (clientID: string, limitA: number) => void = () => undefined
    type Call = (action: string, build: () => unknown, options?: { onSent?: () => void; onEnd?: (outcome: object) => void }) => Promise<object>
    /** One CALL at a time, as on a line. */
    const inTurn = (call: Call): Call => {
      let before: Promise<unknown> = Promise.resolve()
      return (...args) => {
        const turn = before.then(() => call(...args))
        before = turn
        return turn
      }
    }
    const sessionOf = (clientID: string) => ({
      clientID, id: `${clientID}#1`, generation: 1, remoteAddress: '127.0.0.1:1', reachedAt: 'http://kwota.example:8080', open: true, close: () => undefined,
      call: inTurn(async (_, build, options) => {
        const payload = build() as Sent | null
        if (payload === null) return { type: 'dropped', reason: 'withdrawn' }
        options?.onSent?.()
        const profile = payload.csChargingProfiles
        if (profile?.chargingProfilePurpose === 'TxProfile') heard(clientID, profile.chargingSchedule.chargingSchedulePeriod[0]!.limit)
        await new Promise((resolve) => setImmediate(resolve))
        const outcome = { type: 'result', payload: { status: 'Accepted' } }
        options?.onEnd?.(outcome)
        return outcome
      }),
    })
    const until = (toA: number) => new Promise<void>((resolve, reject) => {
      const waiting = new Set(names)
      const late = setTimeout(() => reject(new Error(`${waiting.size} charge points have not been told ${toA} A`)), withinMs)
      heard = (clientID, limitA) => {
        if (limitA === toA) waiting.delete(clientID)
        if (waiting.size > 0) return
        clearTimeout(late)
        resolve()
      }
    })
    const granted = until(grantA)
    for (const name of names) {
      const session = sessionOf(name)
      room.stationBooted(session)
      room.stationOnline(session)
    }
    for (const [index, clientID] of names.entries()) room.transactionStarted({ clientID, connectorId: 1, transactionId: index + 1, startedAtMs: clock.wall() })
    await granted
    const lastMs: number[] = []
    for (let cut = 1; cut <= cuts; cut++) {
      const toA = grantA - cut * stepA
      const begunMs = performance.now()
      const all = until(toA)
      await Promise.all([room.setGridLimit({ currentA: toA * count }, 'bench'), all])
      lastMs.push(performance.now() - begunMs)
      progress(`cut ${cut} of ${cuts} inside the process: last lowering after ${lastMs.at(-1)!.toFixed(1)} ms`)
      for (const clientID of names) for (const amps of [toA + stepA, toA]) report(room, clientID, amps, clock.wall())
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    return { chargePoints: count, cuts, lastMs: spreadOf(lastMs) }
  } finally {
    room.stop()
  }
}

/** What the car draws falls from the old limit to the new one: that settles the lowering. */
function report(room: Room, clientID: string, amps: number, atMs: number): void {
  room.sampled({ clientID, connectorId: 1, currentA: { L1: amps, L2: amps, L3: amps }, powerW: null, energyWh: null, voltageV: null, measuredAtMs: atMs, receivedAtMs: atMs, live: true })
}

export async function engineCut(scale: Scale, progress: (line: string) => void): Promise<Part<EngineCutResult>> {
  const data = await measureEngineCut(scale, progress)
  return { data, rows: [{
    what: `from a limit to the last lowering handed to its session, ${data.chargePoints} charge points, inside the process`,
    figure: `${data.lastMs.p50.toFixed(1)} ms (99 of 100 within ${data.lastMs.p99.toFixed(1)})`, beside: `${data.cuts} cuts, the memory store, no sockets`,
  }] }
}
