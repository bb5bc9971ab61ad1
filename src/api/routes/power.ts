// The live electrical state of a site, and the site meter readings that others push into it.
import { z } from 'zod'
import { Problem } from '../problem.ts'
import { defineRoute, type Route } from '../route.ts'
import { views } from '../schemas.ts'
import { base, siteParams } from './identifiers.ts'

const tag = 'power'
const furthestAheadMs = 10_000

/** Negative = fed into the grid. */
function perPhase(most: number) {
  const reading = z.number().min(-most).max(most)
  return z.strictObject({ L1: reading, L2: reading, L3: reading })
}

const readingBody = z
  .strictObject({
    currentA: perPhase(100_000).exactOptional(),
    powerW: perPhase(1_000_000_000).exactOptional(),
    at: z.iso.datetime({ offset: true }).exactOptional().describe('When it was measured; absent = now.'),
  })
  .refine(({ currentA, powerW }) => (currentA === undefined) !== (powerW === undefined), 'exactly one of currentA and powerW is needed')
  .meta({ oneOf: [{ required: ['currentA'] }, { required: ['powerW'] }] })

export const powerRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET', path: `${base}/sites/{siteID}/power`, operationId: 'getPower', tag, scope: 'read', reach: 'site',
    summary: 'Limits, measured and reserved current and headroom, per circuit, phase and connector',
    params: siteParams,
    answers: { 200: { description: 'As it is now', content: { 'application/json': views.Power } } },
    handle: ({ params, room }) => ({ status: 200, json: room.house.power(params.siteID) }),
  }),
  defineRoute({
    method: 'POST', path: `${base}/sites/{siteID}/base-load`, operationId: 'pushBaseLoad', tag, scope: 'limits:write', reach: 'site',
    summary: 'A reading of the site meter: what everything but the connectors draws, per phase',
    params: siteParams,
    body: { types: ['application/json'], schema: readingBody, hint: 'Say exactly one of currentA (amps) and powerW (watts), as {"L1": 5, "L2": 5, "L3": 5}.' },
    answers: { 204: { description: 'Taken' } },
    handle({ params, body: { currentA, powerW, at }, room: { house, clock } }) {
      if (at !== undefined && Date.parse(at) > clock.wall() + furthestAheadMs) throw ahead()
      const when = at === undefined ? {} : { at }
      if (currentA !== undefined) house.pushBaseLoad(params.siteID, { currentA, ...when })
      else if (powerW !== undefined) house.pushBaseLoad(params.siteID, { powerW, ...when })
      return { status: 204 }
    },
  }),
]

function ahead(): Problem {
  const message = 'lies more than 10 s in the future'
  return new Problem(422, 'invalid', `/at: ${message}`, { errors: [{ pointer: '/at', message }], hint: 'Set the clock of the meter, or leave "at" out.' })
}
