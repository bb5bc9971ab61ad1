// Charging profiles as REST asks for them: those people have sent, those the engine keeps, sent again, taken away.
import type { ChargingProfile } from '../protocol/messages/index.ts'
import type { CommandFace } from './command-face.ts'
import type { CommandView } from './command-record.ts'
import type { Estate } from './estate.ts'
import { Refusal, type Caller } from './house.ts'
import { pointEntry, siteEntry } from './lookup.ts'
import { engineProfiles, type HeldTime } from './held-profiles.ts'
import { freeProfileId, readProfiles, type ProfileStatus } from './stored-profiles.ts'

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
  /** Why it was not accepted, where there is more to say. */
  readonly reason: string | null
}

/** With no id of its own it gets the smallest free one. */
export type GivenProfile = Omit<ChargingProfile, 'chargingProfileId'> & { readonly chargingProfileId?: number | undefined }

export interface ProfileFace {
  /** By connector, then stack level, highest first. */
  list(clientID: string): readonly ProfileView[]
  get(clientID: string, profileID: number): ProfileView
  set(clientID: string, connectorId: number, profile: GivenProfile, how: { expiresAt?: string | undefined; waitMs: number }, caller: Caller): Promise<CommandView>
  clear(clientID: string, profileID: number, caller: Caller): Promise<CommandView>
}

export class ProfileOffice implements ProfileFace {
  private readonly estate: Estate
  private readonly commands: CommandFace

  constructor(estate: Estate, commands: CommandFace) {
    this.estate = estate
    this.commands = commands
  }

  list(clientID: string): readonly ProfileView[] {
    const { id, site } = pointEntry(this.estate, clientID).record.config
    const { scope, room } = siteEntry(this.estate, site)
    const own = engineProfiles({ scope, books: room.engine.books }, id, this.timeAt(site))
    return [
      ...own.map(({ connectorId, profile, owner, status, installedAtMs }) => ({ connectorId, chargingProfile: profile, owner, status, setAt: iso(installedAtMs), commandId: null, answeredAt: null, reason: null })),
      ...readProfiles(scope, id).map(({ connectorId, profile, status, setAtMs, commandId, answeredAtMs, reason }) => ({
        connectorId, chargingProfile: profile, owner: 'user' as const, status, setAt: iso(setAtMs), commandId, answeredAt: answeredAtMs === undefined ? null : iso(answeredAtMs), reason: reason ?? null,
      })),
    ].toSorted((a, b) => a.connectorId - b.connectorId || b.chargingProfile.stackLevel - a.chargingProfile.stackLevel)
  }

  get(clientID: string, profileID: number): ProfileView {
    const found = this.list(clientID).findLast(({ chargingProfile }) => chargingProfile.chargingProfileId === profileID)
    if (found === undefined) throw new Refusal('not-found', 'unknown-charging-profile', `There is no charging profile ${profileID} on ${clientID}.`, { hint: `GET /api/v1/chargepoints/${encodeURIComponent(clientID)}/charging-profiles lists them.` })
    return found
  }

  set(clientID: string, connectorId: number, { chargingProfileId, ...profile }: GivenProfile, how: { expiresAt?: string | undefined; waitMs: number }, caller: Caller): Promise<CommandView> {
    const { id, site } = pointEntry(this.estate, clientID).record.config
    const csChargingProfiles = { chargingProfileId: chargingProfileId ?? freeProfileId(siteEntry(this.estate, site).scope, id), ...profile }
    return this.commands.issue(id, 'SetChargingProfile', { connectorId, csChargingProfiles }, how, caller)
  }

  clear(clientID: string, profileID: number, caller: Caller): Promise<CommandView> {
    this.get(clientID, profileID)
    return this.commands.issue(clientID, 'ClearChargingProfile', { id: profileID }, {}, caller)
  }

  /** This instant on both clocks. */
  private timeAt(siteID: string): HeldTime {
    const { room } = siteEntry(this.estate, siteID)
    return { wallMs: this.estate.options.clock.wall(), nowMs: room.engine.reviewedAtMs + room.reviewAgeMs }
  }
}

const iso = (ms: number): string => new Date(ms).toISOString()
