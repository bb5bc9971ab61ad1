// Asks charge points now and then what they are going to do, one after the other, and sees to it where that is not what they should.
import type { Clock } from '../clock.ts'
import { driftInWords, footingOf, judgeReport, windowS, type Judgement, type ProfileCheck } from './drift.ts'
import type { Estate, PointEntry } from './estate.ts'
import type { Family } from './family.ts'
import { outOfReach } from './reach.ts'

const lookEveryMs = 5_000
/** From one charge point of a site to its next: a minute after a start all are due, and others wait for answers meanwhile. */
const betweenMs = 50
/** Whose profiles were moving, or were sent again, is asked again after the rest, so many times before its interval counts. */
const mostRetries = 3
const notCarriedOut = new Set(['NotSupported', 'NotImplemented'])

/** So many in one turn of the event loop. */
const looksPerTurn = 256

type Due = Map<string, { readonly key: string; readonly watched: Watched; readonly family: Family }>

interface Watched {
  readonly clientID: string
  readonly siteID: string
  /** Of its family; the first of each begins anew. */
  readonly boots: number
  /** The connection it was seen in last: some forget when they lose one. */
  sessionId: string
  dueAtMs: number
  retries: number
  /** It knows no GetCompositeSchedule: not asked before its next boot. */
  mute: boolean
  /** What it reported when its profiles were sent again; the same once more changes nothing. */
  told: string | null
  /** It leaves TxDefaultProfiles out while no transaction runs, and sending them again changed nothing. */
  hidesDefault: boolean
  readonly checks: Map<number, ProfileCheck>
}

/** As many as there are charge points. */
export class DriftWatch {
  private readonly estate: Estate
  private readonly clock: Clock
  private readonly looks: boolean
  private readonly restMs: number
  private readonly watched = new Map<string, Watched>()
  /** Sites whose charge point is being asked: one at a time. */
  private readonly asking = new Set<string>()
  private cancel: () => void = () => undefined
  private stopped = false

  /** `restMs` after each boot and each new connection a charge point is asked; null = nobody is asked. */
  constructor(estate: Estate, restMs: number | null) {
    this.estate = estate
    this.clock = estate.options.clock
    this.looks = restMs !== null
    this.restMs = restMs ?? 0
  }

  /** Once everything is open: a start that was refused leaves nothing behind that waits. */
  open(): void {
    if (this.looks) this.cancel = this.clock.after(lookEveryMs, () => this.look())
  }

  stop(): void {
    this.stopped = true
    this.cancel()
  }

  /** The last checks of its connectors, in memory; none before the first. */
  checksOf(clientID: string): readonly ProfileCheck[] {
    return [...this.watched.get(clientID.toLowerCase())?.checks.values() ?? []].sort((a, b) => a.connectorId - b.connectorId)
  }

  private look(): void {
    if (this.stopped) return
    this.cancel = this.clock.after(lookEveryMs, () => this.look())
    for (const key of this.watched.keys()) if (!this.estate.points.has(key)) this.forget(key)
    this.lookAtSome([...this.estate.points.keys()], 0, new Map())
  }

  /** Of each site whoever is due for the longest time is asked; after thousands came at once there is much to note of each. */
  private lookAtSome(keys: readonly string[], from: number, due: Due): void {
    if (this.stopped) return
    const next = from + looksPerTurn
    for (const key of keys.slice(from, next)) {
      const point = this.estate.points.get(key)
      if (point !== undefined) this.choose(key, point, due)
    }
    if (next < keys.length) this.clock.after(0, () => this.lookAtSome(keys, next, due))
    else this.beginAll(due)
  }

  private lookAt(site: string): void {
    if (this.stopped) return
    const due: Due = new Map()
    for (const [key, point] of this.estate.points) if (point.record.config.site === site) this.choose(key, point, due)
    this.beginAll(due)
  }

  private choose(key: string, point: PointEntry, due: Due): void {
    const { site: siteID } = point.record.config
    const watched = this.meet(key, point, due.get(siteID)?.watched.dueAtMs ?? Infinity)
    if (watched !== null && point.family !== null) due.set(siteID, { key, watched, family: point.family })
  }

