// A dry run on a charge point that kwota steers says what becomes of the engine's limit, also where that comes later.
import { expect, test } from 'vitest'
import { conform, profile } from '../actors/conforming-peer.ts'
import { openHouse } from '../actors/house-stand.ts'
import { askOf } from './asked-house.ts'

const CP1 = { clientID: 'CP1' }
const hour = 3_600

async function depot() {
  const stand = await openHouse({ sites: [{ fuseA: 200 }], chargePoints: [{ id: 'CP1', fallbackA: 6, connectors: [{ id: 1 }, { id: 2 }] }] })
  const point = conform(stand.clock, { connectors: 2 })
  const peer = await stand.boot('CP1')
  peer.script = point.script
  await stand.clock.advance(40_000)
  return { stand, peer, ask: askOf(stand) }
}

test('says what the engine would make of it later, where nothing limits now', async () => {
  const { stand, ask } = await depot()
  const nowMs = stand.clock.wall()
  const text = (ms: number): string => new Date(nowMs + ms).toISOString()
  const startSchedule = text(hour * 1000)
  const given = { connectorId: 1, chargingProfile: profile({ chargingProfileId: 7, startSchedule, duration: hour, limits: [[0, 0]] }) }
  const { json } = await ask('createChargingProfile', { params: CP1, query: { dryRun: 'true' }, json: given })
  expect(json).toMatchObject({ allocation: {
    summary: `No limit now; from ${startSchedule.slice(11, 19)} UTC: connector 1 gets at most 0 A until ${text(2 * hour * 1000).slice(11, 19)} UTC (charging profile 7).`,
    connectors: [{ connectorId: 1, limitA: null, source: null, schedule: { status: 'Accepted', chargingSchedule: { duration: 24 * hour, chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit: null }, { startPeriod: hour, limit: 0, source: { chargingProfileId: 7 } }, { startPeriod: 2 * hour, limit: null }] } } }],
  } })
  const whole = { connectorId: 0, chargingProfile: profile({ chargingProfileId: 9, chargingProfilePurpose: 'ChargePointMaxProfile', validFrom: text(20 * hour * 1000), limits: [[0, 20]] }) }
  const { json: { allocation } } = await ask('createChargingProfile', { params: CP1, query: { dryRun: 'true' }, json: whole })
  expect(allocation).toMatchObject({ summary: expect.stringMatching(/^No limit now; from 2\d{3}-\d\d-\d\d \d\d:\d\d:\d\d UTC: connector 1 gets at most 20 A \(charging profile 9\), connector 2 gets at most 20 A/) as string, connectors: [{ limitA: null }, { limitA: null, schedule: { chargingSchedule: { chargingSchedulePeriod: [{ limit: null }, { limit: 20 }] } } }] })
})
