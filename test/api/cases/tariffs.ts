// Questions about tariffs, and what they cost a transaction.
import { priced } from '../terms.ts'
import type { Cases } from './case.ts'

const json = { id: 'day', name: 'Daytime', currency: 'EUR', perKWhMinor: 39.5, perMinuteMinor: 0.000125, idlePerMinuteMinor: 10, idleGraceS: 900, blocks: [{ days: ['sat', 'sun'], from: '22:00', to: '06:00', perKWhMinor: 20 }] }
const unknown = { status: 404, code: 'unknown-tariff' }

export const tariffCases: Cases = {
  listTariffs: [{ path: '/tariffs', status: 200, says: '"data":[]' }, { path: '/tariffs?limit=0', status: 422, says: '/limit' }, { path: '/tariffs?colour=red', status: 422, says: '/colour' }],
  createTariff: [
    { path: '/tariffs', json, status: 201, says: '"version":1' }, { path: '/tariffs', json, status: 409, code: 'already-exists' },
    { path: '/tariffs', json: { id: 'free', currency: 'CHF' }, status: 201, says: '"perKWhMinor":0' },
    ...[{}, { id: 'x' }, { id: 'a b', currency: 'EUR' }, { ...json, id: 'x', currency: 'eur' }, { ...json, id: 'x', perKWhMinor: -1 }, { ...json, id: 'x', perKWhMinor: 0.0000001 }, { ...json, id: 'x', perKWhMinor: '1' },
      { ...json, id: 'x', idleGraceS: 0.5 }, { ...json, id: 'x', blocks: [{ days: ['mon'], from: '06:00', to: '06:00', perKWhMinor: 1 }] }, { ...json, id: 'x', blocks: [{ days: ['mon'], from: '6', to: '07:00', perKWhMinor: 1 }] }, { ...json, id: 'x', colour: 'red' }, [], null]
      .map((wrong) => ({ path: '/tariffs', json: wrong, status: 422, code: 'invalid' })),
    { path: '/tariffs', json: { ...json, id: 'x', blocks: [{ days: ['mon'], from: '06:00', to: '07:00', perKWhMinor: -1 }] }, status: 422, says: '/blocks/0/perKWhMinor' },
  ],
  getTariff: [
    { path: '/tariffs/day', status: 200, says: '"perMinuteMinor":0.000125' }, { path: '/tariffs/day?version=1', status: 200, says: '"version":1' }, { path: '/tariffs/day?version=2', status: 404, code: 'unknown-tariff-version' },
    { path: '/tariffs/day?version=0', status: 422, says: '/version' }, { path: '/tariffs/night', ...unknown }, { path: '/tariffs/a%20b', status: 422, says: '/tariffId' },
  ],
  putTariff: [
    { path: '/tariffs/day', json, status: 200, says: '"version":1' }, { path: '/tariffs/day', json: { ...json, perKWhMinor: 41, version: 1, changedAt: '2026-01-01T00:00:00Z', changedBy: 'me' }, status: 200, says: '"version":2' },
    { path: '/tariffs/day', json: { ...json, perKWhMinor: 42 }, headers: { 'If-Match': '"1"' }, status: 412, code: 'stale' }, { path: '/tariffs/night', json: { currency: 'EUR' }, status: 201, says: '"version":1' },
    { path: '/tariffs/day', json, headers: { 'If-Match': '"2"' }, status: 200, says: '"version":3' },
    { path: '/tariffs/day', json: { ...json, id: 'night' }, status: 422, says: '/id' }, { path: '/tariffs/day', json: { ...json, name: 5 }, status: 422, says: '/name' }, { path: '/tariffs/a%20b', json, status: 422, says: '/tariffId' },
  ],
  listTariffVersions: [{ path: '/tariffs/day/versions?limit=1', status: 200, says: '"version":1' }, { path: '/tariffs/never/versions', ...unknown }, { path: '/tariffs/day/versions?limit=501', status: 422, says: '/limit' }, { path: '/tariffs/a%20b/versions', status: 422, says: '/tariffId' }],
  getTransactionCost: [
    { path: `/transactions/${priced.stopped}/cost`, status: 200, says: '"amountMinor":305,"currency":"EUR"' }, { path: `/transactions/${priced.running}/cost`, status: 200, says: '"final":false' },
    { path: `/transactions/${priced.free}/cost`, status: 409, code: 'no-tariff' }, { path: '/transactions/99/cost', status: 404, code: 'unknown-transaction' }, { path: '/transactions/x/cost', status: 422, says: '/id' },
  ],
  patchTransaction: [
    { path: `/transactions/${priced.running}`, json: { limits: { energyWh: 20_000, costMinor: 500 } }, status: 200, says: '"limits":{"energyWh":20000,"costMinor":500}' },
    { path: `/transactions/${priced.running}`, json: { limits: { energyWh: null, durationS: 86_400 } }, status: 200, says: '"limits":{"costMinor":500,"durationS":86400}' },
    { path: `/transactions/${priced.running}`, json: { limits: { durationS: 90_000 } }, status: 200, says: '"limitsInForce":{"durationS":{"value":90000,"from":"transaction"},"costMinor":{"value":500,"from":"transaction"}}' },
    { path: `/transactions/${priced.stopped}`, json: { limits: { energyWh: 1 } }, status: 409, code: 'transaction-ended' }, { path: '/transactions/99', json: { limits: { energyWh: 1 } }, status: 404, code: 'unknown-transaction' },
    { path: '/transactions/x', json: { limits: { energyWh: 1 } }, status: 422, says: '/id' },
    ...[{}, { limits: {} }, { limits: { energyWh: 0 } }, { limits: { energyWh: '1' } }, { limits: { durationS: 5 } }, { limits: { costMinor: 0.5 } }, { limits: { power: 1 } }, { limits: { energyWh: 1 }, x: 1 }, null].map((wrong) => ({ path: `/transactions/${priced.running}`, json: wrong, status: 422, code: 'invalid' })),
  ],
  deleteTariff: [
    { path: '/tariffs/night', headers: { 'If-Match': '"9"' }, status: 412, code: 'stale' }, { path: '/tariffs/night', status: 204 }, { path: '/tariffs/night', ...unknown }, { path: '/tariffs/a%20b', status: 422, says: '/tariffId' },
  ],
}
