// Sites: the electrical description of what is to be kept under a limit, circuits included.
import { z } from 'zod'
import type { House, Versioned } from '../../actors/house.ts'
import { siteSchema, type SiteConfig } from '../../power/site.ts'
import { page, pageQuery } from '../paging.ts'
import { Problem } from '../problem.ts'
import { limitDryRun, limitPreviewSchema } from '../limit-preview-schemas.ts'
import { defineRoute, listOf, type Answer, type Request, type Route } from '../route.ts'
import { views } from '../schemas.ts'
import { etag } from '../writes.ts'
import { base, siteAddress, siteParams } from './identifiers.ts'

const tag = 'sites'
const one = { description: 'The site', content: { 'application/json': views.Site }, headers: ['ETag'] } as const

export const siteRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET', path: `${base}/sites`, operationId: 'listSites', tag, summary: 'All sites, by id', scope: 'read', reach: 'filtered',
    query: z.strictObject(pageQuery),
    answers: { 200: { description: 'A page of sites', content: { 'application/json': listOf(views.Site) } } },
    handle: ({ query, principal, room }) => ({ status: 200, json: page(room.house.sites().map(({ value }) => value).filter(({ id }) => principal.covers(id)), query, (site) => site.id, 'ascending') }),
  }),
  defineRoute({
    method: 'POST', path: `${base}/sites`, operationId: 'createSite', tag, summary: 'A new site', scope: 'config:write', reach: 'every-site',
    body: { types: ['application/json'], schema: siteSchema },
    answers: { 201: { ...one, headers: ['ETag', 'Location'] } },
    problems: [409],
    handle({ body, caller, room: { house, writes } }) {
      const current = (): Versioned<SiteConfig> | undefined => findSite(house, body.id)
      return writes.run({ what: `site ${body.id}`, ifMatch: undefined, creates: true, caller, current }, async () => answer(await house.putSite(body, caller)))
    },
  }),
  defineRoute({
    method: 'GET', path: `${base}/sites/{siteID}`, operationId: 'getSite', tag, summary: 'One site', scope: 'read', reach: 'site',
    params: siteParams,
    answers: { 200: one },
    handle({ params, room }) {
      const site = room.house.site(params.siteID)
      return { status: 200, headers: { ETag: etag(site) }, json: site.value }
    },
  }),
  defineRoute({
    method: 'PUT', path: `${base}/sites/{siteID}`, operationId: 'putSite', tag, summary: 'Creates or replaces a site', scope: 'config:write', reach: 'site',
    params: siteParams, query: limitDryRun,
    body: { types: ['application/json'], schema: siteSchema.extend({ id: siteSchema.shape.id.optional() }) },
    ifMatch: true,
    answers: { 200: { ...one, description: 'The site; of a dry run what it would come to', content: { 'application/json': z.union([views.Site, limitPreviewSchema]) } }, 201: { ...one, headers: ['ETag', 'Location'] } },
    problems: [409],
    handle(request) {
      const { params, query, body, caller, principal, room: { house } } = request
      // A new site is for those who cover every site.
      if (!principal.everySite) house.site(params.siteID)
      if (body.id !== undefined && body.id !== params.siteID) throw otherId(params.siteID)
      const wanted = { ...body, id: params.siteID }
      if (query.dryRun === 'true') return writing(request, async () => ({ status: 200, json: house.limitPreviews.site(wanted) }))
      return writing(request, async () => answer(await house.putSite(wanted, caller)))
    },
  }),
  defineRoute({
    method: 'DELETE', path: `${base}/sites/{siteID}`, operationId: 'deleteSite', tag, summary: 'Removes a site without charge points', scope: 'config:write', reach: 'site',
    params: siteParams,
    ifMatch: true,
    answers: { 204: { description: 'Removed' } },
    problems: [409],
    handle(request) {
      const { params, caller, room: { house } } = request
      return writing(request, async () => {
        await house.deleteSite(params.siteID, caller)
        return { status: 204 }
      })
    },
  }),
]

/** The 422 for a body whose `id` is not the one of the path. */
export function otherId(expected: string): Problem {
  const message = `must be ${expected}, as in the path, or be left out`
  return new Problem(422, 'invalid', `/id: ${message}`, { errors: [{ pointer: '/id', message }] })
}

function writing<Q, B>({ params, ifMatch, caller, room }: Request<{ siteID: string }, Q, B>, write: () => Promise<Answer>): Promise<Answer> {
  const current = (): Versioned<SiteConfig> | undefined => findSite(room.house, params.siteID)
  return room.writes.run({ what: `site ${params.siteID}`, ifMatch, caller, current }, write)
}

function findSite(house: House, siteID: string): Versioned<SiteConfig> | undefined {
  return house.sites().find(({ value }) => value.id === siteID)
}

function answer({ created, site }: { created: boolean; site: Versioned<SiteConfig> }): Answer {
  const headers = { ETag: etag(site), ...(created && { Location: siteAddress(site.value.id) }) }
  return { status: created ? 201 : 200, headers, json: site.value }
}
