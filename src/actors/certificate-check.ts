// Is what a certificate authority answered a certificate for this charge point, and short enough for it?
import type { KeyObject, X509Certificate } from 'node:crypto'
import { isCertificateOf, type Recognisable } from './admission.ts'
import { readCertificates } from './certificate-pem.ts'

export interface Bearer extends Recognisable {
  readonly clientID: string
  /** Of its request; null where it cannot be told. */
  readonly publicKey: KeyObject | null
  /** Characters of PEM it takes. */
  readonly longestChain: number
}

/** CertificateSigned carries no more (security whitepaper, 5.1). */
export const longestChain = 10_000

/** The chain as it goes out, its own certificate first; throws an Error that says what is wrong with it. */
export function checkedChain(text: string, bearer: Bearer, nowMs: number): string {
  const [own, ...others] = readCertificates(text)?.all ?? []
  if (own === undefined) throw new Error('the certificate authority answered with something that is no chain of certificates in PEM')
  const { CN, O } = own.toLegacyObject().subject
  const names = [CN ?? []].flat()
  const shown = { verified: true, commonName: names.length === 1 ? names[0] ?? null : null, organisations: [O ?? []].flat() }
  if (!isCertificateOf(shown, bearer.clientID, { ...bearer, clientOrganisation: undefined })) throw new Error(`the certificate is of ${JSON.stringify(names.join(', '))}, which is neither its identity nor its serial number`)
  if (!isCertificateOf(shown, bearer.clientID, bearer)) throw new Error(`the certificate does not name the organisation ${JSON.stringify(bearer.clientOrganisation ?? '')}`)
  if (bearer.publicKey !== null && !own.publicKey.equals(bearer.publicKey)) throw new Error('the certificate is for another key than the one of its request')
  if (Date.parse(own.validTo) <= nowMs) throw new Error(`the certificate is valid until ${own.validTo}, which has passed`)
  const chain = [own, ...others].map(String).join('')
  if (chain.length > bearer.longestChain) throw new Error(`the chain has ${chain.length} characters; it takes ${bearer.longestChain}`)
  return chain
}

/** A distinguished name in one line. */
export function nameOf(name: X509Certificate['subject']): string {
  return name.replaceAll('\n', ', ')
}
