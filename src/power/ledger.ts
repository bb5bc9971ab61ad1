// The ledger: one row per connector of what was confirmed, what is in flight and what must therefore be assumed it can draw.
import { countedA, type Disobedience } from './disobedience.ts'
import { distrustedA, type Distrust } from './distrust.ts'
import { usualQuirks, type Quirks } from './quirks.ts'
import type { Reclaim } from './reclaim.ts'
import { worthA } from './watts.ts'

export type { Fact } from './facts.ts'

/** A limit booked for a connector: its TxDefaultProfile (`default`) or the TxProfile of the running transaction (`tx`). */
export interface Entry {
  /** Order of booking within the site; a newer confirmed entry of the same slot resolves the older ones. */
  readonly seq: number
  readonly slot: 'default' | 'tx'
  /** Per phase. */
  readonly limitA: number
  /** Sent in watts, the limit is for so many phases together; absent = one. */
  readonly phases?: number | undefined
  /** The unit in which it was accepted; absent = not known. */
  readonly unit?: 'A' | 'W' | undefined
  /** What the charge point falls back to when the lease ends. */
  readonly fallbackA: number
  /** End of the lease, ms; null = holds until replaced. */
  readonly leaseEndsAtMs: number | null
  readonly bookedAtMs: number
  /** booked = not on the wire yet; sent = answer awaited; unknown = the answer never came. */
  readonly state: 'booked' | 'sent' | 'unknown'
  /** It was on its way when the orders moved away from the connector: unless its answer says where it was taken, it may rule there. */
  readonly astray?: true | undefined
  /** It leaves without a second period, which it was booked with: unless its answer is for one with it, its lease counts for nothing. */
  readonly unleased?: true | undefined
}

export interface Slot {
  readonly confirmed: Entry | null
  readonly inFlight: readonly Entry[]
  /** The last answer in this slot was a refusal of a lowering (a refused raising leaves nothing to be done): of what, and when. */
  readonly refused: { readonly limitA: number; readonly atMs: number } | null
  /** Not answered when a newer one was accepted, the last few: one that is accepted later still may have been worked off last. Absent = none. */
  readonly overtaken?: readonly Entry[]
}

/** A lowering that was accepted but is not yet proven: the old value stays reserved. */
export interface Settling {
  /** What the car that is there may still draw. */
  readonly fromA: number
  /** What any car may still draw under the old TxDefaultProfile; 0 = no TxDefaultProfile is settling. */
  readonly anyFromA: number
  readonly acceptedAtMs: number
  /** Restarts with each piece of evidence against it. */
  readonly quietSinceMs: number
  /** A live sample above the limit was seen (before or after the Accepted): the next one at or below it proves the fall. */
  readonly sawAbove: boolean
}

/** On the connector (its TxDefaultProfile), or on connector 0. */
export type Left = 'own' | 'zero'

