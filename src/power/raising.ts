// Which raisings go out now: those that are calm and fit whole, whatever else is still unsettled.
import { disobeys } from './disobedience.ts'
import { grantSlot, newest, permitsA, type Row } from './ledger.ts'
import { boundsAbove, carPhases, loadOn, reservedLoad, subtract, type Load } from './loads.ts'
import { startMinA } from './rungs.ts'
import { isReady } from './stuck.ts'
import type { Target, Targets } from './target.ts'
import { offMs } from './turns.ts'

export interface Order {
  readonly key: string
  readonly slot: 'default' | 'tx'
  readonly limitA: number
  /** How many amps it takes away; lowerings go out largest first. */
  readonly cutA: number
}

export interface Note {
  readonly key: string
  readonly lowering: Row['lowering']
  readonly wantedSinceMs: number | null
  readonly starvedSinceMs: number | null
  /** Absent = as before. */
  readonly turn?: Row['turn']
  readonly queueSinceMs?: Row['queueSinceMs']
}

/** A raising that is wanted, with all connectors it raises: more than one where one profile holds for several. */
export interface Wanted {
  readonly order: Order
  readonly targets: readonly Target[]
  /** Its lease needs a message now anyway: the raising goes instead of it, and is none more in that minute. */
  readonly isToldAnyway: boolean
}

export interface Alarm { at(ms: number): void; first(): number }

const eps = 1e-9
export const calm = { changeMs: 15_000, pauseMs: 60_000, refusedMs: 60_000, retryMs: 60_000, perMinute: 4, minuteMs: 60_000, fallbackMs: 60_000 }

/** The limit a slot holds by the newest profile in it; without a TxProfile the TxDefaultProfile holds. */
export function heldBy(row: Row, slot: 'default' | 'tx', nowMs: number): number {
  const last = newest(row[slot]) ?? newest(row.default)
  return last === null ? 0 : permitsA(last, row, nowMs)
}

/** Raisings that are calm and fit whole, with every unsettled lowering not effective and every earlier raising effective (I2). `left` is used up. */
export function pickRaisings(wanted: readonly Wanted[], { ground }: Targets, left: number[], shedding: ReadonlySet<string>, notes: readonly Note[], nowMs: number, wake: Alarm): Order[] {
  const picked: Order[] = []
  const noted = new Map(notes.map((note) => [note.key, note]))
  for (const { order, targets, isToldAnyway } of wanted) {
    if (targets.some(({ place }) => !isReady(place) || disobeys(place.row.disobeying) || place.outlet.path.some((nodeID) => shedding.has(nodeID)))) continue
    const calmAt = calmOf({ order, targets, isToldAnyway }, noted, nowMs)
    if (calmAt > nowMs) {
      wake.at(calmAt)
      continue
    }
    const steps = targets.map(({ place }) => {
      const before = reservedLoad(place, nowMs)
      const after: Load = { anyCarA: order.slot === 'tx' ? before.anyCarA : Math.max(before.anyCarA, order.limitA), thisCarA: Math.max(before.thisCarA, order.limitA) }
      return { place, before, after }
    })
    const growth = new Map<number, number>()
    // From class 1 on a car keeps its minimum whatever was bought.
    const cars = targets.filter(({ place }) => place.row.transactionId !== null)
    const owed = cars.length > 0 && cars.every(({ place }) => place.priority >= 1 && order.limitA <= startMinA(place) + eps)
    for (const { place, before, after } of steps) {
      for (const { index } of boundsAbove(ground, place, order.slot === 'tx' ? carPhases(place) : place.outlet.phases)) {
        const { on } = ground.constraints[index]!
        growth.set(index, (growth.get(index) ?? 0) + loadOn(ground, place, after, on) - loadOn(ground, place, before, on))
      }
    }
    if ([...growth].some(([index, amount]) => left[index]! < amount - 1e-6 && !(owed && ground.constraints[index]!.economic === true))) continue
    for (const { place, before, after } of steps) subtract(ground, left, place, { anyCarA: after.anyCarA - before.anyCarA, thisCarA: after.thisCarA - before.thisCarA })
    picked.push(order)
  }
  return picked
}

/** The rules of cars where the limit is a car's; those of fallbacks where nothing runs. */
function calmOf({ order: { slot, limitA }, targets, isToldAnyway }: Wanted, noted: ReadonlyMap<string, Note>, nowMs: number): number {
  const rows = targets.map(({ place }) => place).filter(({ row }) => row.transactionId !== null && slot === grantSlot(row))
  if (rows.length === 0) return Math.max(...targets.map(({ place }) => (newest(place.row.default)?.bookedAtMs ?? 0) + calm.fallbackMs))
  return Math.max(...rows.map(({ row, outlet }) => calmAtMs(row, slot, limitA, noted.get(outlet.key), isToldAnyway, nowMs)))
}

/** Decision rule 6: why a connector is not raised yet. */
export type CalmRule = 'change' | 'pause' | 'turn' | 'refusal' | 'minute'

/** When a connector may be raised to `limitA`; Infinity = not by this much. */
function calmAtMs(row: Row, slot: 'default' | 'tx', limitA: number, note: Note | undefined, isToldAnyway: boolean, nowMs: number): number {
  return calmUntil(row, slot, limitA, nowMs, note === undefined ? row.wantedSinceMs : note.wantedSinceMs, isToldAnyway).atMs
}

/** The same, with the rule that holds longest. */
export function calmUntil(row: Row, slot: 'default' | 'tx', limitA: number, nowMs: number, wantedSinceMs = row.wantedSinceMs, isToldAnyway = false): { readonly atMs: number; readonly rule: CalmRule } {
  const heldA = heldBy(row, slot, nowMs)
  const lost = newest(row[slot])?.state === 'unknown'
  if (heldA > 0 && limitA - heldA < 1 - eps && !lost) return { atMs: Infinity, rule: 'change' }
  const recent = row.bookedAtMs.filter((at) => nowMs - at < calm.minuteMs)
  const rules: readonly (readonly [CalmRule, number])[] = [
    ['change', row.changedAtMs === null || lost ? 0 : row.changedAtMs + calm.changeMs],
    ['pause', row.pausedByLimit ? (wantedSinceMs ?? nowMs) + calm.pauseMs : 0],
    ['turn', row.pausedByTurn === true ? (row.offSinceMs ?? nowMs) + offMs : 0],
    ['refusal', row.refusedAtMs === null ? 0 : row.refusedAtMs + calm.refusedMs],
    ['minute', recent.length >= calm.perMinute && !isToldAnyway ? recent[0]! + calm.minuteMs : 0],
  ]
  const [rule, atMs] = rules.reduce((last, one) => (one[1] > last[1] ? one : last))
  return { atMs, rule }
}
