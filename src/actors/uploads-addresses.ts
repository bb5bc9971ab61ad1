// One-time addresses for uploads: proposed to a charge point, opened by the command that names them, good for one file within a day.
import { createHash, randomBytes } from 'node:crypto'
import type { CommandRecord } from './command-record.ts'
import type { Estate } from './estate.ts'
import { Refusal } from './house.ts'
import type { Scope } from './scope.ts'
import { endAddresses, noUploadsYet, uploadsKey, uploadsRecordSchema, withAddress, type UploadAddress, type UploadKind, type UploadsRecord } from './uploads-record.ts'

/** What an order may do about addresses for its charge point. */
export interface UploadAddresses {
  /** A new address under the origin the charge point came through; it opens nothing until it is granted. Throws Refusal. */
  propose(reachedAt: string | null): string
  /** Opens a proposed address for a command; does nothing for a location of somebody else. Lands in the next commit. */
  grant(location: string, kind: UploadKind, command: CommandRecord): void
  /** The addresses of a command take nothing any more. */
  revoke(commandId: string): void
}

/** For a charge point of a kwota that keeps no files. */
export const noUploadAddresses: UploadAddresses = {
  propose() {
    throw new Refusal('conflict', 'no-public-url', 'This kwota keeps no uploaded files.', { hint: 'Name a location.' })
  },
  grant: () => undefined,
  revoke: () => undefined,
}

const validMs = 86_400_000
/** Proposed and not granted; the oldest go first. */
const mostProposed = 1_000
const addressPattern = /\/uploads\/([\w-]{22})\/$/

export class AddressBook {
  private readonly estate: Estate
  /** Digest of a token → whose it is. */
  private readonly holders = new Map<string, string>()
  private readonly proposed = new Set<string>()

  constructor(estate: Estate) {
    this.estate = estate
  }

  /** `publicUrl` stands before the origin it came through. */
  of(clientID: string, scope: Scope, publicUrl: string | undefined): UploadAddresses {
    const { clock } = this.estate.options
    return {
      propose: (reachedAt) => this.propose(clientID, publicUrl ?? reachedAt),
      grant: (location, kind, command) => {
        const token = addressPattern.exec(location)?.[1] ?? ''
        if (!this.proposed.delete(token)) return
        const digest = digestOf(token)
        const nowMs = clock.wall()
        this.holders.set(digest, clientID)
        scope.put(uploadsKey(clientID), withAddress(this.recordIn(scope, clientID), { digest, kind, commandId: command.id, expiresAtMs: (command.expiresAtMs ?? nowMs) + validMs, endedAtMs: null }, nowMs))
      },
      revoke: (commandId) => {
        const before = this.recordIn(scope, clientID)
        const after = endAddresses(before, clock.wall(), (address) => address.commandId === commandId)
        if (after !== before) scope.put(uploadsKey(clientID), after)
      },
    }
  }

  /** Whose it is and where that is kept. Throws Refusal: unknown-upload-address, upload-address-ended. */
  open(digest: string): { clientID: string; scope: Scope; address: UploadAddress } {
    const clientID = this.holders.get(digest)
    const scope = clientID === undefined ? undefined : this.scopeOf(clientID)
    const address = clientID === undefined || scope === undefined ? undefined : this.recordIn(scope, clientID).addresses.find((one) => one.digest === digest)
    if (clientID === undefined || scope === undefined || address === undefined) throw new Refusal('not-found', 'unknown-upload-address', 'There is no such address for uploads.')
    if (address.endedAtMs !== null || address.expiresAtMs <= this.estate.options.clock.wall()) {
      throw new Refusal('conflict', 'upload-address-ended', 'This address has taken its one file, was withdrawn, or has expired.', { hint: 'Ask the charge point for its diagnostics anew.' })
    }
    return { clientID, scope, address }
  }

  /** Takes in what is stored of a charge point, and forgets what no longer is. */
  learn(holders: Iterable<readonly [digest: string, clientID: string]>): void {
    this.holders.clear()
    for (const [digest, clientID] of holders) this.holders.set(digest, clientID)
  }

  recordIn(scope: Scope, clientID: string): UploadsRecord {
    const stored = scope.get(uploadsKey(clientID))
    if (stored === undefined) return noUploadsYet
    const parsed = uploadsRecordSchema.safeParse(stored)
    if (!parsed.success) this.estate.options.log.warn({ clientID }, 'the stored list of uploads cannot be read and is begun anew')
    return parsed.success ? parsed.data : noUploadsYet
  }

  scopeOf(clientID: string): Scope | undefined {
    const site = this.estate.point(clientID)?.record.config.site
    return site === undefined ? undefined : this.estate.sites.get(site)?.scope
  }

  private propose(clientID: string, base: string | null): string {
    const hint = 'Set uploads.publicUrl in kwota.yaml to the URL at which charge points reach kwota, or name a location.'
    if (base === null) throw new Refusal('conflict', 'charge-point-offline', `${clientID} is not connected, and only its connection would tell at which address it reaches kwota.`, { hint })
    if (!URL.canParse(base)) throw new Refusal('conflict', 'no-public-url', `It is not known at which address ${clientID} reaches kwota.`, { hint })
    const token = randomBytes(16).toString('base64url')
    this.proposed.add(token)
    const [oldest] = this.proposed
    if (this.proposed.size > mostProposed && oldest !== undefined) this.proposed.delete(oldest)
    return `${base.replace(/\/+$/, '')}/uploads/${token}/`
  }
}

export function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
