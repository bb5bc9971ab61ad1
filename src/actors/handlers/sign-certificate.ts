// SignCertificate: refused, because no certificate authority is configured.
import type { Handle } from './station.ts'

export const signCertificate: Handle<'SignCertificate'> = (station) => {
  station.log.warn({ clientID: station.clientID }, 'certificate request refused: no certificate authority is configured')
  return { status: 'Rejected' }
}
