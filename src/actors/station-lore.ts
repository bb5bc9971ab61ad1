// Where the line to a charge point gets what it is told from elsewhere: the books and records of its site, and the estate.
import { isForgotten, isUnproven } from '../power/ledger.ts'
import type { Quirks } from '../power/quirks.ts'
import { lostSeq } from '../power/relearning.ts'
import type { Outlet } from '../power/tree.ts'
import type { Books } from './books.ts'
import { readLearnt, type Learnt } from './learnt.ts'
import type { Lore, ModelQuirks } from './lore.ts'
import type { Scope } from './scope.ts'
import { mayStand, readProfiles } from './stored-profiles.ts'

/** What the estate says and is told of the charge points of a site. */
export interface EstateLore {
  beginWithModel(clientID: string): ModelQuirks | null
  isAnother(clientID: string, entryID: string): boolean
  taught(clientID: string, learnt: Learnt, negotiated: boolean): string | null
  /** Setting `foreignProfiles` of the charge point. */
  clearsForeign(clientID: string): boolean
  /** For people. */
  quirksLearnt(clientID: string, quirks: Quirks): void
  cleared(clientID: string, answer: string): void
}

export interface LoreOptions {
  readonly scope: Scope
  readonly books: Books
  readonly now: () => number
  readonly later: (delayMs: number, fn: () => void) => void
  /** The plan is to be looked at again. */
  readonly review: (cause: string) => void
  /** Absent: nothing is known of models, and nothing is cleared. */
  readonly lore?: EstateLore | undefined
}

export function loreOf({ scope, books, now, later, review, lore }: LoreOptions, clientID: string): Lore {
  const rows = () => books.outletsOf(clientID).flatMap(({ key }) => books.row(key) ?? [])
  const ofPeople = () => readProfiles(scope, clientID).filter(({ status }) => mayStand(status))
  // Where the hardware counts, whatever is taken away raises nothing.
  const mayClear = () => lore?.clearsForeign(clientID) === true && ofPeople().length === 0
    && rows().every((row) => row.tx.confirmed === null && row.tx.inFlight.every(({ seq }) => seq !== lostSeq) && (row.default.confirmed === null || isForgotten(row, now())))
  return {
    beginWithModel: () => lore?.beginWithModel(clientID) ?? null,
    // A TxProfile that stands takes no order any more on another rung.
    isAnother: (entryID) => lore?.isAnother(clientID, entryID) === true && rows().every(({ transactionId, tx }) => transactionId === null && tx.confirmed === null && tx.inFlight.length === 0),
    taught: (learnt, negotiated) => lore?.taught(clientID, learnt, negotiated) ?? null,
    running: () => rows().flatMap(({ transactionId }) => transactionId ?? []),
    fallbackStands: () => rows().every((row) => !isUnproven(row)),
    quirksLearnt(quirks) {
      books.setQuirks(clientID, quirks)
      lore?.quirksLearnt(clientID, quirks)
      review('quirks-learnt')
    },
    mayClear,
    beginClearing() {
      if (!mayClear()) return false
      for (const { key } of books.outletsOf(clientID)) {
        for (const { seq, state } of books.row(key)?.default.inFlight ?? []) if (state !== 'booked') books.book(key, { type: 'dropped', seq })
      }
      return true
    },
    cleared: (answer) => lore?.cleared(clientID, answer),
    highestOfPeople: () => ofPeople().reduce<number | null>((most, { profile }) => Math.max(most ?? 0, profile.stackLevel), null),
    later,
  }
}

/** Charge points that are left to themselves may hold anything by the time they are steered again: what was confirmed counts for nothing, and they are met anew. */
export function partFromUnsteered(books: Books, scope: Scope, part: (clientID: string) => void): void {
  for (const clientID of books.clients()) {
    const outlets = books.outletsOf(clientID)
    if (outlets[0]?.control !== 'none') continue
    for (const { key } of outlets) {
      const row = books.row(key)
      if (row !== undefined && (row.tx.confirmed !== null || (row.default.confirmed !== null && row.doubtSinceMs === null))) books.book(key, { type: 'booted', atMs: 0, keepsProfiles: false })
    }
    const learnt = readLearnt(scope, clientID)
    if (learnt !== undefined && (learnt.clearedForeign === true || learnt.maxA !== null)) part(clientID)
  }
}

/** All that the connectors may draw together: A as ChargePointMaxProfile counts them, and W, those that DC connectors give; with one of these it is to be told in watts whatever it takes else. */
export function hardwareOf(outlets: readonly Outlet[], voltage: number): [maxA: number, maxW: number, direct: boolean] {
  const maxW = outlets.reduce((sum, { maxA, phases, dc = null }) => sum + (dc?.maxW ?? maxA * phases.length * voltage), 0)
  return [outlets.reduce((sum, { maxA }) => sum + maxA, 0), maxW, outlets.some(({ dc = null }) => dc !== null)]
}
