// Certification cases of reading and changing configuration keys.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { expectShown, startCentral, stopCentral, type Central } from './central.ts'

let central: Central
beforeAll(async () => { central = await startCentral() }, 150_000)
afterEach(() => central.farewell())
afterAll(stopCentral)

const known = [
  { key: 'SupportedFeatureProfiles', readonly: true, value: 'Core,SmartCharging' },
  { key: 'MeterValueSampleInterval', readonly: false, value: '60' },
]
interface Key { readonly key: string; readonly value: string | null }

test('TC_019_1_CSMS all configuration keys: asked for without naming any, and shown', async () => {
  const station = await central.booted('TC-019-1')
  const asked = station.expectCall('GetConfiguration', { configurationKey: known }, ({ key }) => key === undefined || key.length === 0)
  const [, shown] = await Promise.all([asked, central.get<{ keys: Key[] }>('/chargepoints/TC-019-1/configuration?refresh=true')])
  for (const { key, value } of known) expect(shown.keys).toContainEqual(expect.objectContaining({ key, value }))
})

test('TC_019_2_CSMS one configuration key: asked for by its name, and shown', async () => {
  const station = await central.booted('TC-019-2')
  const asked = station.expectCall('GetConfiguration', { configurationKey: known.slice(0, 1), unknownKey: [] }, ({ key }) => key?.join() === 'SupportedFeatureProfiles')
  const [, shown] = await Promise.all([asked, central.get<{ keys: Key[] }>('/chargepoints/TC-019-2/configuration?refresh=true&keys=SupportedFeatureProfiles')])
  expect(shown.keys).toContainEqual(expect.objectContaining({ key: 'SupportedFeatureProfiles', value: 'Core,SmartCharging' }))
})

/** The operator changes one key; the CALL that must come is answered as told. */
async function change(id: string, key: string, value: string, status: 'Accepted' | 'NotSupported' | 'Rejected' | 'RebootRequired'): Promise<unknown> {
  const station = await central.booted(id)
  const asked = station.expectCall('ChangeConfiguration', { status }, (request) => request.key === key && request.value === value)
  const [, { status: code, body }] = await Promise.all([asked, central.request('PUT', `/chargepoints/${id}/configuration`, { keys: { [key]: value } })])
  expect(code, JSON.stringify(body)).toBe(200)
  return body
}

test('TC_021_CSMS change a configuration key: accepted, and the new value is shown', async () => {
  expect(await change('TC-021', 'MeterValueSampleInterval', '60', 'Accepted')).toMatchObject({ keys: { MeterValueSampleInterval: 'Accepted' } })
  await expectShown(central, '/chargepoints/TC-021/configuration', { keys: expect.arrayContaining([expect.objectContaining({ key: 'MeterValueSampleInterval', value: '60' })]) })
})

test('TC_040_1_CSMS a key the charge point does not have: shown as not supported', async () => {
  expect(await change('TC-040-1', 'NoSuchKey', '1', 'NotSupported')).toMatchObject({ keys: { NoSuchKey: 'NotSupported' } })
})

/** The engine may send something of its own at any time. */
const changesAt = (station: { readonly called: readonly string[] } | undefined) => station?.called.filter((action) => action === 'ChangeConfiguration')

test('TC_040_2_CSMS an invalid value: refused by the charge point it is shown as rejected; refused by its type it is not even sent', async () => {
  expect(await change('TC-040-2', 'MeterValueSampleInterval', '86399', 'Rejected')).toMatchObject({ keys: { MeterValueSampleInterval: 'Rejected' } })
  const [station] = central.stations
  const before = changesAt(station)
  const { status, body } = await central.request('PUT', '/chargepoints/TC-040-2/configuration', { keys: { MeterValueSampleInterval: '-1' } })
  expect(status).toBe(422)
  expect(JSON.stringify(body)).toContain('MeterValueSampleInterval')
  expect(changesAt(station)).toEqual(before)
})
