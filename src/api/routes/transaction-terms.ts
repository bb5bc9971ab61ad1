// What a transaction costs, and the limits it has of its own.
import { z } from 'zod'
import type { CostView } from '../../actors/terms-face.ts'
import { transactionLimits } from '../../settings.ts'
import { tariffVersionView } from '../../actors/tariff-shelf.ts'
import { defineRoute, type Route } from '../route.ts'
import { views } from '../schemas.ts'
import { viewOf } from '../view-of.ts'
import { base } from './identifiers.ts'
import { transactionParams } from './transactions.ts'

const tag = 'transactions'
const at = z.iso.datetime()
const { energyWh, durationS, costMinor } = transactionLimits.shape

const cost = viewOf<CostView>()(z.strictObject({
  transactionId: z.int(),
  amountMinor: z.int().describe('The sum of the lines, in fractions, rounded once.'),
  currency: z.string(),
  final: z.boolean(),
  at: at.describe('Up to when it is counted.'),
  startedAt: at,
  tariff: tariffVersionView,
  timezone: z.string().describe('The clock that the blocks of the tariff go by.'),
  lines: z.array(z.strictObject({
    kind: z.enum(['energy', 'time', 'session', 'idle']),
    fromAt: at.exactOptional(),
    untilAt: at.exactOptional(),
    quantity: z.number(),
    unit: z.enum(['Wh', 's', 'session']),
    rateMinor: z.string().describe('A decimal number: per kWh, per minute, or per session.'),
    amountMinor: z.number().describe('With six decimals, to be read.'),
  })),
  energyWh: z.number(),
  idleS: z.int(),
  anomalies: z.int().describe('What its register said that cannot be; not 0: the energy is doubtful, and so is the cost.'),
  rounding: z.literal('half up, once, to a whole minor unit'),
}))

export const transactionTermRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET', path: `${base}/transactions/{id}/cost`, operationId: 'getTransactionCost', tag, scope: 'read', reach: 'transaction',
    summary: 'What a transaction costs up to now, or has cost, with all that is needed to work it out again',
    params: transactionParams,
    answers: { 200: { description: 'The cost, line by line', content: { 'application/json': cost } } },
    problems: [409, 503],
    handle: async ({ params, room }) => ({ status: 200, json: await room.house.terms.cost(Number(params.id)) }),
  }),
  defineRoute({
    method: 'PATCH', path: `${base}/transactions/{id}`, operationId: 'patchTransaction', tag, scope: 'commands:write', reach: 'transaction',
    summary: 'Limits of a running transaction of its own; null clears one. Of these, its settings and its id tag the lowest counts',
    params: transactionParams,
    body: {
      types: ['application/json'],
      schema: z.strictObject({
        limits: z.strictObject({ energyWh: energyWh.unwrap().nullable().optional(), durationS: durationS.unwrap().nullable().optional(), costMinor: costMinor.unwrap().nullable().optional() }).refine((limits) => Object.keys(limits).length > 0, 'name a limit'),
      }),
    },
    answers: { 200: { description: 'The transaction', content: { 'application/json': views.Transaction } } },
    problems: [409, 503],
    handle: async ({ params, body, caller, room }) => ({ status: 200, json: await room.house.terms.setLimits(Number(params.id), body.limits, caller) }),
  }),
]
