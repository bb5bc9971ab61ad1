// The account of a site: what each limit has cost every running transaction, kept from review to review.
import type { Target } from '../power/target.ts'
import { recordKey } from '../sessions/record.ts'
import { holdOf, type Hold } from './limit-hold.ts'
import { limitedIn, LimitedTally, type Limited } from './limited.ts'
import { RegisterRest } from './register-rest.ts'
import type { Scope } from './scope.ts'

/** Whatever was missed, e.g. by a review that failed, is seen after so long. */
const allMs = 60_000
/** Ended transactions whose account can still be asked for; the oldest go first. Their records have it by then. */
const mostEnded = 2_000

/** Of a running transaction, until `isOver`. */
export interface Running {
  isOver: boolean
  readonly transactionId: number
  readonly tally: LimitedTally
  /** Who rests loses nothing, whatever it may draw. */
  readonly rest: RegisterRest
  hold: Hold
  sinceMs: number
}

/** The targets of a review, and whose are other ones than before. */
interface Reviewed { readonly plan: { readonly targets: ReadonlyMap<string, Target> }; readonly changed: readonly string[]; readonly nowMs: number }

export class LimitAccount {
  /** By connector. */
  private readonly running = new Map<string, Running>()
  private readonly ended = new Map<number, Limited>()
  private readonly byTransaction = new Map<number, string>()
  private readonly scope: Pick<Scope, 'get'>
  private lookedAtMs = -Infinity

  /** `scope` holds the records of transactions: after a restart their accounts go on from there. */
  constructor(scope: Pick<Scope, 'get'>) {
    this.scope = scope
  }

  /** After every review: costs as much as has changed. `wallMs` = the same instant by the wall clock. */
  note({ plan, changed, nowMs }: Reviewed, wallMs: number, voltage: number): void {
    const all = nowMs - this.lookedAtMs >= allMs || nowMs < this.lookedAtMs
    if (all) {
      this.lookedAtMs = nowMs
      for (const key of this.running.keys()) if (!plan.targets.has(key)) this.look(key, undefined, nowMs, wallMs, voltage)
    }
    for (const key of all ? plan.targets.keys() : changed) this.look(key, plan.targets.get(key), nowMs, wallMs, voltage)
  }

  /** Where the readings of the transaction at a connector go; undefined = none runs, or none is known of yet. */
  at(key: string): Running | undefined {
    return this.running.get(key)
  }

  /** A live reading of its register, measured at `atMs`; `wall` = the wall clock, at `nowMs`. */
  read(one: Running, energyWh: number, atMs: number, nowMs: number, wall: () => number): void {
    if (one.hold.empty) return one.rest.beginAnew()
    const { isResting } = one.rest
    const sinceMs = one.rest.note(atMs, energyWh)
    if (sinceMs === null) return
    const fromMs = Math.min(Math.max(sinceMs, one.sinceMs), nowMs)
    book(one.tally, one, fromMs, wall() - (nowMs - fromMs), isResting)
    one.sinceMs = fromMs
  }

  /** Of a transaction that runs or has ended lately, up to now; null = nothing is known here, and its record has the last word. */
  of(transactionId: number, nowMs: number, wallMs: number): Limited | null {
    const one = this.running.get(this.byTransaction.get(transactionId) ?? '')
    if (one === undefined) return this.ended.get(transactionId) ?? null
    const tally = one.tally.copy()
    book(tally, one, nowMs, wallMs)
    return tally.shown()
  }

  private look(key: string, target: Target | undefined, nowMs: number, wallMs: number, voltage: number): void {
    const before = this.running.get(key)
    const transactionId = target?.place.row.transactionId ?? null
    if (before !== undefined && before.transactionId !== transactionId) this.end(key, before, nowMs, wallMs)
    if (target === undefined || transactionId === null) return
    const hold = holdOf(target, voltage, nowMs, before?.transactionId === transactionId ? before.hold.reason : null)
    if (before === undefined || before.transactionId !== transactionId) {
      const known = this.ended.get(transactionId) ?? limitedIn(this.scope.get(recordKey(transactionId)))
      this.running.set(key, { isOver: false, transactionId, tally: new LimitedTally(known), rest: new RegisterRest(), hold, sinceMs: nowMs })
      this.byTransaction.set(transactionId, key)
      return
    }
    if (before.hold.reason === hold.reason && before.hold.lostW === hold.lostW && before.hold.empty === hold.empty) return
    book(before.tally, before, nowMs, wallMs)
    if (before.hold.empty || hold.empty) before.rest.beginAnew()
    Object.assign(before, { hold, sinceMs: nowMs })
  }

  private end(key: string, one: Running, nowMs: number, wallMs: number): void {
    book(one.tally, one, nowMs, wallMs)
    one.isOver = true
    this.running.delete(key)
    this.byTransaction.delete(one.transactionId)
    this.ended.set(one.transactionId, one.tally.shown())
    for (const id of this.ended.keys()) {
      if (this.ended.size <= mostEnded) break
      this.ended.delete(id)
    }
  }
}

/** What has held it since it was looked at last. */
function book(tally: LimitedTally, { hold, sinceMs, rest }: Running, nowMs: number, wallMs: number, isResting = rest.isResting): void {
  const durationMs = Math.max(0, nowMs - sinceMs)
  if (hold.reason !== null && !isResting) tally.lose(hold.reason, durationMs, hold.lostW)
  // Where the wall clock was set meanwhile, it lasted as long all the same, and its end counts.
  if (hold.empty) tally.hold(wallMs - durationMs, wallMs)
}
