// Connectors: their state, what a person may change of them while they run, and why they get what they get.
import { z } from 'zod'
import { defineRoute, type Route } from '../route.ts'
import { views } from '../schemas.ts'
import { base, chargePointParams, connectorParams } from './identifiers.ts'

const tag = 'connectors'
const list = `${base}/chargepoints/{clientID}/connectors`
const path = `${list}/{connectorID}`
const one = { description: 'The connector', content: { 'application/json': views.Connector } } as const

const patchBody = z.strictObject({
  priority: z.int().min(-1000).max(1000).exactOptional().describe('A larger number is a higher class; classes are served strictly in order.'),
  weight: z.number().min(0.01).max(1000).exactOptional().describe('Its share inside its class, under the policy weighted.'),
  departureAt: z.iso.datetime({ offset: true }).nullable().exactOptional(),
  energyNeededWh: z.number().min(0).max(10_000_000).nullable().exactOptional(),
  vehicleMaxA: z.number().min(0).max(1000).nullable().exactOptional().describe('What the car can take at most, amps per phase.'),
  vehiclePhases: z.literal([1, 2, 3]).nullable().exactOptional(),
})

export const connectorRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET', path: list, operationId: 'listConnectors', tag, summary: 'The connectors of a charge point', scope: 'read', reach: 'charge-point',
    params: chargePointParams,
    answers: { 200: { description: 'All of them', content: { 'application/json': z.strictObject({ data: z.array(views.Connector), nextCursor: z.null() }) } } },
    handle({ params, room: { house } }) {
      const { connectors } = house.chargePoint(params.clientID).value
      return { status: 200, json: { data: connectors.map(({ id }) => house.connector(params.clientID, id)), nextCursor: null } }
    },
  }),
  defineRoute({
    method: 'GET', path, operationId: 'getConnector', tag, summary: 'One connector', scope: 'read', reach: 'charge-point',
    params: connectorParams,
    answers: { 200: one },
    handle: ({ params, room }) => ({ status: 200, json: room.house.connector(params.clientID, Number(params.connectorID)) }),
  }),
  defineRoute({
    method: 'PATCH', path, operationId: 'patchConnector', tag, summary: 'What a person knows of the car and its urgency; null clears', scope: 'commands:write', reach: 'charge-point',
    params: connectorParams,
    body: { types: ['application/json', 'application/merge-patch+json'], schema: patchBody },
    answers: { 200: one },
    problems: [409],
    async handle({ params, body, caller, room: { house } }) {
      return { status: 200, json: await house.patchConnector(params.clientID, Number(params.connectorID), body, caller) }
    },
  }),
  defineRoute({
    method: 'GET', path: `${path}/allocation`, operationId: 'getAllocation', tag, summary: 'Why this connector gets what it gets', scope: 'read', reach: 'charge-point',
    params: connectorParams,
    answers: { 200: { description: 'The numbers and what binds them', content: { 'application/json': views.Allocation } } },
    handle: ({ params, room }) => ({ status: 200, json: room.house.allocation(params.clientID, Number(params.connectorID)) }),
  }),
]
