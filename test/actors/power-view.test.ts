// What the power of a site shows beside amps per phase: imbalance, direct current, the demand window.
import { describe, expect, test } from 'vitest'
import { statesOf } from '../../src/mqtt/topics.ts'
import { openHouse } from './house-stand.ts'
import { openRoom } from './site-stand.ts'

test('imbalance: the limit, and how much more one phase could carry than another', async () => {
  const { room, connect, clock, plugIn } = await openRoom({ site: { fuseA: 63, imbalanceLimitA: 20, circuits: [{ id: 'garage', imbalanceLimitA: 16 }] }, chargePoints: [{ id: 'CP1', circuit: 'garage', connectors: [{ id: 1, phases: ['L2'] }] }] })
  connect('CP1')
  await clock.advance(15_000)
  plugIn('CP1', 1)
  await clock.advance(20_000)
  expect(room.power().circuits.map(({ id, imbalanceLimitA, imbalanceA }) => [id, imbalanceLimitA, imbalanceA])).toEqual([['main', 20, 16], ['garage', 16, 16]])
  expect(room.connectorPower('CP1/1')).toMatchObject({ allocatedA: 16, binding: 'imbalance:garage' })
  expect(room.allocation('CP1/1').summary).toBe('16 A: the imbalance limit of 16 A by which L2 of circuit garage may carry more than L1 leaves no more.')
})

test('a DC connector also in watts at the car; others not', async () => {
  const { room } = await openRoom({ chargePoints: [{ id: 'DC1', connectors: [{ id: 1, current: 'DC', maxW: 50_000, efficiency: 0.9 }] }, { id: 'CP1' }] })
  const [ac, dc] = room.power().connectors
  expect(ac).not.toHaveProperty('allocatedW')
  expect(dc).toMatchObject({ clientID: 'DC1', allocatedW: Math.round(dc!.allocatedA * 0.9 * 3 * 230) })
})

test('the demand window: what it leaves for now, until when', async () => {
  const { room, clock } = await openRoom({ site: { fuseA: 63, demandWindow: { targetW: 20_000 } } })
  await clock.advance(60_000)
  const { demandWindow, effective, circuits } = room.power()
  expect(demandWindow).toEqual({ targetW: 20_000, allowedW: expect.any(Number) as number, until: '2024-05-01T10:15:00.000Z' })
  expect(effective.binding).toBe('demand-window')
  expect(effective.powerW).toBeCloseTo(demandWindow!.allowedW, -1)
  expect(circuits[0]!.limitW).toBeCloseTo(demandWindow!.allowedW, -1)
  expect((await openRoom()).room.power()).not.toHaveProperty('demandWindow')
})

describe('what is not measured is never shown as nothing', () => {
  const open = async (site: object = {}) => {
    const stand = await openHouse({ sites: [{ fuseA: 63, ...site }], chargePoints: [{ id: 'CP1' }, { id: 'CP2' }] })
    const peers = [await stand.boot('CP1'), await stand.boot('CP2')] as const
    await stand.clock.advance(20_000)
    const { house, clock, call, start } = stand
    return {
      clock,
      startAt: async (index: 0 | 1) => { await start(peers[index], `TAG-${index}`); await clock.advance(15_000) },
      sampleAt: async (index: 0 | 1, value: string) => call(peers[index], 'MeterValues', { connectorId: 1, meterValue: [{ timestamp: new Date(clock.wall()).toISOString(), sampledValue: ['L1', 'L2', 'L3'].map((phase) => ({ value, measurand: 'Current.Import', unit: 'A', phase })) }] }),
      meter: (currentA: number) => house.pushBaseLoad('main', { currentA: { L1: currentA, L2: currentA, L3: currentA } }),
      /** The number, its meaning, the sentence, and what MQTT and /metrics give away. */
      shown: () => {
        const overview = house.overviews.overview('main')
        const [root] = overview.power.circuits
        const mqtt = JSON.parse(statesOf('kwota', { overview, gridLimitA: null, chargePoints: [] }).get('kwota/site/main') ?? '{}') as { measuredA: { L1: number } | null }
        return [root?.measured, root?.measuredA.L1, mqtt.measuredA?.L1 ?? null, overview.sentence.split('. ')[0]]
      },
    }
  }

  test('cars of a site without a meter: none read, one read, both read, one silent since', async () => {
    const { clock, startAt, sampleAt, shown } = await open()
    expect(shown()).toEqual(['all', 0, 0, '0 of 63 A in use'])
    await startAt(0)
    expect(shown()).toEqual(['none', 0, null, '32 A reserved, not measured (limit 63 A)'])
    await sampleAt(0, '30')
    expect(shown()).toEqual(['all', 30, 30, '30 of 63 A in use'])
    await startAt(1)
    await sampleAt(0, '30')
    expect(shown()).toEqual(['part', 30, null, '30 A measured, not all of it; 63 A reserved (limit 63 A)'])
    await sampleAt(1, '29')
    expect(shown()).toEqual(['all', 59, 59, '59 of 63 A in use'])
    await clock.advance(200_000)
    await sampleAt(1, '29')
    expect(shown().slice(0, 3)).toEqual(['part', 29, null])
  })

  test('the meter of the site has all of it, until it goes silent: then the building is missing', async () => {
    const { clock, startAt, sampleAt, meter, shown } = await open({ baseLoad: { worstCaseA: 20 } })
    expect(shown(), 'a building that nobody has measured yet').toEqual(['none', 0, null, '20 A reserved, not measured (limit 63 A)'])
    meter(10)
    await startAt(0)
    await sampleAt(0, '30')
    meter(40)
    expect(shown(), 'also cars that are not read').toEqual(['all', 40, 40, '40 of 63 A in use'])
    await clock.advance(20_000)
    await sampleAt(0, '30')
    expect(shown()).toEqual(['part', 30, null, '30 A measured, not all of it; 52 A reserved (limit 63 A)'])
  })
})
