// What is asked of the lobby and of the message log.
import type { Cases } from './case.ts'

export const contactCases: Cases = {
  listLobby: [
    { path: '/lobby', status: 200, says: '"reason":"auth-wrong"' }, { path: '/lobby?limit=1', status: 200, says: '"nextCursor":"' },
    { path: '/lobby?verdict=refused&reason=unknown-id&clientID=new-1', status: 200, says: '/api/v1/lobby/NEW-1/accept' }, { path: '/lobby?verdict=waiting', status: 200, says: '"data":[]' },
    { path: '/lobby?reason=bad-mood', status: 422, says: '/reason' }, { path: '/lobby?verdict=out', status: 422, says: '/verdict' }, { path: '/lobby?clientID=', status: 422, says: '/clientID' }, { path: '/lobby?cursor=x', status: 422, says: '/cursor' },
  ],
  acceptFromLobby: [
    { path: '/lobby/CP1/accept', status: 409, code: 'charge-point-exists' }, { path: '/lobby/nobody/accept', status: 404, code: 'not-in-lobby' },
    ...[{ id: 'NEW-1' }, { connectors: [] }, { password: 'short' }, { fallbackA: -1 }, [], 'x'].map((json) => ({ path: '/lobby/NEW-1/accept', json, status: 422, code: 'invalid' })),
    { path: '/lobby/NEW-1/accept', json: { site: 'nowhere' }, status: 422, code: 'unknown-site' },
    { path: '/lobby/NEW-1/accept', json: { connectors: [{ id: 1, maxA: 16 }], password: 'sixteen-bytes-ok' }, status: 201, says: '"maxA":16' }, { path: '/lobby/NEW-1/accept', status: 409, code: 'charge-point-exists' },
    { path: '/lobby/new-2/accept', status: 201, says: '"id":"NEW-2"' }, { path: '/lobby/%20/accept', status: 422, says: '/clientID' },
  ],
  listMessages: [
    { path: '/messages', status: 200, says: '"status":"unreadable"' }, { path: '/messages?errorsOnly=true&text=sorry', status: 200, says: '"code":"NotSupported"' },
    { path: '/messages?clientID=CP1&siteID=main&action=Heartbeat&direction=in&errorsOnly=false&from=2020-01-01T00:00:00Z&to=2100-01-01T00:00:00%2B01:00', status: 200, says: '"request":{"a":"b"}' },
    { path: '/messages?limit=1', status: 200, says: '"nextCursor":"' }, { path: '/messages?siteID=nowhere', status: 200, says: '"data":[]' },
    { path: '/messages?action=Reset', headers: { Accept: 'text/csv' }, status: 200, says: ',main,CP1,out,Reset,2,error,NotSupported,' },
    ...['cursor=x', 'siteID=%20', 'clientID=', 'action=a%20b', 'direction=up', 'errorsOnly=1', 'from=now', 'to=2026-01-01', 'text=', 'limit=0'].map((search) => ({ path: `/messages?${search}`, status: 422, says: `/${search.split('=')[0]}` })),
  ],
}
