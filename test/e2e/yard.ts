// The yard around the charge points of a test: what each was told, in the order of arrival, and a witness who adds up what they could draw.
import { setTimeout as wait } from 'node:timers/promises'
import type { Charger } from './charger.ts'

export interface Told {
  readonly id: string
  readonly atMs: number
  readonly purpose: string
  readonly limitA: number
  readonly answer: string
  /** What its profiles let it draw, before and after, A per phase. */
  readonly beforeA: number
  readonly afterA: number
}

const toleranceA = 0.05
const longestWaitMs = 60_000

export class Yard {
  readonly chargers: Charger[] = []
  readonly told: Told[] = []
  readonly strictFailures: unknown[] = []
  readonly acknowledged: { readonly id: string; readonly transactionId: number }[] = []
  /** Moments at which they could have drawn more than the limit, outside the excused times; the first 100. */
  readonly excesses: { readonly atMs: number; readonly sumA: number; readonly limitA: number }[] = []
  /** Raisings that came while the sum, with them, was above the limit: no time is excused. */
  readonly rashRaisings: (Told & { readonly sumA: number; readonly limitA: number })[] = []
  private limitA: number
  private excusedUntilMs = 0

  constructor(limitA: number) {
    this.limitA = limitA
  }

  join(charger: Charger): void {
    this.chargers.push(charger)
  }

  tell(told: Told): void {
    this.told.push(told)
    const { limitA } = this
    const sumA = this.sumA()
    if (told.afterA > told.beforeA && sumA > limitA + toleranceA) this.rashRaisings.push({ ...told, sumA, limitA })
    this.look()
  }

  /** The limit from now on; `graceMs` = how long what was allowed before may still be drawn. */
  setLimit(limitA: number, graceMs: number): void {
    this.limitA = limitA
    this.excuse(graceMs)
    this.look()
  }

  /** Something outside everybody's control happened. */
  excuse(graceMs: number): void {
    this.excusedUntilMs = Math.max(this.excusedUntilMs, Date.now() + graceMs)
  }

  /** The most the cars could draw together now: each its limit, or what it draws while that is more. */
  sumA(): number {
    return this.chargers.reduce((sum, charger) => sum + Math.max(charger.permitA, charger.drawA), 0)
  }

  look(): void {
    const atMs = Date.now()
    const sumA = this.sumA()
    if (sumA > this.limitA + toleranceA && atMs > this.excusedUntilMs && this.excesses.length < 100) this.excesses.push({ atMs, sumA, limitA: this.limitA })
  }

  lowerings(from: number): Told[] {
    return this.told.slice(from).filter(({ beforeA, afterA }) => afterA < beforeA)
  }

  raisings(from: number): Told[] {
    return this.told.slice(from).filter(({ beforeA, afterA }) => afterA > beforeA)
  }

  async leave(): Promise<void> {
    await Promise.all(this.chargers.splice(0).map((charger) => charger.leave()))
  }
}

/** Looks every 100 ms until `seen` gives something; `what` is said when it never does, with `state`. */
export async function until<T>(what: string, seen: () => Promise<T | false | null | undefined> | T | false | null | undefined, state: () => unknown = () => ''): Promise<T> {
  for (const endMs = Date.now() + longestWaitMs; Date.now() < endMs;) {
    const found = await seen()
    if (found !== false && found !== null && found !== undefined) return found
    await wait(100)
  }
  throw new Error(`waited too long for ${what}: ${JSON.stringify(await state())}`)
}
