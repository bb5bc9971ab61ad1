// What pages ask for in one go: a site at a glance.
import { defineRoute, type Route } from '../route.ts'
import { overviewSchema } from '../overview-schemas.ts'
import { base, siteParams } from './identifiers.ts'

export const overviewRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET', path: `${base}/sites/{siteID}/overview`, operationId: 'getOverview', tag: 'power', scope: 'read', reach: 'site',
    summary: 'A site at a glance: its sentence, power, every connector with why, alerts and the last decisions, made to be asked for once a second',
    params: siteParams,
    answers: { 200: { description: 'As it is now', content: { 'application/json': overviewSchema } } },
    handle: ({ params, room }) => ({ status: 200, json: room.house.overviews.overview(params.siteID) }),
  }),
]
