// SignCertificate: kept and answered at once; the certificate authority is asked afterwards, and the chain comes as CertificateSigned.
import { readRequest } from '../certificate-pem.ts'
import { certificateFailed, keepRequest, signSoon } from '../certificate-signing.ts'
import type { Handle } from './station.ts'

export const signCertificate: Handle<'SignCertificate'> = async (station, { csr }) => {
  const { clientID, log, scope } = station
  if (station.certificateAuthority === null) {
    log.warn({ clientID }, 'certificate request refused: no certificate authority is configured')
    return { status: 'Rejected' }
  }
  if (readRequest(csr) === null) {
    certificateFailed(station, 'what it sent is no certificate request in PEM of at most 5,500 characters')
    await scope.durable()
    return { status: 'Rejected' }
  }
  keepRequest(station, csr)
  await scope.durable()
  signSoon(station)
  return { status: 'Accepted' }
}
