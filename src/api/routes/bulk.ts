// Bulk: any command, or configuration keys, for every charge point a selector means; each item's end is visible in its batch.
import { z } from 'zod'
import { itemStatuses } from '../../actors/batches.ts'
import type { Operation, Selector } from '../../actors/bulk.ts'
import type { GivenRequest } from '../../actors/given-profile.ts'
import { Refusal, type House } from '../../actors/house.ts'
import { circuitSchema, clientIDSchema, siteSchema } from '../../power/site.ts'
import type { RequestOf } from '../../protocol/messages/index.ts'
import type { Principal } from '../auth.ts'
import { dryRunQuery, givenOf, previewOf, previewSchema, setProfileBody } from '../charging-profile-schemas.ts'
import { commandNames, type CommandName } from '../command-names.ts'
import { commandBody, splitBody } from '../command-schemas.ts'
import { page, pageQuery } from '../paging.ts'
import { Problem, toProblem } from '../problem.ts'
import { reachable, sitesOfBatch, unknownChargePoint } from '../reach.ts'
import { defineRoute, listOf, type Route } from '../route.ts'
import { validate } from '../validation.ts'
import { commandScope } from './commands.ts'
import { configurationBody } from './configuration.ts'
import { base } from './identifiers.ts'

const tag = 'bulk'
const at = z.iso.datetime()
const batch = z.strictObject({
  id: z.string(), operation: z.string(), status: z.enum(['running', 'finished', 'interrupted']), createdAt: at, createdBy: z.string(), finishedAt: at.nullable(),
  counts: z.partialRecord(z.enum(itemStatuses), z.int()),
  items: z.array(z.strictObject({
    clientID: z.string(), status: z.enum(itemStatuses), commandId: z.string().nullable(), error: z.strictObject({ code: z.string(), description: z.string() }).nullable(),
  })),
})
const selection = z.strictObject({
  operation: z.string(), clientIDs: z.array(z.string()),
  items: z.array(z.union([previewSchema, z.strictObject({ clientID: z.string(), error: z.strictObject({ code: z.string(), detail: z.string(), hint: z.string().exactOptional() }) })])).exactOptional()
    .describe('Of set-charging-profile and clear-charging-profile: what each would come to, or why it would be refused.'),
})
const operations: readonly string[] = [...Object.keys(commandNames), 'configuration']

const body = z.strictObject({
  selector: z.strictObject({
    siteID: siteSchema.shape.id.exactOptional(), circuitID: circuitSchema.shape.id.exactOptional(), clientIDs: z.array(clientIDSchema).min(1).max(20_000).exactOptional(),
    status: z.string().min(1).max(32).exactOptional().describe('online, offline, booting, never, or the status of a connector.'),
  }).refine((selector) => Object.keys(selector).length > 0, 'say which: siteID, circuitID, clientIDs or status'),
  body: z.record(z.string(), z.unknown()).default({}).describe('What the operation takes for one charge point.'),
  maxParallel: z.int().min(1).max(100).default(10),
})

/** Faults of the inner body are told at their place in the outer one. */
function operationOf(name: string, inner: unknown, house: House): Operation {
  try {
    if (name === 'set-charging-profile') {
      const { fields, expiresAt } = splitBody(validate(setProfileBody, inner, 'body'))
      return { name, action: 'SetChargingProfile', fields: givenOf(house, Number(fields['connectorId']), fields), expiresAt }
    }
    if (name === 'configuration') {
      const { keys, queue, expiresAt } = validate(configurationBody, inner, 'body')
      return { name, keys, queue, expiresAt }
    }
    const action = commandNames[name as CommandName]
    const { fields, expiresAt } = splitBody(validate(commandBody(action), inner, 'body'))
    return { name, action, fields, expiresAt }
  } catch (caught) {
    const error = caught instanceof Refusal ? toProblem(caught) : caught
    if (!(error instanceof Problem)) throw caught
    throw new Problem(error.status, error.code, error.message.startsWith('/') ? `/body${error.message}` : error.message, { hint: outer(error.hint, error.errors[0]?.pointer), errors: error.errors.map((fault) => ({ ...fault, pointer: `/body${fault.pointer}` })) })
  }
}

