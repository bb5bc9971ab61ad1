// Charging profiles over REST on a living house: tried before they are sent, expected beside reported, explained, and many at once from a template.
import { describe, expect, test } from 'vitest'
import { conform, profile } from '../actors/conforming-peer.ts'
import { openHouse } from '../actors/house-stand.ts'
import { askOf } from './asked-house.ts'

const CP1 = { clientID: 'CP1' }
const connector = (connectorID: string) => ({ ...CP1, connectorID })
const hour = 3_600

/** CP1 with two connectors, settled. */
async function depot(config: object = {}) {
  const stand = await openHouse({ sites: [{ fuseA: 200 }], chargePoints: [{ id: 'CP1', connectors: [{ id: 1 }, { id: 2 }], ...config }] })
  const point = conform(stand.clock, { connectors: 2 })
  const peer = await stand.boot('CP1')
  peer.script = point.script
  await stand.clock.advance(40_000)
  return { stand, peer, ask: askOf(stand), ...point }
}
const unsteered = { control: 'none' as const }

describe('a dry run', () => {
  test('shows the schedule before and after, and nothing has happened', async () => {
    const { stand, peer, ask } = await depot(unsteered)
    const before = { calls: peer.calls.length, stored: JSON.stringify([...stand.directory.estate.sites.get('main')!.scope.entries('')]) }
    const given = { connectorId: 1, chargingProfile: profile({ limits: [[0, 10], [hour, 6]], duration: 2 * hour, startSchedule: new Date(stand.clock.wall()).toISOString() }) }
    const { status, json } = await ask('createChargingProfile', { params: CP1, query: { dryRun: 'true', durationS: String(3 * hour) }, json: given })
    expect(status).toBe(200)
    expect(json).toMatchObject({
      dryRun: true, clientID: 'CP1', connectorId: 1, chargingProfileId: 1, install: { status: 'Accepted' }, replaces: [], allocation: null,
      before: { status: 'Accepted', chargingSchedule: { duration: 3 * hour, chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit: null }] } },
      differences: [{ startPeriod: 0, durationS: hour, before: null, after: 10 }, { startPeriod: hour, durationS: hour, before: null, after: 6 }],
    })
    expect(json).toMatchObject({ after: { chargingSchedule: { chargingSchedulePeriod: [{ startPeriod: 0, limit: 10, source: { chargingProfileId: 1 } }, { startPeriod: hour, limit: 6 }, { startPeriod: 2 * hour, limit: null }] } } })
    expect({ calls: peer.calls.length, stored: JSON.stringify([...stand.directory.estate.sites.get('main')!.scope.entries('')]) }).toEqual(before)
    expect(stand.house.commands.list()).toEqual([])
  })

  test('of a charge point that is away is as good', async () => {
    const { peer, ask } = await depot(unsteered)
    peer.cut()
    expect((await ask('setConnectorChargingProfile', { params: connector('2'), query: { dryRun: 'true', unit: 'W' }, json: { chargingProfile: profile() } })).json).toMatchObject({ differences: [{ startPeriod: 0, durationS: 86_400, before: null, after: 4_140 }] })
  })

  test('says what would be replaced and what would be removed', async () => {
    const { ask } = await depot(unsteered)
    await ask('putChargingProfile', { params: { ...CP1, profileID: '7' }, json: { connectorId: 1, chargingProfile: profile({ limits: [[0, 10]] }) }, waitS: 10 })
    expect((await ask('commandSetChargingProfile', { params: CP1, query: { dryRun: 'true' }, json: { connectorId: 1, csChargingProfiles: profile({ chargingProfileId: 8 }) } })).json).toMatchObject({ replaces: [7], differences: [{ before: 10, after: 6 }] })
    expect((await ask('deleteChargingProfile', { params: { ...CP1, profileID: '7' }, query: { dryRun: 'true' } })).json).toMatchObject({ connectorId: 1, removed: [7], differences: [{ before: 10, after: null }] })
    expect((await ask('commandClearChargingProfile', { params: CP1, query: { dryRun: 'true' }, json: {} })).json).toMatchObject({ connectorId: 1, removed: [7] })
    expect((await ask('getChargingProfile', { params: { ...CP1, profileID: '7' } })).json).toMatchObject({ status: 'Accepted' })
  })

  test('is refused as the real thing would be, with the numbers', async () => {
    const { ask } = await depot({ fallbackA: 6 })
    const over = { connectorId: 1, chargingProfile: profile({ limits: [[0, 40]] }) }
    const refusals = await Promise.all([{ dryRun: 'true' }, {}].map((query) => ask('createChargingProfile', { params: CP1, query, json: over }).then(() => null, (error: unknown) => error)))
    expect(refusals[0]).toMatchObject({ code: 'above-reservation', message: expect.stringContaining('40 A') as string })
    expect(refusals[1]).toEqual(refusals[0])
  })

  test('says what the engine would make of it', async () => {
    const { stand, ask } = await depot({ fallbackA: 6 })
    expect((await ask('commandSetChargingProfile', { params: CP1, query: { dryRun: 'true' }, json: { connectorId: 0, chargingProfile: profile({ chargingProfileId: 9, chargingProfilePurpose: 'ChargePointMaxProfile', limits: [[0, 20]] }) } })).json).toMatchObject({
      allocation: { summary: 'Now: all connectors together get at most 20 A (charging profile 9).', connectors: [{ connectorId: 1, limitA: 20 }, { connectorId: 2, limitA: 20, source: 'profile:9' }] },
    })
    expect((await ask('commandSetChargingProfile', { params: CP1, query: { dryRun: 'true' }, json: { connectorId: 1, chargingProfile: profile({ chargingProfileId: 8, limits: [[0, 6_900]], unit: 'W' }) } })).json).toMatchObject({ allocation: { connectors: [{ limitA: 10, source: 'profile:8' }] } })
    expect(stand.house.profiles.list('CP1').some(({ owner }) => owner === 'user')).toBe(false)
    expect((await ask('createChargingProfile', { params: CP1, query: { dryRun: 'true' }, json: { connectorId: 1, chargingProfile: profile({ chargingProfileId: 7 }) } })).json).toMatchObject({
      allocation: { summary: 'Now: connector 1 gets at most 6 A (charging profile 7).', connectors: [{ connectorId: 1, limitA: 6, source: 'profile:7' }] },
    })
  })
})

