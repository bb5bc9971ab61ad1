// GetLog (security extensions): as GetDiagnostics, with a request id by which its notifications are told apart.
import { randomInt } from 'node:crypto'
import { z } from 'zod'
import { messages } from '../../protocol/messages/index.ts'
import { beginAttempt, cancelPrevious } from '../firmware-progress.ts'
import { checkLocation } from './location.ts'
import type { Order } from './order.ts'

const { request } = messages.GetLog
const body = request.partial({ requestId: true }).extend({ log: request.shape.log.partial({ remoteLocation: true }).prefault({}) })

/** Positive, 31 bits. */
export function newRequestId(): number {
  return randomInt(1, 2_147_483_647)
}

export const getLog: Order<'GetLog'> = {
  body,
  prepare(station, { requestId = newRequestId(), log: { remoteLocation, ...period }, ...rest }: z.output<typeof body>) {
    const location = remoteLocation === undefined ? station.uploads.propose(station.session()?.reachedAt ?? null) : checkLocation(remoteLocation, '/log/remoteLocation', station.locations)
    return { ...rest, requestId, log: { remoteLocation: location, ...period } }
  },
  issued(station, { log }, command) {
    station.uploads.grant(log.remoteLocation, 'log', command)
    beginAttempt(station, 'log')
  },
  answered(station, _, { status }, command) {
    if (status === 'Rejected') station.uploads.revoke(command.id)
    if (status === 'AcceptedCanceled') cancelPrevious(station, 'log', command)
  },
  unanswered(station, _, how, command) {
    if (how !== 'timed-out') station.uploads.revoke(command.id)
  },
}
