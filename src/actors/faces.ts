// The faces of the house, one for each subject, over one estate.
import { AnalyticsOffice, type AnalyticsFace } from './analytics-face.ts'
import type { ApiKeyFace } from './api-key-record.ts'
import { AuditOffice, type AuditFace } from './audit-face.ts'
import { BulkOffice, type BulkFace } from './bulk.ts'
import { Commissioning } from './commissioning/check-face.ts'
import { CommandOffice, type CommandFace } from './command-face.ts'
import { ConfigurationOffice, type ConfigurationFace } from './configuration-face.ts'
import { DecisionOffice, type DecisionFace } from './decision-reader.ts'
import { Erasure } from './erasure.ts'
import { LimitOffice, type LimitFace } from './limit-face.ts'
import { LimitPreviewOffice, type LimitPreviewFace } from './limit-preview-face.ts'
import { LobbyDesk, type LobbyFace } from './lobby-desk.ts'
import { LocalListOffice, type LocalListFace } from './local-list-face.ts'
import type { MessagesFace } from './message-log.ts'
import { MeterOffice, type MeterFace } from './meter-face.ts'
import { OverviewOffice, type OverviewFace } from './overview-face.ts'
import { OrphanOffice, type OrphanFace } from './orphan-office.ts'
import { ProfileOffice, type ProfileFace } from './profile-face.ts'
import { QuirkDesk, type QuirkFace } from './quirk-face.ts'
import type { RetentionFace } from './retention.ts'
import type { ReplayFace } from './replays.ts'
import { ReservationOffice, type ReservationFace } from './reservation-face.ts'
import { SecurityOffice, type SecurityFace } from './security-face.ts'
import { SettingsOffice, type SettingsFace } from './settings-face.ts'
import { TermsOffice, type TermsFace } from './terms-face.ts'
import { UploadOffice } from './uploads-face.ts'
import { VendorOffice, type VendorFace } from './vendor-face.ts'
import { Webhooks } from './webhooks.ts'
import { TransactionOffice, type TransactionFace } from './transaction-office.ts'
import type { Estate } from './estate.ts'
import type { InspectionFace } from './inspection/inspection-face.ts'
import type { House } from './house.ts'

export abstract class Faces implements Pick<House, 'audit' | 'commands' | 'configuration' | 'settings' | 'uploads' | 'reservations' | 'localLists' | 'bulk' | 'security' | 'vendors' | 'profiles' | 'quirks' | 'replays' | 'limits' | 'lobby' | 'messages' | 'meterValues' | 'decisions' | 'records' | 'terms' | 'analytics' | 'orphans' | 'retention' | 'erasure' | 'limitPreviews' | 'overviews' | 'checks' | 'apiKeys' | 'inspection' | 'webhooks' | 'maskTag'> {
  readonly audit: AuditFace
  readonly commands: CommandFace
  readonly configuration: ConfigurationFace
  readonly settings: SettingsFace
  readonly uploads: UploadOffice
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
  readonly erasure: Erasure
  readonly analytics: AnalyticsFace
  readonly limitPreviews: LimitPreviewFace
  readonly overviews: OverviewFace
  readonly checks: Commissioning
  readonly apiKeys: ApiKeyFace
  readonly inspection: InspectionFace
  readonly webhooks: Webhooks
  protected readonly estate: Estate

  constructor(estate: Estate) {
    this.estate = estate
    this.audit = new AuditOffice(estate.audit)
    const commands = new CommandOffice(estate)
    this.commands = commands
    this.configuration = new ConfigurationOffice(estate)
    this.settings = new SettingsOffice(estate, (...given) => this.putChargePoint(...given))
    this.uploads = new UploadOffice(estate)
    this.reservations = new ReservationOffice(estate)
    this.localLists = new LocalListOffice(estate)
    this.profiles = new ProfileOffice(estate, commands)
    this.vendors = new VendorOffice(estate)
    this.security = new SecurityOffice(estate)
    this.bulk = new BulkOffice(estate, commands, async (clientID, keys, how, caller) => (await this.configuration.put(clientID, keys, how, caller)).keys)
    this.quirks = new QuirkDesk(estate)
    this.limits = new LimitOffice(estate, (...given) => this.putSite(...given))
    this.replays = estate.replays
    this.lobby = new LobbyDesk(estate, (...given) => this.putChargePoint(...given))
    this.messages = estate.messages
    this.meterValues = new MeterOffice(estate)
    this.decisions = new DecisionOffice(estate)
    this.records = new TransactionOffice(estate)
    this.terms = new TermsOffice(estate)
    this.orphans = new OrphanOffice(estate)
    this.retention = estate.retention
    this.webhooks = new Webhooks(estate)
    this.erasure = new Erasure(estate, (idTag, name) => this.webhooks.erase(idTag, name))
    this.analytics = new AnalyticsOffice(estate)
    this.limitPreviews = new LimitPreviewOffice(estate)
    this.overviews = new OverviewOffice(estate)
    this.checks = new Commissioning(estate)
    this.apiKeys = estate.apiKeys
    this.inspection = estate.inspection
  }

  maskTag(idTag: string): string { return this.estate.tagMask.of(idTag) }

  abstract putSite(...given: Parameters<House['putSite']>): ReturnType<House['putSite']>
  abstract putChargePoint(...given: Parameters<House['putChargePoint']>): ReturnType<House['putChargePoint']>
}
