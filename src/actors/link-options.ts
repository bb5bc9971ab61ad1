// What the line to a charge point is given: an order as it leaves, and whom it tells what.
import type { Fact } from '../power/ledger.ts'
import type { Quirks } from '../power/quirks.ts'
import type { Learnt } from './learnt.ts'
import type { Lore } from './lore.ts'

/** An order as it leaves: null withdraws it. `seq` finds its row again when the answer comes. */
export interface Departure {
  readonly seq: number
  /** The request in the shape these quirks ask for: the same booked entry may be sent again in another. */
  readonly payload: (quirks: Quirks) => unknown
  /** Nothing newer was booked in its place; absent = it is not sent again. */
  readonly holds?: () => boolean
  /** Before it is sent again without its second period: its lease counts for nothing from now on, for good once this resolves. */
  readonly unlease?: () => Promise<void>
}

export interface LinkOptions {
  readonly now: () => number
  readonly wall: () => number
  readonly learnt: Learnt
  readonly learn: (learnt: Learnt) => void
  /** How the charge point wants its profiles, as the books say now. */
  readonly quirks: () => Quirks
  readonly answered: (key: string, fact: Fact) => void
  /** Runs as the frame of `seq` is handed to the socket. */
  readonly sent: (key: string, seq: number) => void
  /** A refusal with the charge point's own words, for people. */
  readonly refused: (what: string, why: string) => void
  /** Absent: nothing is known of its model, nothing is cleared, and a refusal is the last word. */
  readonly lore?: Lore
}