export interface Row {
  readonly hardwareA: number
  /** When the charge point first connected; null = never, it counts nothing yet. */
  readonly contactedAtMs: number | null
  readonly obeysLease: boolean
  /** How the charge point wants its profiles. */
  readonly quirks: Quirks
  /** Phases of the connector, those its car is said to use, and those it was measured to use. */
  readonly phases: { readonly wired: number; readonly told: number | null; readonly measured: number | null }
  /** Direct current: it is told watts only, which load all its phases alike. */
  readonly direct?: true | undefined
  /** A TxDefaultProfile of ours that stands on the connector although they go to connector 0 now, and rules there, A; null = none. */
  readonly leftA: number | null
  /** Where profiles of ours may still stand although they go elsewhere now. */
  readonly left: readonly Left[]
  readonly default: Slot
  readonly tx: Slot
  readonly transactionId: number | null
  readonly settling: Settling | null
  /** Until then what the charge point says is not taken up, evidence included; may be over; null = it never waited. */
  readonly heldUntilMs: number | null
  /** TxProfiles that others have sent may rule where the engine has none: the most they allow, and how many transactions have ended since. */
  readonly others: { readonly limitA: number; readonly atMs: number; readonly ends: number } | null
  /** Since a reboot of a charge point that may have forgotten its profiles; null = no doubt. */
  readonly doubtSinceMs: number | null
  /** Only an entry with a higher number ends the doubt: times may be those of another run. */
  readonly doubtAfterSeq: number
  /** Highest phase of the last live sample, and whether it was above the limit by more than the tolerance. */
  readonly measuredA: number | null
  readonly excess: boolean
  /** The lowering that was decided and has not been accepted: when, and to what. */
  readonly lowering: { readonly toA: number; readonly decidedAtMs: number } | null
  /** When the charge point last refused a profile of ours that mattered; null = the last answer was not a refusal. */
  readonly refusedAtMs: number | null
  /** Last time a different limit was booked for the running transaction. */
  readonly changedAtMs: number | null
  /** When the last four profiles for running transactions were booked. */
  readonly bookedAtMs: readonly number[]
  /** When the limit that was last told in a slot was told; absent = rows of before. */
  readonly told?: readonly { readonly slot: 'default' | 'tx'; readonly limitA: number; readonly atMs: readonly number[] }[] | undefined
  /** Lowered to 0 while a transaction runs, and not raised since. */
  readonly pausedByLimit: boolean
  /** Since when the plan has wanted more than 0 for a paused connector, without a break. */
  readonly wantedSinceMs: number | null
  /** Since when a running transaction has had nothing although it would take something. */
  readonly starvedSinceMs: number | null
  /** Since when the running transaction has had something, or has been told 0; null or absent = not. */
  readonly onSinceMs?: number | null | undefined
  readonly offSinceMs?: number | null | undefined
  /** When it was last given something after nothing; absent = never. */
  readonly startsAtMs?: readonly number[] | undefined
  /** Told 0 because it was another car's turn, and not raised since. */
  readonly pausedByTurn?: boolean | undefined
  /** It is being swapped in or out, since then; null or absent = neither. */
  readonly turn?: { readonly as: 'coming' | 'going'; readonly atMs: number } | null | undefined
  /** Since when the clock of the queue it waits in runs; null or absent = it waits in none. */
  readonly queueSinceMs?: number | null | undefined
  /** What its car has shown to take; absent = nothing yet. */
  readonly reclaim?: Reclaim | undefined
  /** It draws more than it accepted; absent or null = it does not. */
  readonly disobeying?: Disobedience | null | undefined
  /** Nothing helped against it; absent or null = it is trusted. */
  readonly distrusted?: Distrust | null | undefined
}

/** I2: how long an accepted lowering must stay without evidence against it. */
export const settleMs = 10_000
/** The same once evidence was seen: a little more than the usual 10 s between samples, so that the next one decides and not the clock. */
const evidenceMs = 12_500
/** How long a car may take to follow: a sample from within that time after the Accepted does not say that it disobeys. */
export const followMs = 5_000
/** I5: how long profiles are trusted after a reboot before the hardware maximum counts. */
export const doubtMs = 5_000
/** I5: after a lease has ended, how long the old limit is still assumed. */
export const leaseMarginMs = 60_000

export const emptySlot: Slot = { confirmed: null, inFlight: [], refused: null }

export function openRow(hardwareA: number, obeysLease: boolean, wired = 3): Row {
  return {
    hardwareA, obeysLease, quirks: usualQuirks, phases: { wired, told: null, measured: null }, leftA: null, left: [], contactedAtMs: null, default: emptySlot, tx: emptySlot, transactionId: null, settling: null, heldUntilMs: null, others: null, doubtSinceMs: null, doubtAfterSeq: 0,
    measuredA: null, excess: false, lowering: null, refusedAtMs: null, changedAtMs: null, bookedAtMs: [], pausedByLimit: false, wantedSinceMs: null, starvedSinceMs: null,
  }
}

/** Excess up to this much books as the limit itself (I2). */
export function tolerance(limitA: number): number {
  return Math.max(0.5, limitA * 0.03)
}

/** The newest limit booked in a slot, answered or not; null = none. */
export function newest(slot: Slot): Entry | null {
  return slot.inFlight.at(-1) ?? slot.confirmed
}

/** What the profiles of the default slot permit at worst, in amps. */
export function defaultWorstA(row: Row, nowMs: number): number {
  if (row.default.confirmed === null || isForgotten(row, nowMs)) return row.hardwareA
  return worstOf(row.default, row, nowMs)
}

/** What the running transaction's profiles permit at worst; 0 = none installed. */
export function txWorstA(row: Row, nowMs: number): number {
  return worstOf(row.tx, row, nowMs)
}

/** Where a car's limit goes at this charge point. */
export function grantSlot(row: Row): 'default' | 'tx' {
  return row.quirks.ladder === 'tx' ? 'tx' : 'default'
}

