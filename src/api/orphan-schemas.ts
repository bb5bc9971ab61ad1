// How orphans are shown.
import { z } from 'zod'
import { orphanCauses, orphanKinds, orphanStates, type OrphanView } from '../actors/orphan-record.ts'
import { viewOf } from './view-of.ts'

const at = z.iso.datetime()
const frame = z.record(z.string(), z.unknown())

export const orphanSchema = viewOf<OrphanView>()(z.strictObject({
  id: z.string(),
  kind: z.enum(orphanKinds),
  siteID: z.string(),
  clientID: z.string(),
  connectorId: z.int().nullable(),
  transactionId: z.number().nullable().describe('As the charge point named it.'),
  cause: z.enum(orphanCauses),
  receivedAt: at,
  lastReceivedAt: at,
  count: z.int(),
  request: frame.describe('The first as it came.'),
  lastRequest: frame.nullable(),
  state: z.enum(orphanStates),
  closedAt: at.nullable(),
  closedBy: z.string().nullable(),
  closedRequestId: z.string().nullable(),
  reason: z.string().nullable(),
  assignedTo: z.int().nullable(),
  candidates: z.array(z.strictObject({
    transactionId: z.int(), connectorId: z.int(), idTag: z.string(), status: z.string(), startedAt: at, meterStartWh: z.number(),
  })).describe('What the stop may belong to, best first.'),
}))
