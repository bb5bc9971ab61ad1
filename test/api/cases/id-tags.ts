// What is asked of id tags and of the answers kept about them.
import type { Cases } from './case.ts'

const csv = { 'Content-Type': 'text/csv' }
const unknown = { status: 404, code: 'unknown-id-tag' } as const
const table = 'id,status,expiryDate,parentIdTag,concurrent\r\nT-1,Accepted,2030-01-01T00:00:00Z,Fleet,true\r\nT-2,Blocked,,,\r\n'

export const idTagCases: Cases = {
  listIdTags: [
    { path: '/id-tags', status: 200, says: '"nextCursor"' }, { path: '/id-tags?status=Blocked&parentIdTag=F&text=x', status: 200, says: '"data":[]' }, { path: '/id-tags', headers: { Accept: 'text/csv' }, status: 200, says: 'id,status,expiryDate' },
    { path: '/id-tags?status=Open', status: 422, says: '/status' }, { path: '/id-tags?limit=501', status: 422, says: '/limit' }, { path: '/id-tags?cursor=x', status: 422, says: '/cursor' }, { path: '/id-tags?parentIdTag=', status: 422, says: '/parentIdTag' },
    { path: '/id-tags?text=', status: 422, says: '/text' }, { path: '/id-tags?colour=red', status: 422, says: '/colour' },
  ],
  createIdTag: [
    { path: '/id-tags', json: { id: 'TAG/1' }, status: 201, says: '"concurrent":false' }, { path: '/id-tags', json: { id: 'tag/1' }, status: 409, code: 'already-exists' },
    { path: '/id-tags', json: { id: 'TAG 2', status: 'Blocked', expiryDate: '2030-01-01T00:00:00+01:00', parentIdTag: 'Fleet', sites: ['main'], chargePoints: ['CP1', 'RDAM 123'], concurrent: true, limits: { energyWh: 20_000, durationS: 3_600 } }, status: 201, says: '"energyWh":20000' },
    ...[{}, { id: '' }, { id: 'x'.repeat(21) }, { id: ' x' }, { id: 'a\nb' }, { id: '..' }, { id: 'X', status: 'ConcurrentTx' }, { id: 'X', expiryDate: 'soon' }, { id: 'X', parentIdTag: '' }, { id: 'X', sites: [] }, { id: 'X', sites: ['a', 'a'] }, { id: 'X', chargePoints: 'CP1' },
      { id: 'X', concurrent: 'yes' }, { id: 'X', limits: {} }, { id: 'X', limits: { energyWh: 0 } }, { id: 'X', limits: { costMinor: 0.5 } }, { id: 'X', tariffId: 'a b' }, { id: 'X', colour: 'red' }, [], null]
      .map((json) => ({ path: '/id-tags', json, status: 422, code: 'invalid' })),
    { path: '/id-tags', json: { id: 'X', tariffId: 'nobody' }, status: 422, code: 'unknown-tariff' },
  ],
  importIdTags: [
    { path: '/id-tags/import', headers: csv, body: table, status: 200, says: '{"created":2,"updated":0,"removed":0,"unchanged":0}' }, { path: '/id-tags/import?mode=merge', headers: csv, body: table, status: 200, says: '"unchanged":2' },
    { path: '/id-tags/import', headers: csv, body: 'id\nT-1\n', status: 200, says: '"updated":1' },
    { path: '/id-tags/import', headers: csv, body: `${table}T-3,Accepted,tomorrow,,\r\n`, status: 422, says: '/rows/2/expiryDate' }, { path: '/id-tags/import', headers: csv, body: 'id,status\nA,Accepted\na,Blocked\n', status: 422, says: '/rows/1/id' },
    { path: '/id-tags/import', headers: csv, body: 'id,status\nA,Accepted,more\n', status: 422, says: '/rows/0' }, { path: '/id-tags/import', headers: csv, body: 'id,limitEnergyWh\nA,lots\n', status: 422, says: '/rows/0/limitEnergyWh' },
    { path: '/id-tags/import', headers: csv, body: 'status\nAccepted\n', status: 422, says: 'no column id' }, { path: '/id-tags/import', headers: csv, body: 'id,colour\nA,red\n', status: 422, says: 'no column "colour"' }, { path: '/id-tags/import', headers: csv, body: '', status: 422, says: 'no column id' },
    { path: '/id-tags/import', headers: csv, body: 'id\n"A\n', status: 422, says: 'line 2' }, { path: '/id-tags/import?mode=all', headers: csv, body: table, status: 422, says: '/mode' },
    { path: '/id-tags/import', json: { id: 'A' }, status: 415, code: 'unsupported-media-type' }, { path: '/id-tags/import', headers: csv, body: Buffer.from([0xff, 0xfe]), status: 400, code: 'not-utf-8' },
  ],
  getIdTag: [{ path: '/id-tags/TAG%2F1', status: 200, says: '"id":"TAG/1"' }, { path: '/id-tags/tag%202', status: 200, says: '"id":"TAG 2"' }, { path: '/id-tags/import', ...unknown }, { path: `/id-tags/${'x'.repeat(21)}`, status: 422, says: '/idTag' }, { path: '/id-tags/a%0Ab', status: 422, says: '/idTag' }],
  putIdTag: [
    { path: '/id-tags/NEW', json: {}, status: 201, says: '"id":"NEW"' }, { path: '/id-tags/new', json: { id: 'New', status: 'Blocked' }, status: 200, says: '"id":"NEW"' },
    { path: '/id-tags/NEW', json: {}, headers: { 'If-Match': '"7"', 'Content-Type': 'application/json' }, status: 412, code: 'stale' }, { path: '/id-tags/NEW', json: { status: 'Accepted' }, headers: { 'If-Match': '"2"', 'Content-Type': 'application/json' }, status: 200 },
    { path: '/id-tags/NEW', json: { id: 'OTHER' }, status: 422, says: '/id' }, { path: '/id-tags/NEW', json: { status: 'Open' }, status: 422, says: '/status' }, { path: '/id-tags/%20', json: {}, status: 422, says: '/idTag' },
  ],
  deleteIdTag: [
    { path: '/id-tags/NEW', headers: { 'If-Match': '"1"' }, status: 412, code: 'stale' }, { path: '/id-tags/new', headers: { 'If-Match': '"3"' }, status: 204 }, { path: '/id-tags/NEW', ...unknown }, { path: '/id-tags/%20', status: 422, says: '/idTag' },
  ],
  listAuthorizationCache: [
    { path: '/chargepoints/CP1/authorization-cache', status: 200, says: '"data":[]' }, { path: '/chargepoints/CP9/authorization-cache', status: 404, code: 'unknown-charge-point' }, { path: '/chargepoints/CP1/authorization-cache?limit=x', status: 422, says: '/limit' },
    { path: '/chargepoints/%20/authorization-cache', status: 422, says: '/clientID' },
  ],
  clearAuthorizationCache: [{ path: '/chargepoints/CP1/authorization-cache', status: 204 }, { path: '/chargepoints/CP9/authorization-cache', status: 404, code: 'unknown-charge-point' }, { path: '/chargepoints/%20/authorization-cache', status: 422, says: '/clientID' }],
}
