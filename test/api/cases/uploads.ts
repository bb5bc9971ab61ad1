// What is asked of the files that charge points have uploaded.
import { content } from '../uploads.ts'
import type { Cases } from './case.ts'

const files = '/chargepoints/CP1/diagnostics'
const unknownPoint = { status: 404, code: 'unknown-charge-point' }
const unknownFile = { status: 404, code: 'unknown-file' }

export const uploadCases: Cases = {
  listDiagnostics: [
    { path: files, status: 200, says: '"fileName":"diag.txt","bytes":14,"contentType":"text/html","kind":"diagnostics","commandId":"cmd_1"' }, { path: '/chargepoints/cp1/diagnostics?kind=log', status: 200, says: '"data":[{"id":"file_2"' },
    { path: `${files}?limit=1`, status: 200, says: '"nextCursor":"' }, { path: '/chargepoints/RDAM%20123/diagnostics', status: 200, says: '"data":[]' },
    { path: `${files}?kind=photo`, status: 422, says: '/kind' }, { path: `${files}?limit=0`, status: 422, says: '/limit' }, { path: `${files}?cursor=x`, status: 422, says: '/cursor' }, { path: '/chargepoints/CP9/diagnostics', ...unknownPoint },
  ],
  downloadDiagnostics: [
    { path: `${files}/file_1`, status: 200, says: content }, { path: `${files}/file_2`, headers: { Accept: 'application/octet-stream' }, status: 200, says: content },
    { path: `${files}/file_1`, headers: { Accept: 'text/html' }, status: 406, code: 'not-acceptable' }, { path: `${files}/file_9`, ...unknownFile }, { path: `${files}/file_lost`, ...unknownFile },
    { path: '/chargepoints/RDAM%20123/diagnostics/file_1', ...unknownFile }, { path: '/chargepoints/CP9/diagnostics/file_1', ...unknownPoint },
    { path: `${files}/..%2f..%2fetc%2fpasswd`, status: 422, says: '/id' }, { path: `${files}/file_1?as=html`, status: 422, says: '/as' },
  ],
  deleteDiagnostics: [
    { path: `${files}/file_1`, status: 204 }, { path: `${files}/file_1`, ...unknownFile }, { path: '/chargepoints/CP9/diagnostics/file_2', ...unknownPoint }, { path: `${files}/%20`, status: 422, says: '/id' },
  ],
}
