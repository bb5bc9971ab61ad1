// A site on a test stand: the real room, scope and store on a clock that obeys, and charge points that answer as they are told.
import { Alerts } from '../../src/actors/alerts.ts'
import type { KwotaEvent } from '../../src/actors/house.ts'
import type { AlertView } from '../../src/actors/views.ts'
import { openScope, type Scope } from '../../src/actors/scope.ts'
import { SiteRoom } from '../../src/actors/site-room.ts'
import type { Log } from '../../src/log.ts'
import { chargePointSchema, siteSchema, type ChargePointConfig, type ChargePointInput, type SiteConfig, type SiteInput } from '../../src/power/site.ts'
import { Outbox } from '../../src/protocol/outbox.ts'
import { createCounters, defaultLimits, silentLog } from '../../src/protocol/ports.ts'
import type { CallOptions, CallOutcome, Session } from '../../src/protocol/session.ts'
import { createMemoryStore, type MemoryStore } from '../../src/store/memory.ts'
import type { Store } from '../../src/store/port.ts'
import { VirtualClock } from '../virtual-clock.ts'

/** `hold` = no answer for now; an error code = a CALLERROR. */
export type Script = (action: string, payload: Profile) => 'hold' | { readonly error: string } | Record<string, unknown>

/** What a SetChargingProfile said; empty for other calls. */
export interface Profile {
  readonly connectorId?: number
  readonly csChargingProfiles?: {
    readonly chargingProfileId: number
    readonly stackLevel: number
    readonly chargingProfilePurpose: string
    readonly transactionId?: number
    readonly chargingSchedule: { readonly startSchedule: string; readonly chargingSchedulePeriod: readonly { readonly startPeriod: number; readonly limit: number }[] }
  }
}

export const accept: Script = (action) => (action === 'GetConfiguration'
  ? { configurationKey: [{ key: 'ChargeProfileMaxStackLevel', readonly: true, value: '8' }], unknownKey: [] }
  : { status: 'Accepted' })

interface Call { readonly atMs: number; readonly id: string; readonly action: string; readonly payload: Profile }

/** One connection with the real outgoing queue; the peer's answers come 100 ms later. */
export class Peer implements Session {
  readonly clientID: string
  readonly generation: number
  readonly id: string
  readonly remoteAddress = '127.0.0.1:1'
  readonly reachedAt = 'http://kwota.example:8080'
  readonly calls: Call[] = []
  open = true
  /** What was said is to leave at once. */
  hasten: () => void = () => undefined
  closedBy: string | null = null
  script: Script = accept
  /** The gate of the desk. */
  mayLeave: (action: string, lowers: boolean) => boolean = () => true
  private readonly outbox: Outbox
  private readonly clock: VirtualClock

  constructor(clock: VirtualClock, clientID: string, generation = 1) {
    this.clock = clock
    this.clientID = clientID
    this.generation = generation
    this.id = `${clientID}#${generation}`
    let next = 0
    this.outbox = new Outbox({
      clock, limits: defaultLimits, counters: createCounters(), log: silentLog, as: 'central',
      nextId: () => String(++next), mayLeave: (action, lowers) => this.mayLeave(action, lowers), send: (text) => this.hear(text), heardAt: () => clock.mono(), hurried: () => undefined, timedOut: () => undefined,
    })
  }

  call(action: string, build: () => unknown, options?: CallOptions): Promise<CallOutcome> {
    return this.outbox.call(action, build, options)
  }

  close(_: number, reason: string): void {
    this.closedBy = reason
    this.cut()
  }

  /** The socket is gone; whoever owns the site tells it. */
  cut(): void {
    this.open = false
    this.outbox.stop()
  }

  /** The late or held answer to a call. */
  answer(call: Call, payload: Record<string, unknown> = { status: 'Accepted' }): void {
    this.outbox.answered({ type: 'result', id: call.id, payload })
  }

  /** `TxProfile 1 16` for each profile since `from`. */
  profiles(from = 0): string[] {
    return this.calls.slice(from).filter(({ action }) => action === 'SetChargingProfile').map(({ payload }) =>
      `${payload.csChargingProfiles!.chargingProfilePurpose} ${payload.connectorId} ${payload.csChargingProfiles!.chargingSchedule.chargingSchedulePeriod[0]!.limit}`)
  }

  last(): Call {
    return this.calls.at(-1)!
  }

  private hear(text: string): boolean {
    if (!this.open) return false
    const [, id, action, payload] = JSON.parse(text) as [number, string, string, Profile]
    this.calls.push({ atMs: this.clock.mono(), id, action, payload })
    const answer = this.script(action, payload)
    if (answer === 'hold') return true
    this.clock.after(100, () => {
      if ('error' in answer) this.outbox.answered({ type: 'error', id, code: String(answer['error']), description: 'as scripted' })
      else this.outbox.answered({ type: 'result', id, payload: answer })
    })
    return true
  }
}

