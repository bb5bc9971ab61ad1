// "The meter itself above the limit sheds at once", also where the building rises a second time while cars that were just lowered still hide it; a slow car is not taken for that.
import { describe, expect, test } from 'vitest'
import { openRoom } from './site-stand.ts'

interface Yard {
  readonly cars: number
  readonly sampleS: number
  readonly meterS: number
  readonly followS: number
  /** What the building takes, and what the grid allows, so many seconds after all cars charge at 32 A; the fuse is no more than that. */
  readonly baseA: (atS: number) => number
  readonly cutA?: number
}

/** How long the meter was above the limit after `fromS`, and what was told since. */
async function watch({ cars, sampleS, meterS, followS, baseA, cutA }: Yard, fromS: number) {
  const ids = Array.from({ length: cars }, (_, index) => `CP${index + 1}`)
  const stand = await openRoom({ site: { fuseA: 32 * cars, baseLoad: { worstCaseA: 0 } }, chargePoints: ids.map((id) => ({ id })) })
  const peers = ids.map((id) => stand.connect(id))
  await stand.clock.advance(15_000)
  ids.forEach((id, index) => stand.plugIn(id, index + 1))
  const toldA = () => peers.map((peer) => Number(peer.profiles().findLast((one) => one.startsWith('TxProfile'))?.split(' ')[2] ?? 0))
  const history = [toldA()]
  const marks = peers.map(() => 0)
  let overS = 0
  for (let atS = -300; atS < 60; atS += 1) {
    if (atS === 0) {
      expect(toldA()).toEqual(peers.map(() => 32))
      peers.forEach((peer, index) => { marks[index] = peer.profiles().length })
      if (cutA !== undefined) await stand.room.setGridLimit({ currentA: cutA }, 'ems')
    }
    await stand.clock.advance(1_000)
    history.push(toldA())
    const drawn = history.at(-1 - Math.min(atS < -20 ? 2 : followS, history.length - 1))!
    const meterA = drawn.reduce((sum, amps) => sum + amps, baseA(atS))
    if (atS >= fromS && meterA > (atS < 0 ? 32 * cars : cutA ?? 32 * cars) + 0.5) overS += 1
    if (atS % meterS === 0) stand.room.readBaseLoad({ L1: meterA, L2: meterA, L3: meterA }, 0)
    ids.forEach((id, index) => { if ((atS + 307 + 3 * index) % sampleS === 0) stand.sample(id, drawn[index]!) })
  }
  const since = peers.map((peer, index) => peer.profiles().slice(marks[index]))
  stand.room.stop()
  return { overS, since }
}

describe('a second rise of the building, right behind the reading that showed the first', () => {
  // The first is read at 5 s or 10 s; two readings at most, a little, and the time to follow are left for the second.
  test.each([
    { cars: 1, sampleS: 60, meterS: 5 }, { cars: 3, sampleS: 10, meterS: 5 }, { cars: 3, sampleS: 60, meterS: 5 },
    { cars: 1, sampleS: 60, meterS: 10 }, { cars: 3, sampleS: 10, meterS: 10 },
  ])('$cars cars sampled every $sampleS s, the meter every $meterS s', async ({ cars, sampleS, meterS }) => {
    const secondS = meterS + 1
    const { overS, since } = await watch({ cars, sampleS, meterS, followS: 3, baseA: (atS) => (atS < 1 ? 0 : atS < secondS ? 8 : 16) }, secondS)
    expect(overS).toBeLessThanOrEqual(14)
    expect(since.every((one) => one.length === 2)).toBe(true)
  })
})

describe('cars that take 8 s to follow', () => {
  test.each([1, 2, 5])('a cut to 10 A each, the meter every %i s: one lowering and no more', async (meterS) => {
    const { since } = await watch({ cars: 3, sampleS: 60, meterS, followS: 8, baseA: () => 0, cutA: 30 }, 0)
    expect(since).toEqual(Array.from({ length: 3 }, () => ['TxProfile 1 10']))
  })
  test.each([1, 2, 5])('a rise of 8 A, the meter every %i s: one lowering and no more', async (meterS) => {
    const { since } = await watch({ cars: 1, sampleS: 60, meterS, followS: 8, baseA: (atS) => (atS < 1 ? 0 : 8) }, 0)
    expect(since).toEqual([['TxProfile 1 24']])
  })
})
