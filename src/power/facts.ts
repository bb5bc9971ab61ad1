// What can happen to a ledger row.
import type { Disobedience } from './disobedience.ts'
import type { Entry, Left, Row } from './ledger.ts'
import type { Quirks } from './quirks.ts'

export type Fact =
  | { readonly type: 'contacted'; readonly atMs: number }
  /** `stepped`: the wall clock stepped, and its own goes along. */
  | { readonly type: 'booted'; readonly atMs: number; readonly keepsProfiles: boolean; readonly stepped?: true }
  | { readonly type: 'booked'; readonly entry: Entry }
  | { readonly type: 'sent'; readonly seq: number }
  | { readonly type: 'unleased'; readonly seq: number }
  /** `unit`, `ladder` and `lease` of the shape that was accepted. */
  | { readonly type: 'accepted'; readonly seq: number; readonly atMs: number; readonly unit?: 'A' | 'W'; readonly ladder?: Quirks['ladder']; readonly lease?: boolean }
  | { readonly type: 'refused'; readonly seq: number; readonly atMs: number }
  | { readonly type: 'dropped'; readonly seq: number }
  | { readonly type: 'unanswered'; readonly seq: number }
  /** `phases` = how many carry current, where the sample names each of them; `leastA` = the connector's minimum; `allowedA` = what people's profiles let it take beyond ours; `carA` = the most its car takes, absent = not known; `totalA` = all of it, where no phase is named. */
  | { readonly type: 'sampled'; readonly highestA: number; readonly measuredAtMs: number; readonly atMs: number; readonly phases?: number; readonly leastA?: number; readonly allowedA?: number; readonly carA?: number; readonly totalA?: number | null }
  | { readonly type: 'quirks'; readonly quirks: Quirks }
  /** What was left there, or the TxProfile where none is used any more, is gone. */
  | { readonly type: 'cleared'; readonly what: Left | 'tx'; readonly atMs: number }
  /** How many phases the car that is there is said to use; null = nobody said. */
  | { readonly type: 'told'; readonly phases: number | null }
  | { readonly type: 'started'; readonly transactionId: number }
  | { readonly type: 'stopped'; readonly transactionId: number }
  /** Time has proven a lowering. */
  | { readonly type: 'settled'; readonly atMs: number }
  /** Until then nothing of the charge point will be taken up; the newest word counts. */
  | { readonly type: 'held'; readonly untilMs: number }
  /** Somebody else's TxProfile is about to be sent: for the running transaction, or for the next (inside a remote start). */
  | { readonly type: 'others'; readonly limitA: number; readonly atMs: number }
  | { readonly type: 'lease-trusted'; readonly trusted: boolean }
  | { readonly type: 'noted'; readonly lowering: Row['lowering']; readonly wantedSinceMs: number | null; readonly starvedSinceMs: number | null; readonly turn?: Row['turn']; readonly queueSinceMs?: Row['queueSinceMs'] }
  /** An idle cap of what its car takes goes up. */
  | { readonly type: 'probed'; readonly capA: number; readonly atMs: number }
  /** The next rung for a charger that disobeys. */
  | { readonly type: 'climbed'; readonly to: Disobedience }
  /** It is another charge point now, or somebody has seen to it: what it did before says nothing any more. */
  | { readonly type: 'trusted' }
  /** What it says it will do, asked because it disobeys. */
  | { readonly type: 'reported'; readonly limitA: number }
