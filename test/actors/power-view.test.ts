// What the power of a site shows beside amps per phase: imbalance, direct current, the demand window.
import { expect, test } from 'vitest'
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
