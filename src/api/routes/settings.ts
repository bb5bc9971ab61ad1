// The settings of a charge point: its own word, what holds, and whose word that is.
import { z } from 'zod'
import type { SettingsView } from '../../actors/settings-face.ts'
import type { Versioned } from '../../actors/house.ts'
import { connectorSettingsSchema, settingKeys, settingsSchema } from '../../settings.ts'
import { defineRoute, type Answer, type Route } from '../route.ts'
import { etag } from '../writes.ts'
import { base, chargePointParams } from './identifiers.ts'

const tag = 'settings'
const path = `${base}/chargepoints/{clientID}/settings`
const effective = z.partialRecord(z.enum(settingKeys as [string, ...string[]]), z.strictObject({ value: z.unknown(), source: z.enum(['connector', 'chargePoint', 'site', 'default']) }))
const connectors = z.record(z.string().regex(/^[1-9]\d{0,3}$/, 'the id of a connector'), connectorSettingsSchema)
const view = z.strictObject({ settings: settingsSchema, connectors, effective, effectiveConnectors: z.record(z.string(), effective) })
const one = { description: 'What is said for it, what holds, and who says it', content: { 'application/json': view }, headers: ['ETag'] } as const
const putBody = settingsSchema.extend({ connectors: connectors.exactOptional().describe('Per connector; absent = nothing is said for any.') })

export const settingsRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET', path, operationId: 'getSettings', tag, summary: 'The settings of a charge point', scope: 'read', reach: 'charge-point',
    params: chargePointParams,
    answers: { 200: one },
    handle: ({ params, room }) => answer(room.house.settings.get(params.clientID)),
  }),
  defineRoute({
    method: 'PUT', path, operationId: 'putSettings', tag, summary: 'Replaces what is said for a charge point and its connectors', scope: 'config:write', reach: 'charge-point',
    params: chargePointParams,
    body: { types: ['application/json'], schema: putBody, hint: 'Send the settings themselves; what holds (effective) can only be read.' },
    ifMatch: true,
    answers: { 200: one },
    problems: [409],
    handle({ params, body: { connectors: each = {}, ...settings }, ifMatch, caller, room: { house, writes } }) {
      const current = (): Versioned<SettingsView> => house.settings.get(params.clientID)
      return writes.run({ what: `charge point ${params.clientID}`, ifMatch, caller, current }, async () => answer(await house.settings.put(params.clientID, settings, each, caller)))
    },
  }),
]

function answer(settings: Versioned<SettingsView>): Answer {
  return { status: 200, headers: { ETag: etag(settings) }, json: settings.value }
}
