// What is known of the certificates of a charge point: the roots it said it has, its own, why it got none, and what it waits for.
import { X509Certificate } from 'node:crypto'
import { z } from 'zod'
import type { RequestOf } from '../protocol/messages/index.ts'
import { nameOf } from './certificate-check.ts'
import type { Scope } from './scope.ts'

export type CertificateType = RequestOf<'GetInstalledCertificateIds'>['certificateType']
export type CertificateHash = RequestOf<'DeleteCertificate'>['certificateHashData']
export const certificateTypes = ['CentralSystemRootCertificate', 'ManufacturerRootCertificate'] as const satisfies readonly CertificateType[]

const hashSchema = z.object({ hashAlgorithm: z.enum(['SHA256', 'SHA384', 'SHA512']), issuerNameHash: z.string(), issuerKeyHash: z.string(), serialNumber: z.string() })
const installedSchema = z.object({
  /** When it was asked; null = never. */
  atMs: z.number().nullable(),
  /** Something may have been installed or deleted since. */
  outdated: z.boolean(),
  certificates: z.array(hashSchema),
})
const ownSchema = z.object({ subject: z.string(), issuer: z.string(), serialNumber: z.string(), validFromMs: z.number(), validToMs: z.number(), acceptedAtMs: z.number() })
export const recordSchema = z.object({
  v: z.literal(1),
  installed: z.partialRecord(z.enum(certificateTypes), installedSchema),
  /** The newest it took from us. */
  own: ownSchema.nullable(),
  /** Why it got none when it asked last; null = it did, or never asked. */
  failure: z.object({ message: z.string(), atMs: z.number() }).nullable(),
})
export type CertificateRecord = Readonly<z.infer<typeof recordSchema>>

export const signingSchema = z.object({
  v: z.literal(1),
  csr: z.string(),
  askedAtMs: z.number(),
  /** What the certificate authority answered; null = it was not asked, or has not answered. */
  chain: z.string().nullable(),
  /** So often was the chain given to the charge point. */
  tries: z.int(),
})
export type Signing = Readonly<z.infer<typeof signingSchema>>

const nothing: CertificateRecord = { v: 1, installed: {}, own: null, failure: null }
/** More than any charge point keeps. */
const mostCertificates = 200

export function certificatesKey(clientID: string): string {
  return `certificates:${clientID}`
}

export function signingKey(clientID: string): string {
  return `signing:${clientID}`
}

/** Nothing when there is none, or when it cannot be read any more. */
export function readCertificateRecord(scope: Scope, clientID: string): CertificateRecord {
  return recordSchema.safeParse(scope.get(certificatesKey(clientID))).data ?? nothing
}

/** The request that waits; null = none does. */
export function readSigning(scope: Scope, clientID: string): Signing | null {
  return signingSchema.safeParse(scope.get(signingKey(clientID))).data ?? null
}

/** Puts what `change` makes of the record. */
export function keepCertificates(scope: Scope, clientID: string, change: (record: CertificateRecord) => CertificateRecord): void {
  const before = readCertificateRecord(scope, clientID)
  const after = change(before)
  if (after !== before) scope.put(certificatesKey(clientID), after)
}

/** It said what it has of a type. */
export function withInstalled(record: CertificateRecord, type: CertificateType, certificates: readonly CertificateHash[], atMs: number): CertificateRecord {
  return { ...record, installed: { ...record.installed, [type]: { atMs, outdated: false, certificates: certificates.slice(0, mostCertificates) } } }
}

/** It may have more or fewer of a type than it said. */
export function withDoubt(record: CertificateRecord, types: readonly CertificateType[]): CertificateRecord {
  const doubted = types.map((type) => [type, { atMs: null, certificates: [], ...record.installed[type], outdated: true }] as const)
  return { ...record, installed: { ...record.installed, ...Object.fromEntries(doubted) } }
}

/** One is gone; which type it was is known only where it was listed. */
export function withoutCertificate(record: CertificateRecord, hash: CertificateHash): CertificateRecord {
  const installed: CertificateRecord['installed'] = { ...record.installed }
  let found = false
  for (const type of certificateTypes) {
    const known = installed[type]
    const left = known?.certificates.filter((one) => !sameHash(one, hash))
    if (known === undefined || left === undefined || left.length === known.certificates.length) continue
    found = true
    installed[type] = { ...known, certificates: left }
  }
  return found ? { ...record, installed } : withDoubt(record, certificateTypes.filter((type) => record.installed[type] !== undefined))
}

/** Hexadecimal, in whatever case. */
function sameHash(a: CertificateHash, b: CertificateHash): boolean {
  const text = ({ hashAlgorithm, issuerNameHash, issuerKeyHash, serialNumber }: CertificateHash): string => [hashAlgorithm, issuerNameHash, issuerKeyHash, serialNumber].join('\n').toLowerCase()
  return text(a) === text(b)
}

/** It took a chain; its own certificate is the first of it. */
export function withOwn(record: CertificateRecord, chain: string, acceptedAtMs: number): CertificateRecord {
  const { subject, issuer, serialNumber, validFrom, validTo } = new X509Certificate(chain)
  return { ...record, failure: null, own: { subject: nameOf(subject), issuer: nameOf(issuer), serialNumber, validFromMs: Date.parse(validFrom), validToMs: Date.parse(validTo), acceptedAtMs } }
}
