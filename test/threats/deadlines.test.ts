// Row 49: deadlines hold over a restart at any moment, and a wall clock that jumps moves no limit.
import { expect, test } from 'vitest'
import { between, createRandom } from '../../src/simulator/random.ts'
import { conform } from '../actors/conforming-peer.ts'
import { caller, openHouse, type HouseStand } from '../actors/house-stand.ts'

const minuteMs = 60_000
const seed = 49

const effective = (stand: HouseStand) => stand.house.gridLimit('main').value.effective.currentA
const iso = (ms: number) => new Date(ms).toISOString()

const boot = (stand: HouseStand) => stand.boot('CP1', (peer) => { peer.script = conform(stand.clock).script })

async function charging(): Promise<HouseStand> {
  const stand = await openHouse({ sites: [{ id: 'main', fuseA: 63, failsafeA: 8 }], chargePoints: [{ id: 'CP1' }] })
  await stand.start(await boot(stand))
  await stand.clock.advance(20_000)
  return stand
}

test.each(Array.from({ length: 12 }, (_, at) => at))('threat 49: killed and begun again at a random moment (%i): what is over is over at once, what is ahead comes at its time', async (nth) => {
  const random = createRandom(seed * 1_000 + nth)
  let stand = await charging()
  const { clock } = stand
  const nowMs = clock.wall()
  const [beginsMs, endsMs, lapsesMs] = [nowMs + 5 * minuteMs, nowMs + 15 * minuteMs, nowMs + 25 * minuteMs]
  await stand.house.setGridLimit('main', { currentA: 30, ttlS: 25 * 60 }, caller)
  await stand.house.limits.createCurtailment('main', { currentA: 12, startsAt: iso(beginsMs), expiresAt: iso(endsMs) }, caller)
  const held = () => (clock.wall() >= lapsesMs ? 8 : clock.wall() >= beginsMs && clock.wall() < endsMs ? 12 : 30)

  for (let life = 0; life < 4; life++) {
    await clock.advance(between(random, 0, 4 * minuteMs))
    stand.directory.crash()
    await clock.advance(between(random, 0, 6 * minuteMs))
    stand = await stand.restart()
    expect(effective(stand), `life ${life}, ${(clock.wall() - nowMs) / minuteMs} min`).toBe(held())
    const peer = await boot(stand)
    await clock.advance(1_000)
    // The first word about power is never more than what holds.
    for (const told of peer.profiles().filter((profile) => profile.startsWith('TxProfile'))) expect(Number(told.split(' ')[2])).toBeLessThanOrEqual(Math.max(held(), 8))
  }
  for (const atMs of [beginsMs, endsMs, lapsesMs]) {
    if (clock.wall() >= atMs) continue
    await clock.advance(atMs - clock.wall() - 100)
    expect(effective(stand)).toBe(held())
    await clock.advance(1_100)
    expect(effective(stand)).toBe(held())
  }
  stand.directory.crash()
})

test.each([-60 * minuteMs, 60 * minuteMs])('threat 49: a wall clock that jumps by %i ms moves no limit', async (jumpMs) => {
  const stand = await charging()
  const { clock } = stand
  await stand.house.setGridLimit('main', { currentA: 30, ttlS: 20 * 60 }, caller)
  await stand.house.limits.createCurtailment('main', { currentA: 12, expiresAt: iso(clock.wall() + 10 * minuteMs) }, caller)
  await clock.advance(5 * minuteMs)
  clock.jumpWall(jumpMs)
  const seen: [number, number][] = []
  for (let minute = 5; minute < 25; minute++) {
    await clock.advance(minuteMs / 2)
    seen.push([minute, effective(stand)])
    await clock.advance(minuteMs / 2)
  }
  expect(seen).toEqual(seen.map(([minute]) => [minute, minute < 10 ? 12 : minute < 20 ? 30 : 8]))
  stand.directory.crash()
})
