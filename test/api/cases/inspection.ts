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
}
