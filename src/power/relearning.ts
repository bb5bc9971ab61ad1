// What a ledger row becomes when its charge point is found to take profiles otherwise.
import { grantSlot, newest, reservedA, type Entry, type Left, type Row } from './ledger.ts'
import type { Quirks } from './quirks.ts'
import { newestSeq } from './row-times.ts'

type Address = Left | 'max'

/** In another shape nothing was refused yet; at another address nothing stands yet, and what stands at the old one may go on ruling. */
export function takeQuirks(row: Row, quirks: Quirks): Row {
  const { ladder, unit, pauseA, lease } = row.quirks
  if (ladder === quirks.ladder && unit === quirks.unit && pauseA === quirks.pauseA && lease === quirks.lease) return row
  const anew: Row = { ...row, quirks, refusedAtMs: null, changedAtMs: ladder === 'tx' ? changedSince(row) : row.changedAtMs, default: { ...row.default, refused: null }, tx: { ...row.tx, refused: null } }
  if (addressOf(ladder) === addressOf(quirks.ladder)) return anew
  // What is on the wire is the one that was just taken at the new address, or its answer tells otherwise; what has not left was meant for the old one.
  const { confirmed, inFlight } = row.default
  const stood = [...(confirmed === null ? [] : [confirmed]), ...inFlight.filter(({ state }) => state === 'unknown')]
  const leftA = quirks.ladder === 'default' || quirks.ladder === 'tx' ? null : addressOf(ladder) !== 'own' || stood.length === 0 ? row.leftA : Math.max(row.leftA ?? 0, ...stood.map((entry) => entry.limitA))
  const travelling = inFlight.filter(({ state }) => state === 'sent').map((entry): Entry => (addressOf(ladder) === 'own' ? { ...entry, astray: true } : entry))
  const left = [...row.left, ...leftOf(addressOf(ladder), [...stood, ...travelling])].filter((one, index, all) => one !== addressOf(quirks.ladder) && all.indexOf(one) === index)
  return { ...anew, default: { confirmed: null, inFlight: travelling, refused: null }, leftA, left }
}

function leftOf(address: Address, entries: readonly Entry[]): readonly Left[] {
  return address === 'max' || entries.length === 0 ? [] : [address]
}

/** The row when these stand where profiles do not go any more. */
export function leaveAt(row: Row, address: Address, entries: readonly Entry[]): Row {
  const left = [...row.left, ...leftOf(address, entries).filter((one) => !row.left.includes(one))]
  return { ...row, left, leftA: address === 'own' ? Math.max(row.leftA ?? 0, ...entries.map(({ limitA }) => limitA)) : row.leftA }
}

/** The number of the entry that stands for the TxProfiles of others: no answer ever names it. */
export const othersSeq = -2

/** The number of the entry that stands for TxProfiles of ours that nobody remembers: no answer ever names it. */
export const lostSeq = -3

/** The row when what its charge point was told last is not known any more: its hardware counts in both slots until it has confirmed afresh. */
export function loseTrack(row: Row, atMs: number): Row {
  const perhaps: Entry = { seq: lostSeq, slot: 'tx', limitA: row.hardwareA, fallbackA: row.hardwareA, leaseEndsAtMs: null, bookedAtMs: atMs, state: 'unknown' }
  return {
    ...row, contactedAtMs: row.contactedAtMs ?? atMs, doubtSinceMs: 0, doubtAfterSeq: newestSeq(row), settling: null, lowering: null, obeysLease: false,
    default: { ...row.default, refused: null }, tx: { confirmed: null, inFlight: [perhaps], refused: null },
  }
}

/** What of ours may stand where none goes any more, and may be taken away: what takes its place has been accepted. */
export function mayTakeAway(row: Row): readonly (Left | 'tx')[] {
  const { confirmed } = row.default
  if (confirmed === null || row.doubtSinceMs !== null) return []
  const ours = grantSlot(row) === 'tx' && row.transactionId !== null ? [] : [...(row.tx.confirmed === null ? [] : [row.tx.confirmed]), ...row.tx.inFlight].filter(({ seq }) => seq !== othersSeq)
  return [...row.left, ...(ours.length > 0 && ours.every(({ seq }) => seq < confirmed.seq) ? ['tx' as const] : [])]
}

/** The row without that. */
export function takeAway(row: Row, what: Left | 'tx'): Row {
  if (what === 'tx') return grantSlot(row) === 'tx' && row.transactionId !== null ? row : { ...row, tx: { confirmed: null, inFlight: row.tx.inFlight.filter(({ seq }) => seq === othersSeq), refused: null } }
  if (!row.left.includes(what)) return row
  const left = row.left.filter((one) => one !== what)
  if (what !== 'own') return { ...row, left }
  // One that may have been taken there is gone too; that it rules at the new address is all that is left to assume.
  const inFlight = row.default.inFlight.map(({ astray, ...entry }): Entry => entry.state === 'sent' && astray === true ? { ...entry, astray } : entry)
  return { ...row, left, leftA: null, default: { ...row.default, inFlight } }
}

/** The row when nobody will ever say any more where these were taken. */
export function leaveBehind(row: Row, entries: readonly Entry[]): Row {
  const astray = entries.filter((entry) => entry.astray === true)
  return astray.length === 0 || addressOf(row.quirks.ladder) === 'own' ? row : leaveAt(row, 'own', astray)
}

/** What is gone may still be drawn for a while. */
export function settleFall(row: Row, after: Row, atMs: number): Row {
  if (after === row) return row
  const [before, now] = [reservedA(row, atMs), reservedA({ ...after, settling: null }, atMs)]
  const [fromA, anyFromA] = [unlessReached(before.thisCarA, now.thisCarA), unlessReached(before.anyCarA, now.anyCarA)]
  return fromA === 0 && anyFromA === 0 ? after : { ...after, settling: { fromA, anyFromA, acceptedAtMs: atMs, quietSinceMs: atMs, sawAbove: false } }
}

/** The old worst case while it is above the new one; 0 = nothing fell. */
export function unlessReached(fromA: number, nowA: number): number {
  return fromA > nowA + 1e-9 ? fromA : 0
}

/** TxProfiles that were all refused have changed nothing. */
export function changedSince(row: Row): number | null {
  return newest(row.tx) === null ? null : row.changedAtMs
}

/** Where the TxDefaultProfile goes: on the connector, on connector 0, or into the ChargePointMaxProfile, which rules over all others. */
export function addressOf(ladder: Quirks['ladder']): Address {
  return ladder === 'connector-0' ? 'zero' : ladder === 'max-0' ? 'max' : 'own'
}
