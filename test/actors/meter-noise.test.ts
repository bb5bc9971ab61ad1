// Decision 1 with a site meter that is not exact: cars that ramp between their samples cost nothing, and what really rises counts at once.
import { describe, expect, test } from 'vitest'
import { createRandom } from '../../src/simulator/random.ts'
import { playYard, type Told, type Yard } from './metered-yard.ts'

const site = (cars: number, sampleS: number, options: { readonly fuseA?: number; readonly first?: string } = {}) => `site: { id: main, fuseA: ${options.fuseA ?? 100}, baseLoad: { worstCaseA: 40 } }
chargePoints:
${Array.from({ length: cars }, (_, index) => `  - { id: CP${index + 1}, sampleS: ${sampleS}${index === 0 ? options.first ?? '' : ''} }`).join('\n')}
`
/** One car after the other, 7 s apart. */
const arrive = (cars: number, atS: number, yard: Yard) => { for (let index = 0; index < cars; index++) if (atS === 1 + index * 7) yard.plugIn(`CP${index + 1}/1`) }
const isLowering = ({ limitA, wasA }: Told) => wasA !== null && limitA < wasA

describe('a meter with noise of 0.8 A and cars that ramp between their samples', () => {
  test.each([
    { cars: 3, sampleS: 10, noiseA: 0.8, seed: 2 },
    { cars: 5, sampleS: 10, noiseA: 0.8, seed: 2 },
    { cars: 3, sampleS: 60, noiseA: 0.8, seed: 2 },
    { cars: 5, sampleS: 60, noiseA: 0.8, seed: 2 },
    { cars: 5, sampleS: 60, noiseA: 0, seed: 1 },
  ])('$cars cars sampled every $sampleS s, noise $noiseA A: nothing is lowered but by the cuts', { timeout: 90_000 }, async ({ cars, sampleS, noiseA, seed }) => {
    // Cut to 60 A and given back, three minutes each, for 30 minutes.
    const isCut = (atS: number) => Math.floor(atS / 180) % 2 === 1
    const { told, deliveredShare, worstMarginA } = await playYard(site(cars, sampleS), {
      noiseA, seed, forS: 1_800, fromS: 120, baseA: 20,
      act(atS, yard) {
        arrive(cars, atS, yard)
        if (atS > 0 && atS % 180 === 0) void yard.limit(isCut(atS) ? 60 : 100)
      },
    })
    const lowered = told.filter((one) => one.atS > 120 && isLowering(one))
    expect(lowered.filter(({ atS }) => isCut(atS) && atS % 180 < 10).length).toBeGreaterThanOrEqual(cars * 5)
    // What stands on the edge of an amp may go over it once when the noise is at its highest.
    const needless = lowered.filter(({ atS }) => !isCut(atS) || atS % 180 >= 25)
    expect(needless.length).toBeLessThanOrEqual(noiseA === 0 ? 0 : cars)
    expect(needless.every(({ limitA, wasA }) => wasA! - limitA <= 1)).toBe(true)
    expect(deliveredShare).toBeGreaterThanOrEqual(0.97)
    expect(worstMarginA).toBeGreaterThanOrEqual(-0.05)
  })

  test('a building that really takes more counts at once, also while cars ramp', { timeout: 60_000 }, async () => {
    const seen: number[] = []
    const { told, worstMarginA } = await playYard(site(3, 60), {
      noiseA: 0.8, seed: 4, forS: 420, fromS: 120, baseA: 20,
      act(atS, yard) {
        arrive(3, atS, yard)
        if (atS === 200) void yard.limit(60)
        if (atS === 300) void yard.limit(100)
        // The cars have just been given 13 A more each; the building takes more than they could.
        if (atS === 320) Object.assign(yard.base, { L1: 65, L2: 65, L3: 65 })
        if (atS === 326) seen.push(yard.counted().L1)
      },
    })
    expect(seen[0]).toBeGreaterThanOrEqual(64)
    expect(new Set(told.filter((one) => one.atS > 320 && one.atS < 330 && isLowering(one)).map(({ key }) => key)).size).toBe(3)
    expect(worstMarginA).toBeGreaterThanOrEqual(-0.05)
  })
})

describe('a car without readings that takes all and nothing every 20 to 40 s, on a tight fuse', () => {
  test.each([
    { cars: 2, sampleS: 10, fuseA: 42, noiseA: 0.8, seed: 1 },
    { cars: 3, sampleS: 10, fuseA: 60, noiseA: 0, seed: 2 },
    { cars: 3, sampleS: 60, fuseA: 60, noiseA: 0.8, seed: 2 },
  ])('$cars cars, fuse $fuseA A, sampled every $sampleS s: never over, and nobody is told much', { timeout: 60_000 }, async ({ cars, sampleS, fuseA, noiseA, seed }) => {
    const random = createRandom(seed * 77)
    let nextS = 60
    let takes = true
    const { told, worstMarginA } = await playYard(site(cars, sampleS, { fuseA, first: ', behaviour: [no-meter]' }), {
      noiseA, seed, forS: 1_200, fromS: 120, baseA: 10,
      act(atS, yard) {
        arrive(cars, atS, yard)
        if (atS !== nextS) return
        nextS = atS + 20 + Math.floor(random() * 21)
        takes = !takes
        yard.depot.chargePoint('CP1').drawAtMost(1, takes ? null : 0)
      },
    })
    expect(worstMarginA).toBeGreaterThanOrEqual(-0.05)
    for (const { key, atS, limitA, wasA } of told) {
      const minute = told.filter((one) => one.key === key && one.atS > atS - 59 && one.atS <= atS)
      // A fifth in a minute only lowers.
      if (atS > 120 && wasA !== null && limitA > wasA) expect(minute.length, `${key} at ${atS} s`).toBeLessThanOrEqual(4)
      expect(minute.length, `${key} at ${atS} s`).toBeLessThanOrEqual(6)
    }
  })
})
