// What the routes of sites, limits, power, charge points, connectors and transactions are asked in the walk.
import { priced } from '../terms.ts'
import { pageRoutes } from '../../../src/api/routes/pages.ts'
import type { Cases } from './case.ts'

const site = { id: 'north', fuseA: { L1: 40, L2: 40, L3: 40 }, circuits: [{ id: 'row', limitA: 32 }] }
const amps = { L1: 1, L2: -2, L3: 3 }
const text = { 'Content-Type': 'text/plain' }
const unknownSite = { status: 404, code: 'unknown-site' }
const unknownPoint = { status: 404, code: 'unknown-charge-point' }
const badId = { status: 422, code: 'invalid', says: '/siteID' }

export const coreCases: Cases = {
  listSites: [{ path: '/sites', status: 200 }, { path: '/sites?limit=501', status: 422, says: '/limit' }, { path: '/sites?cursor=x', status: 422, says: '/cursor' }, { path: '/sites?colour=red', status: 422, says: '/colour' }],
  createSite: [{ path: '/sites', json: site, status: 201, says: '"north"' }, { path: '/sites', json: site, status: 409, code: 'already-exists' }, { path: '/sites', json: { id: 'x' }, status: 422, says: '/fuseA' }],
  getSite: [{ path: '/sites/north', status: 200 }, { path: '/sites/nowhere', ...unknownSite }, { path: '/sites/%20', ...badId }, { path: '/sites/%zz', status: 400, code: 'malformed-url' }],
  putSite: [
    { path: '/sites/south', json: { fuseA: 20 }, status: 201 }, { path: '/sites/south', json: { id: 'south', fuseA: 25 }, status: 200 },
    { path: '/sites/south', json: { id: 'north', fuseA: 25 }, status: 422, says: '/id' }, { path: '/sites/south', json: { fuseA: -1 }, status: 422, says: '/fuseA' },
    { path: '/sites/south', json: { fuseA: 1, circuits: [{ id: 'a', limitA: { L1: 1, L2: 1 } }] }, status: 422, says: '/circuits/0/limitA/L3' },
    { path: '/sites/%20', json: { fuseA: 1 }, ...badId },
    { path: '/sites/main?dryRun=true', json: { fuseA: 10 }, status: 200, says: '"dryRun":true' }, { path: '/sites/other?dryRun=true', json: { fuseA: 10 }, status: 200, says: '"before":null' },
    { path: '/sites/main?dryRun=true', json: { fuseA: 10, circuits: [{ id: 'a', parent: 'b' }] }, status: 422, code: 'unknown-circuit' }, { path: '/sites/main?dryRun=yes', json: { fuseA: 10 }, status: 422, says: '/dryRun' },
  ],
  deleteSite: [{ path: '/sites/south', status: 204 }, { path: '/sites/south', ...unknownSite }, { path: '/sites/main', status: 409, code: 'site-in-use' }],
  getGridLimit: [{ path: '/sites/main/grid-limit', status: 200, says: '"currentA":null' }, { path: '/sites/nowhere/grid-limit', ...unknownSite }],
  setGridLimit: [
    { path: '/sites/main/grid-limit', json: { currentA: 40, reason: 'works', ttlS: 60 }, status: 200, says: '"currentA":40' },
    { path: '/sites/main/grid-limit', json: { powerW: 27600 }, status: 200, says: '"powerW":27600' },
    { path: '/sites/main/grid-limit', json: { currentA: 0 }, status: 200 },
    { path: '/sites/main/grid-limit', json: { limit: 20 }, status: 422, says: 'Leave /limit out; known here: currentA, powerW' },
    ...[{}, { currentA: 1, powerW: 1 }, { currentA: -1 }, { currentA: null }, { currentA: '20' }, { currentA: 20, ttlS: 0 }, { currentA: 20, ttlS: 1.5 }, { currentA: 20, ttlS: 604_801 }, { currentA: 20, reason: 'x'.repeat(201) }, [], 'x', 3, null, true]
      .map((json) => ({ path: '/sites/main/grid-limit', json, status: 422, code: 'invalid' })),
    { path: '/sites/main/grid-limit', headers: { 'Content-Type': 'application/json' }, body: '{"currentA":1e999}', status: 422, says: '/currentA' },
    { path: '/sites/main/grid-limit', json: { currentA: 64 }, status: 422, code: 'above-fuse', says: '/currentA' },
    { path: '/sites/nowhere/grid-limit', json: { currentA: 1 }, ...unknownSite },
    { path: '/sites/main/grid-limit?dryRun=true', json: { currentA: 20 }, status: 200, says: '"after":{"currentA":20,' }, { path: '/sites/main/grid-limit?dryRun=true', json: { currentA: 64 }, status: 422, code: 'above-fuse' },
    { path: '/sites/main/grid-limit?dryRun=1', json: { currentA: 20 }, status: 422, says: '/dryRun' }, { path: '/sites/nowhere/grid-limit?dryRun=true', json: { currentA: 1 }, ...unknownSite },
  ],
  clearGridLimit: [{ path: '/sites/main/grid-limit?dryRun=true', status: 200, says: '"dryRun":true' }, { path: '/sites/main/grid-limit', status: 204 }, { path: '/sites/nowhere/grid-limit', ...unknownSite }],
  getGridLimitValue: [{ path: '/sites/main/grid-limit/value', status: 200, says: '43470' }, { path: '/sites/nowhere/grid-limit/value', ...unknownSite }],
  setGridLimitValue: [
    { path: '/sites/main/grid-limit/value', headers: text, body: ' 6900.5\n', status: 200, says: '6900.5' },
    { path: '/sites/main/grid-limit/value?dryRun=true', headers: text, body: '13800', status: 200, says: '"after":{"currentA":20,' }, { path: '/sites/main/grid-limit/value?dryRun=maybe', headers: text, body: '1', status: 422, code: 'invalid' },
    ...['', '-1', '1e3', '0x10', 'NaN', 'Infinity', '20 kW', '12,5', '9999999999'].map((body) => ({ path: '/sites/main/grid-limit/value', headers: text, body, status: 422, code: 'invalid' })),
    { path: '/sites/nowhere/grid-limit/value', headers: text, body: '1', ...unknownSite },
  ],
  getPower: [{ path: '/sites/main/power', status: 200 }, { path: '/sites/nowhere/power', ...unknownSite }],
  pushBaseLoad: [
    { path: '/sites/main/base-load', json: { currentA: amps }, status: 204 }, { path: '/sites/main/base-load', json: { powerW: amps, at: '2026-11-22T13:00:10+01:00' }, status: 204 },
    { path: '/sites/main/base-load', json: { currentA: amps, at: '2026-11-22T12:00:11Z' }, status: 422, says: '/at' },
    ...[{ currentA: 5 }, { currentA: { L1: 1 } }, {}, { currentA: amps, powerW: amps }, { currentA: amps, at: 'now' }].map((json) => ({ path: '/sites/main/base-load', json, status: 422, code: 'invalid' })),
    { path: '/sites/nowhere/base-load', json: { currentA: amps }, ...unknownSite },
  ],
  streamEvents: [{ path: '/events?types=limit', status: 422, says: '/types' }, { path: '/events?clientID=', status: 422, says: '/clientID' }],
  streamSiteEvents: [{ path: '/sites/nowhere/events', ...unknownSite }, { path: '/sites/main/events?types=,', status: 422, says: '/types' }],
  listChargePoints: [{ path: '/chargepoints', status: 200 }, { path: '/chargepoints?limit=0', status: 422, says: '/limit' }, { path: '/chargepoints?siteID=a%20b', status: 422, says: '/siteID' }],
  createChargePoint: [
    { path: '/chargepoints', json: { id: 'CP:2', password: 'sixteen-bytes-ok' }, status: 201, says: '"hasPassword":true' }, { path: '/chargepoints', json: { id: 'CP:2' }, status: 409, code: 'already-exists' },
    { path: '/chargepoints', json: { id: 'RDAM 123' }, status: 201, says: '"id":"RDAM 123"' }, { path: '/chargepoints', json: { id: 'rdam 123' }, status: 409, code: 'already-exists' },
    { path: '/chargepoints', json: { id: 'a ' }, status: 422, says: '/id' }, { path: '/chargepoints', json: { id: 'CP3', securityProfile: 4 }, status: 422, says: 'expected 0, 1, 2 or 3' }, { path: '/chargepoints', json: { id: 'CP3', settings: { strict: 1 } }, status: 422, says: '/settings/strict' }, { path: '/chargepoints', json: { id: 'CP3', password: 'short' }, status: 422, says: '/password' },
    { path: '/chargepoints', json: { id: 'CP3', connectors: [{ id: 1, current: 'DC' }] }, status: 422, says: '/connectors/0/maxW' }, { path: '/chargepoints', json: { id: 'CP3', site: 'nowhere' }, ...unknownSite },
  ],
  getChargePoint: [{ path: '/chargepoints/CP%3A2', status: 200 }, { path: '/chargepoints/RDAM%20123', status: 200 }, { path: '/chargepoints/CP9', ...unknownPoint }, { path: `/chargepoints/${'x'.repeat(49)}`, status: 422, says: '/clientID' }],
  putChargePoint: [
    { path: '/chargepoints/CP3', json: {}, status: 201 }, { path: '/chargepoints/CP3', json: { id: 'CP3', password: null }, status: 200 },
    { path: '/chargepoints/CP3', json: { id: 'CP4' }, status: 422, says: '/id' }, { path: '/chargepoints/CP3', json: { hasPassword: true }, status: 422, says: 'can only be read' },
    { path: '/chargepoints/%E2%82%AC', json: { securityProfile: 1 }, status: 201, says: '"securityProfile":1' }, { path: '/chargepoints/a%0Ab', json: {}, status: 422, says: '/clientID' },
  ],
  deleteChargePoint: [{ path: '/chargepoints/CP3', status: 204 }, { path: '/chargepoints/CP3', ...unknownPoint }],
  listConnectors: [{ path: '/chargepoints/CP1/connectors', status: 200 }, { path: '/chargepoints/CP9/connectors', ...unknownPoint }],
  getConnector: [{ path: '/chargepoints/CP1/connectors/2', status: 200 }, { path: '/chargepoints/RDAM%20123/connectors/1', status: 200 }, { path: '/chargepoints/CP1/connectors/3', status: 404, code: 'unknown-connector' }, { path: '/chargepoints/CP1/connectors/0', status: 422, says: '/connectorID' }],
  patchConnector: [
    { path: '/chargepoints/CP1/connectors/1', json: { priority: 2, weight: 1.5, departureAt: '2026-11-23T07:00:00Z', energyNeededWh: 12000, vehicleMaxA: 16, vehiclePhases: 1 }, status: 200, says: '"priority":2' },
    { path: '/chargepoints/CP1/connectors/1', json: { departureAt: null, energyNeededWh: null, vehicleMaxA: null, vehiclePhases: null }, status: 200, says: '"departureAt":null' },
    ...[{ vehiclePhases: 4 }, { priority: null }, { priority: 1.5 }, { weight: 0 }, { departureAt: 'soon' }, { energyNeededWh: -1 }, { status: 'Available' }, null].map((json) => ({ path: '/chargepoints/CP1/connectors/1', json, status: 422, code: 'invalid' })),
    { path: '/chargepoints/CP1/connectors/9', json: {}, status: 404, code: 'unknown-connector' },
  ],
  getAllocation: [{ path: '/chargepoints/RDAM%20123/connectors/1/allocation', status: 200 }, { path: '/chargepoints/CP1/connectors/1/allocation', status: 200 }, { path: '/chargepoints/CP1/connectors/9/allocation', status: 404, code: 'unknown-connector' }],
  listTransactions: [
    { path: '/transactions?siteID=main&clientID=cp1&status=charging', status: 200, says: '"clientID":"CP1"' }, { path: '/transactions?status=lost', status: 422, says: '/status' }, { path: '/transactions?idTag=%3Dsum(a1)&from=2026-11-22T14:00:00Z&to=2026-11-22T14:30:00Z', status: 200, says: '"id":4' },
    { path: '/transactions?clientID=CP1&connectorId=1&limit=1', status: 200, says: '"connectorId":1' }, { path: '/transactions?connectorId=7', status: 200, says: '"data":[]' },
    ...['cursor=x', 'from=now', 'to=2026-01-01', 'idTag=', 'connectorId=0', 'connectorId=a', 'limit=0'].map((search) => ({ path: `/transactions?${search}`, status: 422, says: `/${search.split('=')[0]}` })),
    { path: '/transactions', headers: { Accept: 'text/csv' }, status: 200, says: "\"'=SUM(A1)\"" },
  ],
  getTransaction: [{ path: '/transactions/3', status: 200 }, { path: `/transactions/${priced.running}`, status: 200, says: '"limitsInForce":{' }, { path: '/transactions/99', status: 404, code: 'unknown-transaction' }, { path: '/transactions/x', status: 422, says: '/id' }],
  getLiveness: [{ path: '/livez', status: 200 }, { path: '/livez?verbose', status: 200 }],
  getReadiness: [{ path: '/readyz', status: 200 }],
  getMetrics: [{ path: '/metrics', status: 200, says: 'kwota_connections 0' }],
  getOpenapi: [{ path: '/openapi.json', status: 200 }, { path: '/openapi.json?x=1', status: 422, says: '/x' }],
  ...Object.fromEntries(pageRoutes.filter(({ path }) => path !== '/assets/{file}').map(({ operationId, path }) => [operationId, [{ path: path.replace(/\{\w+\}/g, 'x'), status: 200, says: '<div id="kwota">' }]])),
  getPageFile: [{ path: '/assets/..%2Findex.html', status: 404, code: 'not-found' }, { path: '/assets/nothing.js', status: 404, says: 'load the page again' }],
}
