// A DC charge point over REST and OCPP on a living house: described in watts, told watts, shown in amps of the grid.
import { describe, expect, test } from 'vitest'
import { openHouse } from '../actors/house-stand.ts'
import { messages } from '../../src/protocol/messages/index.ts'
import { askOf } from './asked-house.ts'

const direct = { id: 1, current: 'DC', maxW: 50_000, efficiency: 0.95 }
const connector = { clientID: 'DC1', connectorID: '1' }

async function unit() {
  const stand = await openHouse({ sites: [{ fuseA: 63 }], chargePoints: [{ id: 'CP1' }] })
  const ask = askOf(stand)
  const created = await ask('createChargePoint', { json: { id: 'DC1', connectors: [direct] } })
  const peer = await stand.boot('DC1')
  await stand.clock.advance(15_000)
  const profiles = () => peer.calls.filter(({ action }) => action === 'SetChargingProfile').map(({ payload }) => {
    const { connectorId, csChargingProfiles: { chargingProfilePurpose, chargingSchedule: { chargingRateUnit, chargingSchedulePeriod } } } = messages.SetChargingProfile.request.parse(payload)
    return [connectorId, chargingProfilePurpose, chargingSchedulePeriod.map(({ limit }) => limit), chargingRateUnit]
  })
  const sample = (transactionId: number, sampledValue: object[]) => stand.call(peer, 'MeterValues', { connectorId: 1, transactionId, meterValue: [{ timestamp: new Date(stand.clock.wall()).toISOString(), sampledValue }] })
  return { stand, ask, created, peer, profiles, sample }
}

test('is taken, kept and shown as it was described', async () => {
  const { ask, created } = await unit()
  expect(created.status).toBe(201)
  expect((await ask('getChargePoint', { params: { clientID: 'DC1' } })).json).toMatchObject({ connectors: [direct] })
})

test('is told watts from its first profile on', async () => {
  const { stand, peer, profiles } = await unit()
  expect(profiles()).toEqual([[0, 'ChargePointMaxProfile', [50_000], 'W'], [1, 'TxDefaultProfile', [0], 'W']])
  await stand.start(peer)
  await stand.clock.advance(15_000)
  // 63 A x 3 x 230 V x 0.95, stepping down to nothing when the lease ends.
  expect(profiles().at(-1)).toEqual([1, 'TxProfile', [41_296.5, 0], 'W'])
})

describe('what it draws', () => {
  test('is its power, in amps of the grid, and never the amps of its cable', async () => {
    const { stand, ask, peer, sample } = await unit()
    const id = await stand.start(peer)
    await stand.clock.advance(15_000)
    await sample(id, [{ value: '119.7', measurand: 'Current.Import', unit: 'A' }])
    expect((await ask('getAllocation', { params: connector })).json).toMatchObject({ allocatedA: 63, measuredA: null })
    await sample(id, [{ value: '100', measurand: 'Current.Import', unit: 'A' }, { value: '39330', measurand: 'Power.Active.Import', unit: 'W' }])
    const { json } = await ask('getAllocation', { params: connector })
    expect(json).toMatchObject({ requestedA: 76, allocatedA: 63, confirmedA: 63, measuredA: 60, binding: 'fuse' })
    expect((await ask('getConnector', { params: connector })).json).toMatchObject({ power: { measuredA: 60 } })
  })

  test('above what it was told is more than amps of its cable say', async () => {
    const { stand, ask, peer, sample } = await unit()
    const id = await stand.start(peer)
    await stand.clock.advance(15_000)
    for (let round = 0; round < 4; round++) {
      await sample(id, [{ value: '90', measurand: 'Current.Import', unit: 'A' }, { value: '48000', measurand: 'Power.Active.Import', unit: 'W' }])
      await stand.clock.advance(10_000)
    }
    // 48,000 W are 73.23 A of the grid, and whoever disobeys counts 5 % more.
    expect((await ask('getPower', { params: { siteID: 'main' } })).json).toMatchObject({ circuits: [{ id: 'main', measuredA: { L1: 73.23, L2: 73.23, L3: 73.23 }, reservedA: { L1: 76.89, L2: 76.89, L3: 76.89 } }] })
  })
})

test('a fallback may be as high as its hardware', async () => {
  const { ask } = await unit()
  await expect(ask('createChargePoint', { json: { id: 'DC2', fallbackA: 40, connectors: [{ ...direct, maxW: 20_000 }] } })).rejects.toMatchObject({ code: 'fallback-out-of-range', message: expect.stringContaining('must be 0 or within 6 and 30.5 A') })
  expect((await ask('createChargePoint', { json: { id: 'DC2', fallbackA: 30, connectors: [{ ...direct, maxW: 20_000 }] } })).status).toBe(201)
})

test('a site between whose phases there is a limit', async () => {
  const { ask } = await unit()
  const site = { id: 'annex', fuseA: 63, imbalanceLimitA: 20, circuits: [{ id: 'east', imbalanceLimitA: 10 }], policy: 'leastLaxity', demandWindow: { targetW: 40_000 } }
  expect((await ask('createSite', { json: site })).status).toBe(201)
  expect((await ask('getSite', { params: { siteID: 'annex' } })).json).toMatchObject(site)
})

test("people's watts are what it gives", async () => {
  const { stand, ask, peer } = await unit()
  const chargingProfile = { chargingProfileId: 5, stackLevel: 0, chargingProfilePurpose: 'TxDefaultProfile', chargingProfileKind: 'Relative', chargingSchedule: { chargingRateUnit: 'W', chargingSchedulePeriod: [{ startPeriod: 0, limit: 13_110 }] } }
  expect((await ask('createChargingProfile', { params: { clientID: 'DC1' }, json: { connectorId: 1, chargingProfile } })).status).toBeLessThan(300)
  await stand.start(peer)
  await stand.clock.advance(15_000)
  expect((await ask('getAllocation', { params: connector })).json).toMatchObject({ allocatedA: 20, binding: 'profile:5' })
})
