// Configuration keys in settings are held to the same table wherever settings are said.
import { describe, expect, test } from 'vitest'
import { ConfigError, loadConfig } from '../src/config.ts'
import { chargePointSchema } from '../src/power/site.ts'
import { pointFaults, settingsFaults, siteFaults } from '../src/settings-check.ts'

const means = { external: false }
const wrong = { HeartbeatInterval: 'abc', NumberOfConnectors: '3', AuthorizationKey: 'a1'.repeat(20), securityprofile: '2', LightIntensity: '50', lightintensity: '60', 'Vendor.Key': 'anything' }
const named = ['HeartbeatInterval', 'NumberOfConnectors', 'AuthorizationKey', 'securityprofile', 'lightintensity']

test('every key that cannot be so is named, and nothing else', () => {
  const faults = settingsFaults({ configuration: wrong }, means)
  expect(faults.map(({ path }) => path)).toEqual(named.map((key) => ['configuration', key]))
  expect(faults.map(({ problem }) => problem)).toEqual(['a whole number of seconds from 0 to 2147483647', 'can only be read', 'is never set by itself', 'is never set by itself', 'is named twice'])
  expect(settingsFaults({}, means)).toEqual([])
})

test('at its place in a site, a charge point and a connector', () => {
  const configuration = { HeartbeatInterval: 'abc' }
  expect(siteFaults({ settings: { configuration } }, means)).toMatchObject([{ path: ['settings', 'configuration', 'HeartbeatInterval'] }])
  const point = chargePointSchema.parse({ id: 'A', settings: { configuration }, connectors: [{ id: 1 }, { id: 2, settings: { authorisation: ['external'] } }] })
  expect(pointFaults(point, means).map(({ path }) => path)).toEqual([['settings', 'configuration', 'HeartbeatInterval'], ['connectors', 1, 'settings', 'authorisation']])
  expect(pointFaults(point, { external: true })).toHaveLength(1)
  expect(siteFaults({}, means)).toEqual([])
})

describe('kwota.yaml is refused with the line and the key', () => {
  const load = (text: string) => loadConfig({ flags: {}, env: {}, cwd: '/srv/kwota', readFile: () => text })
  test.each([
    ['for everybody', 'settings:\n  configuration:\n    BlinkRepeat: "2"\n    HeartbeatInterval: abc\n', /yaml:4 \/settings\/configuration\/HeartbeatInterval: a whole number of seconds/],
    ['of a site', 'sites:\n  - id: main\n    fuseA: 63\n    settings: { configuration: { NumberOfConnectors: "3" } }\n', /yaml:4 \/sites\/0\/settings\/configuration\/NumberOfConnectors: can only be read/],
    ['of a charge point', 'chargePoints:\n  - id: A\n    settings:\n      configuration: { SecurityProfile: "2" }\n', /yaml:4 \/chargePoints\/0\/settings\/configuration\/SecurityProfile: is never set by itself/],
  ])('%s', (_, text, message) => {
    expect(() => load(text)).toThrow(expect.objectContaining({ name: ConfigError.name, message: expect.stringMatching(message) as string }))
  })
})
