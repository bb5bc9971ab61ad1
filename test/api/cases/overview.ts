// What is asked of the composed reads in the walk.
import type { Cases } from './case.ts'

const unknownSite = { status: 404, code: 'unknown-site' }
const chart = '/sites/main/chart'

export const overviewCases: Cases = {
  getOverview: [{ path: '/sites/main/overview', status: 200, says: '"sentence":"' }, { path: '/sites/main/overview?colour=red', status: 422, says: '/colour' }, { path: '/sites/nowhere/overview', ...unknownSite }],
  getSetup: [{ path: '/setup', status: 200, says: 'ws://127.0.0.1:8080/ocpp/' }, { path: '/setup?colour=red', status: 422, says: '/colour' }],
  startCheck: [
    { path: '/chargepoints/CP1/check', status: 409, code: 'charge-point-offline' }, { path: '/chargepoints/CP1/check', json: { connectorId: 9 }, status: 404, code: 'unknown-connector' },
    { path: '/chargepoints/CP1/check', json: { connectorId: 0 }, status: 422, says: '/connectorId' }, { path: '/chargepoints/CP1/check', json: { colour: 'red' }, status: 422, code: 'invalid' }, { path: '/chargepoints/CP9/check', status: 404, code: 'unknown-charge-point' },
  ],
  getCheck: [{ path: '/chargepoints/CP1/check', status: 404, code: 'no-check' }, { path: '/chargepoints/CP9/check', status: 404, code: 'unknown-charge-point' }],
  cancelCheck: [{ path: '/chargepoints/CP1/check', status: 409, code: 'no-check-running' }, { path: '/chargepoints/CP9/check', status: 404, code: 'unknown-charge-point' }],
  getChart: [
    { path: chart, status: 200, says: '"stepS":60' }, { path: `${chart}?stepS=900`, status: 200, says: '"stepS":900' }, { path: chart, headers: { Accept: 'text/csv' }, status: 200, says: 'at,limitA,limitW,binding,totalW,buildingW,cars:main W,decisions' },
    { path: `${chart}?from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z`, status: 200, says: '"future":[]' }, { path: `${chart}?from=2020-01-02T00:00:00Z&to=2020-01-01T00:00:00Z`, status: 422, code: 'range-backwards', says: '/from' },
    { path: `${chart}?from=2020-01-01T00:00:00Z&to=2020-02-01T00:00:00Z`, status: 422, code: 'range-too-long', says: '/from' }, { path: `${chart}?from=2100-01-01T00:00:00Z&to=2100-01-02T00:00:00Z`, status: 422, code: 'range-too-long', says: '/to' },
    ...['stepS=59', 'stepS=1.5', 'from=now', 'to=soon', 'colour=red'].map((query) => ({ path: `${chart}?${query}`, status: 422, code: 'invalid' })), { path: '/sites/nowhere/chart', ...unknownSite },
  ],
}
