// SignedUpdateFirmware (security extensions): as UpdateFirmware, with a certificate that can be read and a request id.
import { X509Certificate } from 'node:crypto'
import type { z } from 'zod'
import { messages } from '../../protocol/messages/index.ts'
import { beginAttempt, cancelPrevious, forgetVersion, rememberVersion } from '../firmware-progress.ts'
import { Refusal } from '../house.ts'
import { newRequestId } from './get-log.ts'
import { checkLocation } from './location.ts'
import type { Order } from './order.ts'

const body = messages.SignedUpdateFirmware.request.partial({ requestId: true })
const pointer = '/firmware/signingCertificate'

function checkCertificate(pem: string): void {
  try {
    new X509Certificate(pem)
  } catch {
    throw new Refusal('invalid', 'bad-certificate', `${pointer}: not an X.509 certificate`, { errors: [{ pointer, message: 'not an X.509 certificate' }], hint: 'Send it as PEM, beginning with -----BEGIN CERTIFICATE-----.' })
  }
}

export const signedUpdateFirmware: Order<'SignedUpdateFirmware'> = {
  body,
  prepare(station, { requestId = newRequestId(), ...rest }: z.output<typeof body>) {
    checkLocation(rest.firmware.location, '/firmware/location', station.locations)
    checkCertificate(rest.firmware.signingCertificate)
    return { ...rest, requestId }
  },
  issued(station, _, command) {
    beginAttempt(station, 'signedFirmware')
    rememberVersion(station, command)
  },
  answered(station, _, { status }, command) {
    if (status === 'AcceptedCanceled') cancelPrevious(station, 'signedFirmware', command)
    else if (status !== 'Accepted') forgetVersion(station, command.id)
  },
  unanswered(station, _, how, command) {
    if (how !== 'timed-out') forgetVersion(station, command.id)
  },
}
