// What the routes of vendor messages are asked in the walk.
import type { Cases } from './case.ts'

const at = '/chargepoints/CP1/vendor-settings'
const webhook = { handler: 'webhook', url: 'https://example.com/hook', secret: 'a long secret' }
const unknownPoint = { status: 404, code: 'unknown-charge-point' }
const settings = (handler: object) => ({ vendors: { 'com.example': { messages: { '*': handler } } } })

export const vendorCases: Cases = {
  getVendorSettings: [{ path: at, status: 200, says: '"vendors":{}' }, { path: '/chargepoints/CP9/vendor-settings', ...unknownPoint }],
  putVendorSettings: [
    { path: at, json: settings(webhook), status: 200, says: '"hasSecret":true' }, { path: at, json: settings({ handler: 'accept', data: 'ok' }), status: 200 },
    { path: at, json: settings({ handler: 'dance' }), status: 422, says: '/handler' }, { path: at, json: settings({ ...webhook, url: 'ftp://example.com' }), status: 422, says: '/url' },
    { path: at, json: settings({ ...webhook, url: 'https://a:b@example.com' }), status: 422, code: 'credentials-in-url' }, { path: at, json: settings({ ...webhook, hasSecret: true }), status: 422, says: 'hasSecret' },
    { path: '/chargepoints/CP9/vendor-settings', json: settings(webhook), ...unknownPoint },
  ],
  listDataTransfers: [{ path: '/chargepoints/CP1/data-transfers?direction=in', status: 200 }, { path: '/chargepoints/CP1/data-transfers?direction=up', status: 422, says: '/direction' }, { path: '/chargepoints/CP9/data-transfers', ...unknownPoint }],
}