describe('the composite schedule', () => {
  test('expected is what a conforming charge point reports', async () => {
    const { stand, ask } = await depot(unsteered)
    const now = new Date(stand.clock.wall()).toISOString()
    for (const given of [
      { connectorId: 0, chargingProfile: profile({ chargingProfilePurpose: 'ChargePointMaxProfile', limits: [[0, 40]] }) },
      { connectorId: 0, chargingProfile: profile({ limits: [[0, 24]] }) },
      { connectorId: 1, chargingProfile: profile({ stackLevel: 2, chargingProfileKind: 'Recurring', recurrencyKind: 'Daily', startSchedule: now, limits: [[0, 8], [600, 16], [1_200, 12]], duration: 1_800 }) },
      { connectorId: 1, chargingProfile: profile({ stackLevel: 1, limits: [[0, 6_900]], unit: 'W' }) },
    ]) expect((await ask('createChargingProfile', { params: CP1, json: given, waitS: 10 })).json).toMatchObject({ status: 'accepted' })
    for (const connectorID of ['0', '1', '2']) {
      const { json } = await ask('getCompositeSchedule', { params: connector(connectorID), query: { durationS: '7200', unit: 'A' } })
      expect(json).toMatchObject({ expected: { status: 'Accepted' }, reported: { status: 'Accepted' }, matches: true, differences: [] })
    }
  })

  test('where the charge point has forgotten, the difference is told; asked for what is expected it is not even spoken to', async () => {
    const { ask, memory, peer } = await depot(unsteered)
    await ask('createChargingProfile', { params: CP1, json: { connectorId: 1, chargingProfile: profile() }, waitS: 10 })
    memory.clear({})
    expect((await ask('getCompositeSchedule', { params: connector('1') })).json).toMatchObject({ matches: false, differences: [{ startPeriod: 0, durationS: 3_600, expected: 6, reported: 32 }] })
    const calls = peer.calls.length
    expect((await ask('getCompositeSchedule', { params: connector('1'), query: { source: 'expected', unit: 'W' } })).json).toMatchObject({ unit: 'W', expected: { chargingSchedule: { chargingSchedulePeriod: [{ startPeriod: 0, limit: 4_140 }] } }, reported: null, matches: null, differences: null, commandId: '' })
    expect((await ask('getCompositeSchedule', { params: connector('1'), query: { source: 'reported' } })).json).toMatchObject({ expected: null, reported: { status: 'Accepted' }, matches: null })
    expect(peer.calls.length).toBe(calls + 1)
  })

  test('the engine\'s own profiles are expected too', async () => {
    const { stand, ask, peer, running } = await depot({ fallbackA: 6, connectors: [{ id: 1 }, { id: 2 }] })
    const transactionId = await stand.start(peer)
    running.set(1, { transactionId, startedMs: stand.clock.wall() })
    await stand.clock.advance(30_000)
    expect((await ask('getCompositeSchedule', { params: connector('1'), query: { durationS: '60' } })).json).toMatchObject({ matches: true, expected: { chargingSchedule: { chargingSchedulePeriod: [{ limit: 32, source: { purpose: 'TxProfile' } }] } } })
    expect((await ask('getCompositeSchedule', { params: connector('2'), query: { durationS: '60' } })).json).toMatchObject({ matches: true, expected: { chargingSchedule: { chargingSchedulePeriod: [{ limit: 6, source: { purpose: 'TxDefaultProfile' } }] } } })
  })
})

