// What charge points report about their security, and which certificates they have.
import { z } from 'zod'
import type { CertificatesView, SecurityEventView } from '../../actors/security-face.ts'
import { page, pageQuery } from '../paging.ts'
import { defineRoute, listOf, type Route } from '../route.ts'
import { base, chargePointParams } from './identifiers.ts'

const at = z.iso.datetime()
const event = z.strictObject({ id: z.string(), type: z.string(), at, receivedAt: at, timestamp: z.string().describe('As the charge point wrote it.'), techInfo: z.string().nullable(), level: z.enum(['critical', 'warning', 'info']) })
const columns = ['id', 'type', 'at', 'receivedAt', 'timestamp', 'techInfo', 'level'] as const satisfies readonly (keyof SecurityEventView)[]
const hash = z.strictObject({ hashAlgorithm: z.enum(['SHA256', 'SHA384', 'SHA512']), issuerNameHash: z.string(), issuerKeyHash: z.string(), serialNumber: z.string() })
const certificates = z.strictObject({
  clientID: z.string(),
  installed: z.array(z.strictObject({
    certificateType: z.enum(['CentralSystemRootCertificate', 'ManufacturerRootCertificate']),
    at: at.nullable().describe('When the charge point said so; null = it was never asked.'),
    outdated: z.boolean().describe('Something may have changed since: ask again with get-installed-certificate-ids.'),
    certificates: z.array(hash).readonly(),
  })).readonly(),
  own: z.strictObject({ subject: z.string(), issuer: z.string(), serialNumber: z.string(), validFrom: at, validTo: at, acceptedAt: at }).nullable().describe('The newest it took from kwota.'),
  pending: z.strictObject({ askedAt: at, state: z.enum(['signing', 'sending']).describe('signing = the certificate authority is to answer, sending = the charge point') }).nullable().describe('It has asked for a certificate.'),
  failure: z.strictObject({ message: z.string(), at }).nullable().describe('Why it got none when it asked last.'),
}) satisfies z.ZodType<CertificatesView>

const query = z.strictObject({
  ...pageQuery, type: z.string().min(1).max(50).optional(), level: z.enum(['critical', 'warning', 'info']).optional(),
  from: z.iso.datetime({ offset: true }).optional(), to: z.iso.datetime({ offset: true }).optional(),
})

export const securityRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET', path: `${base}/chargepoints/{clientID}/certificates`, operationId: 'getCertificates', tag: 'security', scope: 'read', reach: 'charge-point',
    summary: 'The root certificates a charge point said it has, its own as kwota gave it, and the one it asks for',
    params: chargePointParams,
    answers: { 200: { description: 'What is known of its certificates', content: { 'application/json': certificates } } },
    handle: ({ params, room }) => ({ status: 200, json: room.house.security.certificates(params.clientID) }),
  }),
  defineRoute({
    method: 'GET', path: `${base}/chargepoints/{clientID}/security-events`, operationId: 'listSecurityEvents', tag: 'security', summary: 'Security events a charge point has reported, newest first', scope: 'read', reach: 'charge-point',
    params: chargePointParams, query,
    answers: { 200: { description: 'A page of events', content: { 'application/json': listOf(event), 'text/csv': z.string() } } },
    handle({ params, query: asked, accepted, room }) {
      const [fromMs, toMs] = [asked.from === undefined ? -Infinity : Date.parse(asked.from), asked.to === undefined ? Infinity : Date.parse(asked.to)]
      const wanted = room.house.security.events(params.clientID).filter((one) => (asked.type === undefined || one.type === asked.type) && (asked.level === undefined || one.level === asked.level)
        && Date.parse(one.receivedAt) >= fromMs && Date.parse(one.receivedAt) < toMs)
      const found = page(wanted, asked, ({ id }) => id.slice('sec_'.length).padStart(12, '0'), 'descending')
      return accepted === 'text/csv' ? { status: 200, table: { columns: columns, rows: found.data } } : { status: 200, json: found }
    },
  }),
]
