// Settings as people say and see them: refused at their place, secrets shown as `…` and kept by it.
import { describe, expect, test } from 'vitest'
import type { Settings } from '../../src/settings.ts'
import { chargePointSchema, siteSchema } from '../../src/power/site.ts'
import { caller, openHouse, type HouseStand } from './house-stand.ts'

const asGiven = ({ house }: HouseStand, settings: Settings, id = 'CP1') => house.putChargePoint(chargePointSchema.parse({ id, settings, connectors: [{ id: 1 }] }), undefined, caller)
const atSite = ({ house }: HouseStand, settings: Settings, id = 'main') => house.putSite({ ...siteSchema.parse({ id, fuseA: 63 }), settings }, caller)
const bySettings = ({ house }: HouseStand, settings: Settings) => house.settings.put('CP1', settings, {}, caller)
const ways = [['the charge point', asGiven, '/settings'], ['its site', atSite, '/settings'], ['its settings', bySettings, '']] as const
const open = (rest: Parameters<typeof openHouse>[0] = {}) => openHouse({ chargePoints: [{ id: 'CP1' }], ...rest })

describe.each(ways)('put as %s', (_, put, place) => {
  test.each([['HeartbeatInterval', 'abc'], ['NumberOfConnectors', '3'], ['AuthorizationKey', 'a1'.repeat(20)], ['securityProfile', '2'], ['BLINKRepeat', '3']])('%s: %s is refused where it stands', async (key, value) => {
    const stand = await open()
    const before = JSON.stringify([stand.house.sites(), stand.house.chargePoints()])
    await expect(put(stand, { configuration: { BlinkRepeat: '2', [key]: value } })).rejects.toMatchObject({ kind: 'invalid', errors: [{ pointer: `${place}/configuration/${key}` }] })
    expect(JSON.stringify([stand.house.sites(), stand.house.chargePoints()])).toBe(before)
  })

  test('external needs somebody to ask', async () => {
    const stand = await open()
    await expect(put(stand, { authorisation: ['local', 'external'] })).rejects.toMatchObject({ kind: 'invalid', errors: [{ pointer: `${place}/authorisation` }] })
    const asking = await open({ externalAuthority: { ask: async () => ({ failure: 'nobody there' }) } })
    await put(asking, { authorisation: ['local', 'external'] })
  })

  test('a secret is shown nowhere, and kept by what is shown', async () => {
    const stand = await open()
    await put(stand, { configuration: { FtpPass: 'geheim-1', Mode: '…' } })
    const views = () => JSON.stringify([stand.house.sites(), stand.house.chargePoints(), stand.house.settings.get('CP1'), stand.events])
    expect(views()).toContain('"FtpPass":"…"')
    expect(views()).not.toContain('geheim')
    await put(stand, { configuration: { ftppass: '…', Mode: 'b' } })
    await put(stand, { configuration: { ftppass: '…' } })
    expect(views()).not.toContain('geheim')
    const kept = async () => JSON.stringify([...await stand.store.read('main')])
    expect(await kept()).toContain('"ftppass":"geheim-1"')
    expect(stand.directory.estate.layersOf('CP1')).toMatchObject(put === atSite ? { site: { configuration: { ftppass: 'geheim-1' } } } : { chargePoint: { configuration: { ftppass: 'geheim-1' } } })
    await put(stand, { configuration: { FtpPass: 'geheim-2' } })
    expect(await kept()).toContain('geheim-2')
    await put(stand, {})
    expect(await kept()).not.toContain('geheim')
  })

  test('… where nothing stands is refused', async () => {
    const stand = await open()
    await expect(put(stand, { configuration: { ApiToken: '…' } })).rejects.toMatchObject({ kind: 'invalid', errors: [{ pointer: `${place}/configuration/ApiToken`, message: '… keeps a value, and there is none; write it' }] })
  })
})

test('external at a connector is refused at the connector', async () => {
  const stand = await open()
  const connectors = [{ id: 1 }, { id: 2, settings: { authorisation: ['external' as const] } }]
  await expect(stand.house.putChargePoint(chargePointSchema.parse({ id: 'CP2', connectors }), undefined, caller)).rejects.toMatchObject({ errors: [{ pointer: '/connectors/1/settings/authorisation' }] })
  await expect(stand.house.settings.put('CP1', {}, { 1: { authorisation: ['external'] } }, caller)).rejects.toMatchObject({ errors: [{ pointer: '/connectors/1/authorisation' }] })
})

test('new ones are held to the same', async () => {
  const stand = await open()
  await expect(asGiven(stand, { configuration: { HeartbeatInterval: 'abc' } }, 'CP9')).rejects.toMatchObject({ kind: 'invalid' })
  await expect(atSite(stand, { configuration: { HeartbeatInterval: 'abc' } }, 'annex')).rejects.toMatchObject({ kind: 'invalid' })
  expect([stand.house.chargePoints().length, stand.house.sites().length]).toEqual([1, 1])
})
