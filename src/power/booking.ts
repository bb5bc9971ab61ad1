// book(row, fact): the only way a ledger row changes.
import { distrustAfter } from './distrust.ts'
import { emptySlot, expectedA, followMs, grantSlot, isSettling, newest, tolerance, txWorstA, defaultWorstA, type Entry, type Fact, type Row } from './ledger.ts'
import type { Quirks } from './quirks.ts'
import { addressOf, changedSince, leaveAt, leaveBehind, othersSeq, settleFall, takeAway, takeQuirks, unlessReached } from './relearning.ts'
import { followLimit, raiseCap } from './reclaim.ts'
import { shapedEntry } from './row-shape.ts'
import { countTold, newestSeq, unlease } from './row-times.ts'
import { sample } from './samples.ts'
import { countStart, forgetTurns, switchTurn } from './turn-marks.ts'
import { worthA } from './watts.ts'

/** The row after the fact; facts that do not fit the row (unknown sequence, foreign transaction) change nothing. */
export function book(row: Row, fact: Fact): Row {
  switch (fact.type) {
    case 'contacted':
      return row.contactedAtMs === null ? { ...row, contactedAtMs: fact.atMs } : row
    case 'booted':
      return fact.keepsProfiles ? row : forget(fact.stepped === true ? unlease(row) : row, fact.atMs)
    case 'booked':
      return bookEntry(row, fact.entry)
    case 'sent':
      return changeEntry(row, fact.seq, (entry) => ({ ...entry, state: 'sent' }))
    case 'unleased':
      return changeEntry(row, fact.seq, (entry) => ({ ...entry, unleased: true }))
    case 'unanswered':
      return changeEntry(leaveBehind(row, row.default.inFlight.filter(({ seq }) => seq === fact.seq)), fact.seq, (entry) => ({ ...entry, state: 'unknown' }))
    case 'dropped':
      return changeEntry(row, fact.seq, () => null)
    case 'refused':
      return refuse(row, fact.seq, fact.atMs)
    case 'accepted':
      return follow(row, accept(row, fact), fact.atMs)
    case 'sampled':
      return sample(row, fact)
    case 'quirks':
      return takeQuirks(row, fact.quirks)
    case 'cleared':
      return settleFall(row, takeAway(row, fact.what), fact.atMs)
    case 'told':
      return row.phases.told === fact.phases ? row : { ...row, phases: { ...row.phases, told: fact.phases } }
    case 'started':
      return fact.transactionId === row.transactionId ? row : countOthers({ ...endTransaction(row), transactionId: fact.transactionId })
    case 'others':
      return countOthers({ ...row, others: { limitA: Math.max(fact.limitA, row.others?.limitA ?? 0), atMs: fact.atMs, ends: 0 } })
    case 'stopped':
      return fact.transactionId === row.transactionId ? endTransaction(row) : row
    case 'settled':
      return row.settling === null || isSettling(row, fact.atMs) ? row : { ...row, settling: null }
    case 'held':
      return row.heldUntilMs === fact.untilMs ? row : { ...row, heldUntilMs: fact.untilMs }
    case 'lease-trusted':
      return row.obeysLease === fact.trusted ? row : { ...row, obeysLease: fact.trusted }
    case 'probed':
      return row.reclaim === undefined || row.transactionId === null ? row : { ...row, reclaim: raiseCap(row.reclaim, fact.capA, fact.atMs, row.hardwareA) }
    case 'climbed':
      return row.disobeying ? { ...row, disobeying: fact.to } : row
    case 'reported':
      return row.disobeying ? { ...row, disobeying: { ...row.disobeying, reportedA: Math.min(fact.limitA, row.hardwareA) } } : row
    case 'trusted':
      return row.distrusted ? { ...row, distrusted: null } : row
    case 'noted':
      return { ...row, ...(fact.turn === undefined ? {} : { turn: fact.turn }), ...(fact.queueSinceMs === undefined ? {} : { queueSinceMs: fact.queueSinceMs }), lowering: fact.lowering, wantedSinceMs: fact.wantedSinceMs, starvedSinceMs: fact.starvedSinceMs }
  }
}

/** Theirs goes with the transaction it is for: the running one, or the one after it. */
const othersLast = 2

/** Where the engine has no TxProfile of its own, theirs rules: it counts as one of ours that may be there or not, and is lowered like it. */
function countOthers(row: Row): Row {
  if (row.others === null || row.transactionId === null || row.tx.confirmed !== null) return row
  const { limitA, atMs } = row.others
  const entry: Entry = { seq: othersSeq, slot: 'tx', limitA, fallbackA: limitA, leaseEndsAtMs: null, bookedAtMs: atMs, state: 'unknown' }
  return { ...row, tx: { ...row.tx, inFlight: [entry, ...row.tx.inFlight.filter(({ seq }) => seq !== othersSeq)] } }
}

