// What is asked of orphans, of transactions that are put right, of retention, and of forgetting a person.
import { minutesAgo, orphanIds, unmatched } from '../unmatched.ts'
import type { Cases } from './case.ts'

const csv = { Accept: 'text/csv' }
const [first, second, third] = orphanIds
const none = { status: 404, code: 'unknown-transaction' }
const reason = 'the display said so'

export const unmatchedCases: Cases = {
  listOrphans: [
    { path: '/orphans', status: 200, says: '"cause":"unknown-transaction"' }, { path: '/orphans?siteID=main&clientID=cp1&kind=stop&state=open', status: 200, says: first! },
    { path: '/orphans?clientID=nobody', status: 200, says: '"data":[]' }, { path: '/orphans?limit=1', headers: csv, status: 200, says: 'orp_' },
    ...['cursor=x', 'siteID=%20', 'clientID=', 'kind=A', 'state=A', 'limit=0', 'colour=red'].map((search) => ({ path: `/orphans?${search}`, status: 422, says: `/${search.split('=')[0]}` })),
  ],
  getOrphan: [{ path: `/orphans/${first}`, status: 200, says: `"candidates":[{"transactionId":${unmatched.second}` }, { path: '/orphans/orp_1', status: 404, code: 'unknown-orphan' }, { path: '/orphans/%20', status: 422, says: '/id' }],
  assignOrphan: [
    { path: `/orphans/${first}/assign`, json: { transactionId: unmatched.stopped, reason }, status: 409, code: 'transaction-stopped' },
    { path: `/orphans/${first}/assign`, json: { transactionId: 99, reason }, ...none },
    { path: `/orphans/${third}/assign`, json: { transactionId: unmatched.second, reason }, status: 409, code: 'meter-below-start' },
    { path: `/orphans/${first}/assign`, json: { transactionId: unmatched.second, reason }, status: 200, says: '"state":"assigned"' },
    { path: `/orphans/${first}/assign`, json: { transactionId: unmatched.second, reason }, status: 409, code: 'orphan-closed' },
    { path: '/orphans/orp_1/assign', json: { transactionId: 1, reason }, status: 404, code: 'unknown-orphan' },
    ...[{}, { transactionId: 1 }, { reason }, { transactionId: 0, reason }, { transactionId: 1, reason: '' }, { transactionId: 1, reason, x: 1 }].map((json) => ({ path: `/orphans/${first}/assign`, json, status: 422, code: 'invalid' })),
  ],
  dismissOrphan: [
    { path: `/orphans/${second}/dismiss`, json: { reason }, status: 200, says: '"state":"dismissed"' }, { path: `/orphans/${second}/dismiss`, json: { reason }, status: 409, code: 'orphan-closed' },
    { path: '/orphans/orp_1/dismiss', json: { reason }, status: 404, code: 'unknown-orphan' }, { path: `/orphans/${second}/dismiss`, json: {}, status: 422, says: '/reason' },
  ],
  getTransactionTrail: [
    { path: `/transactions/${unmatched.first}/trail`, status: 200, says: '"data":[]' }, { path: '/transactions/99/trail', ...none }, { path: '/transactions/x/trail', status: 422, says: '/id' },
  ],
  closeTransaction: [
    { path: `/transactions/${unmatched.first}/close`, json: { stoppedAt: minutesAgo(61), reason }, status: 422, says: '/stoppedAt' },
    { path: `/transactions/${unmatched.first}/close`, json: { stoppedAt: '2100-01-01T00:00:00Z', reason }, status: 422, says: '/stoppedAt' },
    { path: `/transactions/${unmatched.first}/close`, json: { meterStopWh: 999, reason }, status: 422, says: '/meterStopWh' },
    { path: `/transactions/${unmatched.first}/close`, json: { meterStopWh: 3_000, reason }, status: 200, says: '"assumed":{"stoppedAt":"taken-to-be-over"}' },
    { path: `/transactions/${unmatched.first}/close`, json: { stoppedAt: minutesAgo(30), reason }, status: 409, code: 'transaction-stopped' },
    { path: '/transactions/99/close', json: { stoppedAt: minutesAgo(30), reason }, ...none },
    { path: '/transactions/x/close', json: { stoppedAt: minutesAgo(30), reason }, status: 422, says: '/id' },
    ...[{}, { stoppedAt: 'now', reason }, { stoppedAt: minutesAgo(1) }, { stoppedAt: minutesAgo(1), meterStopWh: -1, reason }, null].map((json) => ({ path: `/transactions/${unmatched.first}/close`, json, status: 422, code: 'invalid' })),
  ],
  correctTransaction: [
    { path: `/transactions/${unmatched.stopped}/correct`, json: { meterStopWh: 2_500, idTag: 'forgettable', startedAt: minutesAgo(50), reason }, status: 200, says: '"energyWh":1500' },
    { path: `/transactions/${unmatched.stopped}/correct`, json: { meterStartWh: 9_000, reason }, status: 422, says: '/meterStartWh' },
    { path: `/transactions/${unmatched.stopped}/correct`, json: { stoppedAt: minutesAgo(70), reason }, status: 422, says: '/stoppedAt' },
    { path: `/transactions/${unmatched.stopped}/correct`, json: { reason }, status: 422, code: 'nothing-to-correct' },
    { path: '/transactions/99/correct', json: { meterStopWh: 1, reason }, ...none },
    ...[{}, { meterStopWh: '1', reason }, { startedAt: 'now', reason }, { idTag: '', reason }, { meterStopWh: 1 }, { status: 'stopped', reason }].map((json) => ({ path: `/transactions/${unmatched.stopped}/correct`, json, status: 422, code: 'invalid' })),
  ],
  getRetention: [{ path: '/retention', status: 200, says: '"kind":"meterValues","keepDays":90' }, { path: '/retention?x=1', status: 422, says: '/x' }],
  putRetention: [
    { path: '/retention', json: { meterValues: 30 }, status: 200, says: '"kind":"meterValues","keepDays":30' }, { path: '/retention', json: { meterValues: null, orphans: 30 }, status: 200, says: '"kind":"meterValues","keepDays":90' },
    { path: '/retention', json: { orphans: 31 }, headers: { 'If-Match': '"1"' }, status: 412, code: 'stale' },
    ...[{}, { meterValues: 0 }, { decisions: 8 }, { transactions: 29 }, { orphans: 1.5 }, { everything: 1 }, null].map((json) => ({ path: '/retention', json, status: 422, code: 'invalid' })),
  ],
  eraseIdTag: [
    { path: '/id-tags/FORGETTABLE/erase', json: { reason }, status: 200, says: '"transactions":3' }, { path: '/id-tags/nobody-has-it/erase', json: { reason }, status: 200, says: '"transactions":0' },
    { path: '/id-tags/forgettable/erase', json: {}, status: 422, says: '/reason' }, { path: `/id-tags/${'x'.repeat(21)}/erase`, json: { reason }, status: 422, says: '/idTag' },
  ],
}
