// What a plan leaves for the next one of the same site, so that only what changed is worked out anew; without it the plan is the same.
import { allowedFallback } from './fallbacks.ts'
import { grantSlot } from './ledger.ts'
import { reservedLoad, type Ground, type Load, type Place } from './loads.ts'
import { capOf } from './participant.ts'
import { probeA } from './probing.ts'
import { sharesOne } from './quirks.ts'
import { lowestA } from './rungs.ts'
import { atLeast, isSteered, stuckLoad } from './stuck.ts'
import type { KnownZone } from './recall.ts'
import type { Target } from './target.ts'
import type { Tree } from './tree.ts'
import { alarmAfter, watch } from './wake.ts'
import { layOut, sumOf, type Layout, type Sums, type Zones } from './zones.ts'

/** The most a place can be counted with until `untilMs`. */
export interface KnownPlace { readonly place: Place; readonly most: Load; readonly atMs: number; readonly untilMs: number }

/** How much the last plan had to work out: places looked at anew, members of zones decided anew, and targets that are others than before, by key. */
export interface Effort { readonly looked: number; readonly shared: number; readonly changed: readonly string[] }

/** Owned by whoever plans a site; each plan takes it and leaves it for the next. Holds one entry per place, node and zone. */
export interface PlanMemory {
  /** A plan is being made; still so at the next one = that failed, and nothing here can be relied on. */
  busy: boolean
  ground: Ground | null
  layout: Layout | null
  /** By the places' order. */
  known: KnownPlace[]
  /** What the places of each circuit itself come to at most. */
  own: Sums[]
  division: Zones | null
  zones: ReadonlyMap<string | number, KnownZone>
  targets: ReadonlyMap<string, Target>
  /** Targets with their place in the queue of the whole site, by what they were made of. */
  queued: ReadonlyMap<string, { readonly from: Target; readonly to: Target }>
  effort: Effort
}

export function openMemory(): PlanMemory {
  return { busy: false, ground: null, layout: null, known: [], own: [], division: null, zones: new Map(), targets: new Map(), queued: new Map(), effort: { looked: 0, shared: 0, changed: [] } }
}

/**
 * Looks at the places of now: what is known of one holds while it is the same object and no time has come at which it means
 * something else. Answers which places are others than before, by their order; null = where they hang is not as before.
 */
export function look(memory: PlanMemory, tree: Tree, places: readonly Place[], nowMs: number): { readonly layout: Layout; readonly looked: number; readonly renewed: readonly number[] | null } {
  const kept = isLaidOut(memory, tree, places) ? memory.layout : null
  const layout = kept ?? layOut(tree, places)
  if (kept === null) Object.assign(memory, { layout, known: [], own: [], division: null })
  const { known, own } = memory
  const renewed: number[] = []
  const touched = new Set<number>()
  let looked = 0
  for (let index = 0; index < places.length; index++) {
    const [before, place] = [known[index], places[index]!]
    if (before !== undefined && before.place === place && nowMs >= before.atMs && nowMs < before.untilMs) continue
    if (before?.place !== place) renewed.push(index)
    known[index] = knowPlace(place, nowMs)
    touched.add(layout.nodeOf[index]!)
    looked++
  }
  const mostAt = (index: number) => known[index]!.most
  for (let node = 0; node < tree.nodes.length; node++) if (own[node] === undefined || touched.has(node)) own[node] = sumOf(layout.placesAt[node]!, places, mostAt)
  return { layout, looked, renewed: kept === null ? null : renewed }
}

function isLaidOut({ layout, known }: PlanMemory, tree: Tree, places: readonly Place[]): boolean {
  if (layout === null || layout.tree !== tree || layout.outlets.length !== places.length) return false
  for (let index = 0; index < places.length; index++) if (known[index]?.place !== places[index] && layout.outlets[index] !== places[index]!.outlet) return false
  return true
}

function knowPlace(place: Place, nowMs: number): KnownPlace {
  const wake = alarmAfter(nowMs)
  watch(place, wake)
  return { place, most: mostOf(place, nowMs), atMs: nowMs, untilMs: wake.first() }
}

/** Whatever is decided and in whatever state its orders are, it is counted with no more. */
function mostOf(place: Place, nowMs: number): Load {
  const reserved = reservedLoad(place, nowMs)
  if (!isSteered(place)) return reserved
  const { row, outlet } = place
  const stuck = stuckLoad(place, nowMs)
  const held = atLeast(reserved, Math.max(allowedFallback(place), lowestA(place), stuck.anyCarA), stuck.thisCarA)
  // One profile gives the idle connectors as much as the car beside them.
  if (sharesOne(row.quirks)) return atLeast(held, outlet.maxA)
  if (row.transactionId === null) return held
  const capA = capOf(place) + probeA(place)
  return grantSlot(row) === 'tx' ? atLeast(held, 0, capA) : atLeast(held, capA)
}