function bookEntry(row: Row, entry: Entry): Row {
  const slot = row[entry.slot]
  const previous = newest(slot)
  const grants = entry.slot === grantSlot(row) && row.transactionId !== null
  const changed = grants && worthA(entry, row) !== (previous === null ? expectedA(row) : worthA(previous, row))
  const paused = !grants ? row.pausedByLimit : entry.limitA === 0 && ((previous?.limitA ?? 0) > 0 || row.pausedByLimit)
  return {
    ...row,
    [entry.slot]: { ...slot, inFlight: [...mergeUnknown(slot.inFlight), entry] },
    changedAtMs: changed ? entry.bookedAtMs : row.changedAtMs,
    bookedAtMs: grants ? [...row.bookedAtMs.slice(-3), entry.bookedAtMs] : row.bookedAtMs,
    told: countTold(row, entry),
    pausedByLimit: paused,
    wantedSinceMs: changed ? null : row.wantedSinceMs,
    ...(grants ? switchTurn(row, previous?.limitA ?? expectedA(row), entry) : {}),
  }
}

/** The number of merged entries: older than all, and no answer ever names it. */
const mergedSeq = -1

/** Caps the list: old unanswered entries count as one, at the worst of them (a late answer to one of them then resolves nothing). */
function mergeUnknown(inFlight: readonly Entry[]): readonly Entry[] {
  if (inFlight.length < 4) return inFlight
  const old = inFlight.slice(0, -1).filter((entry) => entry.state === 'unknown' && entry.seq >= mergedSeq)
  const first = old[0]
  if (first === undefined) return inFlight
  const ends = old.map((entry) => (entry.unleased === true ? null : entry.leaseEndsAtMs))
  // Of different units none is known, which counts as the worse.
  const { unit, phases: _, ...rest } = first
  const merged: Entry = {
    ...rest,
    ...(unit !== undefined && old.every((entry) => entry.unit === unit) ? { unit } : {}),
    ...(old.some((entry) => entry.phases !== undefined) ? { phases: Math.max(...old.map((entry) => entry.phases ?? 1)) } : {}),
    seq: mergedSeq,
    limitA: Math.max(...old.map((entry) => entry.limitA)),
    fallbackA: Math.max(...old.map((entry) => entry.fallbackA)),
    leaseEndsAtMs: ends.includes(null) ? null : Math.max(...ends.map((end) => end ?? 0)),
  }
  return [merged, ...inFlight.filter((entry) => !old.includes(entry))]
}

function slotOf(row: Row, seq: number): 'default' | 'tx' | null {
  if (row.default.inFlight.some((entry) => entry.seq === seq)) return 'default'
  if (row.tx.inFlight.some((entry) => entry.seq === seq)) return 'tx'
  return null
}

function changeEntry(row: Row, seq: number, change: (entry: Entry) => Entry | null): Row {
  const name = slotOf(row, seq)
  if (name === null) return row
  const inFlight = row[name].inFlight.flatMap((entry) => (entry.seq === seq ? (change(entry) ?? []) : [entry]))
  return { ...row, [name]: { ...row[name], inFlight } }
}

function refuse(row: Row, seq: number, atMs: number): Row {
  const name = slotOf(row, seq)
  if (name === null) return row
  const entry = row[name].inFlight.find((one) => one.seq === seq)!
  const after = changeEntry(row, seq, () => null)
  const unproven = name === 'default' && (row.default.confirmed === null || row.doubtSinceMs !== null)
  const lowers = unproven || entry.limitA < (name === 'default' ? defaultWorstA : txWorstA)(after, atMs)
  // A refused TxProfile is over and done with where they are not used any more.
  if (name === 'tx' && grantSlot(row) !== 'tx') return { ...after, changedAtMs: changedSince(after) }
  return { ...after, [name]: { ...after[name], refused: lowers ? { limitA: entry.limitA, atMs } : null }, refusedAtMs: atMs }
}

