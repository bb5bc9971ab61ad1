// The face of the living part of kwota towards REST, pages and commands: what can be asked of it, and what it answers.
import type { Observable } from 'rxjs'
import type { ChargePointConfig, PhaseAmps, SiteConfig } from '../power/site.ts'
import type { AnalyticsFace } from './analytics-face.ts'
import type { ApiKeyFace } from './api-key-record.ts'
import type { AuditFace } from './audit-face.ts'
import type { AuthorisationCacheFace } from './authorisation-face.ts'
import type { BulkFace } from './bulk.ts'
import type { CheckFace } from './commissioning/check-face.ts'
import type { CommandFace } from './command-face.ts'
import type { GivenPassword } from './credentials.ts'
import type { ErasureFace } from './erasure.ts'
import type { DecisionFace } from './decision-reader.ts'
import type { InspectionFace } from './inspection/inspection-face.ts'
import type { ConfigurationFace } from './configuration-face.ts'
import type { LimitPreviewFace } from './limit-preview-face.ts'
import type { ProfileFace } from './profile-face.ts'
import type { QuirkFace } from './quirk-face.ts'
import type { ReplayFace } from './replays.ts'
import type { SecurityFace } from './security-face.ts'
import type { VendorFace } from './vendor-face.ts'
import type { WebhookFace } from './webhook-record.ts'
import type { IdTagFace } from './id-tags.ts'
import type { LocalListFace } from './local-list-face.ts'
import type { ReservationFace } from './reservation-face.ts'
import type { LimitFace } from './limit-face.ts'
import type { LobbyFace } from './lobby-desk.ts'
import type { MessagesFace } from './message-log.ts'
import type { MeterFace } from './meter-face.ts'
import type { TariffFace } from './tariff-shelf.ts'
import type { TermsFace } from './terms-face.ts'
import type { UploadFace } from './uploads-face.ts'
import type { OverviewFace } from './overview-face.ts'
import type { OrphanFace } from './orphan-office.ts'
import type { RetentionFace } from './retention.ts'
import type { SettingsFace } from './settings-face.ts'
import type { TransactionFace } from './transaction-office.ts'
import type { GridLimitView, PowerView, AllocationView, ConnectorView, ConnectorPatch, ChargePointView, AlertView, Health, Inventory } from './views.ts'

/** A refusal that the caller can understand and act on; `code` is stable and kebab-case (rest-api.md, errors). */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly kind: 'not-found' | 'conflict' | 'invalid' | 'store-down'
  readonly code: string
  readonly hint: string | undefined
  readonly errors: readonly { readonly pointer: string; readonly message: string }[]
  constructor(kind: Refusal['kind'], code: string, detail: string, extra: { hint?: string; errors?: Refusal['errors'] } = {}) {
    super(detail)
    this.kind = kind
    this.code = code
    this.hint = extra.hint
    this.errors = extra.errors ?? []
  }
}

export type EventType =
  | 'chargepoint.connected' | 'chargepoint.disconnected' | 'chargepoint.rejected' | 'chargepoint.accepted'
  | 'connector.status'
  | 'transaction.started' | 'transaction.updated' | 'transaction.stopped' | 'transaction.warning'
  | 'meter.sample'
  | 'limit.changed' | 'limit.expired'
  | 'allocation.changed'
  | 'profile.accepted' | 'profile.rejected' | 'profile.ignored'
  | 'command.finished' | 'reservation.changed'
  | 'alert.raised' | 'alert.resolved'
  | 'decision.made'

/** One fact for people and programs, in order; `id` is ascending and resumable within this process. */
export interface KwotaEvent {
  readonly id: string
  readonly type: EventType
  readonly at: string
  readonly siteID: string
  readonly clientID?: string
  readonly connectorId?: number
  readonly data: Readonly<Record<string, unknown>>
}

/** A site meter reading pushed by somebody: amps or watts per phase, at most 10 s in the future. */
export type BaseLoadInput = ({ readonly currentA: PhaseAmps } | { readonly powerW: PhaseAmps }) & { readonly at?: string }

/** Versioned answers: `version` feeds ETag, and who changed it last and when feeds the 412 answer. */
export interface Versioned<T> { readonly value: T; readonly version: number; readonly changedAt: string; readonly changedBy: string }

