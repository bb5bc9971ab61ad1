// What is counted of a charge point's transactions, beside their actors: the register readings of each, the statuses of its connector, its record.
import { hasEnded, type TransactionRecord } from '../sessions/record.ts'
import { Curve, type Point } from '../sessions/curve.ts'
import { countedTime, covers, endedFacts, isNear, type Ended, type SaidTime } from './counted-time.ts'
import { aroundMs } from './kept-readings.ts'
import { PastOnes } from './past-ones.ts'

/** One transaction as it is counted; what is counted changes in place. */
export interface Tally {
  /** Its facts as they are, and its totals as last worked out. */
  record: TransactionRecord
  readonly curve: Curve
  /** The history has been read: what came before a restart is in the curve. */
  isRead: boolean
  /** What the history may have of it was measured from then on. */
  readonly readFromMs: number
  /** What was said of it before it was read, as `time energy`: no proof that what it was counted from is still kept. */
  readonly news: Set<string>
  /** It had ended before it was opened, so its totals were worked out from all that was read. */
  readonly wasOver: boolean
  /** It has ended, and what it was counted from is kept no more: its totals stand. */
  isGone: boolean
  /** While it is being read. */
  reading: Promise<void> | null
  /** Nothing has come since it was worked out. */
  isCounted: boolean
  /** When it was worked out last, wall clock. */
  countedAtMs: number
}

interface LooseReading extends SaidTime { readonly energyWh: number }
interface LooseStatus extends SaidTime { readonly status: string }

/** Transactions that have ended and may still hear of late readings without a look into the history; the oldest go first. */
const mostEnded = 8
/** Those among them that one message concerns, or whose readings are still being read, stay: so many at most. */
const mostUnread = 200
/** Of what is said of one before it was read. */
const mostNews = 1_000
/** Readings of a connector that named no transaction and may yet turn out to be another's; the oldest go into the curve of the one they belong to. */
const mostLoose = 120
/** Statuses of a connector, for a start that comes after them; the oldest go first. */
const mostStatuses = 60
/** Statuses of one transaction; the first count. */
const mostOfRecord = 500

export class Tallies {
  readonly running = new Map<number, Tally>()
  /** What was added to the monotonic clock for ours as kwota began. */
  aheadMs = 0
  /** What has ended, at hand or not. */
  past = new PastOnes()
  /** How often other ones began to run, or stopped. */
  round = 0
  private readonly ended = new Map<number, Tally>()
  /** How far the clocks that they have pinned are apart; null = not worked out since there are others. */
  private pinned: { leastMs: number; mostMs: number } | null = null
  private readonly loose = new Map<number, LooseReading[]>()
  private readonly statuses = new Map<number, LooseStatus[]>()

  /** `isNew` = it has just begun, so the history may have readings of it only where they were measured before its start was told, and name none. */
  begin(record: TransactionRecord, isNew: boolean): Tally {
    const tally = this.ended.get(record.id) ?? openTally(record, isNew)
    tally.record = record
    tally.isCounted = false
    this.ended.delete(record.id)
    this.past.forget(record.id)
    this.running.set(record.id, tally)
    this.round++
    this.pinned = null
    this.looseBelongs(record.connectorId)
    return tally
  }

  /** It holds its connector no more; late readings may still come. `known` = its tally where it is at hand no more. */
  end(record: TransactionRecord, known?: Tally): Tally {
    const tally = this.find(record.id) ?? known ?? openTally(record, false)
    tally.record = record
    tally.isCounted = false
    this.running.delete(record.id)
    this.round++
    return this.keep(tally)
  }

  /** Has one that runs, or ended not long ago, pinned its clock by other than this? */
  isOff(offsetMs: number): boolean {
    const { leastMs, mostMs } = this.pinned ??= this.pinnedNow()
    return (leastMs < Infinity && !isNear(leastMs, offsetMs)) || (mostMs > -Infinity && !isNear(mostMs, offsetMs))
  }

  /** Running, or ended and still at hand. */
  find(transactionId: number): Tally | undefined {
    return this.running.get(transactionId) ?? this.ended.get(transactionId)
  }

  /** What has ended at that connector, as it is now. */
  pastOnes(connectorId: number): readonly Ended[] {
    return this.past.of(connectorId).map((one) => {
      const held = this.ended.get(one.id)
      return held === undefined ? one : endedFacts(held.record)
    })
  }

  /** Takes an ended one up again, as its record says it is; `together` = it must not go for these, nor they for it. */
  takeUp(record: TransactionRecord, together?: ReadonlySet<number>): Tally {
    return this.keep(this.ended.get(record.id) ?? openTally(record, false), together)
  }

  /** The transaction of that connector that had begun and not ended then; of two the one that began later. */
  ownerAt(connectorId: number, time: SaidTime): Tally | undefined {
    let owner: Tally | undefined
    for (const tallies of [this.running, this.ended]) {
      for (const tally of tallies.values()) {
        if (tally.record.connectorId !== connectorId || !covers(tally.record, time)) continue
        if (owner === undefined || tally.record.startedAtMs > owner.record.startedAtMs) owner = tally
      }
    }
    return owner
  }

  /** A reading that has just come, of whoever it is. */
  hear(tally: Tally, time: SaidTime, energyWh: number): void {
    if (!tally.isRead && tally.wasOver && tally.news.size < mostNews) tally.news.add(newsOf(countedTime(tally.record, time), energyWh))
  }

  /** A reading that names its transaction. False = it says nothing new. */
  note(tally: Tally, time: SaidTime, energyWh: number): boolean {
    return this.noteAt(tally, countedTime(tally.record, time), energyWh)
  }

  /** The same at a time as it counts it. */
  noteAt(tally: Tally, atMs: number, energyWh: number): boolean {
    if (!tally.curve.note(atMs, energyWh)) return false
    tally.isCounted = false
    return true
  }

