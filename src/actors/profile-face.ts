// Charging profiles as REST asks for them: those people have sent, those the engine keeps, sent again, taken away.
import type { Difference } from '../profiles/compare.ts'
import type { Composite } from '../profiles/composite.ts'
import type { ChargingProfile, RequestOf, ResponseOf } from '../protocol/messages/index.ts'
import type { CommandFace } from './command-face.ts'
import type { CommandView } from './command-record.ts'
import type { ProfileCheck } from './drift.ts'
import type { Estate } from './estate.ts'
import type { GivenRequest } from './given-profile.ts'
import { engineProfiles } from './held-profiles.ts'
import { Refusal, type Caller } from './house.ts'
import { pointEntry, siteEntry } from './lookup.ts'
import { activeProfile, expectedSchedule, reportedDifferences, standingOf, type ActiveProfile, type Window } from './profile-outlook.ts'
import { previewClear, previewEach, previewSet, type ProfilePreview, type RefusedPreview } from './profile-preview.ts'
import { TemplateShelf, type TemplateFace } from './profile-templates.ts'
import { mayStand, readProfiles, type ProfileStatus } from './stored-profiles.ts'

export interface ProfileView {
  readonly connectorId: number
  readonly chargingProfile: ChargingProfile
  /** The engine's are sent, renewed and taken away by itself. */
  readonly owner: 'engine' | 'user'
  readonly status: ProfileStatus
  readonly setAt: string
  readonly commandId: string | null
  /** When the charge point answered, or was given up; null while it is on its way, and for the engine's. */
  readonly answeredAt: string | null
  /** Why it was not accepted, or not even sent yet, where there is more to say. */
  readonly reason: string | null
}

export interface ProfileFace {
  readonly templates: TemplateFace
  /** By connector, then stack level, highest first. */
  list(clientID: string): readonly ProfileView[]
  get(clientID: string, profileID: number): ProfileView
  set(clientID: string, given: GivenRequest, how: { expiresAt?: string | undefined; waitMs: number }, caller: Caller): Promise<CommandView>
  clear(clientID: string, profileID: number, caller: Caller): Promise<CommandView>
  /** What should hold from `startMs` on (absent: now), and what the charge point answered to GetCompositeSchedule laid beside it: null when that cannot be judged. */
  expected(clientID: string, connectorId: number, window: Window): Composite & { readonly clientID: string }
  differences(clientID: string, expected: Composite, reported: ResponseOf<'GetCompositeSchedule'>): readonly Difference[] | null
  active(clientID: string, connectorId: number, asked: { atMs?: number | undefined; unit: 'A' | 'W' }): ActiveProfile
  /** What it said by itself to be going to do, laid beside what it should, by connector; in memory, empty until it was asked. */
  checks(clientID: string): readonly ProfileCheck[]
  /** Rejects as the real thing would; nothing is sent or stored. */
  previewSet(clientID: string, given: GivenRequest, window: Window): Promise<ProfilePreview>
  previewClear(clientID: string, criteria: RequestOf<'ClearChargingProfile'>, window: Window): ProfilePreview
  /** As `previewClear` of one profile by its id, which must be known. */
  previewRemoval(clientID: string, profileID: number, window: Window): ProfilePreview
  /** One after the other, at most 1,000 (Refusal invalid `too-many-selected`); who would be refused says why. */
  previewEach(clientIDs: readonly string[], preview: (clientID: string) => ProfilePreview | Promise<ProfilePreview>): Promise<readonly (ProfilePreview | RefusedPreview)[]>
}

export class ProfileOffice implements ProfileFace {
  readonly templates: TemplateFace
  private readonly estate: Estate
  private readonly commands: CommandFace

  constructor(estate: Estate, commands: CommandFace) {
    this.estate = estate
    this.commands = commands
    this.templates = new TemplateShelf(estate.global, () => estate.options.clock.wall())
  }

