// Certificates and requests for them as text (PEM): read, or not at all.
import { createPublicKey, X509Certificate, type KeyObject } from 'node:crypto'

export interface Certificates {
  /** At least one, in the order of the text. */
  readonly all: readonly X509Certificate[]
  /** There is nothing in the text beside them. */
  readonly alone: boolean
}

const certificateBlock = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]*-----END CERTIFICATE-----/g
const requestBlock = /^\s*-----BEGIN (NEW )?CERTIFICATE REQUEST-----([A-Za-z0-9+/=\s]*)-----END \1?CERTIFICATE REQUEST-----\s*$/
const longestRequest = 5_500

/** Null when there is none, or one of them cannot be read. */
export function readCertificates(pem: string): Certificates | null {
  const blocks = pem.match(certificateBlock)
  if (blocks === null) return null
  try {
    return { all: blocks.map((block) => new X509Certificate(block)), alone: pem.replace(certificateBlock, '').trim() === '' }
  } catch {
    return null
  }
}

/** The key a request wants a certificate for: null where this machine does not know its kind. */
export interface CertificateRequest { readonly publicKey: KeyObject | null }

/** A PKCS #10 request (RFC 2986) of at most 5,500 characters; null = it is none. Its own signature is left to the certificate authority. */
export function readRequest(pem: string): CertificateRequest | null {
  const base64 = pem.length > longestRequest ? undefined : requestBlock.exec(pem)?.[2]
  if (base64 === undefined) return null
  const der = Buffer.from(base64, 'base64')
  const outer = partAt(der, 0, der.length)
  if (outer?.tag !== sequence || outer.end !== der.length) return null
  const info = partAt(der, outer.start, outer.end)
  if (info?.tag !== sequence) return null
  const version = partAt(der, info.start, info.end)
  const subject = version?.tag === integer ? partAt(der, version.end, info.end) : null
  const key = subject?.tag === sequence ? partAt(der, subject.end, info.end) : null
  if (subject === null || key?.tag !== sequence) return null
  return { publicKey: keyOf(der.subarray(subject.end, key.end)) }
}

const sequence = 0x30
const integer = 0x02

interface Part { readonly tag: number; readonly start: number; readonly end: number }

/** One value of DER (X.690) between `at` and `limit`. */
function partAt(der: Buffer, at: number, limit: number): Part | null {
  const [tag, said] = [der[at], der[at + 1]]
  if (tag === undefined || said === undefined) return null
  const more = said < 0x80 ? 0 : said & 0x7f
  // Three bytes say more than any request is long.
  if (said === 0x80 || more > 3 || at + 2 + more > limit) return null
  const start = at + 2 + more
  const end = start + (more === 0 ? said : der.readUIntBE(at + 2, more))
  return end > limit ? null : { tag, start, end }
}

function keyOf(der: Buffer): KeyObject | null {
  try {
    return createPublicKey({ key: der, format: 'der', type: 'spki' })
  } catch {
    return null
  }
}
