// The local authorisation list of a charge point: what it is known to have, and whether that is what our id tags say.
import { z } from 'zod'
import type { LocalListView } from '../../actors/local-list-face.ts'
import { defineRoute, type Route } from '../route.ts'
import { base, chargePointParams } from './identifiers.ts'

type Writable<T> = { -readonly [K in keyof T]: T[K] }

const localList = z.strictObject({
  clientID: z.string(),
  version: z.int().describe('The newest version it is known to have; 0 = none.'),
  inStep: z.boolean().describe('It has exactly our id tags that may charge there.'),
  entries: z.int().nullable().describe('How many tags it has; null = not known.'),
  at: z.iso.datetime().nullable().describe('When it last accepted a list.'),
  lastError: z.string().nullable(),
  supported: z.boolean().describe('false = it said that it has no local list; it is asked again when its firmware changes.'),
}) satisfies z.ZodType<Writable<LocalListView>>

export const localListRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET', path: `${base}/chargepoints/{clientID}/local-list`, operationId: 'getLocalList', tag: 'commands', scope: 'read', reach: 'charge-point',
    summary: 'What is known of its local authorisation list; POST send-local-list with {"sync": true} brings it in step now, the setting localList keeps it there',
    params: chargePointParams,
    answers: { 200: { description: 'The state of its local list', content: { 'application/json': localList } } },
    async handle({ params, room }) {
      await room.house.localLists.ready()
      return { status: 200, json: room.house.localLists.get(params.clientID) }
    },
  }),
]
