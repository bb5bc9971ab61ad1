// DataTransfer: one registry, vendor → message → handler; who is in neither gets the specification's answer, and each exchange is kept.
import { z } from 'zod'
import type { ResponseOf } from '../../protocol/messages/index.ts'
import { type VendorHandler } from '../../vendor-settings.ts'
import { findHandler } from '../vendors.ts'
import type { Handle, Station } from './station.ts'

type Response = ResponseOf<'DataTransfer'>
interface Answered { readonly response: Response; readonly note?: string }

export const dataTransfer: Handle<'DataTransfer'> = async (station, { vendorId, messageId, data }) => {
  const atMs = station.clock.wall()
  const startedMs = station.clock.mono()
  const { own, everybody } = station.vendors
  const found = findHandler([own(), everybody], vendorId, messageId ?? '')
  const { response, note } = typeof found === 'string' ? { response: { status: found }, note: undefined } : await answer(station, found, { vendorId, messageId, data, atMs })
  station.exchanges.keep({
    atMs, direction: 'in', vendorId, messageId: messageId ?? null, data, status: response.status, response: response.data,
    latencyMs: Math.round(station.clock.mono() - startedMs), handler: typeof found === 'string' ? 'none' : found.handler, ...(note === undefined ? {} : { note }),
  })
  await station.scope.durable()
  return response
}

const answerSchema = z.object({ status: z.enum(['Accepted', 'Rejected', 'UnknownMessageId', 'UnknownVendorId']), data: z.string().nullish() })

async function answer(station: Station, handler: VendorHandler, asked: { vendorId: string; messageId: string | undefined; data: string | undefined; atMs: number }): Promise<Answered> {
  if (handler.handler !== 'webhook') return { response: { status: handler.handler === 'accept' ? 'Accepted' : 'Rejected', ...(handler.data === undefined ? {} : { data: handler.data }) } }
  const { vendorId, messageId, data, atMs } = asked
  try {
    const said = answerSchema.parse(await station.waits.during(station.outgoing({
      url: handler.url, secret: handler.secret, timeoutS: handler.timeoutS, kind: 'transfer', trusted: station.vendors.isTrusted(handler),
      payload: { clientID: station.clientID, siteID: station.siteID, vendorId, messageId: messageId ?? null, data: data ?? null, at: new Date(atMs).toISOString() },
    })))
    return { response: { status: said.status, ...(typeof said.data === 'string' ? { data: said.data } : {}) } }
  } catch (error) {
    const note = error instanceof z.ZodError ? 'its answer is none for a DataTransfer' : error instanceof Error ? error.message : String(error)
    station.log.warn({ clientID: station.clientID, vendorId, messageId, why: note }, 'a webhook did not answer a DataTransfer')
    return { response: { status: 'Rejected' }, note }
  }
}
