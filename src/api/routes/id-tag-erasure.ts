// Erasing what is kept of a person: the id tag goes, and what it did is counted under another name.
import { z } from 'zod'
import type { ErasureView } from '../../actors/erasure.ts'
import { idTagSchema } from '../../settings.ts'
import { defineRoute, type Route } from '../route.ts'
import { viewOf } from '../view-of.ts'
import { base } from './identifiers.ts'
import { reasonSchema } from './transaction-changes.ts'

const count = z.int()
const erased = viewOf<ErasureView>()(z.strictObject({
  erasedAs: z.string().describe('What stands in its place, everywhere the same; it says nothing about the id tag.'),
  at: z.iso.datetime(),
  changed: z.strictObject({
    idTags: count, groupMembers: count.describe('Id tags that had it as their parent.'), cachedAnswers: count, transactions: count, orphans: count, reservations: count, commands: count, messages: count,
  }),
  remains: z.array(z.strictObject({ what: z.string(), until: z.iso.datetime().nullable().describe('null = not for kwota to say.') })),
}))

export const idTagErasureRoutes: readonly Route[] = [
  defineRoute({
    method: 'POST', path: `${base}/id-tags/{idTag}/erase`, operationId: 'eraseIdTag', tag: 'id tags', scope: 'admin', reach: 'every-site', also: 'pii:read',
    summary: 'Forgets an id tag in everything that is kept, also one that is on no list; asked again after a failure it goes on',
    params: z.strictObject({ idTag: idTagSchema.shape.id }),
    body: { types: ['application/json'], schema: z.strictObject({ reason: reasonSchema }) },
    answers: { 200: { description: 'What was changed, and where it may still be found', content: { 'application/json': erased } } },
    problems: [409],
    handle: async ({ params: { idTag }, body: { reason }, caller, room }) => ({ status: 200, json: await room.house.erasure.erase(idTag, reason, caller) }),
  }),
]
