// What charge points said they will do when they were asked by themselves, against what their profiles come to.
import { z } from 'zod'
import { defineRoute, listOf, type Route } from '../route.ts'
import { base, chargePointParams } from './identifiers.ts'

const limit = z.number().nullable()
const check = z.strictObject({
  connectorId: z.int(), at: z.iso.datetime(),
  matches: z.boolean().nullable().describe('null: it could not be judged, and reason says why.'),
  reason: z.string().nullable(), unit: z.enum(['A', 'W']),
  differences: z.array(z.strictObject({ startPeriod: z.int().describe('s from at.'), durationS: z.int(), expected: limit, reported: limit })).describe('Also where matches is null and reason says why they are no fault; expected and reported null: nothing limits.'),
})

export const profileCheckRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET', path: `${base}/chargepoints/{clientID}/profile-checks`, operationId: 'listProfileChecks', tag: 'charging profiles', scope: 'read', reach: 'charge-point',
    summary: 'The last check of each connector (setting profileCheckIntervalS): what it will do against what its profiles come to; none before the first, nor where the charge point cannot be asked',
    params: chargePointParams,
    answers: { 200: { description: 'By connector', content: { 'application/json': listOf(check) } } },
    handle({ params: { clientID }, room }) {
      return { status: 200, json: { data: room.house.profiles.checks(clientID), nextCursor: null } }
    },
  }),
]
