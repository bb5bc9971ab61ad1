// A limit that is bought on random small sites: by whatever policy, what exceeds it is owed minimums and nothing more.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { allocate, type Member } from '../../src/power/allocate.ts'
import type { Policy } from '../../src/power/site.ts'

const nowMs = 60_000_000
const members: fc.Arbitrary<Member[]> = fc.array(fc.record({
  priority: fc.nat({ max: 2 }), capA: fc.integer({ min: 6, max: 32 }), branch: fc.integer({ min: 1, max: 2 }), isSated: fc.constantFrom(true, false, false, false), slackMin: fc.option(fc.nat({ max: 300 })),
}), { minLength: 2, maxLength: 7 }).map((cars) => cars.map(({ priority, capA, branch, isSated, slackMin }, rank): Member => ({
  key: `c${rank}`, rank, priority, weight: 1, minA: 6, capA, floorA: 0, stepA: 1, bounds: [{ index: 0, perAmp: 1 }, { index: branch, perAmp: 1 }],
  ...(isSated ? { sated: true } : {}), ...(slackMin === null ? {} : { latestMs: nowMs + slackMin * 60_000, fullA: 32 }),
})))

test.each<Policy>(['equal', 'fifo', 'earliestDeadline', 'leastLaxity'])('%s', (policy) => {
  fc.assert(fc.property(fc.integer({ min: 6, max: 60 }), fc.tuple(fc.integer({ min: 6, max: 60 }), fc.integer({ min: 6, max: 40 })), members, (boughtA, fusedA, cars) => {
    const given = allocate([{ capacity: boughtA, economic: true }, ...fusedA.map((capacity) => ({ capacity }))], cars, policy, nowMs).map(({ allocatedA }) => allocatedA)
    const sum = (of: (member: Member) => boolean) => cars.reduce((total, member, at) => total + (of(member) ? given[at]! : 0), 0)
    for (const [at, limitA] of fusedA.entries()) expect(sum(({ bounds }) => bounds.some(({ index }) => index === at + 1))).toBeLessThanOrEqual(limitA)
    if (sum(() => true) <= boughtA) return
    expect(Math.max(...given)).toBe(6)
    // Nobody that is owed nothing added to what was exceeded already.
    expect(sum(({ sated }) => sated === true)).toBe(0)
    expect(sum(({ priority, sated }) => priority < 1 && sated !== true)).toBe(0)
  }), { numRuns: 1_500 })
})
