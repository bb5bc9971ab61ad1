// What the routes of security are asked in the walk.
import type { Cases } from './case.ts'

const at = '/chargepoints/CP1/security-events'

export const securityCases: Cases = {
  getCertificates: [
    { path: '/chargepoints/cp1/certificates', status: 200, says: '"clientID":"CP1","installed":[{"certificateType":"CentralSystemRootCertificate","at":null,"outdated":true' },
    { path: '/chargepoints/CP1/certificates?x=1', status: 422, says: '/x' }, { path: '/chargepoints/CP9/certificates', status: 404, code: 'unknown-charge-point' },
  ],
  listSecurityEvents: [
    { path: at, status: 200 }, { path: `${at}?level=grave`, status: 422, says: '/level' }, { path: `${at}?from=yesterday`, status: 422, says: '/from' }, { path: at, headers: { Accept: 'text/csv' }, status: 200, says: 'techInfo' },
    { path: '/chargepoints/CP9/security-events', status: 404, code: 'unknown-charge-point' },
  ],
}
