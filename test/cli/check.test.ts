// `kwota check` as a process, against the built product with charge points on it: its steps, its exit codes, and that an interrupted one leaves nothing.
import { expect, test } from 'vitest'
import type { CheckView } from '../../src/actors/commissioning/check-face.ts'
import { RPCClient } from '../e2e/rpc-client.ts'
import { withAskedServer } from './asked-server.ts'

const minute = 60_000
const asked = withAskedServer('  - { id: CP-1 }\n  - { id: CP-2 }\n  - { id: RPC-1 }\n')
const run = (...args: string[]) => asked.run('check', ...args)

test('says its steps and its verdict; with --json one object, and the steps beside it', async () => {
  const ran = await run('CP-1', '--no-limit-test', '--json')
  const view = JSON.parse(ran.out) as CheckView
  expect(view).toMatchObject({ clientID: 'CP-1', state: 'finished', limitTest: false })
  expect(ran.code).toBe(view.verdict === 'passed' || view.verdict === 'passed-with-warnings' ? 0 : 1)
  expect(view.steps.map(({ id }) => id)).toEqual(['boot', 'clock', 'security', 'configuration', 'profiles', 'limit'])
  for (const { id, summary } of view.steps) {
    expect(ran.err).toContain(id.padEnd(14))
    expect(ran.err).toContain(summary)
  }
  const plain = await run('CP-1', '--no-limit-test')
  expect(plain.code).toBe(ran.code)
  expect(plain.out).toMatch(/^boot +passed[\s\S]*limit +skipped +The limit test was not asked for\.\nCP-1: /)
}, 2 * minute)

test('without a car it is incomplete and exits 1; unknown 3, offline 5', async () => {
  expect(await run('CP-1')).toMatchObject({ code: 1, out: expect.stringContaining('Plug in a car and run the check again.') as string })
  const ran = await run('CP-1', '--connector', '1')
  expect(ran).toMatchObject({ code: 1, err: expect.stringMatching(/hint: .*plug in a car.*--no-limit-test/) as string })
  expect(await run('CP-1', '--connector', '9')).toMatchObject({ code: 3, out: '', err: 'kwota: CP-1 has no connector 9.\nhint: kwota status shows the connectors of a site.\n' })
  expect(await run('CP-1', '--connector', '0')).toMatchObject({ code: 2, out: '' })
  expect(await run('NOPE')).toMatchObject({ code: 3, out: '', err: expect.stringContaining('There is no charge point NOPE.') as string })
  expect(await run('CP-2')).toMatchObject({ code: 5, out: '' })
}, 2 * minute)

test('a client of somebody else that knows no smart charging fails', async () => {
  const client = new RPCClient({ endpoint: asked.server.ocppUrl, identity: 'RPC-1', protocols: ['ocpp1.6'], strictMode: false })
  client.handle('GetConfiguration', () => ({ configurationKey: [{ key: 'SupportedFeatureProfiles', readonly: true, value: 'Core' }], unknownKey: [] }))
  await client.connect()
  await client.call('BootNotification', { chargePointVendor: 'Somebody', chargePointModel: 'Else' })
  const ran = await run('RPC-1', '--json')
  await client.close({ force: true })
  const view = JSON.parse(ran.out) as CheckView
  expect([ran.code, view.verdict]).toEqual([1, 'failed'])
  expect(view.steps[0]).toMatchObject({ id: 'boot', state: 'passed', details: { vendor: 'Somebody', model: 'Else' } })
  expect(view.steps[3]).toMatchObject({ id: 'configuration', state: 'failed', summary: expect.stringContaining('does not offer SmartCharging') as string })
}, 2 * minute)
