// The cached external answers of a charge point, as people look at them and throw them away.
import type { IdTagInfo } from '../protocol/messages/index.ts'
import type { AuthorisationCache } from './authorisation-cache.ts'
import type { Estate } from './estate.ts'
import { pointEntry, siteEntry } from './lookup.ts'
import { write } from './records.ts'

export interface CachedAnswerView extends IdTagInfo {
  readonly idTag: string
  readonly answeredAt: string
  /** Until then it serves the policy `cache`; afterwards only while the service does not answer. */
  readonly freshUntilAt: string
}

export interface AuthorisationCacheFace {
  /** Newest first. Throws Refusal not-found. */
  list(clientID: string): readonly CachedAnswerView[]
  clear(clientID: string): Promise<void>
}

export class AuthorisationCacheDesk implements AuthorisationCacheFace {
  private readonly estate: Estate

  constructor(estate: Estate) {
    this.estate = estate
  }

  list(clientID: string): readonly CachedAnswerView[] {
    const { cache, id } = this.cacheOf(clientID)
    const ttlS = this.estate.familyOf(id)?.station.settings().authorisationCacheTtlS ?? 0
    return cache.list(id).toReversed().map(({ idTag, idTagInfo, answeredAtMs }) => ({
      idTag, ...idTagInfo, answeredAt: new Date(answeredAtMs).toISOString(), freshUntilAt: freshUntil(answeredAtMs + ttlS * 1000, idTagInfo),
    }))
  }

  async clear(clientID: string): Promise<void> {
    const { id, siteID } = this.cacheOf(clientID)
    await write(siteEntry(this.estate, siteID).scope, { [`authorised:${id}`]: null })
  }

  private cacheOf(clientID: string): { cache: AuthorisationCache; id: string; siteID: string } {
    const { id, site } = pointEntry(this.estate, clientID).record.config
    return { cache: this.estate.authorisation.authoriser.cacheOf(siteEntry(this.estate, site).scope), id, siteID: site }
  }
}

function freshUntil(ttlEndsMs: number, { expiryDate }: IdTagInfo): string {
  const ends = expiryDate === undefined ? Infinity : Date.parse(expiryDate)
  return new Date(Number.isNaN(ends) ? ttlEndsMs : Math.min(ttlEndsMs, ends)).toISOString()
}
