// Random cars under random bounds, in numbers that are easy to check by hand.
import fc from 'fast-check'
import { admit } from '../../src/power/admission.ts'
import { fillEvenly } from '../../src/power/filling.ts'
import { leastOf, type Bound, type Member } from '../../src/power/member.ts'

export interface SharingCase { readonly bounds: readonly Bound[]; readonly members: readonly Member[] }

const car = fc.record({
  priority: fc.constantFrom(0, 0, 0, 1, 2), weight: fc.constantFrom(1, 1, 2, 3, 0.5), minA: fc.constantFrom(6, 6, 6, 7, 8.5), span: fc.integer({ min: -3, max: 26 }),
  floorA: fc.constantFrom(0, 0, 0, 6, 6.5, 10), stepA: fc.constantFrom(1, 1, 1, 0.1, 0.5, 2, 5), under: fc.uniqueArray(fc.nat(), { minLength: 1, maxLength: 4 }), watts: fc.boolean(),
  hours: fc.option(fc.integer({ min: -1, max: 6 }), { nil: null, freq: 3 }),
})

/** `classes: false` = all of one class, without floors: what the certificates below are about. */
export function sharingCases({ plain = false, maxCars = 8 } = {}): fc.Arbitrary<SharingCase> {
  return fc.record({ capacities: fc.array(fc.integer({ min: 0, max: 120 }), { minLength: 1, maxLength: 5 }), cars: fc.array(car, { minLength: 1, maxLength: maxCars }), turn: fc.nat() }).map(({ capacities, cars, turn }) => {
    const isWatts = (index: number) => index === 4
    return {
      bounds: capacities.map((capacity, index) => ({ capacity: isWatts(index) ? capacity * 690 : capacity })),
      members: cars.map((one, at) => {
        const steps = (value: number) => Math.round(Math.ceil(value / one.stepA - 1e-9) * one.stepA * 1e6) / 1e6
        const capA = Math.max(0, steps(one.minA + one.span))
        const place = (at + turn) % cars.length
        return {
          key: `c${at}`, priority: plain ? 0 : one.priority, weight: one.weight, minA: steps(one.minA), capA, floorA: plain ? 0 : one.floorA, stepA: one.stepA,
          rank: place, queue: (place * 7 + 3) % cars.length * 10 + place, fullA: Math.max(capA, 1),
          ...(one.hours === null ? {} : { latestMs: one.hours * 600_000 }),
          bounds: [...new Set(one.under.map((index) => index % capacities.length))].map((index) => ({ index, perAmp: isWatts(index) ? 690 : 1 })),
        }
      }),
    }
  })
}

/** What each counts with under a bound. */
export function loadOf({ members }: SharingCase, amps: ReadonlyMap<string, number>, index: number): number {
  let sum = 0
  for (const member of members) for (const bound of member.bounds) if (bound.index === index) sum += Math.max(amps.get(member.key) ?? 0, member.floorA) * bound.perAmp
  return sum
}

/** Something is in the way of so much more. */
export function isBlocked(given: SharingCase, amps: ReadonlyMap<string, number>, member: Member, moreA: number): boolean {
  const growthA = Math.max((amps.get(member.key) ?? 0) + moreA, member.floorA) - Math.max(amps.get(member.key) ?? 0, member.floorA)
  return growthA > 0 && member.bounds.some(({ index, perAmp }) => given.bounds[index]!.capacity - loadOf(given, amps, index) < growthA * perAmp - 1e-6)
}

/** The shares of the even policies before they are rounded to steps: admitted members only. */
export function exactly({ bounds, members }: SharingCase, isWeighted: boolean): ReadonlyMap<string, number> {
  const { division, admitted } = admit(bounds, members, 0)
  for (const priority of [...new Set(admitted.map((member) => member.priority))]) fillEvenly(admitted.filter((member) => member.priority === priority), division, isWeighted)
  return division.amps
}

export { leastOf }
