// After a refusal: the same booked limit again in other shapes, one round at a time; the ledger hears of the last answer only.
import type { Fact } from '../power/ledger.ts'
import type { CallOutcome } from '../protocol/session.ts'
import type { Acquaintance } from './acquaintance.ts'
import type { Lore } from './lore.ts'
import { nextShape, shapeKey, type ProfileRequest, type Refused, type Shape } from './negotiation.ts'
import { verdictOf } from './verdict.ts'

/** One sending of a booked entry. */
export interface Attempt {
  readonly key: string
  readonly seq: number
  /** As it was sent, and the shape it was built for. */
  readonly request: ProfileRequest
  readonly shape: Shape
  /** The entry's first sending. */
  readonly first: { readonly request: ProfileRequest; readonly shape: Shape }
  readonly trial: boolean
  /** False: a pause went out as the lowest limit that is taken, which is not what was booked. */
  readonly asBooked: boolean
  /** Nothing newer was booked in its place meanwhile. */
  readonly holds: () => boolean
  /** The same entry in that shape. */
  readonly again: (shape: Shape) => void
}

export interface BargainOptions {
  readonly now: () => number
  readonly wall: () => number
  readonly lore: Lore | null
  readonly answered: (key: string, fact: Fact) => void
  readonly refused: (what: string, why: string) => void
  /** It takes another shape than before. */
  readonly adopted: () => void
}

const roundMs = 60_000
const triesPerRound = 6
/** How long a refusal may be of the moment: it is starting, or has not noted the transaction yet. */
const momentMs = 2_000
/** A transaction that ends so soon after its profile was refused was over already. */
const endingMs = 10_000
/** A pause that was found out by a refusal of 0 is asked for as 0 again so long after; later and later, up to an hour. */
const pauseMs = [300_000, 1_500_000, 3_600_000]
/** Refused shapes are tried anew after an hour. */
const anewMs = 3_600_000

export class Bargain {
  private readonly known: Acquaintance
  private readonly options: BargainOptions
  /** The entry that is being negotiated. */
  private round: number | null = null
  private lastRoundAtMs = -Infinity
  /** What is left of its tries; a round that was overtaken leaves them to the order that came in its way. */
  private left = 0
  private overtaken = false
  /** Refused shapes by kind of request; as many as there are shapes. */
  private readonly tried = new Map<string, Set<string>>()
  /** The transaction of the last TxProfile that was accepted, by connector. */
  private readonly noted = new Map<string, number | undefined>()
  /** Refused while another was negotiated: it decides for them. One per connector and slot. */
  private held: { readonly attempt: Attempt; readonly answer: Refused; readonly why: string }[] = []
  /** The ladder was left because of a transaction that may have been over. */
  private moved: { readonly transactionId: number | undefined; readonly atMs: number; readonly wallMs: number; readonly from: Shape['quirks']['ladder'] } | null = null
  private pauseDueAtMs = Infinity
  private pausesFound = 0
  private triedSinceMs = -Infinity
  /** The transaction whose TxProfiles were tried last. */
  private triedTransaction: number | undefined

  constructor(known: Acquaintance, options: BargainOptions) {
    this.known = known
    this.options = options
  }

  judge(attempt: Attempt, outcome: CallOutcome): void {
    const { key, seq, request } = attempt
    const { is, why } = verdictOf(outcome)
    switch (is) {
      case 'accepted':
        this.known.hold(request, false)
        return this.accept(attempt)
      case 'open':
        this.known.hold(request, true)
        if (why !== '') this.options.refused(`SetChargingProfile for ${key}`, why)
        return this.end(attempt, { type: 'unanswered', seq })
      case 'unsent':
        return this.end(attempt, { type: 'dropped', seq })
      default:
        return this.refuse(attempt, is, why)
    }
  }

