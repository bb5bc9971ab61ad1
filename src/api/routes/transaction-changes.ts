// What people change of transactions: their end where the charge point said none, and what was wrong on record.
import { z } from 'zod'
import type { Assumed } from '../../actors/corrections.ts'
import { idTagSchema } from '../../settings.ts'
import { defineRoute, type Route } from '../route.ts'
import { views } from '../schemas.ts'
import { viewOf } from '../view-of.ts'
import { base } from './identifiers.ts'
import { transactionParams } from './transactions.ts'

const tag = 'transactions'
const time = z.iso.datetime({ offset: true, error: 'a time as in RFC 3339, e.g. 2026-11-22T12:00:00Z' })
const register = z.number().min(0).max(1e15)
export const reasonSchema = z.string().min(1).max(500).describe('Why; it is kept with what is changed.')
const one = { description: 'The transaction, counted and priced anew', content: { 'application/json': views.Transaction } } as const

const assumed = viewOf<Assumed>()(z.strictObject({
  stoppedAt: z.enum(['newest-reading', 'taken-to-be-over']).exactOptional(), meterStopWh: z.enum(['newest-reading', 'start']).exactOptional(),
})).describe('What was left out, and where it was taken from.')

const values = z.record(z.string(), z.unknown())
const entry = z.strictObject({
  at: z.iso.datetime(),
  by: z.string().describe('The name of the key, or kwota.'),
  requestId: z.string().exactOptional(),
  what: z.string().describe('closed, corrected, stop-assigned, unconfirmed, runs-again, late-readings …'),
  reason: z.string().exactOptional(),
  before: values.exactOptional(),
  after: values.exactOptional(),
})

export const transactionChangeRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET', path: `${base}/transactions/{id}/trail`, operationId: 'getTransactionTrail', tag, scope: 'read', reach: 'transaction',
    summary: 'Who changed a transaction after the fact, when, how and why, oldest first; of more than 50 the first and the newest',
    params: transactionParams,
    answers: { 200: { description: 'The trail', content: { 'application/json': z.strictObject({ data: z.array(entry) }) } } },
    problems: [503],
    async handle({ params: { id }, room }) {
      const { trail } = await room.house.records.record(Number(id))
      return { status: 200, json: { data: trail.map(({ atMs, ...rest }) => ({ at: new Date(atMs).toISOString(), ...rest })) } }
    },
  }),
  defineRoute({
    method: 'POST', path: `${base}/transactions/{id}/close`, operationId: 'closeTransaction', tag, scope: 'config:write', reach: 'transaction',
    summary: 'Ends a transaction whose stop never came; left out, its time and its meter are those of its newest reading, and `assumed` in the answer says so',
    params: transactionParams,
    body: { types: ['application/json'], schema: z.strictObject({ stoppedAt: time.optional().describe('Absent: when its newest reading was measured, or else when it was taken to be over; refused where neither is known.'), meterStopWh: register.optional(), reason: reasonSchema }) },
    answers: { 200: { ...one, content: { 'application/json': views.Transaction.extend({ assumed }) } } },
    problems: [409],
    handle: async ({ params: { id }, body, caller, room }) => ({ status: 200, json: await room.house.records.close(Number(id), body, caller) }),
  }),
  defineRoute({
    method: 'POST', path: `${base}/transactions/{id}/correct`, operationId: 'correctTransaction', tag, scope: 'config:write', reach: 'transaction',
    summary: 'Changes what is on record of a transaction that has stopped; the values there were stay in its trail',
    params: transactionParams,
    body: {
      types: ['application/json'], hint: 'Name at least one of meterStartWh, meterStopWh, startedAt, stoppedAt and idTag, and the reason.',
      schema: z.strictObject({ meterStartWh: register.optional(), meterStopWh: register.optional(), startedAt: time.optional(), stoppedAt: time.optional(), idTag: idTagSchema.shape.id.optional(), reason: reasonSchema }),
    },
    answers: { 200: one },
    problems: [409],
    handle: async ({ params: { id }, body, caller, room }) => ({ status: 200, json: await room.house.records.correct(Number(id), body, caller) }),
  }),
]
