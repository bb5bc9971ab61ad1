// Questions about webhooks; the walk knows none that is there, so that nothing is sent anywhere.
import type { Cases } from './case.ts'

const path = '/webhooks'
const nobody = '/webhooks/whk_0123456789ab'
const unknown = { path: nobody, status: 404, code: 'unknown-webhook' }
const invalid = { status: 422, code: 'invalid' }
const badId = { path: '/webhooks/x', status: 422, says: '/webhookID' }
const json = { url: 'https://example.com/hook', enabled: false }
const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`

export const webhookCases: Cases = {
  listWebhooks: [{ path, status: 200, says: '"data":[]' }, { path: '/webhooks?limit=0', status: 422, says: '/limit' }],
  createWebhook: [
    { path, json, status: 201, says: '"secret":"whsec_' }, { path, json: { ...json, secret, types: ['transaction.started', 'limit.changed'], siteID: 'main', description: 'Billing', showIdTags: true }, status: 201, says: secret },
    ...[{}, { url: 'ftp://example.com' }, { url: 'https://me:hush@example.com' }, { url: 'x' }, { ...json, types: [] }, { ...json, types: ['all'] }, { ...json, types: ['meter.sample', 'meter.sample'] }, { ...json, description: 'a\nb' }, { ...json, secret: 'hush' }, { ...json, secret: 'whsec_AAAA' }, { ...json, enabled: 'no' }, { ...json, id: 'mine' }, []].map((wrong) => ({ path, json: wrong, ...invalid })),
    { path, json: { ...json, siteID: 'nowhere' }, status: 422, code: 'unknown-site', says: '/siteID' },
    ...['http://127.0.0.1/', 'http://localhost:9/', 'http://10.0.0.7/', 'http://[::1]/', 'http://2130706433/'].map((url) => ({ path, json: { url }, status: 422, code: 'private-address', says: 'allowPrivate' })),
  ],
  getWebhook: [unknown, badId],
  putWebhook: [{ ...unknown, json }, { path: nobody, json: {}, ...invalid }, { path: nobody, json: { ...json, secret }, ...invalid }, { ...badId, json }],
  changeWebhook: [{ ...unknown, json: { enabled: true } }, { path: nobody, json: {}, ...invalid }, { path: nobody, json: { secret }, ...invalid }, { ...badId, json: { enabled: true } }],
  deleteWebhook: [unknown, badId],
  rotateWebhookSecret: [{ ...unknown, path: `${nobody}/rotate-secret`, json: {} }, { path: `${nobody}/rotate-secret`, json: { keepFormerS: 604_801 }, ...invalid }, { path: `${nobody}/rotate-secret`, json: { secret: 'x' }, ...invalid }],
  testWebhook: [{ ...unknown, path: `${nobody}/test` }],
  listWebhookDeliveries: [{ ...unknown, path: `${nobody}/deliveries` }, { path: `${nobody}/deliveries?status=lost`, status: 422, says: '/status' }],
}