  private beginAll(due: Due): void {
    for (const [siteID, { key, watched, family }] of due) if (this.watched.get(key) === watched) this.begin(siteID, watched, family)
  }

  /** Null: it is not to be asked now, or not before who is due at `beforeMs`. Its settings are looked at last: all are due at once after a start, and with every answer they are looked at again. */
  private meet(key: string, { family, record: { config } }: PointEntry, beforeMs: number): Watched | null {
    const station = family?.station
    const session = station?.session()
    const known = this.watched.get(key)
    if (known !== undefined && known.siteID !== config.site) this.forget(key)
    else if (known !== undefined) this.drop(known, config.connectors)
    if (station === undefined || session?.open !== true) return null
    const { boots, accepted } = station.snapshot().context
    const restedAtMs = this.clock.mono() + this.restMs
    const still = this.watched.get(key)
    if (still?.boots !== boots) {
      this.watched.set(key, { clientID: config.id, siteID: config.site, boots, sessionId: session.id, dueAtMs: restedAtMs, retries: 0, mute: false, told: null, hidesDefault: still?.hidesDefault ?? false, checks: still?.checks ?? new Map() })
      return null
    }
    if (still.sessionId !== session.id) Object.assign(still, { sessionId: session.id, dueAtMs: Math.min(still.dueAtMs, restedAtMs) })
    if (still.mute || still.dueAtMs > this.clock.mono() || still.dueAtMs >= beforeMs || this.asking.has(config.site) || !accepted || outOfReach(station) !== null) return null
    if (station.settings().profileCheckIntervalS > 0) return still
    this.silence(still)
    still.dueAtMs = restedAtMs
    return null
  }

  private forget(key: string): void {
    const gone = this.watched.get(key)
    this.watched.delete(key)
    if (gone !== undefined) this.silence(gone)
  }

  /** What is known of connectors that it has no more. */
  private drop(watched: Watched, connectors: readonly { readonly id: number }[]): void {
    for (const connectorId of watched.checks.keys()) {
      if (connectors.some(({ id }) => id === connectorId)) continue
      this.alert(watched, connectorId, null)
      watched.checks.delete(connectorId)
    }
  }

  /** Nothing is known of it any more. */
  private silence(watched: Watched): void {
    for (const connectorId of watched.checks.keys()) this.alert(watched, connectorId, null)
    watched.checks.clear()
  }

  /** Not while the site takes power back: the wires are for that. */
  private begin(siteID: string, watched: Watched, family: Family): void {
    const site = this.estate.sites.get(siteID)
    if (site === undefined || this.asking.has(siteID) || (site.room.engine.plan?.over.length ?? 0) > 0) return
    this.asking.add(siteID)
    this.check(watched, family).catch((error: unknown) => {
      watched.dueAtMs = this.clock.mono() + this.restMs
      this.estate.options.log.warn({ clientID: watched.clientID, error }, 'the profiles of a charge point could not be checked')
    }).finally(() => {
      if (!this.stopped) this.clock.after(betweenMs, () => this.goOn(siteID))
    })
  }

  /** The next one of that site need not wait for the next look. */
  private goOn(siteID: string): void {
    this.asking.delete(siteID)
    this.lookAt(siteID)
    if (this.stopped || this.asking.size > 0) return
    this.cancel()
    this.cancel = this.clock.after(lookEveryMs, () => this.look())
  }

  private async check(watched: Watched, family: Family): Promise<void> {
    const judged: Judgement[] = []
    for (const { id } of family.station.config.connectors) {
      const answer = await this.ask(watched, family, id)
      if (answer === null || this.watched.get(watched.clientID.toLowerCase()) !== watched) break
      judged.push(answer)
    }
    if (watched.mute) return this.silence(watched)
    const sentAgain = this.conclude(watched, family, judged)
    const again = (sentAgain || judged.some(({ check }) => check.matches === null)) && ++watched.retries <= mostRetries
    if (!again) watched.retries = 0
    watched.dueAtMs = this.clock.mono() + (again ? this.restMs : family.station.settings().profileCheckIntervalS * 1_000)
  }

