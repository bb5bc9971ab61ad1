// What may be given of charging profiles over REST, how many of people are kept, and which one an id names.
import { describe, expect, test } from 'vitest'
import { keepProfile, mostProfiles, type ProfileStatus } from '../../src/actors/stored-profiles.ts'
import type { ChargingProfile } from '../../src/protocol/messages/index.ts'
import { conform, profile } from '../actors/conforming-peer.ts'
import { openHouse } from '../actors/house-stand.ts'
import { askOf } from './asked-house.ts'

const CP1 = { clientID: 'CP1' }
const hour = 3_600

/** CP1 with two connectors, left to itself, settled. */
async function depot() {
  const stand = await openHouse({ sites: [{ fuseA: 200 }], chargePoints: [{ id: 'CP1', connectors: [{ id: 1 }, { id: 2 }], control: 'none' }] })
  const point = conform(stand.clock, { connectors: 2 })
  const peer = await stand.boot('CP1')
  peer.script = point.script
  await stand.clock.advance(40_000)
  return { stand, peer, ask: askOf(stand), ...point }
}

describe('ids', () => {
  const wrong = (pointer: string, message: string) => ({ status: 422, errors: [expect.objectContaining({ pointer, message: expect.stringContaining(message) as string })] })

  test.each([-1, 10_000_000_000, 1e15])('%d could not be addressed, so it is not taken', async (chargingProfileId) => {
    const { ask } = await depot()
    await expect(ask('createChargingProfile', { params: CP1, json: { connectorId: 1, chargingProfile: profile({ chargingProfileId }) } })).rejects.toMatchObject(wrong('/chargingProfile/chargingProfileId', '0 to 9999999999'))
    await expect(ask('commandSetChargingProfile', { params: CP1, json: { connectorId: 1, csChargingProfiles: profile({ chargingProfileId }) } })).rejects.toMatchObject(wrong('/csChargingProfiles/chargingProfileId', '0 to 9999999999'))
    await expect(ask('createChargingProfileTemplate', { json: { id: 't', chargingProfile: profile({ chargingProfileId }) } })).rejects.toMatchObject(wrong('/chargingProfile/chargingProfileId', '0 to 9999999999'))
  })
  test.each([0, 9_999_999_999])('%d is', async (chargingProfileId) => {
    const { ask } = await depot()
    await ask('createChargingProfile', { params: CP1, json: { connectorId: 1, chargingProfile: profile({ chargingProfileId }) }, waitS: 10 })
    expect((await ask('getChargingProfile', { params: { ...CP1, profileID: String(chargingProfileId) } })).json).toMatchObject({ status: 'Accepted' })
  })
  test('the body names the id of the path, or none', async () => {
    const { ask } = await depot()
    const put = (chargingProfileId: number) => ask('putChargingProfile', { params: { ...CP1, profileID: '5' }, json: { connectorId: 1, chargingProfile: profile({ chargingProfileId }) }, waitS: 10 })
    await expect(put(99)).rejects.toMatchObject(wrong('/chargingProfile/chargingProfileId', 'must be 5'))
    expect((await put(5)).json).toMatchObject({ status: 'accepted' })
  })
  test('one that may stand goes before one that was refused', async () => {
    const { ask, peer, script } = await depot()
    const put = (connectorId: number) => ask('putChargingProfile', { params: { ...CP1, profileID: '5' }, json: { connectorId, chargingProfile: profile() }, waitS: 10 })
    await put(1)
    peer.script = (action, payload) => (action === 'SetChargingProfile' ? { status: 'Rejected' } : script(action, payload))
    await put(2)
    expect((await ask('getChargingProfile', { params: { ...CP1, profileID: '5' } })).json).toMatchObject({ connectorId: 1, status: 'Accepted' })
  })
})

test('what is asked for the length of a window says what it may be', async () => {
  const { ask } = await depot()
  for (const durationS of ['0', '604801', '1.5', 'x', '']) await expect(ask('getCompositeSchedule', { params: { ...CP1, connectorID: '1' }, query: { durationS, source: 'expected' } })).rejects.toMatchObject({ status: 422, errors: [{ pointer: '/durationS', message: 'a whole number of seconds, 1 to 604800' }] })
})

test.each<ProfileStatus>(['Unknown', 'Rejected'])('100 are kept, whatever their ids: another offer is refused where all are %s', async (status) => {
  const { stand, ask } = await depot()
  const { scope } = stand.directory.estate.sites.get('main')!
  const keep = (index: number, chargingProfileId: number) => keepProfile(scope, 'CP1', { connectorId: 1, profile: { ...(profile() as ChargingProfile), chargingProfileId }, status, setAtMs: 0, commandId: `c${index}` })
  for (let index = 0; index < mostProfiles; index++) keep(index, status === 'Unknown' ? 5 : 1_000 + index)
  const offer = (chargingProfileId: number) => ask('putChargingProfile', { params: { ...CP1, profileID: String(chargingProfileId) }, json: { connectorId: 1, chargingProfile: profile() }, waitS: 10 })
  await expect(offer(5)).rejects.toMatchObject({ code: 'too-many-profiles' })
  expect(stand.house.profiles.list('CP1').filter(({ owner }) => owner === 'user')).toHaveLength(mostProfiles)
  // One that was refused gives its place to the next of its id.
  if (status === 'Rejected') expect((await offer(1_007)).json).toMatchObject({ status: 'accepted' })
  await ask('commandClearChargingProfile', { params: CP1, json: {}, waitS: 10 })
  expect((await offer(5)).json).toMatchObject({ status: 'accepted' })
})

test('what waits for a charge point that is away says that it was not sent', async () => {
  const { stand, peer, ask } = await depot()
  peer.cut()
  await stand.clock.advance(1_000)
  const expiresAt = new Date(stand.clock.wall() + hour * 1_000).toISOString()
  const { json: { id } } = await ask('putChargingProfile', { params: { ...CP1, profileID: '5' }, json: { connectorId: 1, chargingProfile: profile(), queue: true, expiresAt } })
  const get = async () => (await ask('getChargingProfile', { params: { ...CP1, profileID: '5' } })).json
  expect(await get()).toMatchObject({ status: 'Sent', commandId: id, answeredAt: null, reason: 'not sent yet: its command is queued' })
  const back = await stand.boot('CP1')
  await stand.clock.advance(10_000)
  expect(back.calls.length).toBeGreaterThan(0)
  expect(await get()).toMatchObject({ status: 'Accepted', reason: null })
})