  list(clientID: string): readonly ProfileView[] {
    const { id, site } = pointEntry(this.estate, clientID).record.config
    const { scope, room: { engine: { books } } } = siteEntry(this.estate, site)
    const own = engineProfiles({ scope, books }, id, standingOf(this.estate, clientID).time)
    return [
      ...own.map(({ connectorId, profile, owner, status, installedAtMs }) => ({ connectorId, chargingProfile: profile, owner, status, setAt: iso(installedAtMs), commandId: null, answeredAt: null, reason: null })),
      ...readProfiles(scope, id).map(({ connectorId, profile, status, setAtMs, commandId, answeredAtMs, reason }) => ({
        connectorId, chargingProfile: profile, owner: 'user' as const, status, setAt: iso(setAtMs), commandId, answeredAt: answeredAtMs === undefined ? null : iso(answeredAtMs), reason: reason ?? this.waiting(status, commandId),
      })),
    ].toSorted((a, b) => a.connectorId - b.connectorId || b.chargingProfile.stackLevel - a.chargingProfile.stackLevel)
  }

  /** Of a profile that is still to be answered: why it cannot be yet. */
  private waiting(status: ProfileStatus, commandId: string): string | null {
    return status === 'Sent' && this.estate.commands.get(commandId)?.status === 'queued' ? 'not sent yet: its command is queued' : null
  }

  get(clientID: string, profileID: number): ProfileView {
    const named = this.list(clientID).filter(({ chargingProfile }) => chargingProfile.chargingProfileId === profileID)
    const found = named.findLast(({ status }) => mayStand(status)) ?? named.at(-1)
    if (found === undefined) throw new Refusal('not-found', 'unknown-charging-profile', `There is no charging profile ${profileID} on ${clientID}.`, { hint: `GET /api/v1/chargepoints/${encodeURIComponent(clientID)}/charging-profiles lists them.` })
    return found
  }

  set(clientID: string, given: GivenRequest, how: { expiresAt?: string | undefined; waitMs: number }, caller: Caller): Promise<CommandView> {
    return this.commands.issue(clientID, 'SetChargingProfile', given, how, caller)
  }

  clear(clientID: string, profileID: number, caller: Caller): Promise<CommandView> {
    this.get(clientID, profileID)
    return this.commands.issue(clientID, 'ClearChargingProfile', { id: profileID }, {}, caller)
  }

  expected(clientID: string, connectorId: number, window: Window): Composite & { readonly clientID: string } {
    const standing = standingOf(this.estate, clientID)
    return { clientID: standing.clientID, ...expectedSchedule(standing, connectorId, window) }
  }

  differences(clientID: string, expected: Composite, reported: ResponseOf<'GetCompositeSchedule'>): readonly Difference[] | null {
    return reportedDifferences(this.estate, standingOf(this.estate, clientID), expected, reported)
  }

  active(clientID: string, connectorId: number, asked: { atMs?: number | undefined; unit: 'A' | 'W' }): ActiveProfile {
    return activeProfile(this.estate, clientID, connectorId, asked)
  }

  checks(clientID: string): readonly ProfileCheck[] {
    return this.estate.drift.checksOf(pointEntry(this.estate, clientID).record.config.id)
  }

  previewSet(clientID: string, given: GivenRequest, window: Window): Promise<ProfilePreview> {
    return previewSet(this.estate, clientID, given, window)
  }

  previewClear(clientID: string, criteria: RequestOf<'ClearChargingProfile'>, window: Window): ProfilePreview {
    return previewClear(this.estate, clientID, criteria, window)
  }

  previewRemoval(clientID: string, profileID: number, window: Window): ProfilePreview {
    this.get(clientID, profileID)
    return previewClear(this.estate, clientID, { id: profileID }, window)
  }

  previewEach(clientIDs: readonly string[], preview: (clientID: string) => ProfilePreview | Promise<ProfilePreview>): Promise<readonly (ProfilePreview | RefusedPreview)[]> {
    return previewEach(this.estate, clientIDs, preview)
  }
}

const iso = (ms: number): string => new Date(ms).toISOString()
