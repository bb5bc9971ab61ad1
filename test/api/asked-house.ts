// Routes of the table over a whole living house on a clock that obeys: what HTTP adds is left out.
import { master } from '../../src/api/auth.ts'
import { createKeySessions } from '../../src/api/key-sessions.ts'
import type { Answer, Room } from '../../src/api/route.ts'
import { createEventStreams } from '../../src/api/event-stream.ts'
import { routes } from '../../src/api/routes.ts'
import { showAll } from '../../src/api/tag-mask.ts'
import { createWrites } from '../../src/api/writes.ts'
import { caller, type HouseStand } from '../actors/house-stand.ts'

export interface Asked { readonly params?: Record<string, string>; readonly query?: Record<string, string>; readonly json?: unknown; readonly waitS?: number }

/** Asks a route by its operationId; time goes on until it answers, at most a minute. Rejects with what the route throws. */
export function askOf({ house, clock }: HouseStand): (operationId: string, asked?: Asked) => Promise<Answer & { readonly json: Record<string, unknown> }> {
  const room: Room = {
    house, clock, writes: createWrites(clock), streams: createEventStreams({ house, clock, onCut: () => undefined }),
    metrics: async () => ({ type: 'text/plain', text: '' }), node: () => ({ id: 'node-1', address: 'http://127.0.0.1:8080', storeKind: 'memory', residentBytes: 1, uptimeS: 1, endpoints: [] }), version: '1.2.3', auth: { bootstrap: true, open: true }, keySessions: createKeySessions(clock), backups: undefined, document: () => ({}),
  }
  return async (operationId, { params = {}, query = {}, json, waitS = 0 } = {}) => {
    const route = routes.find((one) => one.operationId === operationId)
    if (route === undefined) throw new Error(`there is no ${operationId}`)
    let over = false
    const asked = route.respond({ params, query, bodyText: json === undefined ? '' : JSON.stringify(json), caller, secure: false, cookies: undefined, principal: master(caller.name), show: showAll, demand: () => undefined, ifMatch: undefined, lastEventID: undefined, waitMs: waitS * 1000, accepted: 'application/json', room })
    const end = (): void => { over = true }
    asked.then(end, end)
    for (let seconds = 0; !over && seconds < 60; seconds++) await clock.advance(1_000)
    const answer = await asked
    const promised = route.answers[answer.status]?.content?.['application/json']
    if (promised !== undefined) promised.parse(answer.json)
    return { ...answer, json: answer.json as Record<string, unknown> }
  }
}
