// One charge-point family: its sessions, its answers, and what it tells its site; everything durable before it is promised.
import { CallError, type Session } from '../protocol/session.ts'
import { settingsOf } from '../settings.ts'
import { ClockMeasure } from '../sessions/skew.ts'
import { afterBoot } from './after-boot.ts'
import { noShelf } from './archive.ts'
import { resumeSigning } from './certificate-signing.ts'
import { commandsOf, connectorOf, transactionsOf } from './charge-point.ts'
import type { ChargePointEvent } from './charge-point-facts.ts'
import { judgeClock } from './clock-watch.ts'
import { CommandDesk } from './command-desk.ts'
import type { LimitState } from './connector.ts'
import { Exchanges } from './data-transfers.ts'
import { createExpected } from './expected.ts'
import { instantText } from './instant-text.ts'
import { openFamilyActor, type FamilyActor } from './family-actor.ts'
import type { FamilyOptions } from './family-options.ts'
import { guardSite, rejecting, stoppableClock } from './family-ports.ts'
import { expire, revive } from './reservation-desk.ts'
import { patientShelf } from './patient-shelf.ts'
import { viewFamily, type FamilyView } from './family-view.ts'
import { tendMeters } from './meter-watch.ts'
import { recordOf } from './handlers/counting.ts'
import { restoreTallies, reviveTransactions, runningAs, tellSiteAgain } from './handlers/running.ts'
import { createPace } from './handlers/pace.ts'
import { claimPatiently, startsInFlight } from './handlers/start-transaction.ts'
import type { FamilyAlert, Station } from './handlers/station.ts'
import { answer, isHandled } from './handlers/table.ts'
import { runningView } from './limits-in-force.ts'
import { noMeterShelf } from './meter-history.ts'
import type { TransactionView } from './views.ts'
import { noVendors } from '../vendor-settings.ts'
import { Tallies } from './tallies.ts'
import { readVendors } from './vendors.ts'
import { createWaits } from './waits.ts'
import { watchLimits } from './transaction-limits.ts'

export interface Family {
  readonly clientID: string
  readonly commands: CommandDesk
  /** What handlers and orders see of it. */
  readonly station: Station
  connected(session: Session): void
  /** Of an older connection: changes nothing. */
  disconnected(session: Session, code: number): void
  /** Answers a CALL that has passed the message table, at once or with a promise; rejects with CallError, or anything else for InternalError. */
  handle(session: Session, action: string, payload: unknown, faults: readonly string[]): unknown
  /** What the connector's ledger row shows. */
  mirror(connectorId: number, limit: LimitState): void
  /** One of its connectors is new to the site: what it was told before is told again. */
  tellAgain(): void
  /** A RemoteStopTransaction was accepted: its stop is expected within that time. False when it does not run. */
  expectStop(transactionId: number, withinMs: number): boolean
  view(): FamilyView
  /** The connectors on which a transaction is about to run: its start came and has no number or no verdict yet. */
  starting(): readonly number[]
  /** The transactions that run now; the ended ones are records of the scope (`listTransactions`). */
  transactions(): TransactionView[]
  /** Ends every timer and actor. Without `save` nothing more is put into the scope, as after a crash. */
  stop(options?: { save: boolean }): void
}

const updatedEveryMs = 10_000
/** An answer that takes longer than this, whatever it waits for, is told to the site. */
const overdueMs = 1_000
/** Notifications kept per command. */
const mostProgress = 50
const concernsMeters: ReadonlySet<string> = new Set(['transaction.started', 'transaction.stopped', 'chargepoint.connected'])

