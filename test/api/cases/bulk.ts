// What bulk and batches are asked in the walk.
import type { Cases } from './case.ts'

const reset = { selector: { siteID: 'main' }, body: { type: 'Soft' } }

export const bulkCases: Cases = {
  startBulk: [
    { path: '/bulk/reset', json: reset, status: 202, says: '"operation":"reset"' },
    { path: '/bulk/reset?dryRun=true', json: reset, status: 200, says: '"clientIDs":["CP1","RDAM 123"]' },
    { path: '/bulk/configuration', json: { selector: { clientIDs: ['CP1'] }, body: { keys: { HeartbeatInterval: '60' } } }, status: 202 },
    { path: '/bulk/configuration', json: { selector: { clientIDs: ['CP1'] }, body: { keys: { HeartbeatInterval: '60' }, queue: true, expiresAt: new Date(Date.now() + 3_600_000).toISOString() } }, status: 202 },
    ...['', '?dryRun=true'].flatMap((dry) => [
      { path: `/bulk/configuration${dry}`, json: { selector: { clientIDs: ['CP1'] }, body: { keys: {} } }, status: 422, says: '/body/keys' },
      { path: `/bulk/configuration${dry}`, json: { selector: { clientIDs: ['CP1'] }, body: { keys: { 'a/b': '1', HeartbeatInterval: 'soon', NumberOfConnectors: '1' } } }, status: 422, says: '/body/keys/HeartbeatInterval' },
      { path: `/bulk/configuration${dry}`, json: { selector: { clientIDs: ['CP1'] }, body: { keys: { BlinkRepeat: '1', blinkrepeat: '2' } } }, status: 422, says: 'named twice' },
      { path: `/bulk/configuration${dry}`, json: { selector: { clientIDs: ['CP1'] }, body: { keys: { A: '1' }, queue: true, expiresAt: '2020-01-01T00:00:00Z' } }, status: 422, says: '/body/expiresAt' },
      { path: `/bulk/change-configuration${dry}`, json: { selector: { clientIDs: ['CP1'] }, body: { key: 'LocalPreAuthorize', value: 'yes' } }, status: 422, says: '/body/value' },
      { path: `/bulk/reset${dry}`, json: { ...reset, body: { type: 'Soft', queue: true, expiresAt: '2020-01-01T00:00:00Z' } }, status: 422, says: '/body/expiresAt' },
    ]),
    { path: '/bulk/set-charging-profile', json: { selector: { clientIDs: ['CP1'] }, body: { connectorId: 1 } }, status: 422, says: '/body/csChargingProfiles' },
    { path: '/bulk/set-charging-profile', json: { selector: { clientIDs: ['CP1'] }, body: { connectorId: 1, templateId: 'nowhere' } }, status: 422, code: 'unknown-profile-template', says: '/body/templateId' },
    { path: '/bulk/clear-charging-profile?dryRun=true', json: { selector: { clientIDs: ['CP1', 'CP9'] }, body: { id: 7 } }, status: 200, says: '"code":"unknown-charge-point"' },
    { path: '/bulk/clear-charging-profile?dryRun=true', json: { selector: { clientIDs: Array.from({ length: 1_001 }, (_, index) => `X${index}`) }, body: { id: 7 } }, status: 422, code: 'too-many-selected', says: '/selector' },
    { path: '/bulk/reset', json: { selector: { siteID: 'main' }, body: { type: 'Gentle' } }, status: 422, says: '/body/type' },
    { path: '/bulk/reset', json: { ...reset, selector: {} }, status: 422, says: '/selector' }, { path: '/bulk/reset', json: { ...reset, maxParallel: 0 }, status: 422, says: '/maxParallel' },
    { path: '/bulk/reset', json: { ...reset, selector: { status: 'Charging' } }, status: 422, code: 'nothing-selected' }, { path: '/bulk/dance', json: reset, status: 422, says: '/operation' },
    { path: '/bulk/reset', json: { ...reset, selector: { siteID: 'nowhere' } }, status: 404, code: 'unknown-site' },
  ],
  listBatches: [{ path: '/batches?limit=1', status: 200, says: '"operation":"' }, { path: '/batches?x=1', status: 422, says: '/x' }],
  getBatch: [{ path: '/batches/bat_0', status: 404, code: 'unknown-batch' }, { path: '/batches/x', status: 422, says: '/batchID' }],
}
