// What charge points report against the site meter, in a running site: told within a minute, over when it is over, and no limit moves by it.
import { describe, expect, test } from 'vitest'
import type { Settings } from '../../src/settings.ts'
import { meterValue } from './family-stand.ts'
import { openHouse } from './house-stand.ts'
import { openRoom, type RoomStand } from './site-stand.ts'

interface Load { buildingA: number; drawsA: number; saysA: number; charges: boolean }

/** Every second of a site with one charge point: its meter every 5 s, its sample every 10 s. */
async function run(stand: RoomStand, seconds: number, load: Load): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    await stand.clock.advance(1_000)
    const atS = Math.round(stand.clock.wall() / 1_000)
    if (atS % 5 === 0) {
      const meterA = load.buildingA + load.drawsA
      stand.room.readBaseLoad({ L1: meterA, L2: meterA, L3: meterA }, 0)
    }
    if (atS % 10 === 0 && load.charges) stand.sample('CP1', load.saysA)
  }
}

async function open(worstCaseA = 0) {
  const stand = await openRoom({ site: { fuseA: 63, baseLoad: { worstCaseA } } })
  stand.connect('CP1')
  const load: Load = { buildingA: 5, drawsA: 0, saysA: 0, charges: false }
  await run(stand, 90, load)
  return { stand, load }
}

function begin(stand: RoomStand, load: Load, says: { drawsA: number; saysA: number }): void {
  stand.plugIn('CP1', 7)
  Object.assign(load, { ...says, charges: true })
}

describe('one that reports 0 A and draws 32 A', () => {
  test('threat 28: is told within a minute; what it may draw, and what it draws, stay counted', async () => {
    const { stand, load } = await open()
    begin(stand, load, { drawsA: 32, saysA: 0 })
    await run(stand, 60, load)
    expect(stand.open('under-reporting')).toMatchObject([{ severity: 'warning', clientID: 'CP1', connectorId: 1, message: expect.stringContaining('CP1/1 reports 0 A, and the site meter has seen 32 A more on L1, L2, L3') }])
    const power = stand.room.power()
    expect(power.baseLoad.countedA.L1).toBeGreaterThanOrEqual(37)
    expect(power.circuits[0]?.headroomA.L1).toBeLessThanOrEqual(63 - 37 - (power.connectors[0]?.reservedA ?? 0) + 1e-6)
    stand.room.transactionStopped({ clientID: 'CP1', connectorId: 1, transactionId: 7 })
    Object.assign(load, { drawsA: 0, charges: false })
    await run(stand, 30, load)
    expect(stand.open('under-reporting')).toMatchObject([{ message: expect.stringContaining('that went as its transaction ended') }])
    stand.room.stop()
  })

  test('is told no more when the load stays after its transaction', async () => {
    const { stand, load } = await open()
    begin(stand, load, { drawsA: 20, saysA: 0 })
    await run(stand, 60, load)
    expect(stand.open('under-reporting')).toHaveLength(1)
    stand.room.transactionStopped({ clientID: 'CP1', connectorId: 1, transactionId: 7 })
    Object.assign(load, { charges: false })
    await run(stand, 90, load)
    expect(stand.open('under-reporting')).toEqual([])
    stand.room.stop()
  })
})

test('an honest one is not', async () => {
  const { stand, load } = await open()
  begin(stand, load, { drawsA: 32, saysA: 32 })
  await run(stand, 120, load)
  expect(stand.open('under-reporting')).toEqual([])
  stand.room.stop()
})

test('a building above its worst case is told while somebody reports much less than it may draw', async () => {
  const { stand, load } = await open(8)
  begin(stand, load, { drawsA: 0, saysA: 0 })
  await run(stand, 200, load)
  expect(stand.open('under-reporting')).toEqual([])
  stand.room.transactionStopped({ clientID: 'CP1', connectorId: 1, transactionId: 7 })
  load.charges = false
  await run(stand, 120, load)
  load.buildingA = 30
  await run(stand, 120, load)
  expect(stand.open('under-reporting')).toEqual([])
  begin(stand, load, { drawsA: 0, saysA: 0 })
  await run(stand, 60, load)
  expect(stand.open('under-reporting')).toMatchObject([{ clientID: null, message: expect.stringContaining('The building takes 30 A on L1, more than its worst case of 8 A') }])
  load.buildingA = 5
  await run(stand, 90, load)
  expect(stand.open('under-reporting')).toEqual([])
  stand.room.stop()
})

describe('what the settings of a charge point say', () => {
  test.each<[string, Settings, number]>([['as usual', {}, 1], ['never', { meterAlerts: { underReportingA: 0 } }, 0], ['only beyond 40 A', { meterAlerts: { underReportingA: 40 } }, 0]])('%s', async (_, settings, expected) => {
    const stand = await openHouse({ sites: [{ id: 'main', fuseA: 63, baseLoad: { worstCaseA: 0 } }], chargePoints: [{ id: 'CP1', settings }] })
    const peer = await stand.boot('CP1')
    const meter = (currentA: number) => stand.house.pushBaseLoad('main', { currentA: { L1: currentA, L2: currentA, L3: currentA } })
    for (let atS = 0; atS < 60; atS += 5) {
      meter(5)
      await stand.clock.advance(5_000)
    }
    await stand.start(peer)
    for (let atS = 0; atS < 60; atS += 5) {
      meter(37)
      if (atS % 10 === 0) await stand.call(peer, 'MeterValues', { connectorId: 1, meterValue: [meterValue(new Date(stand.clock.wall()).toISOString(), { currentA: 0 })] })
      await stand.clock.advance(5_000)
    }
    expect(stand.house.alerts().filter(({ code, resolvedAt }) => code === 'under-reporting' && resolvedAt === null)).toHaveLength(expected)
  })
})
