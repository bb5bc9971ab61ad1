// What is asked about the checks of charging profiles in the walk.
import type { Cases } from './case.ts'

export const profileCheckCases: Cases = {
  listProfileChecks: [
    { path: '/chargepoints/CP1/profile-checks', status: 200, says: '{"data":[],"nextCursor":null}' }, { path: '/chargepoints/CP9/profile-checks', status: 404, code: 'unknown-charge-point' },
    { path: '/chargepoints/CP1/profile-checks?colour=red', status: 422, says: '/colour' },
  ],
}
