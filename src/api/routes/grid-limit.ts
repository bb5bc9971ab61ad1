// The grid limit of a site: what a site energy manager sets, clears and reads, also as a bare number of watts.
import { z } from 'zod'
import type { Versioned } from '../../actors/house.ts'
import type { GridLimitView } from '../../actors/views.ts'
import { limitDryRun, limitPreviewSchema } from '../limit-preview-schemas.ts'
import { defineRoute, type Answer, type Request, type Route } from '../route.ts'
import { views } from '../schemas.ts'
import { etag } from '../writes.ts'
import { base, siteParams } from './identifiers.ts'

const tag = 'grid limit'
const path = `${base}/sites/{siteID}/grid-limit`
const longestTtlS = 604_800
const mostAmps = 100_000
const mostWatts = 1_000_000_000

const limitBody = z
  .strictObject({
    currentA: z.number().min(0).max(mostAmps).exactOptional().describe('Amps per phase.'),
    powerW: z.number().min(0).max(mostWatts).exactOptional().describe('Watts over all phases.'),
    reason: z.string().max(200).exactOptional(),
    ttlS: z.int().min(1).max(longestTtlS).exactOptional().describe('Seconds until it lapses into the failsafe limit; absent = never.'),
  })
  .refine(({ currentA, powerW }) => (currentA === undefined) !== (powerW === undefined), 'exactly one of currentA and powerW is needed')
  .meta({ oneOf: [{ required: ['currentA'] }, { required: ['powerW'] }] })

const wattsBody = z
  .string()
  .regex(/^\s*\d{1,10}(\.\d{1,6})?\s*$/, { error: 'a plain number of watts is expected, like 27600', abort: true })
  .refine((text) => Number(text) <= mostWatts, `at most ${mostWatts}`)

const tried = { description: 'What it would come to (dry run)', content: { 'application/json': limitPreviewSchema } } as const
const json = { description: 'The standing limit and what is in effect', content: { 'application/json': views.GridLimit }, headers: ['ETag'] } as const
const value = { description: 'The effective limit in watts over all phases', content: { 'text/plain': z.string() }, headers: ['ETag'] } as const

export const gridLimitRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET', path, operationId: 'getGridLimit', tag, summary: 'The grid limit, and how far it has been carried out', scope: 'read', reach: 'site',
    params: siteParams,
    answers: { 200: json },
    handle: ({ params, room }) => answer(room.house.gridLimit(params.siteID)),
  }),
  defineRoute({
    method: 'PUT', path, operationId: 'setGridLimit', tag, summary: 'Sets the grid limit; lowerings leave at once', scope: 'limits:write', reach: 'site',
    params: siteParams, query: limitDryRun,
    body: { types: ['application/json'], schema: limitBody, hint: 'Say exactly one of currentA (amps per phase) and powerW (watts).' },
    ifMatch: true,
    answers: { 200: { ...json, content: { 'application/json': z.union([views.GridLimit, limitPreviewSchema]) } } },
    problems: [409],
    handle: (request) => writing(request, async () => {
      const { params: { siteID }, query, body, caller, room: { house } } = request
      if (query.dryRun === 'true') return { status: 200, json: house.limitPreviews.gridLimit(siteID, body) }
      return answer(await house.setGridLimit(siteID, body, caller))
    }),
  }),
  defineRoute({
    method: 'DELETE', path, operationId: 'clearGridLimit', tag, summary: 'Lifts the grid limit; the fuse remains. Refused (409 failsafe-holds) once it has lapsed: only a new limit ends the failsafe', scope: 'limits:write', reach: 'site',
    params: siteParams, query: limitDryRun,
    ifMatch: true,
    answers: { 200: tried, 204: { description: 'There is no grid limit any more; the ETag is of the state without one', headers: ['ETag'] } },
    problems: [409],
    handle: (request) => writing(request, async () => {
      if (request.query.dryRun === 'true') return { status: 200, json: request.room.house.limitPreviews.gridLimit(request.params.siteID, null) }
      return { status: 204, headers: { ETag: etag(await request.room.house.clearGridLimit(request.params.siteID, request.caller)) } }
    }),
  }),
  defineRoute({
    method: 'GET', path: `${path}/value`, operationId: 'getGridLimitValue', tag, summary: 'The effective limit as a bare number of watts', scope: 'read', reach: 'site',
    params: siteParams,
    answers: { 200: value },
    handle: ({ params, room }) => bare(room.house.gridLimit(params.siteID)),
  }),
  defineRoute({
    method: 'PUT', path: `${path}/value`, operationId: 'setGridLimitValue', tag, summary: 'Sets the grid limit from a bare number of watts', scope: 'limits:write', reach: 'site',
    params: siteParams, query: limitDryRun,
    body: { types: ['text/plain', 'application/json'], schema: wattsBody, hint: 'Send the total watts as a plain number, like 27600.' },
    ifMatch: true,
    answers: { 200: { ...value, description: `${value.description}; of a dry run what it would come to`, content: { ...value.content, ...tried.content } } },
    problems: [409],
    handle: (request) => writing(request, async () => {
      const { params: { siteID }, query, body, caller, room: { house } } = request
      const wanted = { powerW: Number(body) }
      if (query.dryRun === 'true') return { status: 200, json: house.limitPreviews.gridLimit(siteID, wanted) }
      return bare(await house.setGridLimit(siteID, wanted, caller))
    }),
  }),
]

function writing<Q, B>({ params, ifMatch, caller, room }: Request<{ siteID: string }, Q, B>, write: () => Promise<Answer>): Promise<Answer> {
  const current = (): Versioned<GridLimitView> => room.house.gridLimit(params.siteID)
  return room.writes.run({ what: `grid limit of ${params.siteID}`, ifMatch, caller, current }, write)
}

function answer(limit: Versioned<GridLimitView>): Answer {
  return { status: 200, headers: { ETag: etag(limit) }, json: limit.value }
}

function bare(limit: Versioned<GridLimitView>): Answer {
  return { status: 200, headers: { ETag: etag(limit) }, text: { type: 'text/plain', content: String(limit.value.effective.powerW) } }
}
