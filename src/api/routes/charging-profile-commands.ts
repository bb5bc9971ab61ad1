// SetChargingProfile and ClearChargingProfile as commands, which can be tried before they are sent.
import { z } from 'zod'
import { messages, type RequestOf } from '../../protocol/messages/index.ts'
import { chosenProfile, dryRunQuery, exactlyOne, givenOf, previewOf, previewSchema, setProfileBody } from '../charging-profile-schemas.ts'
import { commandBody, splitBody } from '../command-schemas.ts'
import { defineRoute, type Route } from '../route.ts'
import { views } from '../schemas.ts'
import { commandAnswer, commandAnswers } from './commands.ts'
import { base, chargePointParams, connectorParams } from './identifiers.ts'

const tag = 'commands'
/** Of what is a command, or a dry run of it. */
export const triedAnswers = {
  ...commandAnswers,
  200: { ...commandAnswers[200], description: 'It has ended, and this is how (with Prefer: wait); or what it would come to (dry run)', content: { 'application/json': z.union([views.Command, previewSchema]) } },
} as const
const anyConnector = connectorParams.extend({ connectorID: z.string().regex(/^(0|[1-9]\d{0,3})$/, 'a whole number from 0') })

export const chargingProfileCommandRoutes: readonly Route[] = [
  defineRoute({
    method: 'POST', path: `${base}/chargepoints/{clientID}/set-charging-profile`, operationId: 'commandSetChargingProfile', tag, summary: messages.SetChargingProfile.summary, scope: 'commands:write', reach: 'charge-point',
    params: chargePointParams, query: dryRunQuery, body: { types: ['application/json'], schema: setProfileBody },
    waits: true, answers: triedAnswers, problems: [409],
    async handle({ params: { clientID }, query, body, waitMs, caller, room: { house } }) {
      const { fields, expiresAt } = splitBody(body)
      const given = givenOf(house, Number(fields['connectorId']), fields)
      if (query.dryRun === 'true') return { status: 200, json: previewOf(await house.profiles.previewSet(clientID, given, query)) }
      return commandAnswer(await house.profiles.set(clientID, given, { expiresAt, waitMs }, caller), waitMs)
    },
  }),
  defineRoute({
    method: 'POST', path: `${base}/chargepoints/{clientID}/clear-charging-profile`, operationId: 'commandClearChargingProfile', tag, summary: messages.ClearChargingProfile.summary, scope: 'commands:write', reach: 'charge-point',
    params: chargePointParams, query: dryRunQuery, body: { types: ['application/json'], schema: commandBody('ClearChargingProfile') },
    waits: true, answers: triedAnswers, problems: [409],
    async handle({ params: { clientID }, query, body, waitMs, caller, room: { house } }) {
      const { fields, expiresAt } = splitBody(body)
      if (query.dryRun === 'true') return { status: 200, json: previewOf(house.profiles.previewClear(clientID, fields as RequestOf<'ClearChargingProfile'>, query)) }
      return commandAnswer(await house.commands.issue(clientID, 'ClearChargingProfile', fields, { expiresAt, waitMs }, caller), waitMs)
    },
  }),
  defineRoute({
    method: 'POST', path: `${base}/chargepoints/{clientID}/connectors/{connectorID}/set-charging-profile`, operationId: 'setConnectorChargingProfile', tag, summary: 'Sends a charging profile to one connector.', scope: 'commands:write', reach: 'charge-point',
    params: anyConnector, query: dryRunQuery,
    body: { types: ['application/json'], schema: z.strictObject({ ...chosenProfile, queue: z.boolean().exactOptional(), expiresAt: z.iso.datetime({ offset: true }).exactOptional() }).superRefine(exactlyOne('chargingProfile', 'templateId')) },
    waits: true, answers: triedAnswers, problems: [409],
    async handle({ params: { clientID, connectorID }, query, body, waitMs, caller, room: { house } }) {
      const given = givenOf(house, Number(connectorID), body)
      if (query.dryRun === 'true') return { status: 200, json: previewOf(await house.profiles.previewSet(clientID, given, query)) }
      return commandAnswer(await house.profiles.set(clientID, given, { expiresAt: body.expiresAt, waitMs }, caller), waitMs)
    },
  }),
]
