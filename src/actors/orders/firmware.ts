// UpdateFirmware: the charge point fetches it from an address that kwota only passes on, and tells how it goes.
import { messages, type RequestOf } from '../../protocol/messages/index.ts'
import { beginAttempt, forgetVersion, rememberVersion } from '../firmware-progress.ts'
import { checkLocation } from './location.ts'
import type { Order } from './order.ts'

export const updateFirmware: Order<'UpdateFirmware'> = {
  body: messages.UpdateFirmware.request,
  prepare(station, request: RequestOf<'UpdateFirmware'>) {
    checkLocation(request.location, '/location', station.locations)
    return request
  },
  issued(station, _, command) {
    beginAttempt(station, 'firmware')
    rememberVersion(station, command)
  },
  unanswered(station, _, how, command) {
    if (how !== 'timed-out') forgetVersion(station, command.id)
  },
}
