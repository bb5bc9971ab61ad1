// The guard of the bench: what a message, a cut, a raising and an arrival cost, in counts that no machine changes, against `bench/guard.json`. Whatever grows fails.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { grantA } from '../../bench/depot.ts'
import { boundsOf, growthFaults, type GuardFigures } from './guard-bounds.ts'
import { allocatedIn, countedIn, openGuardWorld, type Counts, type GuardWorld } from './guard-world.ts'

const file = join(import.meta.dirname, '../../bench/guard.json')
const stations = 20
/** Sampled, and by what the compiler has got round to. */
const roomForBytes = 1.2
const figures: Record<string, Record<string, number>> = {}
let world: GuardWorld

beforeAll(async () => {
  world = await openGuardWorld(stations)
}, 120_000)
afterAll(() => world.stop())

const perMessage = (counts: Counts, messages: number): Record<string, number> => ({
  commitsPerMessage: counts.commits / messages, putsPerMessage: counts.puts / messages, putBytesPerMessage: counts.putBytes / messages,
  appendsPerMessage: counts.appends / messages, entriesPerMessage: counts.entries / messages, entryBytesPerMessage: counts.entryBytes / messages,
  timersPerMessage: counts.timers / messages, decisionsPerMessage: counts.decisions / messages, framesPerMessage: counts.framesOut / messages,
})
const perConnector = ({ profiles, framesOut, commits, puts, decisions }: Counts): Record<string, number> => ({
  profilesPerConnector: profiles / stations, framesPerConnector: framesOut / stations, commitsPerConnector: commits / stations, putsPerConnector: puts / stations, decisionsPerConnector: decisions / stations,
})

describe('a depot on a virtual clock', () => {
  test('arrives: boots, is asked, begins to charge and gets its power', () => {
    expect(world.counts.profiles).toBeGreaterThanOrEqual(stations)
    figures['arrival'] = perConnector(world.counts)
  })

  test('reports as in the field: every ten seconds', async () => {
    const messages = stations * 60
    const counts = await countedIn(world, () => world.run(600, 10))
    expect(counts.framesIn).toBeGreaterThanOrEqual(messages)
    figures['fieldRate'] = perMessage(counts, messages)
  }, 120_000)

  test('reports as on the bench: a hundred messages a second', async () => {
    const messages = stations * 100
    const counts = await countedIn(world, () => world.run(20, 0.2))
    expect(counts.framesIn).toBeGreaterThanOrEqual(messages)
    const bytes: number[] = []
    for (let round = 0; round < 3; round++) bytes.push(await allocatedIn(() => world.run(20, 0.2)) / messages)
    figures['benchRate'] = { ...perMessage(counts, messages), allocatedBytesPerMessage: Math.min(...bytes) }
  }, 120_000)

  test('is cut to half of its power, and gets some of it back', async () => {
    const limited = async (toA: number, seconds: number): Promise<Record<string, number>> => {
      const counts = await countedIn(world, async () => {
        await world.limit(toA * stations)
        await world.run(seconds, 10)
      })
      expect(world.stations.map(({ limitA }) => limitA)).toEqual(Array.from({ length: stations }, () => toA))
      return perConnector(counts)
    }
    figures['cut'] = await limited(grantA / 2, 60)
    figures['raising'] = await limited(grantA / 2 + 4, 120)
  }, 120_000)

  test('costs no more than it did', () => {
    if (process.env['KWOTA_GUARD'] === 'write') writeFileSync(file, `${JSON.stringify(boundsOf(figures, (name) => (name === 'allocatedBytesPerMessage' ? roomForBytes : 1)), null, 2)}\n`)
    expect(growthFaults(figures, JSON.parse(readFileSync(file, 'utf8')) as GuardFigures)).toEqual([])
  })
})

describe('the guard', () => {
  const bounds = { cut: { profilesPerConnector: 1, framesPerConnector: 7.05 } }

  test('lets through what is as it was, or less', () => {
    expect(growthFaults(bounds, bounds)).toEqual([])
    expect(growthFaults({ cut: { profilesPerConnector: 0.95, framesPerConnector: 7 } }, bounds)).toEqual([])
  })

  test('names what has grown, by however little, and what to do', () => {
    expect(growthFaults({ cut: { profilesPerConnector: 1.05, framesPerConnector: 7 } }, bounds)).toEqual([expect.stringMatching(/^cut\.profilesPerConnector has grown to 1\.05, and its bound is 1: /)])
  })

  test('lets nothing be measured without a bound, and no bound stand for nothing', () => {
    expect(growthFaults({ cut: { profilesPerConnector: 1, framesPerConnector: 7, puts: 1 } }, bounds)).toEqual([expect.stringMatching(/^cut\.puts is 1 and has no bound/)])
    expect(growthFaults({ cut: { profilesPerConnector: 1 } }, bounds)).toEqual([expect.stringMatching(/^cut\.framesPerConnector has a bound and is not measured/)])
    expect(growthFaults({}, bounds)).toHaveLength(2)
  })

  test('writes bounds that hold for what was measured', () => {
    const measured = { a: { zero: 0, third: 1 / 3, large: 18_765.4321, whole: 20, small: 0.000_123_456 } }
    expect(growthFaults(measured, boundsOf(measured, () => 1))).toEqual([])
    expect(boundsOf(measured, (name) => (name === 'large' ? 1.2 : 1))).toEqual({ a: { zero: 0, third: 0.3334, large: 22_520, whole: 20, small: 0.000_123_5 } })
  })
})
