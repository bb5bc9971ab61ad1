// What the estate is given: its ports, and what the file says for everybody.
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { Outgoing, Poster } from '../outgoing.ts'
import type { RetentionKind, Settings } from '../settings.ts'
import type { Store } from '../store/port.ts'
import type { VendorSettings } from '../vendor-settings.ts'
import type { CertificateAuthority } from './certificate-authority.ts'
import type { EngineSettings } from './engine.ts'
import type { ExternalAuthority } from './external-authoriser.ts'
import type { Tariff } from '../sessions/tariff.ts'
import type { StoredTag } from './id-tags.ts'
import type { Gauge } from './site-room.ts'
import type { LocationRule } from './orders/location.ts'
import type { UploadOptions } from './uploads.ts'

export interface Ids {
  /** Positive, 31 bits. */
  transactionId(): number
  opaque(): string
}

export interface EstateOptions {
  readonly store: Store
  /** Sends to webhooks; absent: nothing is sent. */
  readonly post?: Poster
  readonly clock: Clock
  readonly log: Log
  readonly ids: Ids
  /** Resolves when everybody else has had a turn; absent: in the next turn of the clock. */
  readonly pause?: () => Promise<void>
  readonly settings?: Partial<EngineSettings>
  /** What holds where nobody says otherwise. */
  readonly defaults?: Settings
  /** As the file has them; they win over what is stored. */
  readonly idTags?: readonly StoredTag[]
  readonly tariffs?: readonly Tariff[]
  readonly externalAuthority?: ExternalAuthority
  /** Absent: requests for certificates are rejected. */
  readonly certificateAuthority?: CertificateAuthority
  /** Absent: no service is called. */
  readonly outgoing?: Outgoing
  /** What answers vendor messages for everybody; whether a charge point's own settings may name private addresses. */
  readonly vendors?: { readonly everybody: VendorSettings; readonly allowPrivate: boolean }
  readonly gauge?: Gauge
  /** So long after the first charge point no local list is brought in step; absent: not at all. */
  readonly listRestMs?: number
  /** So long after each boot and each new connection a charge point is asked what its profiles come to; absent: never. */
  readonly profileCheckRestMs?: number
  /** Absent: no messages are recorded. */
  readonly messageLog?: { readonly keepDays: number; readonly keepMiB: number }
  /** Days by kind, as the file has them. */
  readonly retention?: { readonly [K in RetentionKind]?: number | undefined }
  /** Absent: no files of charge points are kept. */
  readonly uploads?: UploadOptions
  /** Where charge points may be sent; absent: what is usual. */
  readonly locations?: LocationRule
  /** Absent: charge points reach us without TLS only. */
  readonly tls?: { readonly clientCertificates: boolean; readonly clientOrganisation?: string }
}
