// Templates of charging profiles: kept once, used for as many charge points as one pleases.
import { z } from 'zod'
import { profileTemplateSchema, type TemplateFace } from '../../actors/profile-templates.ts'
import { page, pageQuery } from '../paging.ts'
import { Problem } from '../problem.ts'
import { defineRoute, listOf, type Answer, type Request, type Route } from '../route.ts'
import { etag } from '../writes.ts'
import { base } from './identifiers.ts'

const tag = 'charging profiles'
const at = `${base}/charging-profile-templates`
const params = z.strictObject({ templateID: profileTemplateSchema.shape.id })
const one = { description: 'The template', content: { 'application/json': profileTemplateSchema }, headers: ['ETag'] } as const

export const chargingProfileTemplateRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET', path: at, operationId: 'listChargingProfileTemplates', tag, summary: 'Templates of charging profiles, by id', scope: 'read', reach: 'anyone',
    query: z.strictObject(pageQuery),
    answers: { 200: { description: 'A page of templates', content: { 'application/json': listOf(profileTemplateSchema) } } },
    handle: ({ query, room }) => ({ status: 200, json: page(room.house.profiles.templates.list().map(({ value }) => value), query, ({ id }) => id, 'ascending') }),
  }),
  defineRoute({
    method: 'POST', path: at, operationId: 'createChargingProfileTemplate', tag, summary: 'A new template of a charging profile', scope: 'config:write', reach: 'every-site',
    body: { types: ['application/json'], schema: profileTemplateSchema },
    answers: { 201: { ...one, headers: ['ETag', 'Location'] } },
    problems: [409],
    handle({ body, caller, room: { house: { profiles: { templates } }, writes } }) {
      const guarded = { what: whatOf(body.id), ifMatch: undefined, creates: true, caller, current: () => templates.find(body.id) } as const
      return writes.run(guarded, async () => answer(await templates.put(body, caller)))
    },
  }),
  defineRoute({
    method: 'GET', path: `${at}/{templateID}`, operationId: 'getChargingProfileTemplate', tag, summary: 'One template of a charging profile', scope: 'read', reach: 'anyone',
    params,
    answers: { 200: one },
    handle({ params: { templateID }, room }) {
      const found = room.house.profiles.templates.get(templateID)
      return { status: 200, headers: { ETag: etag(found) }, json: found.value }
    },
  }),
  defineRoute({
    method: 'PUT', path: `${at}/{templateID}`, operationId: 'putChargingProfileTemplate', tag, summary: 'Creates or replaces a template; what was sent from it stays as it is', scope: 'config:write', reach: 'every-site',
    params,
    body: { types: ['application/json'], schema: profileTemplateSchema.extend({ id: profileTemplateSchema.shape.id.optional() }) },
    ifMatch: true,
    answers: { 200: one, 201: { ...one, headers: ['ETag', 'Location'] } },
    problems: [409],
    handle(request) {
      const { params: { templateID }, body: { id, ...rest }, caller, room } = request
      if (id !== undefined && id !== templateID) {
        const message = `must be ${templateID}, as in the path, or be left out`
        throw new Problem(422, 'invalid', `/id: ${message}`, { errors: [{ pointer: '/id', message }] })
      }
      return writing(request, async () => answer(await room.house.profiles.templates.put({ id: templateID, ...rest }, caller)))
    },
  }),
  defineRoute({
    method: 'DELETE', path: `${at}/{templateID}`, operationId: 'deleteChargingProfileTemplate', tag, summary: 'Forgets a template; what was sent from it stays', scope: 'config:write', reach: 'every-site',
    params,
    ifMatch: true,
    answers: { 204: { description: 'Forgotten' } },
    handle: (request) => writing(request, async () => {
      await request.room.house.profiles.templates.remove(request.params.templateID)
      return { status: 204 }
    }),
  }),
]

function whatOf(id: string): string {
  return `charging profile template ${id}`
}

function writing<B>({ params: { templateID }, ifMatch, caller, room }: Request<{ templateID: string }, unknown, B>, write: () => Promise<Answer>): Promise<Answer> {
  return room.writes.run({ what: whatOf(templateID), ifMatch, caller, current: () => room.house.profiles.templates.find(templateID) }, write)
}

function answer({ created, template }: Awaited<ReturnType<TemplateFace['put']>>): Answer {
  const headers = { ETag: etag(template), ...(created && { Location: `${at}/${encodeURIComponent(template.value.id)}` }) }
  return { status: created ? 201 : 200, headers, json: template.value }
}