  /** An answer after its time-out: no round waits for it. */
  late(attempt: Attempt, outcome: CallOutcome): void {
    const { is } = verdictOf(outcome)
    if (is === 'accepted' || is === 'open' || is === 'unsent') this.judge(attempt, outcome)
    else this.options.answered(attempt.key, { type: 'refused', seq: attempt.seq, atMs: this.options.now() })
  }

  /** The line is gone: whoever was refused is as if never sent. */
  leave(): void {
    this.round = null
    this.release((seq) => ({ type: 'dropped', seq }))
  }

  /** After a boot everything may be tried again, and no transaction of before is certain. */
  reboot(): void {
    this.tried.clear()
    this.noted.clear()
  }

  /** Where 0 was refused for a pause it is tried once more. */
  doubtPause(): void {
    this.known.doubtPause()
  }

  private foundPause(): void {
    const delayMs = pauseMs[Math.min(this.pausesFound++, pauseMs.length - 1)]!
    const dueAtMs = this.options.now() + delayMs
    this.pauseDueAtMs = dueAtMs
    this.options.lore?.later(delayMs, () => { if (this.pauseDueAtMs === dueAtMs) this.doubtPause() })
  }

  /** StopTransaction came; `endedAtMs` = when it says that was, by the wall clock. */
  transactionEnded(transactionId: number, endedAtMs = Infinity): void {
    const { moved } = this
    if (moved === null || moved.transactionId !== transactionId || (this.options.now() - moved.atMs > endingMs && endedAtMs > moved.wallMs)) return
    this.moved = null
    const { quirks, level } = this.known.shape
    if (quirks.ladder === 'default') this.known.adopt({ quirks: { ...quirks, ladder: moved.from }, level })
  }

  private accept(attempt: Attempt): void {
    const { seq, request, shape, first } = attempt
    if (request.csChargingProfiles.chargingProfilePurpose === 'TxProfile') this.noted.set(attempt.key, request.csChargingProfiles.transactionId)
    const news = attempt.trial && shapeKey(shape) !== shapeKey(first.shape) && shapeKey(first.shape) === shapeKey(this.known.shape)
    this.triedFor(request).delete(shapeKey(shape))
    if (news) {
      this.known.adopt(shape)
      if (this.known.learnt.pauseFound === true) this.foundPause()
      this.known.teach(true)
      this.tried.clear()
    }
    // What stands there now was never booked: it is ordered once more, as what it is.
    this.end(attempt, !attempt.asBooked ? { type: 'dropped', seq } : { type: 'accepted', seq, atMs: this.options.now(), unit: request.csChargingProfiles.chargingSchedule.chargingRateUnit, ladder: shape.quirks.ladder, lease: shape.quirks.lease })
    if (news) this.options.adopted()
  }

  private refuse(attempt: Attempt, answer: Refused, why: string): void {
    const { seq, first, trial } = attempt
    const { lore, now } = this.options
    if (lore === null) return this.giveUp(attempt, why)
    if (this.round !== seq) {
      if (asksForZero(attempt.request) && this.known.restorePause()) this.foundPause()
      // What was learnt since it left is what it is ordered in next.
      if (shapeKey(this.known.shape) !== shapeKey(first.shape)) return this.options.answered(attempt.key, { type: 'dropped', seq })
      if (this.round !== null) return void this.held.push({ attempt, answer, why })
    }
    const tried = this.triedFor(first.request)
    if (trial) tried.add(shapeKey(attempt.shape))
    if (!attempt.holds()) return this.giveUp(attempt, why)
    const { transactionId } = first.request.csChargingProfiles
    if (transactionId !== undefined && this.known.learnt.oldTransactions?.includes(transactionId) === true) return this.giveUp(attempt, why)
    const knowsTransaction = this.noted.get(attempt.key) === transactionId
    const next = nextShape(first.request, first.shape, tried, answer, { took: this.known.learnt.took ?? [], lowestLevel: this.known.lowestFree(), knowsTransaction })
    if (next === null) {
      this.exhaust(attempt, answer)
      return this.giveUp(attempt, why)
    }
    if (this.round === null) {
      const due = now() - this.lastRoundAtMs >= roundMs
      if (!due && !this.overtaken) return this.giveUp(attempt, why)
      this.round = seq
      this.overtaken = false
      if (due) {
        this.left = triesPerRound
        this.lastRoundAtMs = now()
      }
    }
    if (shapeKey(next) === shapeKey(first.shape)) return lore.later(momentMs, () => attempt.again(next))
    if (this.left-- <= 0) return this.giveUp(attempt, why)
    attempt.again(next)
  }