/** The limit that holds if the charge point did all we know it accepted. */
export function expectedA(row: Row): number {
  if (row.tx.confirmed !== null) return worthA(row.tx.confirmed, row)
  return Math.max(row.default.confirmed?.limitA ?? row.hardwareA, leftBehindA(row))
}

/** True while the TxDefaultProfile was never confirmed, or may have been lost in a reboot. */
export function isUnproven(row: Row): boolean {
  return row.default.confirmed === null || row.doubtSinceMs !== null
}

/** What the profiles of a slot permit at worst, in amps. */
export function worstIn(row: Row, slot: 'default' | 'tx', nowMs: number): number {
  return slot === 'default' ? defaultWorstA(row, nowMs) : txWorstA(row, nowMs)
}

/** True while a slot may permit more than `limitA`, or holds nothing that is proven: it has to be told. */
export function mustTell(row: Row, slot: 'default' | 'tx', limitA: number, nowMs: number): boolean {
  return worstIn(row, slot, nowMs) > limitA + 1e-9 || (slot === 'default' && isUnproven(row))
}

/** True when a reboot may have wiped the profiles and the grace for putting them back is over. */
export function isForgotten(row: Row, nowMs: number): boolean {
  return row.doubtSinceMs !== null && nowMs >= row.doubtSinceMs + doubtMs
}

/** When a lowering counts as settled if nothing more is heard: silence says something only while the charge point is heard. */
export function settledAtMs({ acceptedAtMs, quietSinceMs }: Settling, heldUntilMs: number | null): number {
  return Math.max(quietSinceMs + (quietSinceMs > acceptedAtMs ? evidenceMs : settleMs), (heldUntilMs ?? -Infinity) + evidenceMs)
}

/** True when 10 s after the Accepted the newest evidence still says that it is not followed (decision rule 7). */
export function isUnfollowed(row: Row, nowMs: number): boolean {
  const { settling } = row
  return settling !== null && isSettling(row, nowMs) && nowMs >= settling.acceptedAtMs + settleMs && settling.quietSinceMs >= settling.acceptedAtMs + followMs
}

export function isSettling(row: Row, nowMs: number): boolean {
  return row.settling !== null && nowMs < settledAtMs(row.settling, row.heldUntilMs)
}

/** True when the lowering that is due now was answered with a refusal; a refused raising or an older lowering do not count. */
export function isRefused(row: Row, slot: 'default' | 'tx'): boolean {
  const { refused } = row[slot]
  return row.lowering !== null && refused !== null && refused.atMs >= row.lowering.decidedAtMs
}

/** What rules over connector 0 and takes no order of ours any more, A. */
export function leftBehindA(row: Row): number {
  return row.quirks.ladder === 'connector-0' ? (row.leftA ?? 0) : 0
}

/** Where the reservation of a row comes from: on every phase of the connector, and on the phases of the car that is there. */
export function reservedA(row: Row, nowMs: number): { readonly anyCarA: number; readonly thisCarA: number } {
  if (row.contactedAtMs === null) return { anyCarA: 0, thisCarA: 0 }
  let anyCarA = Math.max(defaultWorstA(row, nowMs), leftBehindA(row), distrustedA(row.distrusted, row.hardwareA))
  let thisCarA = txWorstA(row, nowMs)
  if (row.settling !== null && isSettling(row, nowMs)) {
    anyCarA = Math.max(anyCarA, row.settling.anyFromA)
    thisCarA = Math.max(thisCarA, row.settling.fromA)
  }
  if (row.excess && row.measuredA !== null) thisCarA = Math.max(thisCarA, row.measuredA)
  thisCarA = Math.max(thisCarA, countedA(row.disobeying))
  return { anyCarA, thisCarA: Math.max(thisCarA, anyCarA) }
}

function worstOf(slot: Slot, row: Row, nowMs: number): number {
  let worst = slot.confirmed === null ? 0 : permitsA(slot.confirmed, row, nowMs)
  for (const entry of slot.inFlight) worst = Math.max(worst, permitsA(entry, row, nowMs))
  return worst
}

/** What an installed profile permits now: its limit, or its fallback once its lease has certainly ended. */
export function permitsA(entry: Entry, row: Row, nowMs: number): number {
  const lapsed = row.obeysLease && row.quirks.lease && entry.unleased !== true && entry.leaseEndsAtMs !== null && nowMs >= entry.leaseEndsAtMs + leaseMarginMs
  const worth = worthA(entry, row)
  return lapsed ? Math.min(worth, entry.fallbackA) : worth
}
