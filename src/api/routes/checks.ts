// The commissioning check of a charge point: begun, looked at, cancelled.
import { z } from 'zod'
import type { CheckView } from '../../actors/commissioning/check-face.ts'
import { checkStates, checkSteps, stepStates, verdicts } from '../../actors/commissioning/check-record.ts'
import { connectorSchema } from '../../power/site.ts'
import { defineRoute, type Route } from '../route.ts'
import { viewOf } from '../view-of.ts'
import { base, chargePointAddress, chargePointParams } from './identifiers.ts'

const tag = 'commissioning'
const path = `${base}/chargepoints/{clientID}/check`
const at = z.iso.datetime()

const check = viewOf<CheckView>()(z.strictObject({
  id: z.string(), clientID: z.string(), state: z.enum(checkStates), verdict: z.enum(verdicts).nullable().describe('null while it runs; incomplete: a step could not be gone through, such as the limit test without a car.'),
  startedAt: at, endedAt: at.nullable(), startedBy: z.string(), limitTest: z.boolean(),
  steps: z.array(z.strictObject({
    id: z.enum(checkSteps), state: z.enum(stepStates), summary: z.string(), fix: z.string().nullable().describe('What to do.'),
    startedAt: at.nullable(), endedAt: at.nullable(), details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  })),
}))
const shown = (description: string) => ({ description, content: { 'application/json': check } }) as const

export const checkRoutes: readonly Route[] = [
  defineRoute({
    method: 'POST', path, operationId: 'startCheck', tag, scope: 'commands:write', reach: 'charge-point',
    summary: 'Begins a commissioning check: boot, clock, security, configuration, charging profiles, and whether a limit is followed; while a car draws current, its connector is lowered for a minute at most',
    params: chargePointParams,
    body: {
      types: ['application/json'], optional: true,
      schema: z.strictObject({ connectorId: connectorSchema.shape.id.optional().describe('Where the limit is tested; absent = where most is drawn.'), limitTest: z.boolean().optional().describe('false: no connector is lowered.') }),
    },
    answers: { 202: { ...shown('It has begun; GET says how far it is'), headers: ['Location'] } },
    problems: [409, 503],
    async handle({ params: { clientID }, body, caller, room: { house } }) {
      return { status: 202, headers: { Location: `${chargePointAddress(clientID)}/check` }, json: await house.checks.start(clientID, body, caller) }
    },
  }),
  defineRoute({
    method: 'GET', path, operationId: 'getCheck', tag, scope: 'read', reach: 'charge-point', summary: 'The last commissioning check, or the one that runs, step by step',
    params: chargePointParams,
    answers: { 200: shown('The check') },
    handle: ({ params, room }) => ({ status: 200, json: room.house.checks.latest(params.clientID) }),
  }),
  defineRoute({
    method: 'DELETE', path, operationId: 'cancelCheck', tag, scope: 'commands:write', reach: 'charge-point', summary: 'Ends the commissioning check that runs, and undoes what it has changed',
    params: chargePointParams,
    answers: { 200: shown('As it ended') },
    problems: [409],
    handle: async ({ params, room }) => ({ status: 200, json: await room.house.checks.cancel(params.clientID) }),
  }),
]