  /** Every shape was refused: for a TxProfile that is the purpose, for what its model taught that is the model. */
  private exhaust({ first: { request, shape } }: Attempt, answer: Refused): void {
    const { chargingProfilePurpose, transactionId } = request.csChargingProfiles
    const took = this.known.learnt.took ?? []
    if (answer === 'forbidden' || (answer === 'unsupported' && took.length === 0)) return
    if (chargingProfilePurpose !== 'TxProfile') return void this.known.distrustModel()
    if (shape.quirks.ladder !== 'tx' || took.includes('TxProfile')) return
    const moved = { transactionId, atMs: this.options.now(), wallMs: this.options.wall(), from: shape.quirks.ladder }
    this.moved = moved
    this.known.adopt({ ...this.known.shape, quirks: { ...this.known.shape.quirks, ladder: 'default' } })
    this.options.lore?.later(endingMs, () => {
      if (this.moved === moved) this.known.teach(true)
    })
  }

  private giveUp(attempt: Attempt, why: string): void {
    this.options.refused(`SetChargingProfile for ${attempt.key}`, why)
    this.end(attempt, { type: 'refused', seq: attempt.seq, atMs: this.options.now() })
  }

  /** The last word on an entry; where it was negotiated, those that waited for that get theirs. */
  private end({ key, seq, first }: Attempt, fact: Fact): void {
    this.options.answered(key, fact)
    if (this.round !== seq) return
    this.round = null
    if (fact.type === 'dropped' && this.held.length > 0) {
      this.overtaken = true
      for (const { attempt, answer, why } of this.held.splice(0)) this.refuse(attempt, answer, why)
      return
    }
    const same = shapeKey(this.known.shape) === shapeKey(first.shape)
    this.release((other) => (same ? { type: 'refused', seq: other, atMs: this.options.now() } : { type: 'dropped', seq: other }))
  }

  private release(word: (seq: number) => Fact): void {
    for (const { attempt, why } of this.held.splice(0)) {
      const fact = word(attempt.seq)
      if (fact.type === 'refused') this.options.refused(`SetChargingProfile for ${attempt.key}`, why)
      this.options.answered(attempt.key, fact)
    }
  }

  private triedFor({ csChargingProfiles: { chargingProfilePurpose, transactionId, chargingSchedule: { chargingSchedulePeriod: periods } } }: ProfileRequest): Set<string> {
    if (this.options.now() - this.triedSinceMs >= anewMs) {
      this.tried.clear()
      this.triedSinceMs = this.options.now()
    }
    // What was refused for one transaction may be taken for the next.
    if (transactionId !== undefined && transactionId !== this.triedTransaction) {
      for (const kind of this.tried.keys()) if (kind.startsWith('TxProfile')) this.tried.delete(kind)
      this.triedTransaction = transactionId
    }
    const kind = `${chargingProfilePurpose} ${periods.length} ${periods[0]?.limit === 0}`
    const found = this.tried.get(kind) ?? new Set<string>()
    this.tried.set(kind, found)
    return found
  }
}

function asksForZero({ csChargingProfiles }: ProfileRequest): boolean {
  return csChargingProfiles.chargingSchedule.chargingSchedulePeriod.some(({ limit }) => limit === 0)
}
