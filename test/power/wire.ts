// Between the engine and the modelled charge points: one call at a time each, lowerings first, time-outs, losses, late answers.
import { grantSlot, mustTell, type Entry } from '../../src/power/ledger.ts'
import { defaultNowA } from '../../src/power/rungs.ts'
import { worthA } from '../../src/power/watts.ts'
import type { Play } from './harness.ts'
import { prompt, refusalOf, type Profile, type Treatment } from './modelled-charger.ts'

export interface Job { readonly key: string; readonly slot: 'default' | 'tx'; readonly seq: number | null }
interface Call {
  readonly key: string
  readonly entry: Entry
  readonly sentAtMs: number
  /** A lowering waits behind it. */
  hurried: boolean
}

export interface Station {
  readonly id: string
  readonly keys: readonly string[]
  online: boolean
  /** Off, or not yet heard of since. */
  booting: boolean
  /** Changes with every connection: what was under way on an older one is lost. */
  generation: number
  call: Call | null
  lowerings: Job[]
  raisings: Job[]
  /** It works off what it gets in order. */
  busyUntilMs: number
  treat: (profile: Profile) => Treatment
  /** What it has to say once it is connected again: transactions begun and ended meanwhile. */
  untold: (() => void)[]
}

export interface Sent { readonly atMs: number; readonly key: string; readonly slot: 'default' | 'tx'; readonly limitA: number; readonly kind: 'lower' | 'raise' }

const callTimeoutMs = 30_000
const inFrontMs = 5_000

export class Wire {
  readonly stations = new Map<string, Station>()
  readonly sent: Sent[] = []
  private readonly play: Play
  constructor(play: Play) {
    this.play = play
    for (const { key, clientID } of play.tree.outlets.values()) {
      const known = this.stations.get(clientID)
      this.stations.set(clientID, known !== undefined ? { ...known, keys: [...known.keys, key] } : {
        id: clientID, keys: [key], online: false, booting: false, generation: 0, call: null, lowerings: [], raisings: [], busyUntilMs: 0, treat: () => prompt, untold: [],
      })
    }
  }

  queue(key: string, job: Job): void {
    const station = this.stations.get(this.play.outlet(key).clientID)!
    if (!station.online) {
      if (job.seq !== null) this.play.book(key, { type: 'dropped', seq: job.seq })
      return
    }
    if (job.seq !== null) station.raisings.push(job)
    else if (!station.lowerings.some((one) => one.key === key && one.slot === job.slot)) station.lowerings.push(job)
    this.sendNext(station)
    this.hurry(station)
  }

  private sendNext(station: Station): void {
    while (station.call === null && station.online) {
      const job = station.lowerings.shift() ?? station.raisings.shift()
      if (job === undefined) return
      const ready = job.seq === null ? this.buildLowering(job) : this.checkRaising(job)
      if (ready !== null) this.send(station, ready, job.seq === null ? 'lower' : 'raise')
    }
  }

  private buildLowering({ key, slot }: Job): Entry | null {
    const { play } = this
    const row = play.rows.get(key)!
    const target = play.plan!.targets.get(key)!
    if (slot === 'tx' && (row.transactionId === null || grantSlot(row) !== 'tx')) return null
    const rows = (slot === 'tx' ? [key] : play.tiedTo(key)).map((one) => play.rows.get(one)!)
    const limitA = slot === 'default' ? defaultNowA(rows, target.defaultA, play.nowMs) : target.txA
    if (!rows.some((one) => mustTell(one, slot, limitA, play.nowMs))) return null
    for (const waiting of rows.flatMap((one) => one[slot].inFlight)) if (waiting.state === 'booked') play.book(key, { type: 'dropped', seq: waiting.seq })
    if (!(slot === 'tx' ? [key] : play.tiedTo(key)).some((one) => mustTell(play.rows.get(one)!, slot, limitA, play.nowMs))) return null
    const made = play.entryFor(key, slot, limitA)
    play.book(key, { type: 'booked', entry: made })
    return made
  }

