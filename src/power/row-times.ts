// The times and numbers in a ledger row: what they are once another time counts, and how often the same was told.
import type { Entry, Row, Slot } from './ledger.ts'
import { mapTurns } from './turn-marks.ts'

/** The row with what has happened at `at(ms)` and leases that end at `end(ms)`. */
export function mapTimes(row: Row, at: (ms: number) => number, end: (ms: number) => number): Row {
  const maybe = (ms: number | null): number | null => (ms === null ? null : at(ms))
  const entry = (one: Entry): Entry => ({ ...one, bookedAtMs: at(one.bookedAtMs), leaseEndsAtMs: one.leaseEndsAtMs === null ? null : end(one.leaseEndsAtMs) })
  const slot = ({ confirmed, inFlight, refused }: Slot): Slot => ({
    confirmed: confirmed === null ? null : entry(confirmed), inFlight: inFlight.map(entry), refused: refused === null ? null : { ...refused, atMs: at(refused.atMs) },
  })
  const { settling, others, lowering, told, reclaim, disobeying, distrusted } = row
  return {
    ...row,
    default: slot(row.default), tx: slot(row.tx),
    contactedAtMs: maybe(row.contactedAtMs), heldUntilMs: maybe(row.heldUntilMs), doubtSinceMs: maybe(row.doubtSinceMs), refusedAtMs: maybe(row.refusedAtMs), changedAtMs: maybe(row.changedAtMs),
    wantedSinceMs: maybe(row.wantedSinceMs), starvedSinceMs: maybe(row.starvedSinceMs), bookedAtMs: row.bookedAtMs.map(at),
    settling: settling === null ? null : { ...settling, acceptedAtMs: at(settling.acceptedAtMs), quietSinceMs: at(settling.quietSinceMs) },
    others: others === null ? null : { ...others, atMs: at(others.atMs) },
    lowering: lowering === null ? null : { ...lowering, decidedAtMs: at(lowering.decidedAtMs) },
    ...(reclaim === undefined ? {} : { reclaim: { ...reclaim, changedAtMs: at(reclaim.changedAtMs), fromMs: at(reclaim.fromMs), below: null } }),
    ...(disobeying ? { disobeying: { ...disobeying, sinceMs: at(disobeying.sinceMs), lastMs: at(disobeying.lastMs), rungAtMs: at(disobeying.rungAtMs), obeysSinceMs: maybe(disobeying.obeysSinceMs) } } : {}),
    ...(distrusted ? { distrusted: { ...distrusted, obeysSinceMs: maybe(distrusted.obeysSinceMs) } } : {}),
    ...mapTurns(row, at),
    ...(told === undefined ? {} : { told: told.map((one) => ({ ...one, atMs: one.atMs.map(at) })) }),
  }
}

/** Leases that end at nobody knows when: for charge points whose clock is about to move. */
export function unlease(row: Row): Row {
  const entry = (one: Entry): Entry => ({ ...one, leaseEndsAtMs: null })
  const slot = (one: Slot): Slot => ({ ...one, confirmed: one.confirmed === null ? null : entry(one.confirmed), inFlight: one.inFlight.map(entry), ...(one.overtaken === undefined ? {} : { overtaken: one.overtaken.map(entry) }) })
  return { ...row, default: slot(row.default), tx: slot(row.tx) }
}

/** How often within a minute the same limit is told again: that nothing more than a doubt asks for, and one that takes something away. */
const repeats = { doubted: 4, cutting: 12, withinMs: 60_000 }

/** The row as the same limit is booked in a slot once more, or another. */
export function countTold(row: Row, { slot, limitA, bookedAtMs }: Entry): NonNullable<Row['told']> {
  const before = row.told ?? []
  const same = before.find((one) => one.slot === slot && one.limitA === limitA)?.atMs ?? []
  return [...before.filter((one) => one.slot !== slot), { slot, limitA, atMs: [...same.slice(1 - repeats.cutting), bookedAtMs] }]
}

/** When a slot may be told that limit once more, whatever became of the last times. */
export function tellAgainAtMs(row: Row, slot: 'default' | 'tx', limitA: number, cuts: boolean, nowMs: number): number {
  const recent = row.told?.find((one) => one.slot === slot && one.limitA === limitA)?.atMs.filter((at) => nowMs - at < repeats.withinMs) ?? []
  const oldest = recent.at(-(cuts ? repeats.cutting : repeats.doubted))
  return oldest === undefined ? 0 : oldest + repeats.withinMs
}

/** The highest number in the default slot: what is booked from now on has a higher one. */
export function newestSeq({ default: { confirmed, inFlight } }: Row): number {
  return Math.max(0, confirmed?.seq ?? 0, ...inFlight.map(({ seq }) => seq))
}
