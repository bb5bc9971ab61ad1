// Row 47: kwota is killed when k of n lowerings of a cut have arrived, and begins again: what each charge point may hold counts, lowerings come first, nobody is raised.
import { expect, test } from 'vitest'
import { openStand } from '../e2e/stand.ts'

const points = Array.from({ length: 6 }, (_, at) => ({ id: `CP${at + 1}` }))

test.each([0, 1, 2, 3, 4, 5, 6])('threat 47: killed when %i of six lowerings have arrived', async (arrived) => {
  const stand = await openStand({ id: 'main', fuseA: 96 }, points)
  const { stations } = stand
  for (const station of stations) station.start()
  await stand.run(60_000)
  const permits = () => stations.map(({ permitA }) => permitA)
  expect(permits()).toEqual(points.map(() => 16))

  await stand.limit(36)
  // They have left; those of the others are lost with their lines.
  for (const station of stations.slice(arrived)) station.drop()
  await stand.run(15)
  stand.crash()
  expect(permits()).toEqual(points.map((_, at) => (at < arrived ? 6 : 16)))

  await stand.restart()
  for (const { id, permitA } of stations) expect(stand.row(id).reservedA, id).toBeGreaterThanOrEqual(permitA)
  const from = stand.clock.mono()
  for (const station of stations) station.connect()
  let before = permits()
  for (let step = 0; step < 200; step++) {
    await stand.run(100)
    const after = permits()
    expect(after.filter((permitA, at) => permitA > before[at]!), `${step / 10} s behind the start`).toEqual([])
    for (const { id, permitA } of stations) expect(stand.row(id).reservedA, id).toBeGreaterThanOrEqual(permitA)
    before = after
  }
  expect(permits()).toEqual(points.map(() => 6))
  expect(stand.power()).toMatchObject({ state: 'enforced', effective: { currentA: 36 } })
  // Whoever had not got it is told that, before anything else.
  for (const station of stations.slice(arrived)) expect(station.seen.find(({ atMs }) => atMs >= from)?.limitsA[0], station.id).toBe(6)
  stand.crash()
})
