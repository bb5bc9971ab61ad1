// Charging profiles of a charge point: what was sent, what the engine keeps there, and what the charge point itself says will hold.
import { z } from 'zod'
import { Refusal } from '../../actors/house.ts'
import { readReported, reportedSchedule } from '../../actors/reported-schedule.ts'
import { profileStatuses } from '../../actors/stored-profiles.ts'
import { messages } from '../../protocol/messages/index.ts'
import { chosenProfile, dryRunQuery, durationS, exactlyOne, givenOf, previewOf, previewSchema, schedule, scheduleOf, unit } from '../charging-profile-schemas.ts'
import { page, pageQuery } from '../paging.ts'
import { Problem } from '../problem.ts'
import { defineRoute, listOf, type Request, type Route } from '../route.ts'
import { base, chargePointParams, connectorParams } from './identifiers.ts'
import { triedAnswers } from './charging-profile-commands.ts'
import { commandAnswer } from './commands.ts'

const tag = 'charging profiles'
const own = messages.SetChargingProfile.request.shape.csChargingProfiles
const owner = z.enum(['engine', 'user'])
const purpose = own.shape.chargingProfilePurpose
const view = z.strictObject({
  connectorId: z.int(), chargingProfile: own, owner, status: z.enum(profileStatuses), setAt: z.iso.datetime(), commandId: z.string().nullable(),
  answeredAt: z.iso.datetime().nullable(), reason: z.string().nullable(),
})
const waiting = { queue: z.boolean().exactOptional(), expiresAt: z.iso.datetime({ offset: true }).exactOptional() }
const body = z.strictObject({ connectorId: z.int().min(0), ...chosenProfile, ...waiting })
  .refine(({ queue, expiresAt }) => (queue === true) === (expiresAt !== undefined), { path: ['expiresAt'], error: 'goes with "queue": true, and only with it' })
  .superRefine(exactlyOne('chargingProfile', 'templateId'))
const params = chargePointParams.extend({ profileID: z.string().regex(/^\d{1,10}$/, 'a whole number') })
const at = `${base}/chargepoints/{clientID}/charging-profiles`

const limit = z.number().nullable()
const composite = z.strictObject({
  clientID: z.string(), connectorId: z.int(), durationS: z.int(), unit: unit.nullable(),
  expected: schedule.nullable().describe('What the profiles that stand there come to, as kwota knows them; null with source=reported.'),
  reported: z.strictObject({ status: z.enum(['Accepted', 'Rejected']), scheduleStart: z.string().nullable(), chargingSchedule: reportedSchedule.nullable() }).nullable()
    .describe('The answer of the charge point; null when it gave none or was not asked.'),
  matches: z.boolean().nullable().describe('null: one of the two is missing, something is on its way, or several profiles were never answered; of one that was not, the answer may know or not.'),
  differences: z.array(z.strictObject({ startPeriod: z.int(), durationS: z.int(), expected: limit, reported: limit })).nullable(),
  commandId: z.string().describe('Empty when the charge point was not asked.'),
})

const active = z.strictObject({
  clientID: z.string(), connectorId: z.int(), at: z.iso.datetime(), unit,
  limit: limit.describe('null: nothing limits.'), numberPhases: z.int().exactOptional(),
  source: z.strictObject({ purpose, chargingProfileId: z.int(), stackLevel: z.int(), owner }).nullable(),
  profiles: z.array(z.strictObject({
    connectorId: z.int(), chargingProfileId: z.int(), purpose, stackLevel: z.int(), owner, status: z.enum(profileStatuses),
    rules: z.boolean(), limit: limit.describe('What it says by itself then; null = nothing.'), reason: z.string(),
  })),
})
const anyConnector = connectorParams.extend({ connectorID: z.string().regex(/^(0|[1-9]\d{0,3})$/, 'a whole number from 0') })
const instant = z.iso.datetime({ offset: true })

