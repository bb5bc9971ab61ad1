// Questions about API keys, where none is needed yet: the first must be one that may do everything, and then the walk would need it.
import type { Cases } from './case.ts'

const json = { name: 'Manager', scopes: ['read', 'limits:write'], sites: ['main'] }
const path = '/api-keys'
const nobody = '/api-keys/0123456789ab'
const unknown = { path: nobody, status: 404, code: 'unknown-api-key' }
const invalid = { status: 422, code: 'invalid' }

export const apiKeyCases: Cases = {
  listApiKeys: [{ path, status: 200, says: '"data":[]' }, { path: '/api-keys?limit=0', status: 422, says: '/limit' }],
  createApiKey: [
    ...[json, { ...json, scopes: ['admin'] }, { name: 'a', scopes: ['read'] }, { name: 'a', scopes: ['admin'], expiresAt: '2999-01-01T00:00:00Z' }].map((first) => ({ path, json: first, status: 422, code: 'first-key' })),
    ...[{}, { name: 'a' }, { name: 'a', scopes: [] }, { name: 'a', scopes: ['root'] }, { name: 'a', scopes: ['read', 'read'] }, { ...json, name: '' }, { ...json, name: 'a\nb' }, { ...json, sites: [] }, { ...json, sites: 'main' }, { ...json, expiresAt: 'soon' }, { ...json, secret: 'x' }, []].map((wrong) => ({ path, json: wrong, ...invalid })),
    { path, json: { ...json, sites: ['nowhere'] }, status: 422, code: 'unknown-site', says: '/sites/0' }, { path, json: { ...json, expiresAt: '2020-01-01T00:00:00Z' }, status: 422, code: 'expiry-in-the-past' },
    { path, json: { ...json, name: 'Bootstrap' }, status: 409, code: 'name-taken' },
  ],
  getApiKey: [unknown, { path: '/api-keys/x', status: 422, says: '/keyID' }],
  changeApiKey: [{ ...unknown, json: { name: 'a' } }, { path: nobody, json: {}, ...invalid }, { path: nobody, json: { secret: 'x' }, ...invalid }, { path: '/api-keys/x', json: { name: 'a' }, status: 422, says: '/keyID' }],
  openSession: [{ path: '/session', status: 201, says: '"expiresAt":null' }, { path: '/session?key=x', status: 422, says: '/key' }],
  getSession: [{ path: '/session', status: 200, says: '"name":"local"' }, { path: '/session?key=x', status: 422, says: '/key' }],
  endSession: [{ path: '/session', status: 204 }, { path: '/session?key=x', status: 422, says: '/key' }],
  deleteApiKey: [unknown, { path: '/api-keys/x', status: 422, says: '/keyID' }],
}