  private checkRaising({ key, slot, seq }: Job): Entry | null {
    const row = this.play.rows.get(key)!
    const made = row[slot].inFlight.find((one) => one.seq === seq && one.state === 'booked')
    if (made === undefined) return null
    const target = this.play.plan!.targets.get(key)!
    const { confirmed } = row[slot]
    const renews = confirmed !== null && worthA(confirmed, row) >= worthA(made, row)
    const stale = (slot === 'default' ? target.defaultA : target.txA) < made.limitA
      || (!renews && this.play.plan!.over.some(({ constraint }) => target.place.outlet.path.includes(constraint.nodeID)))
    if (!stale) return made
    this.play.book(key, { type: 'dropped', seq: made.seq })
    return null
  }

  private send(station: Station, made: Entry, kind: 'lower' | 'raise'): void {
    const key = station.keys.find((one) => this.play.isBooked(one, made))!
    this.sent.push({ atMs: this.play.nowMs, key, slot: made.slot, limitA: made.limitA, kind })
    this.play.book(key, { type: 'sent', seq: made.seq })
    const call: Call = { key, entry: made, sentAtMs: this.play.nowMs, hurried: false }
    station.call = call
    const quirks = this.play.quirksOf(station.id)
    const profile: Profile = { ...made, unit: quirks.unit, ladder: quirks.ladder, spread: made.phases ?? 1, transactionId: made.slot === 'tx' ? this.play.rows.get(key)!.transactionId : null }
    const limited = this.play.tiedTo(key)
    const fault = refusalOf(quirks, profile)
    if (fault !== null) throw new Error(`${key} was sent ${fault}`)
    const treatment = station.treat(profile)
    const honest = treatment.applyMs !== null && treatment.answerMs !== null && treatment.answerMs <= 1_000 && treatment.verdict === 'Accepted'
    // What becomes of a raising is no excuse for anything.
    if (!honest && kind === 'lower') this.play.witness.excuse(`${station.id} does not follow`)
    const startsMs = Math.max(this.play.nowMs, station.busyUntilMs)
    let applied = treatment.verdict === 'Accepted'
    if (treatment.applyMs !== null && applied) {
      station.busyUntilMs = startsMs + treatment.applyMs
      const { generation } = station
      // What has reached it is worked off even when the socket drops meanwhile, unless it answers only to the living.
      this.play.at(station.busyUntilMs, () => {
        if (station.generation === generation || treatment.answerMs === null) for (const one of limited) this.play.changeTruth(one, (connector) => { applied = connector.apply(profile) })
      })
    }
    if (treatment.answerMs !== null) {
      const answerAtMs = Math.max(startsMs + treatment.answerMs, station.busyUntilMs)
      station.busyUntilMs = answerAtMs
      const { generation } = station
      this.play.at(answerAtMs, () => {
        if (station.generation !== generation) return
        if (station.call === call) station.call = null
        this.play.book(key, applied ? { type: 'accepted', seq: made.seq, atMs: this.play.nowMs, unit: quirks.unit, ladder: quirks.ladder } : { type: 'refused', seq: made.seq, atMs: this.play.nowMs })
        this.sendNext(station)
      })
    }
    this.armTimeout(station, call, call.sentAtMs + callTimeoutMs)
    this.hurry(station)
  }

  /** A call in front of a lowering has less time. */
  private hurry(station: Station): void {
    const { call } = station
    if (call === null || call.hurried || station.lowerings.length === 0) return
    call.hurried = true
    this.armTimeout(station, call, Math.max(this.play.nowMs, call.sentAtMs + inFrontMs))
  }

  private armTimeout(station: Station, call: Call, atMs: number): void {
    this.play.at(atMs, () => {
      if (station.call !== call) return
      station.call = null
      this.play.book(call.key, { type: 'unanswered', seq: call.entry.seq })
      this.play.review()
      this.sendNext(station)
    })
  }

  hangUp(station: Station): void {
    for (const key of station.keys) {
      for (const slot of ['default', 'tx'] as const) {
        for (const made of this.play.rows.get(key)![slot].inFlight) {
          if (made.state === 'booked') this.play.book(key, { type: 'dropped', seq: made.seq })
          if (made.state === 'sent') this.play.book(key, { type: 'unanswered', seq: made.seq })
        }
      }
    }
    Object.assign(station, { call: null, lowerings: [], raisings: [] })
  }
}
