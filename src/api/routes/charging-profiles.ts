// Charging profiles of a charge point: what was sent, what the engine keeps there, and what the charge point itself says will hold.
import { z } from 'zod'
import { profileStatuses } from '../../actors/stored-profiles.ts'
import { messages } from '../../protocol/messages/index.ts'
import { page, pageQuery } from '../paging.ts'
import { defineRoute, listOf, type Route } from '../route.ts'
import { base, chargePointParams, connectorParams } from './identifiers.ts'
import { commandAnswer, commandAnswers } from './commands.ts'

const tag = 'charging profiles'
const own = messages.SetChargingProfile.request.shape.csChargingProfiles
const view = z.strictObject({
  connectorId: z.int(), chargingProfile: own, owner: z.enum(['engine', 'user']), status: z.enum(profileStatuses), setAt: z.iso.datetime(), commandId: z.string().nullable(),
  answeredAt: z.iso.datetime().nullable(), reason: z.string().nullable(),
})
const waiting = { queue: z.boolean().exactOptional(), expiresAt: z.iso.datetime({ offset: true }).exactOptional() }
const body = z.strictObject({ connectorId: z.int().min(0), chargingProfile: own.extend({ chargingProfileId: own.shape.chargingProfileId.optional().describe('Kept as it is; absent = the smallest free one.') }), ...waiting })
  .refine(({ queue, expiresAt }) => (queue === true) === (expiresAt !== undefined), { path: ['expiresAt'], error: 'goes with "queue": true, and only with it' })
const params = chargePointParams.extend({ profileID: z.string().regex(/^\d{1,10}$/, 'a whole number') })
const at = `${base}/chargepoints/{clientID}/charging-profiles`

const schedule = messages.GetCompositeSchedule.response.shape.chargingSchedule.unwrap()
const composite = z.strictObject({
  clientID: z.string(), connectorId: z.int(), durationS: z.int(), unit: z.enum(['A', 'W']).nullable(),
  expected: z.null().describe('What the profiles sent should come to: not computed in this version.'),
  reported: z.strictObject({ status: z.enum(['Accepted', 'Rejected']), scheduleStart: z.string().nullable(), chargingSchedule: schedule.nullable() }).nullable(),
  matches: z.null(),
  commandId: z.string(),
})

export const chargingProfileRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET', path: at, operationId: 'listChargingProfiles', tag, summary: 'The charging profiles of a charge point, whose they are, and what it answered', scope: 'read',
    params: chargePointParams, query: z.strictObject(pageQuery),
    answers: { 200: { description: 'A page of profiles', content: { 'application/json': listOf(view) } } },
    handle: ({ params: { clientID }, query, room }) => {
      const all = room.house.profiles.list(clientID).map((item, index) => ({ item, key: String(index).padStart(6, '0') }))
      const found = page(all, query, ({ key }) => key, 'ascending')
      return { status: 200, json: { ...found, data: found.data.map(({ item }) => item) } }
    },
  }),
  defineRoute({
    method: 'POST', path: at, operationId: 'createChargingProfile', tag, summary: 'Keeps a charging profile and sends it', scope: 'commands:write',
    params: chargePointParams, body: { types: ['application/json'], schema: body },
    waits: true, answers: commandAnswers, problems: [409],
    async handle({ params: { clientID }, body: { connectorId, chargingProfile, expiresAt }, waitMs, caller, room }) {
      return commandAnswer(await room.house.profiles.set(clientID, connectorId, chargingProfile, { expiresAt, waitMs }, caller), waitMs)
    },
  }),
  defineRoute({
    method: 'GET', path: `${at}/{profileID}`, operationId: 'getChargingProfile', tag, summary: 'One charging profile', scope: 'read',
    params,
    answers: { 200: { description: 'The profile', content: { 'application/json': view } } },
    handle: ({ params: { clientID, profileID }, room }) => ({ status: 200, json: room.house.profiles.get(clientID, Number(profileID)) }),
  }),
  defineRoute({
    method: 'PUT', path: `${at}/{profileID}`, operationId: 'putChargingProfile', tag, summary: 'Sends a charging profile under this id; what stood there is replaced', scope: 'commands:write',
    params, body: { types: ['application/json'], schema: body },
    waits: true, answers: commandAnswers, problems: [409],
    async handle({ params: { clientID, profileID }, body: { connectorId, chargingProfile, expiresAt }, waitMs, caller, room }) {
      return commandAnswer(await room.house.profiles.set(clientID, connectorId, { ...chargingProfile, chargingProfileId: Number(profileID) }, { expiresAt, waitMs }, caller), waitMs)
    },
  }),
  defineRoute({
    method: 'DELETE', path: `${at}/{profileID}`, operationId: 'deleteChargingProfile', tag, summary: 'Sends ClearChargingProfile for it; the command says what came of it', scope: 'commands:write',
    params,
    answers: { 204: { description: 'On its way; Location names the command', headers: ['Location'] } },
    problems: [409],
    async handle({ params: { clientID, profileID }, caller, room }) {
      const { id } = await room.house.profiles.clear(clientID, Number(profileID), caller)
      return { status: 204, headers: { Location: `${base}/commands/${id}` } }
    },
  }),
  defineRoute({
    method: 'GET', path: `${base}/chargepoints/{clientID}/connectors/{connectorID}/composite-schedule`, operationId: 'getCompositeSchedule', tag, summary: 'What the charge point says will hold', scope: 'commands:write',
    params: connectorParams.extend({ connectorID: z.string().regex(/^(0|[1-9]\d{0,3})$/, 'a whole number from 0') }),
    query: z.strictObject({
      durationS: z.coerce.number({ error: 'a whole number of seconds' }).int().min(1).max(7 * 86_400).default(3_600),
      unit: z.enum(['A', 'W']).optional(),
      source: z.literal('reported', { error: 'only "reported" is available in this version' }).optional(),
    }),
    answers: { 200: { description: 'The composite schedule as the charge point reports it; reported is null when it did not answer', content: { 'application/json': composite } } },
    problems: [409],
    async handle({ params: { clientID, connectorID }, query: { durationS, unit }, caller, room: { house } }) {
      const connectorId = Number(connectorID)
      const fields = { connectorId, duration: durationS, ...(unit === undefined ? {} : { chargingRateUnit: unit }) }
      const command = await house.commands.issue(clientID, 'GetCompositeSchedule', fields, { waitMs: 30_000 }, caller)
      const answer = messages.GetCompositeSchedule.response.safeParse(command.response)
      const reported = answer.success ? { status: answer.data.status, scheduleStart: answer.data.scheduleStart ?? null, chargingSchedule: answer.data.chargingSchedule ?? null } : null
      return { status: 200, json: { clientID: command.clientID, connectorId, durationS, unit: unit ?? null, expected: null, reported, matches: null, commandId: command.id } }
    },
  }),
]
