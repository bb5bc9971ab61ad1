// What is asked of analytics: a site over time, reports, and one session.
import type { Case, Cases } from './case.ts'

const csv = { Accept: 'text/csv' }
const wrongRange = (path: string): readonly Case[] => [
  { path: `${path}from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z`, status: 422, code: 'range-backwards', says: '/from' },
  { path: `${path}from=2016-01-01T00:00:00Z&to=2026-01-01T00:00:00Z`, status: 422, code: 'range-too-long', says: '/from' },
  ...['from=now', 'to=2026-01-01', 'limit=0', 'colour=red', 'cursor=%20'].map((search) => ({ path: `${path}${search}`, status: 422, says: `/${search.split('=')[0]}` })),
]

function bucketed(what: string, header: string, unit: string): readonly Case[] {
  const path = `/analytics/${what}`
  return [
    { path: `${path}?siteID=main`, status: 200, says: `"unit":"${unit}"` },
    { path: `${path}?siteID=main&clientID=cp1&from=2026-01-01T00:00:00Z&to=2026-01-03T00:00:00%2B01:00&bucket=1d`, status: 200, says: '"to":"2026-01-02T00:00:00.000Z"' },
    { path: `${path}?siteID=main&from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z&bucket=15m&limit=2`, status: 200, says: '"nextCursor":"' },
    { path: `${path}?siteID=main&bucket=1d`, headers: csv, status: 200, says: header },
    { path, status: 200, says: '"data":[' }, { path: `${path}?siteID=%20`, status: 422, says: '/siteID' }, { path: `${path}?siteID=nowhere`, status: 404, code: 'unknown-site' },
    { path: `${path}?siteID=main&clientID=nobody`, status: 404, code: 'unknown-charge-point' }, { path: `${path}?siteID=main&bucket=5m`, status: 422, says: '1m' },
    ...(what === 'peaks' ? [{ path: `${path}?siteID=main&bucket=1m`, status: 422, code: 'bucket-too-short', says: '/bucket' }] : [
      { path: `${path}?siteID=main&from=2026-01-01T00:00:00Z&to=2026-01-31T00:00:00Z&bucket=1m&limit=2`, status: 200, says: '"to":"2026-01-01T00:02:00.000Z"' },
      { path: `${path}?siteID=main&from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:01Z&bucket=1m`, status: 422, code: 'range-too-long', says: '31 days' },
    ]),
    ...wrongRange(`${path}?siteID=main&`),
  ]
}

function reported(what: string, header: string): readonly Case[] {
  const path = `/analytics/${what}`
  return [
    { path, status: 200, says: '"data":[]' }, { path: `${path}?siteID=main&from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z&limit=500`, status: 200 },
    { path, headers: csv, status: 200, says: header }, { path: `${path}?siteID=nowhere`, status: 404, code: 'unknown-site' },
    ...wrongRange(`${path}?`),
  ]
}

export const analyticsCases: Cases = {
  getTransactionAnalytics: [{ path: '/transactions/999/analytics', status: 404, code: 'unknown-transaction' }, { path: '/transactions/x/analytics', status: 422, says: '/id' }],
  getUtilization: bucketed('utilization', 'from,to,value,charging,sessions,connectors', 'ratio'),
  getEnergy: bucketed('energy', 'from,to,value,sessions', 'Wh'),
  getPeaks: bucketed('peaks', 'from,to,value,at,siteW,siteAt', 'W'),
  getFairness: bucketed('fairness', 'from,to,value,sessions', 'ratio'),
  getAvailability: bucketed('availability', 'from,to,value,known,connectors', 'ratio'),
  reportTags: reported('tags', 'idTag,sessions,energyWh,costMinor,currency,durationS,idleS,averageW,peakW,lost,anomalies'),
  reportChargePoints: reported('charge-points', 'siteID,clientID,sessions,energyWh,costMinor,currency,durationS'),
}
