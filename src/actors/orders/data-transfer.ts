// DataTransfer from us: kept beside those that charge points send.
import type { Station } from '../handlers/station.ts'
import type { RequestOf } from '../../protocol/messages/index.ts'
import type { CommandRecord } from '../command-record.ts'
import type { Order } from './order.ts'

function keep(station: Station, { vendorId, messageId, data }: RequestOf<'DataTransfer'>, command: CommandRecord, answer: { status: string | null; response: string | undefined; note?: string }): void {
  station.exchanges.keep({ atMs: command.sentAtMs ?? command.createdAtMs, direction: 'out', vendorId, messageId: messageId ?? null, data, latencyMs: command.latencyMs, handler: 'charge-point', ...answer })
}

export const dataTransfer: Order<'DataTransfer'> = {
  answered: (station, request, { status, data }, command) => keep(station, request, command, { status, response: data }),
  unanswered: (station, request, how, command) => {
    if (how !== 'unsent') keep(station, request, command, { status: null, response: undefined, note: command.error?.description ?? how })
  },
}
