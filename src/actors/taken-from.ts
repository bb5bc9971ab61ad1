// What of a limit is not shared by those it binds: the building, and what others have or may have; so that people can work out a share themselves.
import { isPhase, type Constraint } from '../power/limits.ts'
import { capacities, loadOn, type BaseAmps } from '../power/loads.ts'
import type { Plan } from '../power/plan.ts'
import { atLeast, isSteered } from '../power/stuck.ts'
import type { Target } from '../power/target.ts'
import { watts } from './limit-words.ts'

/** In the unit of the limit. */
export interface Taken {
  readonly building: number
  readonly holders: readonly { readonly key: string; readonly amount: number }[]
}

/** It shares what binds it: what is counted for it is not held from the others because it does not follow. */
export function isSharer({ boundBy, allocatedA, stuck, defaultA, txA }: Target): boolean {
  return boundBy !== null && allocatedA > 0 && stuck.thisCarA <= Math.max(defaultA, txA) + 1e-9
}

/** Null = it is no limit of amps or watts, or holds no more. */
export function takenFrom({ ground, targets }: Pick<Plan, 'ground' | 'targets'>, baseA: BaseAmps, bound: Constraint): Taken | null {
  if (!isPhase(bound.on) && bound.on !== 'W') return null
  const same = (one: Constraint | null) => one !== null && one.nodeID === bound.nodeID && one.on === bound.on && one.source === bound.source
  const index = ground.constraints.findIndex(same)
  if (index < 0) return null
  const building = Math.max(0, ground.constraints[index]!.capacity - capacities(ground, baseA)[index]!)
  const holders: { key: string; amount: number }[] = []
  for (const target of targets.values()) {
    const { place, stuck, defaultA, fallbackA, txA } = target
    if (!place.outlet.path.includes(bound.nodeID) || (isSharer(target) && same(target.boundBy))) continue
    const amount = loadOn(ground, place, isSteered(place) ? atLeast(stuck, defaultA, Math.max(fallbackA, txA)) : stuck, bound.on)
    if (amount > 1e-9) holders.push({ key: place.outlet.key, amount })
  }
  return { building, holders }
}

/** `, less 9 A for the building and 16.8 A held for CP-05/1,`; empty where nothing is taken from `own`. */
export function takenWords(taken: Taken | null, on: Constraint['on'], own: string): string {
  if (taken === null) return ''
  const others = taken.holders.filter(({ key }) => key !== own)
  const held = others.reduce((sum, { amount }) => sum + amount, 0)
  const { building } = taken
  const amount = (value: number) => (on === 'W' ? watts(value) : `${Math.round(value * 10) / 10} A`)
  const least = on === 'W' ? 100 : 0.5
  const parts = [
    // In whole amps: this is read, and must not be another with every reading.
    ...(building < least ? [] : [`${on === 'W' ? watts(Math.round(building / 100) * 100) : `${Math.round(building)} A`} for the building`]),
    ...(held < least ? [] : [`${amount(held)} held for ${others.length === 1 ? others[0]!.key : `${others.length} other connectors`}`]),
  ]
  return parts.length === 0 ? '' : `, less ${parts.join(' and ')},`
}
