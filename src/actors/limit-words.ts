// What a limit is called in a sentence, how much it is, and how cars share what it leaves.
import { isPhase, pairOf, type Constraint } from '../power/limits.ts'
import type { Policy, SiteConfig } from '../power/site.ts'
import { floorShown } from '../power/steps.ts'
import type { Outlet } from '../power/tree.ts'
import { listed } from './listed.ts'
import { nameOfProfile } from './profile-words.ts'

const round = (value: number): number => Math.round(value * 100) / 100

/** `27.6 kW`; below a kilowatt `500 W`. */
export function watts(value: number): string {
  return value < 1_000 ? `${Math.round(value)} W` : `${round(value / 1_000)} kW`
}

/** `10 A`; of direct current also what that is at the car: `72 A (45 kW)`. */
export function amps(value: number, { dc }: Pick<Outlet, 'dc'>): string {
  return dc === undefined || dc === null ? `${round(value)} A` : `${round(value)} A (${watts(value * dc.wattsPerA)})`
}

/** `the grid limit of 40 A`, `circuit garage of 13.8 kW (20 A per phase)`. `words` = who imposed it or why, where somebody said so. */
export function nameOfLimit({ source, on, capacity, nodeID }: Constraint, { id: siteID, voltage }: Pick<SiteConfig, 'id' | 'voltage'>, words: string | null): string {
  const amount = on === 'W' ? watts(capacity) : `${floorShown(capacity)} A`
  const noted = (...notes: readonly (string | null)[]): string => {
    const all = [on === 'W' ? `${floorShown(capacity / (3 * voltage))} A per phase` : null, ...notes].filter((note) => note !== null)
    return all.length === 0 ? amount : `${amount} (${all.join('; ')})`
  }
  const most = noted()
  const [kind] = source.split(':')
  const node = nodeID === siteID ? 'the site' : `circuit ${nodeID}`
  const pair = pairOf(on)
  if (pair !== null) return `the imbalance limit of ${most} by which ${pair[0]} of ${node} may carry more than ${pair[1]}`
  switch (kind) {
    case 'fuse': return `the fuse of ${most}`
    case 'grid-limit': return `the grid limit of ${most}`
    case 'failsafe': return `the failsafe limit of ${noted('the energy manager is silent')}`
    case 'curtailment': return `the curtailment to ${noted(words)}`
    case 'schedule': return `the scheduled limit of ${noted(words)}`
    case 'demand-window': return `the demand window of ${most}`
    case 'profile': return `${nameOfProfile(source)} for the whole charge point of ${most}`
    case 'circuit': return nodeID === siteID ? `the site's limit of ${most}` : `circuit ${nodeID} of ${most}`
    default: return `${source} of ${most}`
  }
}

const manners: Readonly<Record<Policy, (cars: number) => string>> = {
  equal: (cars) => `is shared equally by ${cars} cars`,
  weighted: (cars) => `is shared by weight by ${cars} cars`,
  fifo: (cars) => `is given to ${cars} cars, first come first served`,
  earliestDeadline: (cars) => `is given to ${cars} cars by deadline`,
  leastLaxity: (cars) => `is given to ${cars} cars by slack`,
}

/** What happens to a limit under which so many cars charge. */
export function sharing(policy: Policy, cars: number): string {
  return cars > 1 ? manners[policy](cars) : 'leaves no more'
}

/** For lists: `main L1`, `garage in total`, `main L1 over L2`. */
export function placeOf({ nodeID, on }: Constraint): string {
  const pair = pairOf(on)
  return `${nodeID} ${pair !== null ? `${pair[0]} over ${pair[1]}` : isPhase(on) ? on : 'in total'}`
}

/** `4.2 A`, `500 W`. */
export function excessWords(value: number, on: Constraint['on']): string {
  return `${Math.round(value * 10) / 10} ${on === 'W' ? 'W' : 'A'}`
}

/** Of one node: `main L1, L2 and L3 could be 12 A over its limit (grid-limit)`; what differs has a part of its own: `main L1 could be 4 A over its limit (fuse); main L2 could be 3 A over its limit (fuse)`. */
export function overInWords(over: readonly { readonly constraint: Constraint; readonly amount: number }[]): string {
  const same = new Map<string, { readonly words: string; readonly source: string; places: string[] }>()
  for (const { constraint, amount } of over) {
    const words = excessWords(amount, constraint.on)
    const key = `${words} ${constraint.source} ${isPhase(constraint.on) ? 'phase' : constraint.on}`
    const known = same.get(key)
    if (known === undefined) same.set(key, { words, source: constraint.source, places: [placeOf(constraint)] })
    else known.places.push(isPhase(constraint.on) ? constraint.on : placeOf(constraint))
  }
  return [...same.values()].map(({ words, source, places }) => `${listed(places)} could be ${words} over its limit (${source})`).join('; ')
}
