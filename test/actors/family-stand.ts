// A charge-point family on a test stand: real store, real scope, a clock that obeys, a site and a charge point that write down what they hear.
import type { Shelf } from '../../src/actors/archive.ts'
import { createAuthoriser, byTag, type Authoriser, type Policy } from '../../src/actors/authorise.ts'
import type { CertificateAuthority } from '../../src/actors/certificate-authority.ts'
import { CommandLog } from '../../src/actors/command-log.ts'
import type { CredentialChange } from '../../src/actors/credential-change.ts'
import { sampleEvent } from '../../src/actors/event-log.ts'
import { openFamily, type Family } from '../../src/actors/family.ts'
import type { FamilyAlert, Station } from '../../src/actors/handlers/station.ts'
import type { KwotaEvent } from '../../src/actors/house.ts'
import type { IdTag } from '../../src/actors/id-tag-record.ts'
import type { Limited } from '../../src/actors/limited.ts'
import { changesBetween, noTags } from '../../src/actors/listed-tags.ts'
import type { ListDesk } from '../../src/actors/local-lists.ts'
import type { MeterShelf } from '../../src/actors/meter-history.ts'
import { ReservationLog } from '../../src/actors/reservation-log.ts'
import { openScope, type Scope } from '../../src/actors/scope.ts'
import type { ConnectorSample, SampleDesk, SiteDesk, TransactionFact } from '../../src/actors/site-desk.ts'
import { noUploadAddresses } from '../../src/actors/uploads-addresses.ts'
import { noVendors, type VendorSettings } from '../../src/vendor-settings.ts'
import type { Outgoing } from '../../src/outgoing.ts'
import type { Log } from '../../src/log.ts'
import { chargePointSchema, type ChargePointInput } from '../../src/power/site.ts'
import { messages, type RequestOf, type ResponseOf, type StationAction } from '../../src/protocol/messages/index.ts'
import { judge } from '../../src/protocol/judge.ts'
import type { CallOutcome, Session } from '../../src/protocol/session.ts'
import { defaultSettings, type Settings } from '../../src/settings.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import type { Store } from '../../src/store/port.ts'
import { settle, VirtualClock } from '../virtual-clock.ts'

export class ScriptedSession implements Session {
  readonly clientID: string
  readonly generation: number
  readonly id: string
  readonly remoteAddress = '127.0.0.1:1'
  readonly reachedAt = 'http://kwota.example:8080'
  open = true
  constructor(clientID: string, generation: number) {
    this.clientID = clientID
    this.generation = generation
    this.id = `${clientID}#${generation}`
  }
  call(): Promise<CallOutcome> {
    return Promise.resolve({ type: 'disconnected' })
  }
  close(): void {
    this.open = false
  }
}

export class RecordingSite implements SiteDesk {
  readonly facts: string[] = []
  readonly samples: ConnectorSample[] = []
  readonly started: TransactionFact[] = []
  failing = false
  stationConnected(): void { if (this.failing) throw new Error('the site failed') }
  stationBooted(session: Session): void { this.hear(`booted ${session.generation}`) }
  stationOnline(session: Session): void { this.hear(`online ${session.generation}`) }
  stationOffline(clientID: string): void { this.hear(`offline ${clientID}`) }
  /** For how long each time, ms. */
  readonly held: number[] = []
  stationHeld(_: string, forMs: number): void { this.held.push(forMs) }
  statusChanged(_: string, connectorId: number, status: string): void { this.hear(`status ${connectorId} ${status}`) }
  transactionStarted(fact: TransactionFact): void {
    this.started.push(fact)
    this.hear(`started ${fact.connectorId} ${fact.transactionId}`)
  }
  transactionStopped(fact: { connectorId: number; transactionId: number }): void { this.hear(`stopped ${fact.connectorId} ${fact.transactionId}`) }
  /** The newest skew it was told, ms. */
  skewMs: number | null = null
  readonly profiles = { refuse: () => null, refuseClear: () => null, note: () => undefined, changed: () => undefined }
  clockMeasured(_: string, skewMs: number): void { this.skewMs = skewMs }
  sampled(sample: ConnectorSample): void {
    this.samples.push(sample)
    this.hear(`sampled ${sample.connectorId}`)
  }
  meterOf(clientID: string, connectorId: number): SampleDesk {
    return { clockMeasured: (skewMs) => { this.skewMs = skewMs }, take: ({ currentA, powerW, energyWh, measuredAtMs, receivedAtMs, spread }) => this.sampled({ clientID, connectorId, currentA, powerW, energyWh, voltageV: null, measuredAtMs, receivedAtMs, live: true, ...(spread === true ? { spread } : {}) }) }
  }
  /** What is answered of a transaction's limits. */
  readonly limited = new Map<number, Limited>()
  readonly withheld = new Map<string, number | null>()
  withhold(connector: string, transactionId: number | null): void { this.withheld.set(connector, transactionId) }
  limitedOf(transactionId: number): Limited | null { return this.limited.get(transactionId) ?? null }
  of(kind: string): string[] {
    return this.facts.filter((fact) => fact.startsWith(kind))
  }
  private hear(fact: string): void {
    if (this.failing) throw new Error('the site is in trouble')
    this.facts.push(fact)
  }
}