export const chargingProfileRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET', path: at, operationId: 'listChargingProfiles', tag, summary: 'The charging profiles of a charge point, whose they are, and what it answered', scope: 'read', reach: 'charge-point',
    params: chargePointParams, query: z.strictObject(pageQuery),
    answers: { 200: { description: 'A page of profiles', content: { 'application/json': listOf(view) } } },
    handle: ({ params: { clientID }, query, room }) => {
      const all = room.house.profiles.list(clientID).map((item, index) => ({ item, key: String(index).padStart(6, '0') }))
      const found = page(all, query, ({ key }) => key, 'ascending')
      return { status: 200, json: { ...found, data: found.data.map(({ item }) => item) } }
    },
  }),
  defineRoute({
    method: 'POST', path: at, operationId: 'createChargingProfile', tag, summary: 'Keeps a charging profile and sends it', scope: 'commands:write', reach: 'charge-point',
    params: chargePointParams, query: dryRunQuery, body: { types: ['application/json'], schema: body },
    waits: true, answers: triedAnswers, problems: [409],
    async handle({ params: { clientID }, query, body: { connectorId, expiresAt, ...chosen }, waitMs, caller, room: { house } }) {
      const given = givenOf(house, connectorId, chosen)
      if (query.dryRun === 'true') return { status: 200, json: previewOf(await house.profiles.previewSet(clientID, given, query)) }
      return commandAnswer(await house.profiles.set(clientID, given, { expiresAt, waitMs }, caller), waitMs)
    },
  }),
  defineRoute({
    method: 'GET', path: `${at}/{profileID}`, operationId: 'getChargingProfile', tag, summary: 'One charging profile', scope: 'read', reach: 'charge-point',
    params,
    answers: { 200: { description: 'The profile', content: { 'application/json': view } } },
    handle: ({ params: { clientID, profileID }, room }) => ({ status: 200, json: room.house.profiles.get(clientID, Number(profileID)) }),
  }),
  defineRoute({
    method: 'PUT', path: `${at}/{profileID}`, operationId: 'putChargingProfile', tag, summary: 'Sends a charging profile under this id; what stood there is replaced', scope: 'commands:write', reach: 'charge-point',
    params, query: dryRunQuery, body: { types: ['application/json'], schema: body },
    waits: true, answers: triedAnswers, problems: [409],
    async handle({ params: { clientID, profileID }, query, body: { connectorId, expiresAt, ...chosen }, waitMs, caller, room: { house } }) {
      const id = chosen.chargingProfile?.chargingProfileId ?? Number(profileID)
      if (id !== Number(profileID)) {
        const [pointer, message] = ['/chargingProfile/chargingProfileId', `must be ${Number(profileID)}, as in the path, or be left out`]
        throw new Problem(422, 'invalid', `${pointer}: ${message}`, { errors: [{ pointer, message }] })
      }
      const { csChargingProfiles, ...rest } = givenOf(house, connectorId, chosen)
      const given = { ...rest, csChargingProfiles: { ...csChargingProfiles, chargingProfileId: id } }
      if (query.dryRun === 'true') return { status: 200, json: previewOf(await house.profiles.previewSet(clientID, given, query)) }
      return commandAnswer(await house.profiles.set(clientID, given, { expiresAt, waitMs }, caller), waitMs)
    },
  }),
  defineRoute({
    method: 'DELETE', path: `${at}/{profileID}`, operationId: 'deleteChargingProfile', tag, summary: 'Sends ClearChargingProfile for it; the command says what came of it', scope: 'commands:write', reach: 'charge-point',
    params, query: dryRunQuery,
    answers: {
      200: { description: 'What it would come to (dry run)', content: { 'application/json': previewSchema } },
      204: { description: 'On its way; Location names the command', headers: ['Location'] },
    },
    problems: [409],
    async handle({ params: { clientID, profileID }, query, caller, room }) {
      if (query.dryRun === 'true') return { status: 200, json: previewOf(room.house.profiles.previewRemoval(clientID, Number(profileID), query)) }
      const { id } = await room.house.profiles.clear(clientID, Number(profileID), caller)
      return { status: 204, headers: { Location: `${base}/commands/${id}` } }
    },
  }),
  defineRoute({
    method: 'GET', path: `${base}/chargepoints/{clientID}/connectors/{connectorID}/composite-schedule`, operationId: 'getCompositeSchedule', tag, summary: 'What should hold, and what the charge point says will hold; asking it needs the scope commands:write', scope: 'read', reach: 'charge-point',
    params: anyConnector,
    query: z.strictObject({
      durationS: durationS.default(3_600), unit: unit.optional(),
      source: z.enum(['expected', 'reported']).optional().describe('Absent: both, where the key may ask the charge point (scope commands:write). `expected` never asks it.'),
      startAt: instant.optional().describe('Expected only: another start than now.'),
    }),
    answers: { 200: { description: 'Both schedules, and where they differ', content: { 'application/json': composite } } },
    problems: [409],
    async handle({ params: { clientID, connectorID }, query: { durationS: seconds, unit: asked, source, startAt }, caller, demand, room: { house, clock } }) {
      const connectorId = Number(connectorID)
      if (startAt !== undefined && source === 'reported') throw new Problem(422, 'invalid', '/startAt: only what is expected can start at another time than now', { errors: [{ in: 'query', pointer: '/startAt', message: 'only what is expected can start at another time than now' }] })
      const base = { connectorId, durationS: seconds, unit: asked ?? null }
      if (source === 'reported') demand('commands:write')
      if (source === 'expected' || startAt !== undefined || !may(demand)) {
        const expected = house.profiles.expected(clientID, connectorId, { durationS: seconds, unit: asked ?? 'A', ...(startAt === undefined ? {} : { startMs: Date.parse(startAt) }) })
        return { status: 200, json: { clientID: expected.clientID, ...base, expected: scheduleOf(expected), reported: null, matches: null, differences: null, commandId: '' } }
      }
      const fields = { connectorId, duration: seconds, ...(asked === undefined ? {} : { chargingRateUnit: asked }) }
      const command = await house.commands.issue(clientID, 'GetCompositeSchedule', fields, { waitMs: 30_000 }, caller).catch(refuseUnasked)
      const answer = readReported(command.response)
      const reported = answer === null ? null : { status: answer.status, scheduleStart: answer.scheduleStart ?? null, chargingSchedule: answer.chargingSchedule ?? null }
      const json = { clientID: command.clientID, ...base, reported, commandId: command.id }
      if (source === 'reported') return { status: 200, json: { ...json, expected: null, matches: null, differences: null } }
      const startMs = command.sentAt === null ? clock.wall() : Date.parse(command.sentAt)
      const expected = house.profiles.expected(clientID, connectorId, { durationS: seconds, unit: asked ?? reported?.chargingSchedule?.chargingRateUnit ?? 'A', startMs })
      const differences = answer === null ? null : house.profiles.differences(clientID, expected, answer)
      return { status: 200, json: { ...json, expected: scheduleOf(expected), matches: differences === null ? null : differences.length === 0, differences } }
    },
  }),
  defineRoute({
    method: 'GET', path: `${base}/chargepoints/{clientID}/connectors/{connectorID}/active-profile`, operationId: 'getActiveProfile', tag, summary: 'Which charging profile rules at an instant, its limit, and why the others do not', scope: 'read', reach: 'charge-point',
    params: anyConnector,
    query: z.strictObject({ at: instant.optional().describe('Absent: now.'), unit: unit.default('A') }),
    answers: { 200: { description: 'What rules, and a word on every profile', content: { 'application/json': active } } },
    handle: ({ params: { clientID, connectorID }, query: { at: when, unit: asked }, room }) => ({
      status: 200, json: room.house.profiles.active(clientID, Number(connectorID), { unit: asked, ...(when === undefined ? {} : { atMs: Date.parse(when) }) }),
    }),
  }),
]

/** Waiting for it would not help: what is asked is what holds now. */
function refuseUnasked(error: unknown): never {
  if (!(error instanceof Refusal) || error.kind !== 'conflict') throw error
  const first = error.code === 'charge-point-offline' || error.code === 'charge-point-booting' || error.hint === undefined ? '' : `${error.hint} `
  throw new Refusal(error.kind, error.code, error.message, { hint: `${first}Asked with source=expected, kwota says what should hold there without asking it.`, errors: error.errors })
}

/** May this key make us ask the charge point? */
function may(demand: Request<unknown, unknown, unknown>['demand']): boolean {
  try {
    demand('commands:write')
    return true
  } catch (error) {
    if (error instanceof Problem && error.status === 403) return false
    throw error
  }
}
