// What the line to one charge point is told from elsewhere: its model, people's profiles, what it may do; and where it tells what it learns.
import type { Quirks } from '../power/quirks.ts'
import type { Learnt } from './learnt.ts'

/** What is known of a model: an entry of the quirk book. */
export interface ModelQuirks {
  readonly id: string
  readonly quirks: Quirks
  readonly stackLevel: number | null
  readonly maxPeriods: number | null
}

export interface Lore {
  /** It begins with what its model has taught; null = nothing is known of that, or it never said what it is. */
  beginWithModel(): ModelQuirks | null
  /** It says that it is another model or firmware than the one of this entry, and no transaction runs there. */
  isAnother(entryID: string): boolean
  /** What it takes, for its model; `negotiated` = it refused something else before. Returns the entry's id, null = no model. */
  taught(learnt: Learnt, negotiated: boolean): string | null
  /** Ids of the transactions that run there. */
  running(): readonly number[]
  /** The fallback is proven at every connector, where it goes to now. */
  fallbackStands(): boolean
  /** From now on it wants its profiles so: the books count with it, and the plan is looked at again. */
  quirksLearnt(quirks: Quirks): void
  /** May what others left there be cleared: nothing of ours or of people is known to stand, and its hardware counts. */
  mayClear(): boolean
  /** The same as it leaves; what is in flight counts no more from here on, since it will be cleared too. False = not any more. */
  beginClearing(): boolean
  cleared(answer: string): void
  /** The highest stack level of people's profiles that may stand; null = there are none. */
  highestOfPeople(): number | null
  later(delayMs: number, fn: () => void): void
}