export interface StandOptions {
  readonly config?: Partial<ChargePointInput>
  readonly store?: Store
  readonly clock?: VirtualClock
  readonly policy?: readonly Policy[]
  readonly idTags?: readonly IdTag[]
  readonly authoriser?: Authoriser
  readonly vendors?: VendorSettings
  readonly outgoing?: Outgoing
  readonly settings?: Settings
  readonly claim?: () => Promise<number>
  readonly credentials?: CredentialChange
  readonly certificateAuthority?: CertificateAuthority
  /** Over the store and clock of the stand. */
  readonly history?: (store: Store, clock: VirtualClock) => MeterShelf
  readonly billing?: Station['billing']
  readonly archive?: Shelf
}

const notHere = () => Promise.reject(new Error('credentials are not kept on this stand'))
const noLists: ListDesk = {
  ready: () => Promise.resolve(), wanted: () => ({ ...noTags, total: 0 }), say: (idTag) => ({ idTag, idTagInfo: { status: 'Invalid' } }),
  changes: (from, to) => changesBetween(from.tags, to.tags), inTurn: (work) => work(),
}
const noCredentials: CredentialChange = { beginRotation: notHere, concludeRotation: notHere, beginRaise: notHere, concludeRaise: notHere }

export interface Stand {
  readonly clock: VirtualClock
  readonly store: Store
  readonly scope: Scope
  readonly site: RecordingSite
  readonly family: Family
  readonly events: Omit<KwotaEvent, 'id'>[]
  readonly alerts: FamilyAlert[]
  /** The alerts that stand as long as their cause: `code about` → message. */
  readonly conditions: Map<string, string>
  readonly logged: string[]
  readonly session: ScriptedSession
  /** A new connection; the older one is not told to go. */
  connect(): ScriptedSession
  /** A request through the message table, answered through it; what waits for the store or the next turn gets its time. */
  send<A extends StationAction>(action: A, payload: RequestOf<A>, session?: Session): Promise<ResponseOf<A>>
  boot(): Promise<void>
  /** ISO time, `ms` from now by our clock. */
  iso(ms?: number): string
  /** The same store, another process; `crash` = nothing is saved any more. */
  restart(options?: { crash: boolean }): Promise<Stand>
}

let nextId = 1000
let nextOpaque = 0

