// Analytics over REST with a session that there is: what is promised, and the tables.
import { expect, test } from 'vitest'
import { master } from '../../src/api/auth.ts'
import { createKeySessions } from '../../src/api/key-sessions.ts'
import { toCsv } from '../../src/api/csv.ts'
import { createEventStreams } from '../../src/api/event-stream.ts'
import type { Room } from '../../src/api/route.ts'
import { routes } from '../../src/api/routes.ts'
import { showAll } from '../../src/api/tag-mask.ts'
import { createWrites } from '../../src/api/writes.ts'
import { tariffSchema } from '../../src/sessions/tariff.ts'
import { caller, openHouse, type HouseStand } from '../actors/house-stand.ts'
import { askOf } from './asked-house.ts'

async function charged(): Promise<{ stand: HouseStand; id: number; startedAt: string }> {
  const stand = await openHouse({ chargePoints: [{ id: 'CP1' }] })
  const peer = await stand.boot('CP1')
  const startedAt = new Date(stand.clock.wall()).toISOString()
  const id = await stand.start(peer, '=TAG')
  for (let m = 1; m <= 10; m++) {
    await stand.clock.advance(60_000)
    const sampledValue = [{ value: String(m * 100) }, { value: '6', measurand: 'Power.Active.Import', unit: 'kW' }, { value: String(50 + m), measurand: 'SoC', unit: 'Percent' }]
    await stand.call(peer, 'MeterValues', { connectorId: 1, transactionId: id, meterValue: [{ timestamp: new Date(stand.clock.wall()).toISOString(), sampledValue }] })
  }
  await stand.call(peer, 'StopTransaction', { transactionId: id, meterStop: 1_000, timestamp: new Date(stand.clock.wall()).toISOString() })
  return { stand, id, startedAt }
}

test('a session, a site and reports answer what the table of routes promises', async () => {
  const { stand, id, startedAt } = await charged()
  const ask = askOf(stand)
  const { json } = await ask('getTransactionAnalytics', { params: { id: String(id) } })
  expect(json).toMatchObject({ transactionId: id, energyWh: 1_000, startedAt, curve: { bucketS: 60, source: 'power' }, efficiency: 1 })
  const query = { from: startedAt, bucket: '15m' }
  for (const [name, unit] of [['getUtilization', 'ratio'], ['getEnergy', 'Wh'], ['getPeaks', 'W'], ['getFairness', 'ratio'], ['getAvailability', 'ratio']] as const) {
    expect((await ask(name, { query })).json).toMatchObject({ unit, nextCursor: null, data: [{ from: startedAt }] })
  }
  expect((await ask('getEnergy', { query })).json).toMatchObject({ data: [{ value: 1_000, sessions: 1 }] })
  expect((await ask('reportTags')).json).toMatchObject({ data: [{ idTag: '=TAG', sessions: 1, energyWh: 1_000 }], nextCursor: null })
  expect((await ask('reportChargePoints', { query: { siteID: 'main' } })).json).toMatchObject({ data: [{ siteID: 'main', clientID: 'CP1', sessions: 1 }] })
  stand.directory.crash()
})

async function tableOf(stand: HouseStand, operationId: string, params: Record<string, string> = {}, query: Record<string, string> = {}): Promise<string[]> {
  const room: Room = {
    house: stand.house, clock: stand.clock, writes: createWrites(stand.clock), streams: createEventStreams({ house: stand.house, clock: stand.clock, onCut: () => undefined }),
    metrics: async () => ({ type: 'text/plain', text: '' }), node: () => ({ id: 'node-1', address: 'http://127.0.0.1:8080', storeKind: 'memory', residentBytes: 1, uptimeS: 1, endpoints: [] }), version: '1.2.3', auth: { bootstrap: true, open: true }, keySessions: createKeySessions(stand.clock), backups: undefined, document: () => ({}),
  }
  const route = routes.find((one) => one.operationId === operationId)!
  const answer = await route.respond({ params, query, bodyText: '', caller, secure: false, cookies: undefined, principal: master(caller.name), show: showAll, demand: () => undefined, ifMatch: undefined, lastEventID: undefined, waitMs: 0, accepted: 'text/csv', room })
  const { columns, rows } = answer.table!
  return toCsv(columns, rows as Record<string, unknown>[]).split('\r\n')
}

test('the same as tables', async () => {
  const { stand, id } = await charged()
  const curve = await tableOf(stand, 'getTransactionAnalytics', { id: String(id) })
  expect(curve[0]).toBe('from,to,powerW,socPercent')
  expect(curve[2]).toMatch(/Z,6000,51$/)
  const tags = await tableOf(stand, 'reportTags')
  expect(tags[0]).toBe('idTag,sessions,energyWh,costMinor,currency,durationS,idleS,averageW,peakW,lost,anomalies')
  expect(tags[1]).toMatch(/^"'=TAG",1,1000,,,600,0,\d+,\d+,\[\],0$/)
  expect((await tableOf(stand, 'getEnergy', {}, { bucket: '1d' })).slice(0, 1)).toEqual(['from,to,value,sessions'])
  stand.directory.crash()
})

test('of several currencies each has its line, and no sum is there twice', async () => {
  const stand = await openHouse({ chargePoints: [{ id: 'CP1' }], tariffs: ['EUR', 'CHF'].map((currency) => tariffSchema.parse({ id: currency, currency, perSessionMinor: 100 })) })
  const peer = await stand.boot('CP1')
  for (const tariffId of ['EUR', 'CHF', 'EUR']) {
    await stand.house.settings.put('CP1', { tariffId }, {}, caller)
    const id = await stand.start(peer)
    await stand.clock.advance(600_000)
    await stand.call(peer, 'StopTransaction', { transactionId: id, meterStop: 1_000, timestamp: new Date(stand.clock.wall()).toISOString() })
  }
  const [header, ...rows] = await tableOf(stand, 'reportTags')
  expect(header).toMatch(/^idTag,sessions,energyWh,costMinor,currency,durationS,/)
  expect(rows).toEqual([expect.stringMatching(/^TAG,3,3000,100,CHF,18\d\d,/), 'TAG,,,200,EUR,,,,,,', ''])
  expect((await tableOf(stand, 'reportChargePoints'))[2]).toBe('main,CP1,,,200,EUR,,,,,,')
  stand.directory.crash()
})
