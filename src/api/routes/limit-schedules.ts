// Limit schedules: blocks of the week and intervals in which a site has less; they are part of the site's description.
import { z } from 'zod'
import type { LimitFace } from '../../actors/limit-face.ts'
import { limitScheduleSchema, scheduleIdSchema } from '../../actors/limit-views.ts'
import { limitDryRun, limitPreviewSchema } from '../limit-preview-schemas.ts'
import { page, pageQuery } from '../paging.ts'
import { defineRoute, listOf, type Answer, type Request, type Route } from '../route.ts'
import { views } from '../schemas.ts'
import { etag } from '../writes.ts'
import { base, siteAddress, siteParams } from './identifiers.ts'
import { otherId } from './sites.ts'

const tag = 'limits'
const path = `${base}/sites/{siteID}/limit-schedules`
const params = siteParams.extend({ scheduleID: scheduleIdSchema })
const one = { description: 'The schedule; its version is that of the site', content: { 'application/json': views.LimitSchedule }, headers: ['ETag'] } as const
const made = { ...one, headers: ['ETag', 'Location'] } as const
const tried = { description: 'What it would come to', content: { 'application/json': limitPreviewSchema } } as const
const either = { ...one, content: { 'application/json': z.union([views.LimitSchedule, limitPreviewSchema]) } } as const
const body = { types: ['application/json'], schema: limitScheduleSchema, hint: 'Say exactly one of weekly [{ days, from, to, limitW }], intervals [{ startsAt, durationS, limitW }], or startsAt, durationS and limitW; currentA may stand in place of limitW.' }

export const limitScheduleRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET', path, operationId: 'listLimitSchedules', tag, summary: 'The limit schedules of a site, by id', scope: 'read', reach: 'site',
    params: siteParams, query: z.strictObject(pageQuery),
    answers: { 200: { description: 'A page of schedules', content: { 'application/json': listOf(views.LimitSchedule) } } },
    handle: ({ params: { siteID }, query, room }) => ({ status: 200, json: page(room.house.limits.schedules(siteID).map(({ value }) => value), query, ({ id }) => id, 'ascending') }),
  }),
  defineRoute({
    method: 'POST', path, operationId: 'createLimitSchedule', tag, summary: 'A new limit schedule', scope: 'limits:write', reach: 'site',
    params: siteParams, query: limitDryRun, body,
    answers: { 200: tried, 201: made },
    problems: [409],
    async handle({ params: { siteID }, query, body: schedule, caller, room: { house: { limits }, writes } }) {
      if (query.dryRun === 'true') return { status: 200, json: limits.trySchedule(siteID, schedule) }
      const put = async () => answer(siteID, await limits.putSchedule(siteID, schedule, caller))
      if (schedule.id === undefined) return put()
      const { id } = schedule
      return writes.run({ what: whatOf(siteID, id), ifMatch: undefined, creates: true, caller, current: () => limits.findSchedule(siteID, id) }, put)
    },
  }),
  defineRoute({
    method: 'GET', path: `${path}/{scheduleID}`, operationId: 'getLimitSchedule', tag, summary: 'One limit schedule', scope: 'read', reach: 'site',
    params,
    answers: { 200: one },
    handle({ params: { siteID, scheduleID }, room }) {
      const found = room.house.limits.schedule(siteID, scheduleID)
      return { status: 200, headers: { ETag: etag(found) }, json: found.value }
    },
  }),
  defineRoute({
    method: 'PUT', path: `${path}/{scheduleID}`, operationId: 'putLimitSchedule', tag, summary: 'Creates or replaces a limit schedule; one that kwota.yaml names is as it says there again after a restart', scope: 'limits:write', reach: 'site',
    params, query: limitDryRun, body,
    ifMatch: true,
    answers: { 200: either, 201: made },
    problems: [409],
    handle(request) {
      const { params: { siteID, scheduleID }, query, body: { id, ...rest }, caller, room: { house: { limits } } } = request
      if (id !== undefined && id !== scheduleID) throw otherId(scheduleID)
      const schedule = { ...rest, id: scheduleID }
      if (query.dryRun === 'true') return { status: 200, json: limits.trySchedule(siteID, schedule) }
      return writing(request, async () => answer(siteID, await limits.putSchedule(siteID, schedule, caller)))
    },
  }),
  defineRoute({
    method: 'DELETE', path: `${path}/{scheduleID}`, operationId: 'deleteLimitSchedule', tag, summary: 'Removes a limit schedule', scope: 'limits:write', reach: 'site',
    params, query: limitDryRun,
    ifMatch: true,
    answers: { 200: tried, 204: { description: 'Removed' } },
    problems: [409],
    handle(request) {
      const { params: { siteID, scheduleID }, query, caller, room: { house: { limits } } } = request
      if (query.dryRun === 'true') return { status: 200, json: limits.tryScheduleRemoval(siteID, scheduleID) }
      return writing(request, async () => {
        await limits.removeSchedule(siteID, scheduleID, caller)
        return { status: 204 }
      })
    },
  }),
]

function whatOf(siteID: string, id: string): string {
  return `limit schedule ${id} of ${siteID}`
}

function writing<Q, B>({ params: { siteID, scheduleID }, ifMatch, caller, room }: Request<{ siteID: string; scheduleID: string }, Q, B>, write: () => Promise<Answer>): Promise<Answer> {
  return room.writes.run({ what: whatOf(siteID, scheduleID), ifMatch, caller, current: () => room.house.limits.findSchedule(siteID, scheduleID) }, write)
}

function answer(siteID: string, { created, schedule }: Awaited<ReturnType<LimitFace['putSchedule']>>): Answer {
  const headers = { ETag: etag(schedule), ...(created && { Location: `${siteAddress(siteID)}/limit-schedules/${encodeURIComponent(schedule.value.id)}` }) }
  return { status: created ? 201 : 200, headers, json: schedule.value }
}
