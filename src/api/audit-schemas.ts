// The audit log over REST: an entry as it is chained, and the end of the chain.
import { z } from 'zod'
import type { AuditHead, AuditRecord } from '../actors/audit-record.ts'
import { viewOf } from './view-of.ts'

const sha256 = z.string().describe('SHA-256 in hexadecimal digits.')

export const auditRecordView = viewOf<AuditRecord>()(z.strictObject({
  sequence: z.int().describe('From 1, without gaps.'),
  at: z.iso.datetime(),
  actor: z.string().describe('The name of the API key, `local`, `bootstrap`, `kwota.yaml`, `station:<clientID>` or `engine`.'),
  action: z.string().describe('In kebab-case; of a request the operationId.'),
  target: z.strictObject({ kind: z.string(), id: z.string() }),
  siteID: z.string().nullable(),
  cause: z.strictObject({ requestId: z.string().nullable().describe('The X-Request-Id of the request.'), reason: z.string().nullable() }),
  before: z.unknown().describe('The changed fields as they were; null: there was nothing. Of secrets it is only told that they changed, id tags have another name here, and of what is longer than 4 KiB the beginning and a hash are kept.'),
  after: z.unknown(),
  previousHash: sha256,
  hash: sha256,
}))

export const auditHeadView = viewOf<AuditHead>()(z.strictObject({
  v: z.literal(1),
  sequence: z.int().describe('Of the newest entry; 0 = there is none yet.'),
  hash: sha256,
  first: z.strictObject({ sequence: z.int().describe('Of the oldest entry that is kept.'), previousHash: sha256 }),
}))
