// What is asked of local authorisation lists; nobody is connected there, so nothing is known of any.
import type { Cases } from './case.ts'

export const localListCases: Cases = {
  getLocalList: [
    { path: '/chargepoints/RDAM%20123/local-list', status: 200, says: '{"clientID":"RDAM 123","version":0,"inStep":false,"entries":null,"at":null,"lastError":null,"supported":true}' },
    { path: '/chargepoints/CP9/local-list', status: 404, code: 'unknown-charge-point' }, { path: '/chargepoints/%20/local-list', status: 422, says: '/clientID' }, { path: '/chargepoints/CP1/local-list?x=1', status: 422, says: '/x' },
  ],
}
