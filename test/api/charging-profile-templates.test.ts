// Templates of charging profiles on a living house: kept over a kill, used for one and for many, the refusals of some visible.
import { expect, test } from 'vitest'
import { conform, profile } from '../actors/conforming-peer.ts'
import { openHouse } from '../actors/house-stand.ts'
import { askOf } from './asked-house.ts'

const night = { id: 'night', name: '6 A at night', chargingProfile: profile() }

/** CP1 to CP3 as `configs` say, settled. */
async function depot(configs: readonly object[]) {
  const stand = await openHouse({ sites: [{ fuseA: 200 }], chargePoints: configs.map((config, index) => ({ id: `CP${index + 1}`, ...config })) })
  const points = []
  for (const index of configs.keys()) {
    const peer = await stand.boot(`CP${index + 1}`)
    const point = conform(stand.clock)
    peer.script = point.script
    points.push({ peer, ...point })
  }
  await stand.clock.advance(40_000)
  return { stand, points, ask: askOf(stand) }
}

test('a template outlives a kill; one that the store does not take is not there', async () => {
  const { stand, ask } = await depot([])
  await ask('createChargingProfileTemplate', { json: night })
  stand.trouble.store = true
  await expect(ask('putChargingProfileTemplate', { params: { templateID: 'night' }, json: { chargingProfile: profile({ limits: [[0, 9]] }) } })).rejects.toMatchObject({ code: 'store-down' })
  stand.trouble.store = false
  const again = askOf(await stand.restart())
  expect((await again('getChargingProfileTemplate', { params: { templateID: 'night' } })).json).toEqual(night)
  await again('deleteChargingProfileTemplate', { params: { templateID: 'night' } })
  expect((await askOf(await (await stand.restart()).restart())('listChargingProfileTemplates')).json).toMatchObject({ data: [] })
})

test('at most 1,000 are kept; what is there can still be replaced', async () => {
  const { stand } = await depot([])
  const { templates } = stand.house.profiles
  const caller = { name: 'tester', requestId: 'r1' }
  await Promise.all(Array.from({ length: 1_000 }, (_, index) => templates.put({ id: `t${index}`, chargingProfile: night.chargingProfile }, caller)))
  await expect(templates.put(night, caller)).rejects.toMatchObject({ code: 'too-many-profile-templates' })
  expect(await templates.put({ id: 't7', name: 'seven', chargingProfile: night.chargingProfile }, caller)).toMatchObject({ created: false, template: { version: 2 } })
})

test('bulk sends it to many: what one refuses stands beside what the others took, and a dry run says so before', async () => {
  const { stand, points, ask } = await depot([{ control: 'none' }, { fallbackA: 6 }, { control: 'none' }])
  await ask('createChargingProfileTemplate', { json: { ...night, chargingProfile: profile({ stackLevel: 8, limits: [[0, 10]] }) } })
  const wanted = { selector: { siteID: 'main' }, body: { connectorId: 1, templateId: 'night' } }
  const before = points.map(({ peer }) => peer.calls.length)
  const { json: tried } = await ask('startBulk', { params: { operation: 'set-charging-profile' }, query: { dryRun: 'true' }, json: wanted })
  expect(tried).toMatchObject({
    operation: 'set-charging-profile', clientIDs: ['CP1', 'CP2', 'CP3'],
    items: [{ clientID: 'CP1', install: { status: 'Accepted' }, differences: [{ before: null, after: 10 }] }, { clientID: 'CP2', error: { code: 'engine-stack-level', detail: expect.stringContaining('Stack level 8') as string } }, { clientID: 'CP3', chargingProfileId: 1 }],
  })
  expect(points.map(({ peer }) => peer.calls.length)).toEqual(before)

  const { json: { id } } = await ask('startBulk', { params: { operation: 'set-charging-profile' }, json: wanted })
  await stand.clock.advance(5_000)
  expect((await ask('getBatch', { params: { batchID: String(id) } })).json).toMatchObject({
    status: 'finished', items: [{ clientID: 'CP1', status: 'accepted' }, { clientID: 'CP2', status: 'refused', error: { code: 'engine-stack-level' } }, { clientID: 'CP3', status: 'accepted' }],
  })
  expect(points.map(({ memory }) => memory.installed.some(({ profile: held }) => held.chargingProfileId === 1))).toEqual([true, false, true])

  const clearing = { selector: { clientIDs: ['CP1', 'CP3'] }, body: { id: 1 } }
  expect((await ask('startBulk', { params: { operation: 'clear-charging-profile' }, query: { dryRun: 'true', unit: 'W' }, json: clearing })).json).toMatchObject({ items: [{ removed: [1], differences: [{ before: 6_900, after: null }] }, { removed: [1] }] })
})

test('a TxProfile of a template is for the transaction that runs on the connector', async () => {
  const { stand, ask, points: [point] } = await depot([{ control: 'none' }])
  await ask('createChargingProfileTemplate', { json: { ...night, chargingProfile: profile({ chargingProfilePurpose: 'TxProfile' }) } })
  const use = () => ask('setConnectorChargingProfile', { params: { clientID: 'CP1', connectorID: '1' }, json: { templateId: 'night' }, waitS: 10 })
  await expect(use()).rejects.toMatchObject({ code: 'no-such-transaction' })
  const transactionId = await stand.start(point!.peer)
  point!.running.set(1, { transactionId, startedMs: stand.clock.wall() })
  expect((await use()).json).toMatchObject({ status: 'accepted', request: { csChargingProfiles: { chargingProfileId: 1, transactionId } } })
})
