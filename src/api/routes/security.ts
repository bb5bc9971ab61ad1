// What charge points report about their security.
import { z } from 'zod'
import type { SecurityEventView } from '../../actors/security-face.ts'
import { toCsv } from '../csv.ts'
import { page, pageQuery } from '../paging.ts'
import { defineRoute, listOf, type Route } from '../route.ts'
import { base, chargePointParams } from './identifiers.ts'

const at = z.iso.datetime()
const event = z.strictObject({ id: z.string(), type: z.string(), at, receivedAt: at, timestamp: z.string().describe('As the charge point wrote it.'), techInfo: z.string().nullable(), level: z.enum(['critical', 'warning', 'info']) })
const columns = ['id', 'type', 'at', 'receivedAt', 'timestamp', 'techInfo', 'level'] as const satisfies readonly (keyof SecurityEventView)[]
const query = z.strictObject({
  ...pageQuery, type: z.string().min(1).max(50).optional(), level: z.enum(['critical', 'warning', 'info']).optional(),
  from: z.iso.datetime({ offset: true }).optional(), to: z.iso.datetime({ offset: true }).optional(),
})

export const securityRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET', path: `${base}/chargepoints/{clientID}/security-events`, operationId: 'listSecurityEvents', tag: 'security', summary: 'Security events a charge point has reported, newest first', scope: 'read',
    params: chargePointParams, query,
    answers: { 200: { description: 'A page of events', content: { 'application/json': listOf(event), 'text/csv': z.string() } } },
    handle({ params, query: asked, accepted, room }) {
      const [fromMs, toMs] = [asked.from === undefined ? -Infinity : Date.parse(asked.from), asked.to === undefined ? Infinity : Date.parse(asked.to)]
      const wanted = room.house.security.events(params.clientID).filter((one) => (asked.type === undefined || one.type === asked.type) && (asked.level === undefined || one.level === asked.level)
        && Date.parse(one.receivedAt) >= fromMs && Date.parse(one.receivedAt) < toMs)
      const found = page(wanted, asked, ({ id }) => id.slice('sec_'.length).padStart(12, '0'), 'descending')
      return accepted === 'text/csv' ? { status: 200, text: { type: 'text/csv', content: toCsv(columns, found.data) } } : { status: 200, json: found }
    },
  }),
]