/** Confirms an entry, resolves the older ones of its slot, and starts settling when the worst case fell. */
function accept(row: Row, { seq, atMs, unit, lease, ladder = row.quirks.ladder }: Extract<Fact, { type: 'accepted' }>): Row {
  const name = slotOf(row, seq)
  if (name === null) return takeBack(row, seq, unit, lease)
  if (name === 'default' && addressOf(ladder) !== addressOf(row.quirks.ladder)) return acceptElsewhere(row, seq, ladder)
  const slot = row[name]
  const found = slot.inFlight.find((one) => one.seq === seq)!
  const entry = asTaken(found, unit, lease)
  const overtaken = [...(slot.overtaken ?? []), ...slot.inFlight.filter((one) => one.seq >= 0 && one.seq < seq && one.state !== 'booked' && one.astray !== true)].slice(-overtakenLast)
  const clears = name === 'default' && row.doubtSinceMs !== null && entry.seq > row.doubtAfterSeq
  const after: Row = {
    ...(name === 'default' ? leaveBehind(row, slot.inFlight.filter((one) => one.seq < seq)) : row),
    [name]: { confirmed: entry, inFlight: slot.inFlight.filter((one) => one.seq > seq), refused: null, ...(overtaken.length > 0 ? { overtaken } : {}) },
    refusedAtMs: null,
    doubtSinceMs: clears ? null : row.doubtSinceMs,
    lowering: row.lowering !== null && entry.limitA <= row.lowering.toA ? null : row.lowering,
  }
  const limit = expectedA(after)
  const stillAbove = row.measuredA !== null && row.measuredA > limit + tolerance(limit)
  // What was measured above the old limit may well go on above the new one.
  const held: Row = { ...after, ...countStart(row, expectedA(row), limit, atMs), excess: row.excess && stillAbove }
  const running = row.settling !== null && isSettling(row, atMs) ? row.settling : null
  const worstA = (one: Row) => Math.max(txWorstA(one, atMs), defaultWorstA(one, atMs))
  const fromA = unlessReached(Math.max(worstA(row), running?.fromA ?? 0), worstA(after))
  const anyFromA = unlessReached(Math.max(defaultWorstA(row, atMs), running?.anyFromA ?? 0), defaultWorstA(after, atMs))
  if (fromA === 0 && anyFromA === 0) return { ...held, settling: null }
  if (running !== null && (name === 'default' ? anyFromA === 0 : fromA === 0)) return { ...held, settling: { ...running, fromA, anyFromA } }
  return { ...held, settling: { fromA, anyFromA, acceptedAtMs: atMs, quietSinceMs: atMs, sawAbove: stillAbove } }
}

/** How many that were overtaken are remembered; their answers come soon after, or never. */
const overtakenLast = 4

/** Accepted after a newer one was: perhaps it was worked off last, and rules. Nobody knows until a newer one still is accepted. */
function takeBack(row: Row, seq: number, unit: Entry['unit'], lease?: boolean): Row {
  const name = (['default', 'tx'] as const).find((each) => row[each].overtaken?.some((one) => one.seq === seq))
  if (name === undefined) return row
  const { overtaken = [], ...slot } = row[name]
  const back = overtaken.filter((one) => one.seq === seq).map((one): Entry => ({ ...asTaken(one, unit, lease), state: 'unknown' }))
  return { ...row, [name]: { ...slot, inFlight: [...back, ...slot.inFlight].sort((a, b) => a.seq - b.seq), overtaken: overtaken.filter((one) => one.seq !== seq) } }
}

/** A car follows another limit before its draw says what it takes. */
function follow(row: Row, after: Row, atMs: number): Row {
  return after.transactionId === null || expectedA(row) === expectedA(after) ? after : { ...after, reclaim: followLimit(after.reclaim, atMs + followMs) }
}

/** In the shape that was accepted; where none is named, in the one it was last sent in. */
function asTaken(booked: Entry, unit: Entry['unit'], lease = booked.unleased !== true): Entry {
  return shapedEntry({ ...booked, unit: unit ?? booked.unit, leaseEndsAtMs: lease ? booked.leaseEndsAtMs : null, unleased: undefined })
}

/** It was taken where profiles do not go any more: on the connector it rules over connector 0. */
function acceptElsewhere(row: Row, seq: number, ladder: Quirks['ladder']): Row {
  const entry = row.default.inFlight.find((one) => one.seq === seq)!
  return leaveAt(changeEntry(row, seq, () => null), addressOf(ladder), [entry])
}

/** After a reboot: TxDefaultProfiles are in doubt, and each TxProfile may be there or not. */
function forget(row: Row, atMs: number): Row {
  const perhaps: Entry[] = row.tx.confirmed === null ? [] : [{ ...row.tx.confirmed, state: 'unknown' }]
  return {
    ...row,
    contactedAtMs: row.contactedAtMs ?? atMs,
    doubtSinceMs: row.doubtSinceMs ?? atMs,
    doubtAfterSeq: newestSeq(row),
    tx: { ...row.tx, confirmed: null, inFlight: [...perhaps, ...row.tx.inFlight] },
  }
}

/** The TxProfiles are void and a draw under them is over; the TxDefaultProfile and its lowering, decided or unsettled, remain. */
function endTransaction(before: Row): Row {
  const { reclaim: _, disobeying, ...row } = before
  const distrusted = distrustAfter(row.distrusted, disobeying)
  return {
    ...row,
    ...(distrusted === (row.distrusted ?? null) ? {} : { distrusted }),
    transactionId: null,
    tx: emptySlot,
    phases: { ...row.phases, measured: null },
    others: row.others === null || row.transactionId === null ? row.others : row.others.ends + 1 >= othersLast ? null : { ...row.others, ends: row.others.ends + 1 },
    settling: row.settling === null || row.settling.anyFromA === 0 ? null : { ...row.settling, fromA: row.settling.anyFromA },
    refusedAtMs: row.default.refused?.atMs ?? null,
    excess: false, measuredA: null, changedAtMs: null, bookedAtMs: [],
    pausedByLimit: false, wantedSinceMs: null, starvedSinceMs: null, ...forgetTurns(row),
  }
}
