// What is asked of meter values: of a connector and of a transaction.
import type { Case, Cases } from './case.ts'

const csv = { Accept: 'text/csv' }
const path = '/meter-values?clientID=CP1&connectorId=1'
const wrong = (before: string): readonly Case[] => [
  { path: `${before}from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z`, status: 422, code: 'range-backwards', says: '/from' },
  { path: `${before}bucket=1h&agg=delta&measurand=Voltage`, status: 422, code: 'not-a-register', says: 'Energy.Active.Import.Register' },
  { path: `${before}agg=min`, status: 422, code: 'agg-without-bucket', says: '/agg' },
  { path: `${before}measurand=Power`, status: 422, says: 'Power.Active.Import' }, { path: `${before}phase=L4`, status: 422, says: 'L3-L1' },
  ...['location=Moon', 'bucket=5m', 'agg=sum', 'from=now', 'to=2026', 'limit=501', 'limit=0', 'cursor=%20', 'colour=red'].map((search) => ({ path: `${before}${search}`, status: 422, says: `/${search.split('=')[0]}` })),
]

export const meterValueCases: Cases = {
  listMeterValues: [
    { path, status: 200, says: '{"data":[],"nextCursor":null}' },
    { path: '/meter-values?clientID=cp1&connectorId=0&measurand=SoC&phase=L1&location=EV', status: 200 },
    { path: `${path}&bucket=1h&from=2026-03-28T23:00:00Z&to=2026-03-29T01:30:00Z`, status: 200, says: '{"from":"2026-03-29T01:00:00.000Z","to":"2026-03-29T01:30:00.000Z","value":null}],"unit":"Wh","nextCursor":null}' },
    { path: `${path}&bucket=1m&agg=max&measurand=Current.Import&limit=2&from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z`, status: 200, says: '"unit":"A","nextCursor":"' },
    { path: `${path}&bucket=1d`, headers: csv, status: 200, says: 'from,to,measurand,value,unit\r\n20' }, { path, headers: csv, status: 200, says: 'at,receivedAt,measurand,value,unit,transactionId,phase,context,location,format,raw\r\n' },
    { path: `${path}&siteID=main`, status: 200 }, { path: `${path}&siteID=nowhere`, status: 404, code: 'unknown-site' },
    { path: '/meter-values?clientID=CP1', status: 422, says: '"hint":"Add the query parameter connectorId: a whole number from 0 to 2147483647 (0 = the main meter' }, { path: '/meter-values?connectorId=1', status: 422, says: '/clientID' },
    { path: '/meter-values?clientID=CP1&connectorId=-1', status: 422, says: '/connectorId' }, { path: '/meter-values?clientID=nobody&connectorId=1', status: 404, code: 'unknown-charge-point' },
    ...wrong(`${path}&`),
  ],
  listTransactionMeterValues: [
    { path: '/transactions/999/meter-values', status: 404, code: 'unknown-transaction' }, { path: '/transactions/x/meter-values', status: 422, says: '/id' },
    ...wrong('/transactions/999/meter-values?').filter(({ code }) => code !== 'range-backwards'),
  ],
}
