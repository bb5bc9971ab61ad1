// What is asked of machines and actors.
import type { Cases } from './case.ts'

export const inspectionCases: Cases = {
  listMachines: [{ path: '/machines', status: 200, says: '"states":["holding","shedding","quarantined"]' }, { path: '/machines?colour=red', status: 422, says: '/colour' }],
  getMachine: [
    ...['site', 'charge-point', 'connector', 'transaction', 'reservation', 'command'].flatMap((type) => [
      { path: `/machines/${type}`, status: 200, says: `{"id":"${type}"` },
      { path: `/machines/${type}`, headers: { Accept: 'text/vnd.mermaid' }, status: 200, says: 'stateDiagram-v2\n' },
      { path: `/machines/${type}`, headers: { Accept: 'text/vnd.graphviz' }, status: 200, says: `digraph "${type}" {` },
    ]),
    { path: '/machines/alarm', status: 422, says: '/type' }, { path: '/machines/site', headers: { Accept: 'image/png' }, status: 406 },
  ],
  listActors: [
    { path: '/actors', status: 200, says: '{"id":"site:main","type":"site","parent":null,"siteID":"main","clientID":null,"circuitID":null,"connectorId":null,"state":"holding","queued":null}' },
    { path: '/actors?siteID=main&clientID=cp1&type=connector&limit=1', status: 200, says: '"nextCursor":' }, { path: '/actors?siteID=nowhere', status: 200, says: '"data":[]' },
    ...['cursor=x', 'siteID=%20', 'clientID=', 'type=alarm', 'limit=0', 'colour=red'].map((search) => ({ path: `/actors?${search}`, status: 422, says: `/${search.split('=')[0]}` })),
  ],
  getActor: [
    { path: '/actors/site:main', status: 200, says: '"status":"active","context":{"siteID":"main"' }, { path: '/actors/site:main?full=true', status: 200, says: '"truncated":false' },
    ...['site:nowhere', 'charge-point:CP99', 'charge-point:', 'connector:CP1:99', 'connector:CP1', 'alarm:CP1:1', 'transaction:CP1:1:2'].map((id) => ({ path: `/actors/${id}`, status: id === 'charge-point:' ? 422 : 404, code: id === 'charge-point:' ? 'invalid' : 'unknown-actor' })),
    { path: '/actors/1', status: 422, says: '/actorID' }, { path: '/actors/site:main?full=1', status: 422, says: '/full' },
  ],
  listActorTransitions: [{ path: '/actors/site:main/history', status: 200, says: '"data":[]' }, { path: '/actors/site:nowhere/history', status: 404, code: 'unknown-actor' }, { path: '/actors/main/history', status: 422, says: '/actorID' }],
  listInspectionEvents: [
    { path: '/inspect/history', status: 200, says: '{"data":[],"nextCursor":null}' },
    { path: '/inspect/history?siteID=main&clientID=CP1&actorID=connector:CP1:1&types=connector,site&include=frames,decisions&order=descending&from=2020-01-01T00:00:00Z&to=2100-01-01T00:00:00Z&limit=5&cursor=e17', status: 200, says: '"data":[]' },
    ...['cursor=x', 'siteID=%20', 'clientID=', 'actorID=1', 'types=alarm', 'types=', 'include=words', 'order=up', 'from=now', 'to=2026-01-01', 'limit=0', 'colour=red'].map((search) => ({ path: `/inspect/history?${search}`, status: 422, says: `/${search.split('=')[0]}` })),
  ],
  listPastStates: [
    { path: '/inspect/states?at=2026-11-22T12:00:00Z', status: 200, says: '{"data":[],"nextCursor":null}' }, { path: '/inspect/states', status: 422, says: '/at' },
    ...['at=now', 'at=2026-11-22T12:00:00Z&types=alarm', 'at=2026-11-22T12:00:00Z&colour=red'].map((search) => ({ path: `/inspect/states?${search}`, status: 422, says: `/${search.split('&').at(-1)!.split('=')[0]}` })),
  ],
}
