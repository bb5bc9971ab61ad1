// What the routes of security are asked in the walk.
import type { Cases } from './case.ts'

const at = '/chargepoints/CP1/security-events'

export const securityCases: Cases = {
  listSecurityEvents: [
    { path: at, status: 200 }, { path: `${at}?level=grave`, status: 422, says: '/level' }, { path: `${at}?from=yesterday`, status: 422, says: '/from' }, { path: at, headers: { Accept: 'text/csv' }, status: 200, says: 'techInfo' },
    { path: '/chargepoints/CP9/security-events', status: 404, code: 'unknown-charge-point' },
  ],
}
