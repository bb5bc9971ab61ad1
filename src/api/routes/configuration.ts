// The configuration keys of a charge point: what they are, what they are to be, and back to what the settings say.
import { z } from 'zod'
import type { KeyOutcomes } from '../../actors/configuration-face.ts'
import type { ConfigurationView } from '../../actors/configuration-view.ts'
import { defineRoute, type Route } from '../route.ts'
import { base, chargePointParams } from './identifiers.ts'

const tag = 'configuration'
const path = `${base}/chargepoints/{clientID}/configuration`
const at = z.iso.datetime()
const mostKeys = 100

const statuses = ['Accepted', 'Rejected', 'RebootRequired', 'NotSupported', 'TimedOut', 'Failed', 'Queued'] as const
const status = z.enum(statuses)
const view = z.strictObject({
  clientID: z.string(),
  refreshedAt: at.nullable().describe('When all keys were read last.'),
  keys: z.array(z.strictObject({
    key: z.string(),
    value: z.string().nullable().describe('Null when it is not known or never shown.'),
    readonly: z.boolean().nullable(),
    at: at.nullable().describe('When the charge point said so.'),
    desired: z.string().exactOptional(),
    status: status.exactOptional().describe('What became of the desired value, or of the last change.'),
    reason: z.string().exactOptional().describe('Of a list that it takes in part: what is missing.'),
    standard: z.strictObject({ type: z.enum(['bool', 'int', 'csl', 'string']), access: z.enum(['R', 'RW', 'W']), unit: z.string().exactOptional(), description: z.string() }).nullable(),
  })),
  unknownKeys: z.array(z.string()),
}) satisfies z.ZodType<ConfigurationView>
const outcomes = {
  keys: z.record(z.string(), status),
  commands: z.record(z.string(), z.string()).describe('The command of each key that was sent.'),
  reasons: z.record(z.string(), z.string()),
} satisfies { [K in keyof KeyOutcomes]: z.ZodType<KeyOutcomes[K]> }

const name = z.string().trim().min(1).max(50)
const query = z.strictObject({
  keys: z.string().max(2_000).transform((text) => text.split(',')).pipe(z.array(name).max(mostKeys)).optional().describe('Only these, separated by commas.'),
  refresh: z.enum(['true', 'false']).optional().describe('Ask the charge point now; needs the scope `commands:write` too.'),
})
/** Also what bulk takes. */
export const configurationBody = z.strictObject({
  keys: z.record(z.string().min(1).max(50), z.string().max(500)).refine((keys) => Object.keys(keys).length > 0, 'name at least one key').refine((keys) => Object.keys(keys).length <= mostKeys, `at most ${mostKeys} keys`),
  queue: z.boolean().default(false).describe('While the charge point is away they wait for it.'),
  expiresAt: z.iso.datetime({ offset: true }).exactOptional().describe('What has waited until then is dropped.'),
})

export const configurationRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET', path, operationId: 'getConfiguration', tag, summary: 'What is known of its configuration keys; refresh=true asks it now', scope: 'read', reach: 'charge-point',
    params: chargePointParams, query,
    answers: { 200: { description: 'The keys, by name', content: { 'application/json': view } } },
    problems: [409],
    async handle({ params, query: { keys, refresh }, caller, demand, room: { house } }) {
      if (refresh === 'true') demand('commands:write')
      return { status: 200, json: await house.configuration.get(params.clientID, { keys, refresh: refresh === 'true' }, caller) }
    },
  }),
  defineRoute({
    method: 'PUT', path, operationId: 'putConfiguration', tag, summary: 'Changes configuration keys, one after the other', scope: 'config:write', reach: 'charge-point',
    params: chargePointParams,
    body: { types: ['application/json'], schema: configurationBody, hint: 'Values are text, as OCPP has them: { "keys": { "HeartbeatInterval": "300" } }.' },
    answers: {
      200: { description: 'What the charge point said to each key', content: { 'application/json': z.strictObject(outcomes) } },
      202: { description: 'They wait for the charge point', content: { 'application/json': z.strictObject(outcomes) } },
    },
    problems: [409],
    async handle({ params, body: { keys, queue, expiresAt }, caller, room: { house } }) {
      const { queued, ...json } = await house.configuration.put(params.clientID, keys, { queue, expiresAt }, caller)
      return { status: queued ? 202 : 200, json }
    },
  }),
  defineRoute({
    method: 'POST', path: `${path}/reset`, operationId: 'resetConfiguration', tag, summary: 'Back to what its settings say', scope: 'config:write', reach: 'charge-point',
    params: chargePointParams,
    answers: { 200: { description: 'What became of each key that the settings speak of; leftAlone = what was asked for and they do not speak of', content: { 'application/json': z.strictObject({ ...outcomes, leftAlone: z.array(z.string()) }) } } },
    problems: [409],
    async handle({ params, caller, room: { house } }) {
      return { status: 200, json: await house.configuration.reset(params.clientID, caller) }
    },
  }),
]