test('which profile rules, and why the others do not', async () => {
  const { stand, ask, peer } = await depot(unsteered)
  const until = new Date(stand.clock.wall() + hour * 1000).toISOString()
  const set = (chargingProfile: object) => ask('createChargingProfile', { params: CP1, json: { connectorId: 1, chargingProfile }, waitS: 10 })
  await set(profile({ chargingProfileId: 1, limits: [[0, 16]] }))
  await set(profile({ chargingProfileId: 2, stackLevel: 3, limits: [[0, 10]], validTo: until }))
  peer.script = (action) => (action === 'SetChargingProfile' ? { error: 'InternalError' } : { status: 'Accepted' })
  await set(profile({ chargingProfileId: 3, stackLevel: 4 }))
  expect((await ask('getActiveProfile', { params: connector('1') })).json).toMatchObject({
    clientID: 'CP1', connectorId: 1, unit: 'A', limit: 10, source: { purpose: 'TxDefaultProfile', chargingProfileId: 2, stackLevel: 3, owner: 'user' },
    profiles: [{ chargingProfileId: 1, rules: false, limit: 16, owner: 'user', status: 'Accepted' }, { chargingProfileId: 2, rules: true }, { chargingProfileId: 3, rules: false, status: 'Failed', limit: null, reason: expect.stringContaining('InternalError') as string }],
  })
  expect((await ask('getActiveProfile', { params: connector('1'), query: { at: until } })).json).toMatchObject({ limit: 16, source: { chargingProfileId: 1 }, profiles: [{ rules: true }, { rules: false, reason: expect.stringContaining('valid') as string }, {}] })
  expect(stand.events.filter(({ type }) => type.startsWith('profile.')).map(({ type, data }) => [type, data['chargingProfileId'], data['status']])).toEqual([['profile.accepted', 1, 'Accepted'], ['profile.accepted', 2, 'Accepted'], ['profile.rejected', 3, 'Failed']])
  expect((await ask('getChargingProfile', { params: { ...CP1, profileID: '3' } })).json).toMatchObject({ status: 'Failed', answeredAt: expect.any(String) as string, reason: expect.stringContaining('InternalError') as string })
})

test('a charge point that keeps few profiles is not sent more than it has room for beside those of the engine', async () => {
  const { stand, ask, peer } = await depot({ fallbackA: 6, connectors: [{ id: 1 }] })
  peer.script = (action) => (action === 'GetConfiguration' ? { configurationKey: [{ key: 'MaxChargingProfilesInstalled', readonly: true, value: '4' }, { key: 'ChargeProfileMaxStackLevel', readonly: true, value: '8' }, { key: 'ChargingScheduleMaxPeriods', readonly: true, value: '2' }] } : { status: 'Accepted' })
  await ask('getConfiguration', { params: CP1, query: { refresh: 'true' } })
  const set = (given: object) => ask('createChargingProfile', { params: CP1, json: { connectorId: 1, chargingProfile: profile({ limits: [[0, 4]], ...given }) }, waitS: 10 })
  expect((await set({ chargingProfileId: 1 })).json).toMatchObject({ status: 'accepted' })
  expect((await set({ chargingProfileId: 1, limits: [[0, 5]] })).json).toMatchObject({ status: 'accepted' })
  await expect(set({ chargingProfileId: 2, stackLevel: 1 })).rejects.toMatchObject({ code: 'too-many-profiles-installed', message: 'CP1 keeps at most 4 charging profiles (MaxChargingProfilesInstalled): 1 of people may stand there, and 3 are the engine\'s.' })
  await expect(set({ chargingProfileId: 1, limits: [[0, 4], [60, 3], [120, 2]] })).rejects.toMatchObject({ code: 'invalid-profile', message: expect.stringContaining('ChargingScheduleMaxPeriods') as string })
  expect(stand.house.profiles.list('CP1').filter(({ owner }) => owner === 'user')).toHaveLength(1)
})
