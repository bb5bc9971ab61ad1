// A living kwota inside this process, on a virtual clock and a store in memory: takes frames as a socket would hand them over, and says what it has become.
import { createHash } from 'node:crypto'
import type { MessageTable } from './broken-payloads.ts'

export interface FuzzHouse {
  /** Hands a frame to the connection of that number and gives what it answered with at once. */
  hand(connection: number, text: string): readonly string[]
  /** Why a connection was ended; it is opened anew then. Null = it is open. */
  ended(connection: number): string | null
  reopen(connection: number): Promise<void>
  /** Lets a little virtual time pass, and everything that waits settle. */
  rest(): Promise<void>
  /** Everything that must not change, as a hash; and as text, to see what did. */
  state(): Promise<{ readonly hash: string; readonly text: string }>
}

interface Clock { wall(): number; mono(): number; after(delayMs: number, fn: () => void): () => void; runUntil(monoMs: number): Promise<void> }
interface Store { scopes(): Promise<string[]>; read(scope: string): Promise<Map<string, unknown>> }
interface Connection { received(text: string): void; pong(): void }
interface View { readonly value: unknown }
interface House {
  power(siteID: string): unknown
  gridLimit(siteID: string): View
  chargePoints(): readonly View[]
  setGridLimit(siteID: string, limit: object, caller: object): Promise<unknown>
  readonly records: { list(query: object): Promise<unknown> }
  readonly idTags: { list(): readonly unknown[]; put(tag: object, caller: object): Promise<unknown> }
  readonly reservations: { list(): readonly unknown[] }
  readonly commands: { list(): readonly unknown[] }
}
interface Sessions { connect(attempt: object, socket: object): Promise<Connection | undefined> }
interface Built {
  readonly createVirtualClock: (options: { readonly wallAtZero: number }) => Clock
  readonly createMemoryStore: () => Store
  readonly openDirectory: (options: object) => Promise<{ readonly house: House; readonly desk: object }>
  readonly Sessions: new (options: object) => Sessions
  readonly siteSchema: { parse(value: unknown): unknown }
  readonly chargePointSchema: { parse(value: unknown): unknown }
  readonly messages: MessageTable
}

const restMs = 1
const beginningMs = 120_000
const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }

export async function loadBuilt(): Promise<Built> {
  const parts = await Promise.all(['simulator/virtual-clock', 'store/memory', 'actors/directory', 'protocol/sessions', 'power/site', 'protocol/messages/index']
    .map((name) => import(new URL(`../${name}.js`, import.meta.url).href) as Promise<object>))
  return Object.assign({}, ...parts) as Built
}

