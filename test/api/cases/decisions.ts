// What is asked of decisions, and of dry runs of limits.
import type { Cases } from './case.ts'

const csv = { Accept: 'text/csv' }

export const decisionCases: Cases = {
  listDecisions: [
    { path: '/decisions', status: 200, says: '"cause":"start"' }, { path: '/decisions?siteID=main&clientID=cp1&connectorId=1&trigger=start&from=2020-01-01T00:00:00Z&to=2100-01-01T00:00:00%2B01:00', status: 200, says: '"id":"dec_1_1"' },
    { path: '/decisions?siteID=nowhere', status: 200, says: '"data":[]' }, { path: '/decisions?trigger=boredom', status: 422, says: 'site-limit-set' },
    { path: '/decisions', headers: csv, status: 200, says: 'dec_1_1,' },
    ...['cursor=x', 'siteID=%20', 'clientID=', 'connectorId=0', 'connectorId=x', 'trigger=A', 'from=now', 'to=2026-01-01', 'limit=0', 'colour=red'].map((search) => ({ path: `/decisions?${search}`, status: 422, says: `/${search.split('=')[0]}` })),
  ],
  getDecision: [
    { path: '/decisions/dec_1_1', status: 200, says: '"trigger":{"cause":"start"}' }, { path: '/decisions/dec_1_999999', status: 404, code: 'unknown-decision' }, { path: '/decisions/dec_1_1_nowhere', status: 404, code: 'unknown-decision' },
    ...['1', 'nope', 'dec_1', 'dec_1_1_', 'dec_x_1'].map((id) => ({ path: `/decisions/${id}`, status: 404, code: 'unknown-decision' })), { path: '/decisions/dec_1_1_%20', status: 422, says: '/id' },
  ],
}
