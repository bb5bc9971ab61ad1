// What the quirk book is asked in the walk.
import { entryID } from '../../../src/actors/quirk-book.ts'
import type { Cases } from './case.ts'

const model = { vendor: 'Acme', model: 'Box 1', firmware: '1.2' }
const id = entryID(model)
const unknown = { status: 404, code: 'unknown-quirks' } as const
const invalid = [
  { vendor: '' }, { model: undefined }, { firmware: 7 }, { unit: 'VA' }, { ladder: 'none' }, { stackLevel: -1 }, { stackLevel: 1.5 }, { maxPeriods: 0 }, { pauseA: -1 }, { pauseA: 33 }, { lease: 'yes' }, { colour: 'red' }, { source: 'learnt' },
].map((change) => ({ path: `/quirks/${id}`, json: { ...model, ...change }, status: 422, code: 'invalid' }))

export const quirkCases: Cases = {
  listQuirks: [
    { path: '/quirks', status: 200, says: '"data":[]' }, { path: '/quirks?source=learnt&vendor=acme&limit=5', status: 200, says: '"nextCursor":null' },
    { path: '/quirks?source=guessed', status: 422, says: '/source' }, { path: '/quirks?vendor=', status: 422, says: '/vendor' }, { path: '/quirks?limit=501', status: 422, says: '/limit' }, { path: '/quirks?colour=red', status: 422, says: '/colour' },
  ],
  importQuirks: [
    { path: '/quirks/import', json: { data: [{ ...model, model: 'Box 2', unit: 'W' }], nextCursor: null }, status: 200, says: '"created":1' },
    { path: '/quirks/import', json: { data: [{ id: 'whatever', ...model, model: 'Box 2', firmware: '1.2', unit: 'A', ladder: 'default', stackLevel: 8, maxPeriods: 24, pauseA: 6, lease: false, source: 'learnt', learntAt: '2026-11-22T12:00:00.000Z', seenOn: 3 }] }, status: 200, says: '"updated":1' },
    { path: '/quirks/import', json: { data: [{ ...model, model: 'Box 2', unit: 'A', ladder: 'default', stackLevel: 8, maxPeriods: 24, pauseA: 6, lease: false, source: 'learnt', learntAt: '2026-11-22T12:00:00.000Z' }] }, status: 200, says: '"unchanged":1' },
    { path: '/quirks/import', json: { data: [model, { ...model, vendor: 'ACME' }] }, status: 422, says: '/data/1' }, { path: '/quirks/import', json: { data: [{ ...model, unit: 'VA' }] }, status: 422, says: '/data/0/unit' },
    { path: '/quirks/import', json: {}, status: 422, says: '/data' }, { path: '/quirks/import', json: [], status: 422, code: 'invalid' }, { path: '/quirks/import', body: 'vendor', headers: { 'Content-Type': 'text/csv' }, status: 415, code: 'unsupported-media-type' },
  ],
  getQuirks: [
    { path: `/quirks/${entryID({ ...model, model: 'Box 2' })}`, status: 200, says: '"source":"learnt"' }, { path: `/quirks/${id}`, ...unknown }, { path: '/quirks/Box%202', status: 422, says: '/quirkID' },
  ],
  putQuirks: [
    { path: `/quirks/${id}`, json: model, status: 201, says: '"source":"given"' }, { path: `/quirks/${id}`, json: { ...model, unit: 'W' }, headers: { 'If-Match': '"1"' }, status: 200, says: '"unit":"W"' }, { path: `/quirks/${id}`, json: model, headers: { 'If-Match': '"1"' }, status: 412, code: 'stale' },
    { path: '/quirks/another', json: model, status: 422, code: 'other-id', says: id }, { path: '/quirks/Box%202', json: model, status: 422, says: '/quirkID' }, ...invalid,
  ],
  deleteQuirks: [
    { path: `/quirks/${id}`, headers: { 'If-Match': '"7"' }, status: 412, code: 'stale' }, { path: `/quirks/${id}`, status: 204 }, { path: `/quirks/${id}`, ...unknown }, { path: '/quirks/Box%202', status: 422, says: '/quirkID' },
  ],
}