/** With so many charge points, each booted, every other one with a car that charges. */
export async function openFuzzHouse(built: Built, stations: number): Promise<FuzzHouse> {
  const clock = built.createVirtualClock({ wallAtZero: Date.UTC(2026, 10, 23, 12) })
  const store = built.createMemoryStore()
  let [ids, transactions] = [0, 0]
  const { house, desk } = await built.openDirectory({
    store, clock, log: quiet, ids: { transactionId: () => ++transactions, opaque: () => `i${++ids}` }, unknownChargePoints: 'reject', messagesPerSecond: 0,
    provision: {
      sites: [built.siteSchema.parse({ id: 'main', fuseA: 16 * stations })],
      chargePoints: Array.from({ length: stations }, (_, at) => built.chargePointSchema.parse({ id: `FUZZ-${at}`, settings: { strict: true, messagesPerSecond: 0 } })),
    },
  })
  const sessions = new built.Sessions({ desk, clock, log: quiet, ids: () => `s${++ids}` })
  const lines = Array.from({ length: stations }, (_, at) => new Line(sessions, `FUZZ-${at}`))
  let nowMs = 0
  const pass = async (ms: number): Promise<void> => clock.runUntil(nowMs += ms)
  /** Connecting waits for promises only, and those settle as time passes. */
  const open = async (line: Line): Promise<void> => {
    const opening = line.connect()
    await pass(restMs)
    await opening
  }
  for (const [at, line] of lines.entries()) {
    await open(line)
    const say = async (action: string, payload: object): Promise<void> => {
      line.hand(JSON.stringify([2, `good-${++ids}`, action, payload]))
      await pass(100)
    }
    await say('BootNotification', { chargePointVendor: 'Chaos', chargePointModel: 'Fuzz' })
    await say('StatusNotification', { connectorId: 1, errorCode: 'NoError', status: at % 2 === 0 ? 'Preparing' : 'Available' })
    if (at % 2 === 0) await say('StartTransaction', { connectorId: 1, idTag: `TAG-${at}`, meterStart: 0, timestamp: new Date(clock.wall()).toISOString() })
  }
  const caller = { name: 'fuzz', requestId: 'fuzz' }
  const limited = house.setGridLimit('main', { currentA: 10 * stations, reason: 'fuzz' }, caller)
  await pass(restMs)
  await limited
  await pass(beginningMs)

  return {
    hand: (connection, text) => lines[connection]!.hand(text),
    ended: (connection) => lines[connection]!.endedWith,
    reopen: (connection) => open(lines[connection]!),
    rest: () => pass(restMs),
    async state() {
      const kept: unknown[] = []
      for (const scope of await store.scopes()) kept.push([scope, [...await store.read(scope)].sort(([a], [b]) => (a < b ? -1 : 1))])
      const listed = await house.records.list({ limit: 500 })
      const text = JSON.stringify({
        kept, power: house.power('main'), limit: house.gridLimit('main').value, points: house.chargePoints().map(({ value }) => value), listed,
        tags: house.idTags.list(), reservations: house.reservations.list(), commands: house.commands.list(), prototype: Object.keys(Object.prototype),
      }, (name, value: unknown) => (moving.has(name) ? undefined : value), 1)
      return { hash: createHash('sha256').update(text).digest('hex').slice(0, 16), text }
    },
  }
}

/** When somebody was last heard is no state: it moves with every frame. */
const moving = new Set(['lastSeenAt', 'lastSeenAtMs', 'at', 'decisionId'])

class Line {
  endedWith: string | null = null
  private readonly sessions: Sessions
  private readonly clientID: string
  private connection: Connection | null = null
  private answers: string[] = []

  constructor(sessions: Sessions, clientID: string) {
    this.sessions = sessions
    this.clientID = clientID
  }

  async connect(): Promise<void> {
    this.endedWith = null
    const socket = {
      send: (text: string) => this.heard(text), close: (code: number, reason: string) => { this.endedWith = `${code} ${reason}` }, terminate: () => { this.endedWith = 'terminated' },
      ping: () => this.connection?.pong(), pause: () => undefined, resume: () => undefined, bufferedAmount: 0,
    }
    this.connection = await this.sessions.connect({ clientID: this.clientID, path: `/ocpp/${this.clientID}`, remoteAddress: '127.0.0.1', loopback: true, secure: false, host: '127.0.0.1:80', subprotocols: ['ocpp1.6'] }, socket) ?? null
    if (this.connection === null) throw new Error(`${this.clientID} was not let in`)
  }

  hand(text: string): readonly string[] {
    this.answers = []
    this.connection?.received(text)
    return this.answers
  }

  private heard(text: string): void {
    const [type, id, action] = JSON.parse(text) as [number, string, string]
    if (type !== 2) return void this.answers.push(text)
    const payload = action === 'GetConfiguration' ? { configurationKey: [{ key: 'ChargeProfileMaxStackLevel', readonly: true, value: '5' }] } : { status: action === 'TriggerMessage' ? 'NotImplemented' : action === 'GetCompositeSchedule' ? 'Rejected' : 'Accepted' }
    const answer = JSON.stringify([3, id, payload])
    queueMicrotask(() => this.connection?.received(answer))
  }
}
