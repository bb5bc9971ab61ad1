// Who decides about id tags, as kwota.yaml says it: the policies, the service outside, and what contradicts.
import { describe, expect, test } from 'vitest'
import { ConfigError, loadConfig } from '../src/config.ts'

const load = (text: string) => loadConfig({ flags: {}, env: {}, cwd: '/srv/kwota', readFile: () => text })
const service = 'authorisation: [local, cache, external]\nauthorisationService: '

test('every policy can be named, and the service has its time', () => {
  const config = load(`${service}{ url: "https://tags.example/ask?tenant=7", secret: whsec_MDEyMzQ1Njc4OWFiY2RlZg== }\n`)
  expect(config.authorisation).toEqual(['local', 'cache', 'external'])
  expect(config.settings.authorisation).toEqual(['local', 'cache', 'external'])
  expect(config.authorisationService).toEqual({ url: 'https://tags.example/ask?tenant=7', secret: 'whsec_MDEyMzQ1Njc4OWFiY2RlZg==', timeoutS: 2 })
  expect(load('').authorisationService).toBeNull()
})

test('an id tag has all that REST takes', () => {
  const [tag] = load('idTags:\n  - { id: A, sites: [main], chargePoints: [CP1], limits: { energyWh: 20000 } }\n').idTags
  expect(tag).toEqual({ id: 'A', status: 'Accepted', concurrent: false, sites: ['main'], chargePoints: ['CP1'], limits: { energyWh: 20000 } })
})

describe('refused with the line and the fix', () => {
  test.each([
    ['external without a service', 'port: 0\nauthorisation: [external]\n', /yaml:2 .*external has nobody to ask .*add authorisationService/],
    ['external for everybody, in the settings', 'settings: { authorisation: [external] }\n', /yaml:1 \/settings\/authorisation: external has nobody to ask/],
    ['external at a site', 'sites:\n  - { id: main, fuseA: 63, settings: { authorisation: [local, external] } }\n', /yaml:2 \/sites\/0\/settings\/authorisation: external/],
    ['external at a connector', 'chargePoints:\n  - id: A\n    connectors: [{ id: 1, settings: { authorisation: [external] } }]\n', /yaml:3 \/chargePoints\/0\/connectors\/0\/settings\/authorisation: external/],
    ['another scheme', `${service}{ url: "ftp://tags.example" }\n`, /yaml:2 .*http/],
    ['a password in the URL', `${service}{ url: "https://me:pass@tags.example" }\n`, /yaml:2 .*use secret/],
    ['a short secret', `${service}{ url: "https://tags.example", secret: short }\n`, /yaml:2 /],
    ['a time without end', `${service}{ url: "https://tags.example", timeoutS: 60 }\n`, /yaml:2 /],
    ['a policy nobody knows', 'authorisation: [lists]\n', /yaml:1 /],
    ['a tag that cannot be addressed', 'idTags:\n  - { id: ".." }\n', /yaml:2 /],
    ['a tag twice', 'idTags:\n  - { id: A }\n  - { id: a }\n', /yaml:3 .*item 1/],
  ])('%s', (_, text, message) => {
    expect(() => load(text)).toThrow(expect.objectContaining({ name: ConfigError.name, message: expect.stringMatching(message) as string }))
  })
})