  /** A reading that names none: kept until it is certain whose it is. Answers whose it seems to be. */
  noteLoose(connectorId: number, time: SaidTime, energyWh: number): Tally | undefined {
    const held = this.loose.get(connectorId) ?? []
    this.loose.set(connectorId, held)
    const owner = this.ownerAt(connectorId, time)
    if (held.some((one) => one.atMs === time.atMs && one.energyWh >= energyWh && one.byStation === time.byStation)) return owner
    insert(held, { ...time, energyWh })
    if (owner !== undefined) owner.isCounted = false
    if (held.length > mostLoose) {
      const oldest = held.shift()
      const whose = oldest === undefined ? undefined : this.ownerAt(connectorId, oldest)
      if (oldest !== undefined && whose !== undefined) this.note(whose, oldest, oldest.energyWh)
    }
    return owner
  }

  /** What its connector has said, as far as it is remembered; oldest first. */
  statusesOf(connectorId: number): readonly LooseStatus[] { return this.statuses.get(connectorId) ?? [] }

  /** Answers those whose record it has changed; null = it was said before. */
  noteStatus(connectorId: number, time: SaidTime, status: string): Tally[] | null {
    const held = this.statuses.get(connectorId) ?? []
    this.statuses.set(connectorId, held)
    if (held.some((one) => one.atMs === time.atMs && one.status === status)) return null
    insert(held, { ...time, status })
    const changed = [...this.running.values(), ...this.ended.values()].filter((tally) => tally.record.connectorId === connectorId && this.takeStatuses(tally, held))
    // Not before: one that comes late is the oldest.
    if (held.length > mostStatuses) held.shift()
    return changed
  }

  /** All readings that are its own. */
  pointsOf(tally: Tally): readonly Point[] {
    const { record, curve } = tally
    const own = (this.loose.get(record.connectorId) ?? []).filter((one) => this.ownerAt(record.connectorId, one) === tally)
    if (own.length === 0) return curve.points()
    const all = curve.copy()
    for (const one of own) all.note(countedTime(record, one), one.energyWh)
    return all.points()
  }

  /** What its connector has said while it ran, and the last before. True = there is something new. */
  takeStatuses(tally: Tally, held: readonly LooseStatus[] = this.statuses.get(tally.record.connectorId) ?? []): boolean {
    const { record } = tally
    const known = new Map(record.statuses.map((entry) => [`${entry[0]} ${entry[1]}`, entry] as const))
    for (const one of held) {
      const atMs = countedTime(record, one)
      if (record.stoppedAtMs === null || atMs < record.stoppedAtMs) known.set(`${atMs} ${one.status}`, [atMs, one.status])
    }
    const all = [...known.values()].filter(([atMs]) => record.stoppedAtMs === null || atMs < record.stoppedAtMs).sort(([a, x], [b, y]) => a - b || (x < y ? -1 : 1))
    const first = Math.max(0, all.findLastIndex(([atMs]) => atMs < record.startedAtMs))
    const statuses = all.slice(first, first + mostOfRecord)
    if (statuses.length === record.statuses.length && statuses.every(([atMs, status], at) => record.statuses[at]?.[0] === atMs && record.statuses[at][1] === status)) return false
    tally.record = { ...record, statuses }
    tally.isCounted = false
    return true
  }

  private pinnedNow(): { leastMs: number; mostMs: number } {
    const span = { leastMs: Infinity, mostMs: -Infinity }
    for (const { record: { clockOffsetMs } } of [...this.running.values(), ...this.ended.values()]) {
      span.leastMs = Math.min(span.leastMs, clockOffsetMs)
      span.mostMs = Math.max(span.mostMs, clockOffsetMs)
    }
    return span
  }

  private keep(tally: Tally, together: ReadonlySet<number> = new Set()): Tally {
    this.pinned = null
    this.ended.delete(tally.record.id)
    this.ended.set(tally.record.id, tally)
    for (const [id, { isRead, record }] of this.ended) {
      if (this.ended.size <= mostEnded) break
      // Somebody waits for its readings, to count by them.
      if ((!isRead || together.has(id)) && this.ended.size <= mostUnread) continue
      this.past.note(record)
      this.ended.delete(id)
    }
    if (hasEnded(tally.record)) this.past.note(tally.record)
    this.looseBelongs(tally.record.connectorId)
    return tally
  }

  /** Whose readings are whose may have changed. */
  private looseBelongs(connectorId: number): void {
    if ((this.loose.get(connectorId)?.length ?? 0) === 0) return
    for (const tallies of [this.running, this.ended]) {
      for (const tally of tallies.values()) if (tally.record.connectorId === connectorId) tally.isCounted = false
    }
  }
}

function openTally(record: TransactionRecord, isNew: boolean): Tally {
  const { startedAtMs, startReceivedAtMs, clockOffsetMs } = record
  // As a slow clock said it, it was kept until that was measured.
  const earlierMs = isNew ? Math.min(Math.max(0, clockOffsetMs), aroundMs) : aroundMs
  return {
    record, curve: new Curve(), isRead: isNew && startedAtMs >= startReceivedAtMs, readFromMs: startedAtMs - earlierMs, news: new Set(),
    wasOver: hasEnded(record), isGone: false, reading: null, isCounted: false, countedAtMs: -Infinity,
  }
}

export function newsOf(atMs: number, energyWh: number): string {
  return `${atMs} ${energyWh}`
}

/** Keeps it sorted by time; what comes is nearly always the newest. */
function insert<T extends SaidTime>(held: T[], one: T): void {
  let at = held.length
  while (at > 0 && held[at - 1]!.atMs > one.atMs) at--
  held.splice(at, 0, one)
}
