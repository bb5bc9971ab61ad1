// What is asked of alerts and of the system as a whole.
import type { Cases } from './case.ts'

const alerts = { status: 200, says: '"data":[{' } as const
const none = { status: 200, says: '"data":[]' } as const

export const alertCases: Cases = {
  listAlerts: [
    { path: '/alerts?open=true', status: 200, says: '"id":"a2"' }, { path: '/alerts?open=false', status: 200, says: '"id":"a1"' }, { path: '/alerts?open=yes', status: 422, says: '/open' },
    { path: '/alerts?severity=warning&code=starved&siteID=main', ...alerts }, { path: '/alerts?severity=critical', ...none }, { path: '/alerts?code=over-limit', ...none },
    { path: '/alerts?siteID=nowhere', ...none }, { path: '/alerts?clientID=CP1', ...none },
    { path: '/alerts?open=false&limit=1', headers: { Accept: 'text/csv' }, status: 200, says: 'a1,starved,warning,main,,,waits,' },
    { path: '/alerts?severity=bad', status: 422, says: '/severity' }, { path: '/alerts?code=Over%20limit', status: 422, says: '/code' },
    { path: '/alerts?siteID=%20', status: 422, says: '/siteID' }, { path: '/alerts?clientID=', status: 422, says: '/clientID' }, { path: '/alerts?colour=red', status: 422, says: '/colour' },
  ],
  ackAlert: [
    { path: '/alerts/a2/ack', status: 200, says: '"ackedBy":"local"' }, { path: '/alerts/a9/ack', status: 404, code: 'unknown-alert' }, { path: '/alerts/a%202/ack', status: 422, says: '/id' },
  ],
  getSystem: [{ path: '/system', status: 200, says: '"owner":"node-1"' }, { path: '/system?all=1', status: 422, says: '/all' }],
}
