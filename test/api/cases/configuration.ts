// What the routes of configuration keys and settings are asked in the walk; nobody is connected there.
import type { Cases } from './case.ts'

const offline = { status: 409, code: 'charge-point-offline' }
const unknown = { status: 404, code: 'unknown-charge-point' }
const path = '/chargepoints/CP1/configuration'
const settings = '/chargepoints/CP1/settings'
const hour = new Date(Date.now() + 3_600_000).toISOString()
const wrong: readonly (readonly [key: string, value: unknown])[] = [
  ['HeartbeatInterval', '-1'], ['HeartbeatInterval', 'soon'], ['HeartbeatInterval', 300], ['NumberOfConnectors', '4'], ['LocalPreAuthorize', 'yes'], ['WebSocketPingInterval', '-1'],
  ['MeterValuesSampledData', 'Wind'], ['AuthorizationKey', 'short'], ['SecurityProfile', '0'], ['Vendor.Key', 'x'.repeat(501)],
]

export const configurationCases: Cases = {
  getConfiguration: [
    { path, status: 200, says: '"refreshedAt":null' }, { path: `${path}?keys=HeartbeatInterval,%20Vendor&refresh=false`, status: 200, says: '"keys":[]' }, { path: `${path}?refresh=true`, ...offline },
    { path: `${path}?refresh=yes`, status: 422, says: '/refresh' }, { path: `${path}?keys=a,,b`, status: 422, says: '/keys' }, { path: `${path}?key=a`, status: 422, says: '/key' },
    { path: '/chargepoints/CP9/configuration', ...unknown },
  ],
  putConfiguration: [
    { path, json: { keys: { HeartbeatInterval: '300' } }, ...offline },
    { path, json: { keys: { HeartbeatInterval: '300', 'Vendor/Key': 'a' }, queue: true, expiresAt: hour }, status: 202, says: '"HeartbeatInterval":"Queued"' },
    { path, json: { keys: { AuthorizationKey: 'a1'.repeat(20) }, queue: true }, ...offline, says: 'AuthorizationKey is never left waiting' },
    { path, json: { keys: { HeartbeatInterval: '300' }, queue: true, expiresAt: '2020-01-01T00:00:00Z' }, status: 422, code: 'expires-at', says: '/expiresAt' },
    { path, json: { keys: { HeartbeatInterval: '1', heartbeatinterval: '2' } }, status: 422, says: 'named twice' },
    ...wrong.map(([key, value]) => ({ path, json: { keys: { [key]: value } }, status: 422, says: `/keys/${key}` })),
    ...[{}, { keys: {} }, { keys: [] }, { keys: { A: '1' }, queue: 1 }, { keys: { A: '1' }, now: true }, null].map((json) => ({ path, json, status: 422, code: 'invalid' })),
    { path: '/chargepoints/CP9/configuration', json: { keys: { HeartbeatInterval: '300' } }, ...unknown },
  ],
  resetConfiguration: [{ path: `${path}/reset`, ...offline }, { path: '/chargepoints/CP9/configuration/reset', ...unknown }],
  getSettings: [{ path: settings, status: 200, says: '"heartbeatIntervalS":{"value":300,"source":"default"}' }, { path: '/chargepoints/CP9/settings', ...unknown }],
  putSettings: [
    { path: settings, json: { heartbeatIntervalS: 60, configuration: { BlinkRepeat: '2' }, connectors: { 2: { transactionLimits: { energyWh: 5000 } } } }, status: 200, says: '"heartbeatIntervalS":{"value":60,"source":"chargePoint"}' },
    { path: settings, json: {}, status: 200, says: '"settings":{}' },
    { path: settings, json: {}, headers: { 'If-Match': '"999"' }, status: 412, code: 'stale' },
    { path: settings, json: { connectors: { 3: {} } }, status: 422, says: '/connectors/3' }, { path: settings, json: { connectors: { 1: { strict: true } } }, status: 422, says: '/connectors/1/strict' },
    { path: settings, json: { configuration: { NumberOfConnectors: '2' } }, status: 422, says: '/configuration/NumberOfConnectors' },
    { path: settings, json: { configuration: { AuthorizationKey: 'a1'.repeat(20) } }, status: 422, says: '/configuration/AuthorizationKey' },
    ...[{ heartbeatIntervalS: '60' }, { heartbeatIntervalS: 1 }, { effective: {} }, { measurands: 'SoC' }, null].map((json) => ({ path: settings, json, status: 422, code: 'invalid' })),
    { path: '/chargepoints/CP9/settings', json: {}, ...unknown },
  ],
}
