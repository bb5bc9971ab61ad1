// Curtailments: limits for a time that undo themselves, as a grid operator or a person asks for them.
import { z } from 'zod'
import type { Versioned } from '../../actors/house.ts'
import { limitDryRun, limitPreviewSchema } from '../limit-preview-schemas.ts'
import { curtailmentBody, curtailmentPatchBody } from '../limit-schemas.ts'
import { curtailmentStates, type CurtailmentView } from '../../actors/curtailment-record.ts'
import { page, pageQuery } from '../paging.ts'
import { defineRoute, listOf, type Answer, type Request, type Route } from '../route.ts'
import { views } from '../schemas.ts'
import { etag } from '../writes.ts'
import { base, siteAddress, siteParams } from './identifiers.ts'

const tag = 'limits'
const path = `${base}/sites/{siteID}/curtailments`
const params = siteParams.extend({ id: z.string().regex(/^[A-Za-z0-9_-]{1,48}$/, 'an id like cur_9') })
const json = { 'application/json': views.Curtailment }
const tried = { description: 'What it would come to', content: { 'application/json': limitPreviewSchema } } as const
const hint = 'Say exactly one of currentA (amps per phase), powerW (watts) and percent (of the fuse that remains).'

export const curtailmentRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET', path, operationId: 'listCurtailments', tag, summary: 'Curtailments, newest first; ended ones are kept for 30 days, at most 200', scope: 'read', reach: 'site',
    params: siteParams,
    query: z.strictObject({ ...pageQuery, state: z.enum(curtailmentStates).optional() }),
    answers: { 200: { description: 'A page of curtailments', content: { 'application/json': listOf(views.Curtailment) } } },
    handle: ({ params: { siteID }, query, room }) => ({
      status: 200, json: page(room.house.limits.curtailments(siteID).map(({ value }) => value).filter(({ state }) => query.state === undefined || state === query.state), query, ({ createdAt, id }) => `${createdAt} ${id}`, 'descending'),
    }),
  }),
  defineRoute({
    method: 'POST', path, operationId: 'createCurtailment', tag, summary: 'Limits a site for a time; lowerings leave at once', scope: 'limits:write', reach: 'site',
    params: siteParams, query: limitDryRun,
    body: { types: ['application/json'], schema: curtailmentBody, hint },
    answers: { 200: tried, 201: { description: 'The curtailment', content: json, headers: ['ETag', 'Location'] } },
    async handle({ params: { siteID }, query, body, caller, room: { house: { limits } } }) {
      if (query.dryRun === 'true') return { status: 200, json: limits.tryCurtailment(siteID, body, caller) }
      const made = await limits.createCurtailment(siteID, body, caller)
      return { status: 201, headers: { ETag: etag(made), Location: `${siteAddress(siteID)}/curtailments/${made.value.id}` }, json: made.value }
    },
  }),
  defineRoute({
    method: 'GET', path: `${path}/{id}`, operationId: 'getCurtailment', tag, summary: 'One curtailment', scope: 'read', reach: 'site',
    params,
    answers: { 200: { description: 'The curtailment', content: json, headers: ['ETag'] } },
    handle: ({ params: { siteID, id }, room }) => answer(room.house.limits.curtailment(siteID, id)),
  }),
  defineRoute({
    method: 'PATCH', path: `${path}/{id}`, operationId: 'changeCurtailment', tag, summary: 'Changes a curtailment that has not ended', scope: 'limits:write', reach: 'site',
    params, query: limitDryRun,
    body: { types: ['application/json'], schema: curtailmentPatchBody },
    ifMatch: true,
    answers: { 200: { description: 'The curtailment, or what it would come to', content: { 'application/json': z.union([views.Curtailment, limitPreviewSchema]) }, headers: ['ETag'] } },
    problems: [409],
    handle(request) {
      const { params: { siteID, id }, query, body, caller, room: { house: { limits } } } = request
      if (query.dryRun === 'true') return { status: 200, json: limits.tryCurtailmentChange(siteID, id, body, caller) }
      return writing(request, async () => answer(await limits.changeCurtailment(siteID, id, body, caller)))
    },
  }),
  defineRoute({
    method: 'DELETE', path: `${path}/{id}`, operationId: 'cancelCurtailment', tag, summary: 'Lifts a curtailment before it ends', scope: 'limits:write', reach: 'site',
    params, query: limitDryRun,
    ifMatch: true,
    answers: { 200: tried, 204: { description: 'It is cancelled, and still shown for a while' } },
    problems: [409],
    handle(request) {
      const { params: { siteID, id }, query, caller, room: { house: { limits } } } = request
      if (query.dryRun === 'true') return { status: 200, json: limits.tryCurtailmentChange(siteID, id, 'cancel', caller) }
      return writing(request, async () => {
        await limits.cancelCurtailment(siteID, id, caller)
        return { status: 204 }
      })
    },
  }),
]

function writing<Q, B>({ params: { siteID, id }, ifMatch, caller, room }: Request<{ siteID: string; id: string }, Q, B>, write: () => Promise<Answer>): Promise<Answer> {
  const current = (): Versioned<CurtailmentView> => room.house.limits.curtailment(siteID, id)
  return room.writes.run({ what: `curtailment ${id} of ${siteID}`, ifMatch, caller, current }, write)
}

function answer(curtailment: Versioned<CurtailmentView>): Answer {
  return { status: 200, headers: { ETag: etag(curtailment) }, json: curtailment.value }
}
