// Vendor messages of a charge point: what answers them, and what was exchanged.
import { z } from 'zod'
import type { Exchange } from '../../actors/data-transfers.ts'
import type { Versioned } from '../../actors/house.ts'
import { vendorSettingsSchema, type VendorSettings } from '../../vendor-settings.ts'
import { page, pageQuery } from '../paging.ts'
import { defineRoute, listOf, type Answer, type Route } from '../route.ts'
import { etag } from '../writes.ts'
import { base, chargePointParams } from './identifiers.ts'

const tag = 'vendor messages'
const shownHandler = z.strictObject({ handler: z.enum(['accept', 'reject', 'webhook']), data: z.string().exactOptional(), url: z.string().exactOptional(), timeoutS: z.int().exactOptional(), hasSecret: z.boolean().exactOptional() })
const shownSettings = z.strictObject({ vendors: z.record(z.string(), z.strictObject({ messages: z.record(z.string(), shownHandler) })) })
const one = { description: 'What answers its vendor messages; never a secret', content: { 'application/json': shownSettings }, headers: ['ETag'] } as const

function show({ vendors }: VendorSettings): z.output<typeof shownSettings> {
  return {
    vendors: Object.fromEntries(Object.entries(vendors).map(([vendor, { messages }]) => [vendor, {
      messages: Object.fromEntries(Object.entries(messages).map(([message, handler]) => {
        if (handler.handler !== 'webhook') return [message, handler]
        const { secret, ...rest } = handler
        return [message, { ...rest, hasSecret: secret !== undefined }]
      })),
    }])),
  }
}

function answer(settings: Versioned<VendorSettings>): Answer {
  return { status: 200, headers: { ETag: etag(settings) }, json: show(settings.value) }
}

const at = z.iso.datetime()
const exchange = z.strictObject({
  at, direction: z.enum(['in', 'out']).describe('in = the charge point asked.'), vendorId: z.string(), messageId: z.string().nullable(),
  data: z.string().nullable().describe('Cut at 2,048 characters.'), dataLength: z.int(), status: z.string().nullable(), response: z.string().nullable().describe('Cut at 2,048 characters.'), responseLength: z.int(),
  latencyMs: z.number().nullable(), handler: z.string(), note: z.string().nullable(),
})
const columns = ['at', 'direction', 'vendorId', 'messageId', 'data', 'dataLength', 'status', 'response', 'responseLength', 'latencyMs', 'handler', 'note'] as const
const query = z.strictObject({ ...pageQuery, direction: z.enum(['in', 'out']).optional(), vendorId: z.string().min(1).max(255).optional() })

function shownExchange(kept: Exchange) {
  const { v: _, seq, atMs, ...rest } = kept
  return { seq, value: { at: new Date(atMs).toISOString(), ...rest } }
}

export const vendorRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET', path: `${base}/chargepoints/{clientID}/vendor-settings`, operationId: 'getVendorSettings', tag, summary: 'What answers its vendor messages before what holds for everybody', scope: 'read', reach: 'charge-point',
    params: chargePointParams,
    answers: { 200: one },
    handle: ({ params, room }) => answer(room.house.vendors.settings(params.clientID)),
  }),
  defineRoute({
    method: 'PUT', path: `${base}/chargepoints/{clientID}/vendor-settings`, operationId: 'putVendorSettings', tag, summary: 'Replaces what answers its vendor messages', scope: 'config:write', reach: 'charge-point',
    params: chargePointParams, ifMatch: true,
    body: { types: ['application/json'], schema: vendorSettingsSchema, hint: 'Leave hasSecret out, it can only be read; a secret that is left out stays while the URL does.' },
    answers: { 200: one },
    handle: ({ params, body, ifMatch, caller, room }) => room.writes.run({ what: `vendor settings of ${params.clientID}`, ifMatch, caller, current: () => room.house.vendors.settings(params.clientID) },
      async () => answer(await room.house.vendors.putSettings(params.clientID, body, caller))),
  }),
  defineRoute({
    method: 'GET', path: `${base}/chargepoints/{clientID}/data-transfers`, operationId: 'listDataTransfers', tag, summary: 'Vendor messages exchanged, newest first; the newest 200 are kept', scope: 'read', reach: 'charge-point',
    params: chargePointParams, query,
    answers: { 200: { description: 'A page of exchanges', content: { 'application/json': listOf(exchange), 'text/csv': z.string() } } },
    handle({ params, query: asked, accepted, room }) {
      const wanted = room.house.vendors.exchanges(params.clientID).filter((one) => (asked.direction === undefined || one.direction === asked.direction) && (asked.vendorId === undefined || one.vendorId.toLowerCase() === asked.vendorId.toLowerCase()))
      const found = page(wanted.map(shownExchange), asked, ({ seq }) => String(seq).padStart(12, '0'), 'descending')
      const data = found.data.map(({ value }) => value)
      return accepted === 'text/csv' ? { status: 200, table: { columns: columns, rows: data } } : { status: 200, json: { ...found, data } }
    },
  }),
]
