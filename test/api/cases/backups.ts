// What is asked of the backups.
import type { Cases } from './case.ts'

const unknown = { status: 404, code: 'unknown-backup', says: 'GET /api/v1/backups' }

export const backupCases: Cases = {
  listBackups: [{ path: '/backups', status: 200, says: '"data":[]' }, ...['limit=0', 'cursor=x', 'colour=red'].map((search) => ({ path: `/backups?${search}`, status: 422, says: `/${search.split('=')[0]}` }))],
  createBackup: [
    { path: '/backups', headers: { 'Idempotency-Key': 'backup-1' }, status: 201, says: '"kwotaVersion":"1.2.3","withoutHistory":false' },
    { path: '/backups', headers: { 'Idempotency-Key': 'backup-1' }, status: 201, says: '"withoutHistory":false' },
    { path: '/backups', json: { withoutHistory: true }, status: 201, says: '"withoutHistory":true' },
    { path: '/backups', json: { withoutHistory: 'yes' }, status: 422, says: '/withoutHistory' }, { path: '/backups', json: { colour: 'red' }, status: 422, says: '/colour' },
    { path: '/backups', body: '{', headers: { 'Content-Type': 'application/json' }, status: 400 },
  ],
  getBackup: [{ path: '/backups/backup_nobody', ...unknown }, { path: '/backups/..%2Fstore', status: 422, says: '/backupID' }],
  downloadBackup: [{ path: '/backups/backup_nobody/content', ...unknown }, { path: '/backups/a.b/content', status: 422, says: '/backupID' }],
  deleteBackup: [{ path: '/backups/backup_nobody', ...unknown }, { path: '/backups/%20', status: 422, says: '/backupID' }],
}
