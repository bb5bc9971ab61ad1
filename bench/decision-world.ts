// Sites of four levels for the bench: fuse, circuits, sub-circuits, charge points, every car at rest with what the plan gave it.

interface Row { readonly transactionId: number | null }
export interface Place { readonly outlet: { readonly key: string; readonly maxA: number }; readonly row: Row; readonly [field: string]: unknown }
export interface Inputs { readonly tree: unknown; readonly grid: { readonly currentA: number; readonly setAtMs: number } | null; readonly baseA: object; readonly places: readonly Place[] }
interface Plan { readonly targets: ReadonlyMap<string, { readonly defaultA: number; readonly txA: number; readonly allocatedA: number }>; readonly lowerings: readonly unknown[]; readonly raisings: readonly unknown[] }
export interface Effort { readonly looked: number; readonly shared: number; readonly changed: readonly string[] }
interface Memory { readonly effort: Effort }
interface Schema { readonly parse: (value: unknown) => unknown }

/** The part of the built power room that is measured. */
export interface Built {
  readonly plan: (inputs: Inputs, nowMs: number, memory?: Memory) => Plan
  readonly openMemory: () => Memory
  readonly book: (row: Row, fact: object) => Row
  readonly openRow: (hardwareA: number, obeysLease: boolean, wired: number) => Row
  readonly buildTree: (site: unknown, chargePoints: readonly unknown[]) => { readonly outlets: ReadonlyMap<string, Place['outlet']> }
  readonly siteSchema: Schema
  readonly chargePointSchema: Schema
}

/** branch = one sub-circuit is short of current; branches = every one is, by itself; site = the fuse is. */
export type Shortage = 'branch' | 'branches' | 'site'

const perSub = 25
const subsPerCircuit = 10
const maxA = 16
/** What a shortage leaves for each connector on a phase; two cars of three use one phase only, so the cars have nearly twice as much. */
const shareA = 5
export const nowMs = 1_000_000_000
const longAgoMs = 0

export async function loadPower(): Promise<Built> {
  const parts = await Promise.all(['plan', 'memory', 'booking', 'ledger', 'tree', 'site'].map((name) => import(new URL(`../power/${name}.js`, import.meta.url).href) as Promise<object>))
  return Object.assign({}, ...parts) as Built
}

/** So many connectors with a car at each, settled; the last one's car comes and goes in `change`. */
export function buildWorld(power: Built, count: number, shortage: Shortage): { readonly inputs: Inputs; readonly change: (inputs: Inputs, at: number) => Inputs } {
  const subs = Math.ceil(count / perSub)
  const circuits = Math.ceil(subs / subsPerCircuit)
  const amplyA = maxA * perSub
  const shortA = shareA * perSub
  const site = power.siteSchema.parse({
    id: 'main', fuseA: shortage === 'site' ? shareA * count : Math.min(maxA * count, 100_000),
    circuits: [
      ...Array.from({ length: circuits }, (_, index) => ({ id: `c${index}`, limitA: amplyA * subsPerCircuit })),
      ...Array.from({ length: subs }, (_, index) => ({ id: `s${index}`, parent: `c${Math.floor(index / subsPerCircuit)}`, limitA: shortage === 'branches' || (shortage === 'branch' && index === 0) ? shortA : amplyA })),
    ],
  })
  const tree = power.buildTree(site, Array.from({ length: count }, (_, index) => power.chargePointSchema.parse({ id: `CP${index}`, circuit: `s${Math.floor(index / perSub)}`, connectors: [{ id: 1, maxA, phases: turnedBy(Math.floor(index / 3) % 3) }] })))
  const placeOf = (outlet: Place['outlet'], row: Row, index: number): Place => ({
    outlet, row, online: true, vehiclePhases: index % 3 === 0 ? 3 : 1, vehicleMaxA: index % 4 === 0 ? 10 : null, profileCap: null, priority: 0, weight: 1, queuedAtMs: index,
  })
  let inputs: Inputs = { tree, grid: null, baseA: { L1: 0, L2: 0, L3: 0 }, places: [...tree.outlets.values()].map((outlet, index) => placeOf(outlet, rowOf(power, outlet, 0, 6), index)) }
  const { targets } = power.plan(inputs, nowMs)
  inputs = { ...inputs, places: inputs.places.map((place, index) => placeOf(place.outlet, rowOf(power, place.outlet, targets.get(place.outlet.key)!.defaultA, targets.get(place.outlet.key)!.txA), index)) }
  const made = power.plan(inputs, nowMs)
  if (made.lowerings.length + made.raisings.length > 0) throw new Error('the world is not at rest')
  const cars = inputs.places.map(({ outlet }) => rowOf(power, outlet, 0, null))
  return {
    inputs,
    // Another car of the first sub-circuit leaves, and comes back with the next change.
    change: ({ places, ...rest }, at) => {
      const index = (at >> 1) % perSub
      const row = at % 2 === 0 ? cars[index]! : inputs.places[index]!.row
      return { ...rest, places: places.map((place, other) => (other === index ? { ...place, row } : place)) }
    },
  }
}

function turnedBy(turns: number): string[] {
  return ['L1', 'L2', 'L3', 'L1', 'L2'].slice(turns, turns + 3)
}

function rowOf(power: Built, outlet: Place['outlet'], fallbackA: number, txA: number | null): Row {
  const entry = (seq: number, slot: string, limitA: number) => ({ seq, slot, limitA, fallbackA, leaseEndsAtMs: null, bookedAtMs: longAgoMs, state: 'booked' })
  const take = (seq: number, slot: string, limitA: number) => [{ type: 'booked', entry: entry(seq, slot, limitA) }, { type: 'sent', seq }, { type: 'accepted', seq, atMs: longAgoMs }]
  const facts = [{ type: 'contacted', atMs: longAgoMs }, ...take(1, 'default', fallbackA), ...(txA === null ? [] : [{ type: 'started', transactionId: 7 }, ...take(2, 'tx', txA)]), { type: 'settled', atMs: nowMs }]
  return facts.reduce(power.book, power.openRow(outlet.maxA, false, 3))
}
