// Short ways to describe sites, ledger rows and places for the tests of the power room.
import { book } from '../../src/power/booking.ts'
import { openRow, type Entry, type Fact, type Row } from '../../src/power/ledger.ts'
import type { Place } from '../../src/power/loads.ts'
import { constraintsAt, type GridLimit } from '../../src/power/limits.ts'
import { plan, type Plan } from '../../src/power/plan.ts'
import { chargePointSchema, perPhase, siteSchema, type ChargePointInput, type SiteInput } from '../../src/power/site.ts'
import { setTargets, type Targets } from '../../src/power/target.ts'
import { buildTree, type Tree } from '../../src/power/tree.ts'

export function makeTree(site: Partial<SiteInput>, chargePoints: readonly ChargePointInput[]): Tree {
  return buildTree(siteSchema.parse({ id: 'main', fuseA: 100, ...site }), chargePoints.map((one) => chargePointSchema.parse(one)))
}

export function entry(seq: number, slot: 'default' | 'tx', limitA: number, more: Partial<Entry> = {}): Entry {
  return { seq, slot, limitA, fallbackA: 0, leaseEndsAtMs: null, bookedAtMs: 0, state: 'booked', ...more }
}

export function bookAll(row: Row, ...facts: readonly Fact[]): Row {
  return facts.reduce(book, row)
}

/** A row in contact whose fallback was confirmed long ago; with `txA`, a transaction whose TxProfile was confirmed long ago. */
export function settledRow(options: { hardwareA?: number; fallbackA?: number; txA?: number | null; transactionId?: number | null; obeysLease?: boolean } = {}): Row {
  const { hardwareA = 32, fallbackA = 0, txA = null, transactionId = txA === null ? null : 7, obeysLease = false } = options
  const longAgo = -1_000_000
  const facts: Fact[] = [
    { type: 'contacted', atMs: longAgo },
    { type: 'booked', entry: entry(-20, 'default', fallbackA, { bookedAtMs: longAgo }) },
    { type: 'sent', seq: -20 },
    { type: 'accepted', seq: -20, atMs: longAgo },
  ]
  if (transactionId !== null) facts.push({ type: 'started', transactionId })
  if (txA !== null) {
    facts.push(
      { type: 'booked', entry: entry(-10, 'tx', txA, { fallbackA, bookedAtMs: longAgo }) },
      { type: 'sent', seq: -10 },
      { type: 'accepted', seq: -10, atMs: longAgo },
    )
  }
  const row = bookAll(openRow(hardwareA, obeysLease), ...facts)
  return { ...row, settling: null, refusedAtMs: null }
}

/** A place on the outlet `key`: an idle one, or with the facts of a car. */
export function makePlace(tree: Tree, key: string, more: Partial<Omit<Place, 'outlet'>> = {}): Place {
  const outlet = tree.outlets.get(key)
  if (outlet === undefined) throw new Error(`no connector ${key}`)
  return {
    outlet, row: settledRow({ hardwareA: outlet.maxA, fallbackA: outlet.fallbackA, obeysLease: outlet.obeysLease }), online: true,
    vehiclePhases: null, vehicleMaxA: null, profileCap: null, priority: 0, weight: 1, queuedAtMs: 0, ...more,
  }
}

/** A car that has just started a transaction. */
export function carPlace(tree: Tree, key: string, more: Partial<Omit<Place, 'outlet'>> & { txA?: number } = {}): Place {
  const { txA, ...rest } = more
  const outlet = tree.outlets.get(key)!
  const row = settledRow({ hardwareA: outlet.maxA, fallbackA: outlet.fallbackA, obeysLease: outlet.obeysLease, transactionId: 7, txA: txA ?? null })
  return makePlace(tree, key, { row, ...rest })
}

export function amps(value: number): GridLimit {
  return { currentA: value, setAtMs: 0 }
}

export function targetsOf(tree: Tree, places: readonly Place[], options: { grid?: GridLimit | null; baseA?: number; nowMs?: number } = {}): Targets {
  const nowMs = options.nowMs ?? 0
  return setTargets(tree, constraintsAt(tree, options.grid ?? null, nowMs), perPhase(options.baseA ?? 0), places, nowMs)
}

/** Allocated amps by connector. */
export function sharesOf(targets: Targets): Record<string, number> {
  return Object.fromEntries([...targets.targets].map(([key, target]) => [key, target.allocatedA]).sort())
}

export function planOf(tree: Tree, places: readonly Place[], options: { grid?: GridLimit | null; baseA?: number; nowMs?: number } = {}): Plan {
  return plan({ tree, grid: options.grid ?? null, baseA: perPhase(options.baseA ?? 0), places }, options.nowMs ?? 0)
}

/** Charge points CP1 … CPn with one connector each. */
export function stations(count: number, more: Partial<ChargePointInput> = {}): ChargePointInput[] {
  return Array.from({ length: count }, (_, index) => ({ id: `CP${index + 1}`, ...more }))
}
