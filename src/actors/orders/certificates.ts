// Orders about certificates: only what can be read as one is sent, and what the charge point then has is kept.
import type { RequestOf } from '../../protocol/messages/index.ts'
import { readCertificates } from '../certificate-pem.ts'
import { certificateTypes, keepCertificates, withDoubt, withInstalled, withoutCertificate, type CertificateType } from '../certificate-record.ts'
import { certificateTaken, longestChainOf } from '../certificate-signing.ts'
import type { Station } from '../handlers/station.ts'
import { Refusal } from '../house.ts'
import type { Order } from './order.ts'

function invalid(code: string, pointer: string, message: string, hint: string): Refusal {
  return new Refusal('invalid', code, `${pointer}: ${message}`, { errors: [{ pointer, message }], hint })
}

/** Throws Refusal `not-a-certificate`. */
function checkCertificates(pem: string, pointer: string, most = Infinity): void {
  const found = readCertificates(pem)
  if (found === null || !found.alone) throw invalid('not-a-certificate', pointer, found === null ? 'no X.509 certificate that can be read' : 'there is something beside the certificates', 'Send PEM, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----, and nothing else.')
  if (found.all.length > most) throw invalid('not-a-certificate', pointer, `${found.all.length} certificates`, 'Send one at a time.')
}

function doubt({ scope, clientID }: Station, types: readonly CertificateType[]): void {
  keepCertificates(scope, clientID, (record) => withDoubt(record, types))
}

export const certificateSigned: Order<'CertificateSigned'> = {
  prepare(station, { certificateChain }: RequestOf<'CertificateSigned'>) {
    checkCertificates(certificateChain, '/certificateChain')
    const most = longestChainOf(station)
    if (certificateChain.length > most) throw invalid('certificate-chain-too-long', '/certificateChain', `it has ${certificateChain.length} characters; ${station.clientID} takes ${most}`, 'Leave out what it has already, e.g. the root.')
    return { certificateChain }
  },
  answered(station, { certificateChain }, { status }) {
    if (status === 'Accepted') certificateTaken(station, certificateChain)
  },
}

export const installCertificate: Order<'InstallCertificate'> = {
  prepare(_, request: RequestOf<'InstallCertificate'>) {
    checkCertificates(request.certificate, '/certificate', 1)
    return request
  },
  answered(station, { certificateType }, { status }) {
    if (status === 'Accepted') doubt(station, [certificateType])
  },
  unanswered(station, { certificateType }, how) {
    if (how === 'timed-out') doubt(station, [certificateType])
  },
}

export const deleteCertificate: Order<'DeleteCertificate'> = {
  answered({ scope, clientID }, { certificateHashData }, { status }) {
    if (status !== 'Failed') keepCertificates(scope, clientID, (record) => withoutCertificate(record, certificateHashData))
  },
  unanswered(station, _, how) {
    if (how === 'timed-out') doubt(station, certificateTypes)
  },
}

export const getInstalledCertificateIds: Order<'GetInstalledCertificateIds'> = {
  answered({ scope, clientID, clock }, { certificateType }, { status, certificateHashData = [] }) {
    keepCertificates(scope, clientID, (record) => withInstalled(record, certificateType, status === 'Accepted' ? certificateHashData : [], clock.wall()))
  },
}