/** A hint about a place of the inner body, about the same place of the outer one. */
function outer(hint: string | undefined, pointer = ''): string | undefined {
  return pointer === '' ? hint?.replace('the body', '/body') : hint?.replace(` ${pointer}`, ` /body${pointer}`)
}

/** Whom a selector means among those that the key covers; Refusal not-found when it names what is not there for it. */
async function selected(selector: Selector, principal: Principal, house: House): Promise<readonly string[]> {
  const found = house.bulk.select(selector)
  if (principal.everySite) return found
  if (selector.siteID !== undefined) await reachable('site', selector.siteID, principal, house)
  const covered = new Set(house.chargePoints().filter(({ value }) => principal.covers(value.site)).map(({ value }) => value.id.toLowerCase()))
  const stranger = selector.clientIDs?.find((id) => !covered.has(id.toLowerCase()))
  if (stranger !== undefined) throw unknownChargePoint(stranger)
  return found.filter((id) => covered.has(id.toLowerCase()))
}

/** What a charging profile, or a clear, would come to at one of them; null for what has no schedule. */
function tryOut(operation: Operation, house: House, window: z.output<typeof dryRunQuery>) {
  if (!('action' in operation)) return null
  const { action, fields } = operation
  if (action === 'SetChargingProfile') return (clientID: string) => house.profiles.previewSet(clientID, fields as GivenRequest, window)
  if (action === 'ClearChargingProfile') return (clientID: string) => house.profiles.previewClear(clientID, fields as RequestOf<'ClearChargingProfile'>, window)
  return null
}

export const bulkRoutes: readonly Route[] = [
  defineRoute({
    method: 'POST', path: `${base}/bulk/{operation}`, operationId: 'startBulk', tag, summary: 'Does the same to many charge points; `configuration` and `change-configuration` need the scope config:write too', scope: 'commands:write', reach: 'filtered', paced: 'bulk',
    params: z.strictObject({ operation: z.enum(operations) }),
    query: dryRunQuery.extend({ dryRun: dryRunQuery.shape.dryRun.describe('true: says whom it would concern (of charging profiles: and what it would come to), and does nothing.') }),
    body: { types: ['application/json'], schema: body },
    answers: {
      200: { description: 'Whom it would concern (dry run)', content: { 'application/json': selection } },
      202: { description: 'The batch has begun', content: { 'application/json': batch }, headers: ['Location'] },
    },
    problems: [409],
    async handle({ params, query, body: { selector, body: inner, maxParallel }, caller, principal, demand, room: { house } }) {
      demand(commandScope(params.operation))
      const operation = operationOf(params.operation, inner, house)
      house.bulk.check(operation)
      const clientIDs = await selected(selector, principal, house)
      if (query.dryRun === 'true') {
        const preview = tryOut(operation, house, query)
        const items = preview === null ? null : await house.profiles.previewEach(clientIDs, preview)
        return { status: 200, json: { operation: params.operation, clientIDs, ...(items !== null && { items: items.map((item) => ('error' in item ? item : previewOf(item))) }) } }
      }
      const started = await house.bulk.start(operation, clientIDs, maxParallel, caller)
      return { status: 202, headers: { Location: `${base}/batches/${started.id}` }, json: started }
    },
  }),
  defineRoute({
    method: 'GET', path: `${base}/batches`, operationId: 'listBatches', tag, summary: 'Batches, newest first', scope: 'read', reach: 'filtered',
    query: z.strictObject(pageQuery),
    answers: { 200: { description: 'A page of batches', content: { 'application/json': listOf(batch) } } },
    handle: ({ query, principal, room: { house } }) => ({ status: 200, json: page(house.bulk.batches().filter((one) => principal.everySite || sitesOfBatch(house, one).every((siteID) => principal.covers(siteID))), query, ({ createdAt, id }) => `${createdAt} ${id}`, 'descending') }),
  }),
  defineRoute({
    method: 'GET', path: `${base}/batches/{batchID}`, operationId: 'getBatch', tag, summary: 'One batch: what became of every item', scope: 'read', reach: 'batch',
    params: z.strictObject({ batchID: z.string().regex(/^bat_[A-Za-z0-9-]{1,64}$/, 'an id such as bat_7') }),
    answers: { 200: { description: 'The batch', content: { 'application/json': batch } } },
    handle: ({ params, room }) => ({ status: 200, json: room.house.bulk.batch(params.batchID) }),
  }),
]