export interface RoomStand {
  readonly clock: VirtualClock
  readonly store: MemoryStore
  readonly scope: Scope
  readonly room: SiteRoom
  readonly alerts: Alerts
  readonly events: Omit<KwotaEvent, 'id' | 'at' | 'siteID'>[]
  readonly mirrored: Map<string, string>
  readonly logged: string[]
  /** How long after its decision each lowering left, ms. */
  readonly lowered: number[]
  readonly trouble: { review: boolean; store: boolean }
  /** A new connection; with `booted` it has just booted. */
  connect(clientID: string, booted?: boolean, script?: Script): Peer
  gone(peer: Peer): void
  /** A car comes; its transaction has that id. */
  plugIn(clientID: string, transactionId: number, connectorId?: number): void
  sample(clientID: string, amps: number, connectorId?: number): void
  /** The open alerts of a code. */
  open(code: string): AlertView[]
  /** The same store, as after kill -9. */
  restart(): Promise<RoomStand>
}

export interface RoomOptions {
  readonly site?: Partial<SiteInput>
  readonly chargePoints?: readonly ChargePointInput[]
  readonly store?: MemoryStore
  readonly clock?: VirtualClock
  readonly trouble?: RoomStand['trouble']
  readonly leaseMs?: number
  readonly stopTransaction?: (clientID: string, transactionId: number) => void
  /** A store in front of the memory store. */
  readonly through?: (store: MemoryStore) => Store
}

export const siteOf = (input: Partial<SiteInput> = {}): SiteConfig => siteSchema.parse({ id: 'main', fuseA: 63, ...input })
export const pointOf = (input: ChargePointInput): ChargePointConfig => chargePointSchema.parse(input)

export async function openRoom(options: RoomOptions = {}): Promise<RoomStand> {
  const clock = options.clock ?? new VirtualClock()
  const trouble = options.trouble ?? { review: false, store: false }
  const store = options.store ?? createMemoryStore({ failing: () => trouble.store })
  const scope = await openScope({ store: options.through?.(store) ?? store, name: 'main', clock })
  const events: RoomStand['events'] = []
  const mirrored = new Map<string, string>()
  const logged: string[] = []
  const lowered: number[] = []
  const note = (_: object, message: string): void => { logged.push(message) }
  const log: Log = { debug: note, info: note, warn: note, error: note }
  const alerts = new Alerts(() => undefined)
  const room = new SiteRoom({
    scope, site: siteOf(options.site), chargePoints: (options.chargePoints ?? [{ id: 'CP1' }]).map(pointOf), clock, log, alerts,
    settings: { leaseMs: options.leaseMs ?? 900_000, sampleIntervalMs: 10_000 },
    emit: (event) => void events.push(event),
    append: () => Promise.resolve(),
    ...(options.stopTransaction === undefined ? {} : { stopTransaction: options.stopTransaction }),
    mirror: (clientID, connectorId, state) => void mirrored.set(`${clientID}/${connectorId}`, state),
    gauge: {
      reviewed() { if (trouble.review) throw new Error('this review is one too many') },
      lowered: (_, latencyMs) => void lowered.push(latencyMs),
    },
  })
  const generations = new Map<string, number>()
  return {
    clock, store, scope, room, alerts, events, mirrored, logged, lowered, trouble,
    connect(clientID, booted = true, script = accept) {
      const generation = (generations.get(clientID) ?? 0) + 1
      generations.set(clientID, generation)
      const peer = new Peer(clock, clientID, generation)
      peer.script = script
      if (booted) room.stationBooted(peer)
      room.stationOnline(peer)
      return peer
    },
    gone(peer) {
      peer.cut()
      room.stationOffline(peer.clientID)
    },
    plugIn(clientID, transactionId, connectorId = 1) {
      room.transactionStarted({ clientID, connectorId, transactionId, startedAtMs: clock.wall() })
    },
    sample(clientID, amps, connectorId = 1) {
      room.sampled({
        clientID, connectorId, currentA: { L1: amps, L2: amps, L3: amps }, powerW: null, energyWh: null, voltageV: null,
        measuredAtMs: clock.wall(), receivedAtMs: clock.wall(), live: true,
      })
    },
    open: (code) => alerts.list().filter((alert) => alert.code === code && alert.resolvedAt === null),
    async restart() {
      scope.abandon()
      room.stop()
      return openRoom({ ...options, clock, trouble, store: store.restart() })
    },
  }
}

/** Two cars charging at 32 A each, everything settled. */
export async function charging(options: RoomOptions = {}) {
  const stand = await openRoom({ site: { fuseA: 64 }, chargePoints: [{ id: 'CP1' }, { id: 'CP2' }], ...options })
  const [one, two] = [stand.connect('CP1'), stand.connect('CP2')]
  await stand.clock.advance(15_000)
  stand.plugIn('CP1', 101)
  stand.plugIn('CP2', 102)
  await stand.clock.advance(20_000)
  for (const peer of [one, two]) if (peer.profiles().at(-1) !== 'TxProfile 1 32') throw new Error(`${peer.clientID} does not charge at 32 A`)
  const marks = new Map<Peer, number>([[one, one.calls.length], [two, two.calls.length]])
  /** Profiles of a peer from now on. */
  const fresh = (peer: Peer) => peer.profiles(marks.get(peer) ?? 0)
  return { ...stand, one, two, fresh }
}