  /** Null: it has gone, or cannot answer at all. */
  private async ask(watched: Watched, { station }: Family, connectorId: number): Promise<Judgement | null> {
    const { clientID } = watched
    const session = station.session()
    const footing = footingOf(this.estate, clientID, connectorId)
    if (this.stopped || session === null || footing === null) return null
    const atMs = this.clock.wall()
    const unjudged = (reason: string): Judgement => ({ check: { connectorId, at: new Date(atMs).toISOString(), matches: null, reason, unit: 'A', differences: [] }, exceeds: false, hidesDefault: false })
    if (typeof footing === 'string') return unjudged(footing)
    const outcome = await session.call('GetCompositeSchedule', () => ({ connectorId, duration: windowS, chargingRateUnit: footing.unit }), { priority: 2, timeoutMs: station.settings().callTimeoutS * 1_000 })
    if (this.stopped || outcome.type === 'disconnected' || outcome.type === 'dropped') return null
    if (outcome.type === 'timed-out') return unjudged('it did not answer')
    if (outcome.type === 'result') return judgeReport(this.estate, clientID, connectorId, footing, outcome.payload)
    watched.mute ||= notCarriedOut.has(outcome.code)
    return watched.mute ? null : unjudged(`it answered ${outcome.code}`)
  }

  /** Raises and resolves; true when its profiles are sent again. */
  private conclude(watched: Watched, family: Family, judged: readonly Judgement[]): boolean {
    const { clientID } = watched
    const session = family.station.session()
    const site = this.estate.sites.get(watched.siteID)
    if (this.stopped || session === null || site === undefined || this.watched.get(clientID.toLowerCase()) !== watched) return false
    const report = judged.filter(({ exceeds, hidesDefault }) => exceeds && !(hidesDefault && watched.hidesDefault))
      .map(({ check: { connectorId, differences } }) => `${connectorId}: ${[...new Set(differences.map(({ reported }) => reported))].join(' ')}`).join('; ')
    const steers = family.station.config.control === 'engine'
    const sendsAgain = steers && report !== '' && report !== watched.told
    // The first time it may as well have lost them: that is told, and only what says the same again is believed.
    if (!sendsAgain && judged.some(({ check, hidesDefault }) => hidesDefault && watched.checks.get(check.connectorId)?.matches === false)) watched.hidesDefault = true
    for (const one of judged) this.note(watched, one, sendsAgain ? 'Its profiles are sent again.' : advice(one, steers))
    if (sendsAgain) {
      watched.told = report
      site.room.distrust(session)
    } else if (report === '' && judged.length > 0 && judged.every(({ check }) => check.matches !== null)) watched.told = null
    return sendsAgain
  }

  private note(watched: Watched, { check, hidesDefault }: Judgement, then: string): void {
    const hidden = check.matches === false && hidesDefault && watched.hidesDefault
    watched.checks.set(check.connectorId, hidden ? { ...check, matches: null, reason: 'no transaction runs, and it may leave TxDefaultProfiles out then' } : check)
    if (hidden) this.alert(watched, check.connectorId, null)
    else if (check.matches !== null) this.alert(watched, check.connectorId, check.matches ? null : driftInWords(watched.clientID, check, then))
  }

  private alert({ siteID, clientID }: Watched, connectorId: number, message: string | null): void {
    this.estate.alerts.set({ code: 'profile-drift', siteID, clientID, connectorId }, message, this.clock.wall())
  }
}

function advice({ exceeds }: Judgement, steers: boolean): string {
  if (!exceeds) return 'If it has a limit of its own, enter it as maxA of the connector.'
  return steers ? 'Sending its profiles again did not help: look for another system that limits it, or for a fault of its firmware.' : 'kwota does not steer it: send its profiles again.'
}