/** Restores the family from its scope or begins it; an unreadable snapshot is set aside and alerted. */
export function openFamily(options: FamilyOptions): Family {
  const { config, siteID, scope, log, authoriser } = options
  const clientID = config.id
  const clock = stoppableClock(options.clock, (error) => log.error({ clientID, error }, 'something due later failed'))
  const site = guardSite(options.site, log, clientID)
  let session: Session | null = null
  let lastSeenAtMs: number | null = null
  let [softFaults, badSamples] = [0, 0]

  const actor: FamilyActor = openFamilyActor({
    clientID, scope, clock, running: options.running, connectorIds: config.connectors.map((connector) => connector.id),
    told: { commandDue: (id) => void clock.after(0, () => commands.expire(id)), reservationDue: (id) => void clock.after(0, () => expire(station, id)) },
    onRestarted: (error) => log.error({ clientID, error }, 'charge point restarted from its last good snapshot'),
    onQuarantined(error) {
      log.error({ clientID, error }, 'charge point quarantined')
      site.stationOffline(clientID)
      alert({ code: 'charge-point-quarantined', severity: 'critical', connectorId: null, message: `${clientID} failed too often and is not served until kwota restarts; its limits stay reserved` })
    },
  })
  const measure = new ClockMeasure(actor.snapshot().context.skew)

  /** For facts that nobody waits for an answer to; the supervisor has already dealt with the failure. */
  function tell(event: ChargePointEvent, how: 'send' | 'sendLossy' = 'send'): boolean {
    if (actor.isQuarantined()) return false
    try {
      actor[how](event)
      return true
    } catch (error) {
      log.error({ clientID, event: event.type, error }, 'a fact broke the charge point and is lost')
      return false
    }
  }

  function alert(raised: Omit<FamilyAlert, 'clientID'>): void {
    log.warn({ clientID, code: raised.code, connectorId: raised.connectorId, detail: raised.message }, 'alert raised')
    options.alert({ ...raised, clientID })
  }

  // Without getters: V8 makes a dictionary of an object literal that has one, and every message asks this one.
  const station: Station & { offsetMs: number } = {
    clientID, siteID, config, clock, scope, archive: patientShelf(options.archive ?? noShelf, clock), history: options.history ?? noMeterShelf, site, log, authoriser, alert, credentials: options.credentials, certificateAuthority: options.certificateAuthority, condition: options.condition, uploads: options.uploads, locations: options.locations,
    outgoing: options.outgoing, exchanges: new Exchanges(scope, clientID),
    vendors: {
      own: () => readVendors(scope, clientID)?.settings ?? noVendors, everybody: options.vendors.everybody,
      isTrusted: (handler) => options.vendors.allowPrivate || Object.values(options.vendors.everybody.vendors).some(({ messages }) => Object.values(messages).includes(handler)),
    },
    reservations: options.reservations, listed: options.listed,
    nominalV: options.nominalV ?? 230,
    pace: createPace(clock, updatedEveryMs),
    waits: createWaits(clock, (forMs) => site.stationHeld(clientID, forMs)),
    session: () => session,
    snapshot: () => actor.snapshot(), readings: new Map(), ways: new Map(), tallies: new Tallies(),
    billing: options.billing ?? (() => ({ timezone: 'UTC', tariff: null })),
    send: (event) => actor.send(event),
    sendLossy: (event) => actor.sendLossy(event),
    offsetMs: measure.offsetMs,
    observeTime(stationMs, receivedAtMs, desk) {
      const isOther = measure.observe(stationMs, receivedAtMs)
      station.offsetMs = measure.offsetMs
      if (desk === undefined) site.clockMeasured(clientID, measure.offsetMs)
      else desk.clockMeasured(measure.offsetMs)
      judgeClock(station)
      if (isOther) actor.sendLossy({ type: 'SKEW_MEASURED', skew: measure.skew })
    },
    settings(connectorId) {
      const layers = options.settings()
      const own = layers.connectors?.[connectorId ?? 0]
      return settingsOf({ ...layers, connector: own })
    },
    expect: (action) => expected.add(action),
    order: (action, request) => commands.run({ action, request, expiresAtMs: null }, { name: 'kwota', requestId: options.newId() }),
    newestCommand: (action, fits) => options.commands.newest(clientID, action, fits),
    keepResult: (command, result) => options.commands.put({ ...command, result: { ...result } }, scope),
    reportProgress(command, status) {
      options.commands.put({ ...command, progress: [...command.progress, { status, atMs: clock.wall() }].slice(-mostProgress) }, scope)
    },
    countBadSamples: (count) => { badSamples += count },
    claimTransactionId: () => claimPatiently(options.claimTransactionId, { scope, clock, log }),
    sample: (connectorId, transactionId, reading) => options.sample({ siteID, clientID, connectorId, transactionId, reading, toldAtMs: clock.wall() }),
    emit(type, data, connectorId) {
      if (concernsMeters.has(type)) clock.after(0, () => tendMeters(station))
      if (type === 'transaction.updated' || concernsMeters.has(type)) clock.after(0, () => watchLimits(station))
      options.emit({ type, at: instantText(clock.wall()), siteID, clientID, ...(connectorId === undefined ? {} : { connectorId }), data })
    },
  }

  const expected = createExpected(clock)
  const commands = new CommandDesk({ station, log: options.commands, newId: options.newId, callTimeoutMs: () => station.settings().callTimeoutS * 1000 })
  commands.restore(commandsOf(actor.snapshot()))

  /** In the next turn: what it was answered must be on its way first. */
  function greet(from: Session, booted: boolean): void {
    clock.after(0, () => {
      const still = (): boolean => session === from
      if (!still() || actor.snapshot().context.held === 'rejected') return
      site.stationOnline(from)
      tellSiteAgain(station)
      commands.online()
      resumeSigning(station)
      if (booted && actor.snapshot().context.accepted) void afterBoot(station, still)
    })
  }

  if (actor.setAside !== null) {
    alert({ code: 'snapshot-unreadable', severity: 'critical', connectorId: null, message: `the stored state of ${clientID} could not be read and was set aside: ${actor.setAside}` })
    reviveTransactions(station)
  }
  restoreTallies(station)
  for (const { record } of transactionsOf(actor.snapshot())) authoriser.started(record.idTag, record, record.id)
  revive(station)
  clock.after(0, () => (watchLimits(station), tendMeters(station)))

  /** Before its boot is accepted only what was asked for, and that only while it is pending (OCPP 1.6, 4.2.1). */
  function mayBeSaid(action: string): boolean {
    const { accepted, held } = actor.snapshot().context
    return accepted || (held === 'pending' && expected.has(action))
  }

  return {
    clientID,
    commands,
    station,
    connected(fresh) {
      if (session !== null && fresh.generation <= session.generation) return
      session = fresh
      lastSeenAtMs = clock.wall()
      site.stationConnected(clientID)
      if (!tell({ type: 'CONNECTED', session: { id: fresh.id, generation: fresh.generation, remoteAddress: fresh.remoteAddress }, atMs: lastSeenAtMs })) return
      station.emit('chargepoint.connected', { remoteAddress: fresh.remoteAddress, generation: fresh.generation })
      const { accepted, held } = actor.snapshot().context
      if (!accepted && held !== 'pending') return
      site.stationOnline(fresh)
      tellSiteAgain(station)
      commands.online()
      resumeSigning(station)
    },
    disconnected(gone, code) {
      if (gone !== session) return
      session = null
      const atMs = clock.wall()
      tell({ type: 'DISCONNECTED', sessionId: gone.id, atMs, lastSeenAtMs: lastSeenAtMs ?? atMs })
      site.stationOffline(clientID)
      commands.offline()
      station.emit('chargepoint.disconnected', { code, generation: gone.generation })
    },
    handle: rejecting((from: Session, action: string, payload: unknown, faults: readonly string[]) => {
      if (from !== session) throw new CallError('GenericError', 'this connection was replaced by a newer one')
      if (actor.isQuarantined()) throw new CallError('InternalError', 'this charge point is quarantined')
      lastSeenAtMs = clock.wall()
      if (faults.length > 0) {
        softFaults++
        log.warn({ clientID, action, faults }, 'request let through with faults')
      }
      if (!isHandled(action)) throw new CallError('NotSupported', `${action} is not handled`)
      if (action !== 'BootNotification' && !mayBeSaid(action)) throw new CallError('SecurityError', 'send a BootNotification first')
      const answering = answer(station, action, payload)
      // What needs nobody else is answered at once, and nobody has to watch over it.
      const answered = answering instanceof Promise ? station.waits.during(answering, overdueMs) : answering
      return action === 'BootNotification' ? Promise.resolve(answered).then((response) => (greet(from, true), response)) : answered
    }),
    mirror(connectorId, limit) {
      const known = connectorOf(actor.snapshot(), connectorId)
      if (known !== null && known.limit !== limit) tell({ type: 'LIMIT_MIRRORED', connectorId, limit }, 'sendLossy')
    },
    tellAgain: () => tellSiteAgain(station),
    expectStop(transactionId, withinMs) {
      return runningAs(station, transactionId) !== null && tell({ type: 'STOP_ORDERED', transactionId, dueAtMs: clock.wall() + withinMs })
    },
    view: () => viewFamily(actor.snapshot(), { quarantined: actor.isQuarantined(), lastSeenAtMs, offsetMs: measure.offsetMs, mainMeter: station.readings.get(0) ?? null, badSamples, softFaults }),
    starting: () => startsInFlight(station),
    transactions: () => Object.values(actor.snapshot().context.running).map((id) => recordOf(station, id)).filter((record) => record !== null).map((record) => runningView(station, record)),
    stop({ save } = { save: true }) {
      commands.stop()
      for (const { record } of transactionsOf(actor.snapshot())) authoriser.stopped(record.id)
      station.pace.stop()
      clock.stop()
      actor.stop({ save })
    },
  }
}
