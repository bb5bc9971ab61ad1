// The security of charge points as REST asks for it.
import { certificateTypes, readCertificateRecord, readSigning, type CertificateHash, type CertificateType } from './certificate-record.ts'
import type { Estate } from './estate.ts'
import { pointEntry, siteEntry } from './lookup.ts'
import { readSecurityEvents, type SecurityLevel } from './security-events.ts'

export interface SecurityEventView {
  readonly id: string
  readonly type: string
  readonly at: string
  readonly receivedAt: string
  readonly timestamp: string
  readonly techInfo: string | null
  readonly level: SecurityLevel
}

export interface CertificatesView {
  readonly clientID: string
  readonly installed: readonly {
    readonly certificateType: CertificateType
    /** When the charge point said so; null = it was never asked. */
    readonly at: string | null
    /** Something may have changed since: ask again with get-installed-certificate-ids. */
    readonly outdated: boolean
    readonly certificates: readonly CertificateHash[]
  }[]
  /** The newest it took from us; null = none. */
  readonly own: { readonly subject: string; readonly issuer: string; readonly serialNumber: string; readonly validFrom: string; readonly validTo: string; readonly acceptedAt: string } | null
  /** It has asked for a certificate: `signing` = the certificate authority is to answer, `sending` = the charge point. */
  readonly pending: { readonly askedAt: string; readonly state: 'signing' | 'sending' } | null
  /** Why it got none when it asked last. */
  readonly failure: { readonly message: string; readonly at: string } | null
}

export interface SecurityFace {
  /** Newest first. */
  events(clientID: string): readonly SecurityEventView[]
  certificates(clientID: string): CertificatesView
}

const iso = (ms: number): string => new Date(ms).toISOString()

export class SecurityOffice implements SecurityFace {
  private readonly estate: Estate

  constructor(estate: Estate) {
    this.estate = estate
  }

  events(clientID: string): readonly SecurityEventView[] {
    const { id, site } = pointEntry(this.estate, clientID).record.config
    return readSecurityEvents(siteEntry(this.estate, site).scope, id).map(({ atMs, receivedAtMs, ...rest }) => ({
      ...rest, at: new Date(atMs).toISOString(), receivedAt: new Date(receivedAtMs).toISOString(),
    })).toReversed()
  }

  certificates(clientID: string): CertificatesView {
    const { id, site } = pointEntry(this.estate, clientID).record.config
    const { scope } = siteEntry(this.estate, site)
    const { installed, own, failure } = readCertificateRecord(scope, id)
    const signing = readSigning(scope, id)
    return {
      clientID: id,
      installed: certificateTypes.map((certificateType) => {
        const { atMs, outdated, certificates } = installed[certificateType] ?? { atMs: null, outdated: true, certificates: [] }
        return { certificateType, at: atMs === null ? null : iso(atMs), outdated, certificates }
      }),
      own: own === null ? null : { subject: own.subject, issuer: own.issuer, serialNumber: own.serialNumber, validFrom: iso(own.validFromMs), validTo: iso(own.validToMs), acceptedAt: iso(own.acceptedAtMs) },
      pending: signing === null ? null : { askedAt: iso(signing.askedAtMs), state: signing.chain === null ? 'signing' : 'sending' },
      failure: failure === null ? null : { message: failure.message, at: iso(failure.atMs) },
    }
  }
}
