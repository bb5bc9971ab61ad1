// What kwota.yaml says about TLS: where certificates and keys lie, read and checked before anything listens.
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import { z } from 'zod'
import type { Path } from './yaml-file.ts'

const file = z.string().min(1).max(4_096)
/** Two: an RSA and an ECDSA certificate, for charge points that know only one of them. */
const files = z.union([file, z.array(file).min(1).max(2)], { error: 'no file; name one, or a list of two: RSA and ECDSA' })

export const tlsSchema = z.strictObject({
  /** 0 takes a free one. */
  port: z.int().min(0).max(65_535).default(8443),
  /** Absent: as for the plain port. */
  host: z.string().min(1).max(253).optional(),
  /** PEM: the certificate with its chain. */
  certFile: files,
  /** PEM, not encrypted. */
  keyFile: files,
  /** PEM: who signs the certificates of charge points; absent = security profile 3 lets nobody in. */
  clientCaFile: file.optional(),
  /** What those certificates must name as their organisation (O). */
  clientOrganisation: z.string().min(1).max(200).optional(),
})

/** Contents, not names. */
export interface TlsConfig {
  readonly port: number
  /** null: as for the plain port. */
  readonly host: string | null
  readonly cert: readonly string[]
  readonly key: readonly string[]
  readonly clientCa: string | null
  readonly clientOrganisation: string | null
}

export interface TlsFault { readonly at: Path; readonly problem: string; readonly fix: string }

/** `read` gives the text of a file named there, and throws as node:fs does. `value` is null when there are faults or nothing is said. */
export function readTls(given: z.output<typeof tlsSchema> | undefined, read: (name: string) => string): { readonly value: TlsConfig | null; readonly faults: readonly TlsFault[] } {
  if (given === undefined) return { value: null, faults: [] }
  const faults: TlsFault[] = []
  const say = (key: string, problem: string, fix: string): undefined => void faults.push({ at: ['tls', key], problem, fix })
  const open = (key: string, name: string): string | undefined => {
    try {
      return read(name)
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason'
      return say(key, `${name} cannot be read: ${code}`, 'name a file that this user may read; a relative name counts from kwota.yaml')
    }
  }
  const cert = [given.certFile].flat().map((name) => open('certFile', name))
  const key = [given.keyFile].flat().map((name) => open('keyFile', name))
  const clientCa = given.clientCaFile === undefined ? undefined : open('clientCaFile', given.clientCaFile)
  const certificates = cert.map((text) => (text === undefined ? undefined : certificatesOf(text)?.[0] ?? say('certFile', 'holds no certificate that can be read', 'write the certificate in PEM, its chain after it')))
  const keys = key.map((text) => (text === undefined ? undefined : keyOf(text) ?? say('keyFile', 'holds no private key that can be read', 'write the key in PEM, without a passphrase')))
  if (cert.length !== key.length) say('keyFile', `${cert.length} certificates and ${key.length} keys`, 'name one key for each certificate, in the same order')
  else certificates.forEach((certificate, at) => {
    const own = keys[at]
    if (certificate !== undefined && own !== undefined && !certificate.checkPrivateKey(own)) say('keyFile', `the key does not belong to the certificate of ${certificate.subject.replaceAll('\n', ', ')}`, 'name the key that the certificate was made for')
  })
  if (keys.length === 2 && keys[0] !== undefined && keys[0].asymmetricKeyType === keys[1]?.asymmetricKeyType) say('certFile', `both certificates are ${keys[0].asymmetricKeyType}`, 'keep one of them, or name one RSA and one ECDSA')
  const authorities = clientCa === undefined ? undefined : certificatesOf(clientCa)
  if (clientCa !== undefined && (authorities === null || authorities?.some(({ ca }) => !ca) === true)) say('clientCaFile', 'holds no CA certificate, or something else beside it', 'write the certificates of the CA in PEM, nothing else')
  if (given.clientOrganisation !== undefined && given.clientCaFile === undefined) say('clientOrganisation', 'is asked of certificates that nobody signs', 'add clientCaFile, or remove it')
  const texts = { cert: cert.filter((text) => text !== undefined), key: key.filter((text) => text !== undefined) }
  const weak = faults.length > 0 ? null : reasonAgainst(texts)
  if (weak !== null) say('certFile', `cannot be used for TLS: ${weak}`, 'make a new certificate: RSA with 2048 bits, or ECDSA on P-256')
  if (faults.length > 0) return { value: null, faults }
  return { value: { port: given.port, host: given.host ?? null, ...texts, clientCa: clientCa ?? null, clientOrganisation: given.clientOrganisation ?? null }, faults }
}

/** Null when there is none, or one of them cannot be read. */
function certificatesOf(pem: string): X509Certificate[] | null {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g)
  try {
    return blocks?.map((block) => new X509Certificate(block)) ?? null
  } catch {
    return null
  }
}

function keyOf(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem)
  } catch {
    return undefined
  }
}

function reasonAgainst({ cert, key }: { readonly cert: readonly string[]; readonly key: readonly string[] }): string | null {
  try {
    createSecureContext({ cert: [...cert], key: [...key], minVersion: 'TLSv1.2' })
    return null
  } catch (error) {
    return error instanceof Error && 'reason' in error ? String(error.reason) : 'unknown reason'
  }
}
