// What a charge-point family is given: its configuration, its records, and its ports.
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { Outgoing } from '../outgoing.ts'
import type { ChargePointConfig } from '../power/site.ts'
import type { Layers } from '../settings.ts'
import type { VendorSettings } from '../vendor-settings.ts'
import type { Shelf } from './archive.ts'
import type { Authoriser } from './authorise.ts'
import type { CommandLog } from './command-log.ts'
import type { SampleFact } from './event-log.ts'
import type { Running } from './family-actor.ts'
import type { FamilyAlert, Station } from './handlers/station.ts'
import type { KwotaEvent } from './house.ts'
import type { MeterShelf } from './meter-history.ts'
import type { Scope } from './scope.ts'
import type { SiteDesk } from './site-desk.ts'

export interface FamilyOptions {
  /** Its `id` is the spelling on record. */
  readonly config: ChargePointConfig
  readonly siteID: string
  /** The records of that site. */
  readonly scope: Scope
  /** Its ended transactions that have left the scope; absent: none has. */
  readonly archive?: Shelf
  /** The meter values of that site; absent: none are kept. */
  readonly history?: MeterShelf
  readonly site: SiteDesk
  readonly clock: Clock
  readonly log: Log
  readonly authoriser: Authoriser
  /** A positive 31-bit number, durably claimed across sites; rejects while the store is down (it is asked again). */
  readonly claimTransactionId: () => Promise<number>
  /** Phase to neutral; default 230. */
  readonly nominalV?: number
  /** What is said for everybody, its site and itself, as of now. */
  readonly settings: () => Layers
  /** Default: UTC, and it costs nothing. */
  readonly billing?: Station['billing']
  readonly commands: CommandLog
  readonly credentials: Station['credentials']
  readonly certificateAuthority: Station['certificateAuthority']
  readonly reservations: Station['reservations']
  readonly listed: Station['listed']
  /** A new opaque id. */
  readonly newId: () => string
  readonly outgoing: Outgoing
  /** Vendor messages for everybody, and whether those of a charge point may call private addresses. */
  readonly vendors: { readonly everybody: VendorSettings; readonly allowPrivate: boolean }
  readonly emit: (event: Omit<KwotaEvent, 'id'>) => void
  /** A reading, which comes by the thousand: told as an event where somebody hears it. */
  readonly sample: (fact: SampleFact) => void
  readonly alert: (alert: FamilyAlert) => void
  readonly condition: Station['condition']
  readonly uploads: Station['uploads']
  readonly locations?: Station['locations']
  /** Absent: nobody looks in. */
  readonly running?: Running
}