/** Who asks: the API key's name or `local`, and the request id; kept with what it changed. */
export interface Caller { readonly name: string; readonly requestId: string }

/** Everything below rejects with Refusal; a write resolves only when it is durable. */
export interface House {
  readonly audit: AuditFace
  readonly commands: CommandFace
  readonly configuration: ConfigurationFace
  readonly settings: SettingsFace
  readonly uploads: UploadFace
  readonly reservations: ReservationFace
  readonly localLists: LocalListFace
  readonly bulk: BulkFace
  readonly security: SecurityFace
  readonly vendors: VendorFace
  readonly profiles: ProfileFace
  readonly quirks: QuirkFace
  readonly replays: ReplayFace
  readonly limits: LimitFace
  readonly lobby: LobbyFace
  readonly messages: MessagesFace
  readonly meterValues: MeterFace
  readonly decisions: DecisionFace
  readonly records: TransactionFace
  readonly terms: TermsFace
  readonly orphans: OrphanFace
  readonly retention: RetentionFace
  readonly erasure: ErasureFace
  readonly analytics: AnalyticsFace
  readonly limitPreviews: LimitPreviewFace
  readonly overviews: OverviewFace
  readonly checks: CheckFace
  readonly idTags: IdTagFace
  readonly tariffs: TariffFace
  readonly authorisationCache: AuthorisationCacheFace
  readonly apiKeys: ApiKeyFace
  readonly inspection: InspectionFace
  readonly webhooks: WebhookFace
  /** What stands in the place of an id tag before those who may not see it. */
  maskTag(idTag: string): string
  sites(): readonly Versioned<SiteConfig>[]
  site(siteID: string): Versioned<SiteConfig>
  /** Creates or replaces; the input has passed siteSchema. Refused (invalid, code `fallbacks-do-not-fit`) with the sums. */
  putSite(config: SiteConfig, caller: Caller): Promise<{ created: boolean; site: Versioned<SiteConfig> }>
  /** Refused (conflict, `site-in-use`) while charge points belong to it, and for `main`. */
  deleteSite(siteID: string, caller: Caller): Promise<void>
  power(siteID: string): PowerView
  gridLimit(siteID: string): Versioned<GridLimitView>
  /** Exactly one of currentA (per phase) or powerW. Above the fuse: invalid `above-fuse`. Lowerings leave before it is durable. */
  setGridLimit(siteID: string, limit: { currentA?: number; powerW?: number; reason?: string; ttlS?: number }, caller: Caller): Promise<Versioned<GridLimitView>>
  clearGridLimit(siteID: string, caller: Caller): Promise<Versioned<GridLimitView>>
  pushBaseLoad(siteID: string, reading: BaseLoadInput): void
  chargePoints(): readonly Versioned<ChargePointView>[]
  chargePoint(clientID: string): Versioned<ChargePointView>
  /** `password` (16–20 bytes) is kept hashed; undefined leaves it, null removes it. */
  putChargePoint(config: ChargePointConfig, password: GivenPassword, caller: Caller): Promise<{ created: boolean; chargePoint: Versioned<ChargePointView> }>
  /** Refused (conflict, `transaction-running`) while a transaction runs. */
  deleteChargePoint(clientID: string, caller: Caller): Promise<void>
  connector(clientID: string, connectorId: number): ConnectorView
  patchConnector(clientID: string, connectorId: number, patch: ConnectorPatch, caller: Caller): Promise<ConnectorView>
  allocation(clientID: string, connectorId: number): AllocationView
  /** Newest first; open and recently resolved. */
  alerts(): readonly AlertView[]
  /** The first acknowledgement stays. It lives as long as the alert does, in memory: after a restart what still holds is raised anew. */
  ackAlert(id: string, caller: Caller): AlertView
  inventory(): Inventory
  /** Throws Refusal store-down, code `not-owner`, when another process has taken the site, that of the charge point, or what belongs to no site. */
  demandOwner(about: { readonly siteID?: string; readonly clientID?: string }): void
  readonly events$: Observable<KwotaEvent>
  /** Recent events after `lastEventID`, oldest first; null when that id is no longer held. */
  eventsSince(lastEventID: string): readonly KwotaEvent[] | null
  health(): Promise<Health>
}
