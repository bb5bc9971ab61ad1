// GetDiagnostics: to an address of ours unless one is named; no file name in the answer means that there is nothing to upload.
import type { z } from 'zod'
import { messages } from '../../protocol/messages/index.ts'
import { beginAttempt, nothingToUpload } from '../firmware-progress.ts'
import { checkLocation } from './location.ts'
import type { Order } from './order.ts'

const body = messages.GetDiagnostics.request.partial({ location: true })

export const getDiagnostics: Order<'GetDiagnostics'> = {
  body,
  prepare(station, { location, ...rest }: z.output<typeof body>) {
    return { location: location === undefined ? station.uploads.propose(station.session()?.reachedAt ?? null) : checkLocation(location, '/location', station.locations), ...rest }
  },
  issued(station, { location }, command) {
    station.uploads.grant(location, 'diagnostics', command)
    beginAttempt(station, 'diagnostics')
  },
  answered(station, _, { fileName }, command) {
    if (fileName !== undefined && fileName !== '') return
    station.reportProgress(command, nothingToUpload)
    station.uploads.revoke(command.id)
  },
  unanswered(station, _, how, command) {
    if (how !== 'timed-out') station.uploads.revoke(command.id)
  },
}