export async function openStand(options: StandOptions = {}): Promise<Stand> {
  const clock = options.clock ?? new VirtualClock()
  const store = options.store ?? createMemoryStore()
  const scope = await openScope({ store, name: 'depot', clock })
  const site = new RecordingSite()
  const events: Omit<KwotaEvent, 'id'>[] = []
  const alerts: FamilyAlert[] = []
  const conditions = new Map<string, string>()
  const logged: string[] = []
  const note = (_: object, message: string): void => { logged.push(message) }
  const log: Log = { debug: note, info: note, warn: note, error: note }
  const config = chargePointSchema.parse({ id: 'CP1', connectors: [{ id: 1 }, { id: 2 }], ...options.config })
  const authoriser = options.authoriser ?? createAuthoriser({ idTags: byTag(options.idTags ?? []), external: null, clock })
  const claimTransactionId = options.claim ?? (async () => {
    const id = nextId++
    await store.claim('transaction', String(id), 'depot')
    return id
  })
  const family = openFamily({
    config, siteID: 'depot', scope, site, clock, log, authoriser, claimTransactionId,
    settings: () => ({ default: { ...defaultSettings, ...(options.policy === undefined ? {} : { authorisation: [...options.policy] }), ...options.settings } }), newId: () => `new${++nextOpaque}`,
    commands: new CommandLog({ clock, emit: (event) => events.push({ ...event, at: new Date(clock.wall()).toISOString() }) }),
    ...(options.history === undefined ? {} : { history: options.history(store, clock) }), ...(options.billing === undefined ? {} : { billing: options.billing }), ...(options.archive === undefined ? {} : { archive: options.archive }),
    credentials: options.credentials ?? noCredentials, certificateAuthority: options.certificateAuthority ?? null, reservations: openReservations(), listed: noLists, emit: (event) => events.push(event), sample: (fact) => events.push(sampleEvent(fact)), alert: (alert) => alerts.push(alert), uploads: noUploadAddresses,
    condition: (code, message, about) => void (message === null ? conditions.delete(`${code} ${about ?? ''}`.trimEnd()) : conditions.set(`${code} ${about ?? ''}`.trimEnd(), message)),
    vendors: { everybody: options.vendors ?? noVendors, allowPrivate: false }, outgoing: options.outgoing ?? (() => Promise.reject(new Error('nobody is there'))),
  })
  let session = new ScriptedSession(config.id, 0)
  function openReservations(): ReservationLog {
    const opened = new ReservationLog({ wall: () => clock.wall(), newId: () => nextId++, emit: (event) => events.push({ ...event, at: new Date(clock.wall()).toISOString() }), warn: note })
    opened.restore(scope)
    return opened
  }

  const stand: Stand = {
    clock, store, scope, site, family, events, alerts, conditions, logged,
    get session() { return session },
    connect() {
      session = new ScriptedSession(config.id, session.generation + 1)
      family.connected(session)
      return session
    },
    async send(action, payload, from = session) {
      const judged = judge(action, payload, { from: 'station' })
      if (!judged.ok) throw new Error(`not a request: ${judged.description}`)
      const answered = Promise.resolve(family.handle(from, action, judged.value, judged.faults))
      // Whoever asks looks at the rejection; here it only must not be unhandled meanwhile.
      answered.catch(() => undefined)
      await clock.advance(0)
      const answer = await answered
      await clock.advance(0)
      // What we send is always exactly the schema.
      messages[action].response.parse(answer)
      return answer as ResponseOf<typeof action>
    },
    async boot() {
      if (session.generation === 0) stand.connect()
      await stand.send('BootNotification', { chargePointVendor: 'Acme', chargePointModel: 'One' })
    },
    iso: (ms = 0) => new Date(clock.wall() + ms).toISOString(),
    async restart({ crash } = { crash: true }) {
      family.stop({ save: !crash })
      await settle()
      if (!crash) await scope.close()
      return openStand({ ...options, store, clock, ...(options.authoriser === undefined ? {} : { authoriser: options.authoriser }) })
    },
  }
  return stand
}

/** A meter reading of one instant with current on each phase, power and register. */
export function meterValue(timestamp: string, values: { currentA?: number; energyWh?: number; powerW?: number }) {
  const { currentA, energyWh, powerW } = values
  return {
    timestamp,
    sampledValue: [
      ...(currentA === undefined ? [] : (['L1', 'L2', 'L3'] as const).map((phase) => ({ value: String(currentA), measurand: 'Current.Import' as const, phase, unit: 'A' as const }))),
      ...(powerW === undefined ? [] : [{ value: String(powerW), measurand: 'Power.Active.Import' as const, unit: 'W' as const }]),
      ...(energyWh === undefined ? [] : [{ value: String(energyWh), measurand: 'Energy.Active.Import.Register' as const, unit: 'Wh' as const }]),
    ],
  }
}
