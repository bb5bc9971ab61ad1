// DataTransfer: one registry, vendor → message → handler; who is in neither gets the specification's answer.
import type { ResponseOf } from '../../protocol/messages/index.ts'
import type { Handle } from './station.ts'

export type VendorHandler = (clientID: string, data: string | undefined) => ResponseOf<'DataTransfer'> | Promise<ResponseOf<'DataTransfer'>>
/** A message without an id is kept under ''. */
export type DataTransferRegistry = ReadonlyMap<string, ReadonlyMap<string, VendorHandler>>

export const noVendors: DataTransferRegistry = new Map()

export const dataTransfer: Handle<'DataTransfer'> = (station, request) => {
  const vendor = station.dataTransfer.get(request.vendorId)
  if (vendor === undefined) return { status: 'UnknownVendorId' }
  const handler = vendor.get(request.messageId ?? '')
  return handler === undefined ? { status: 'UnknownMessageId' } : handler(station.clientID, request.data)
}
