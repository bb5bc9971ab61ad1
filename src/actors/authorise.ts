// May this id tag charge? The policies that answer, in order, and which tags are charging right now.
import type { Clock } from '../clock.ts'
import { readDateTime, type IdTagInfo } from '../protocol/messages/index.ts'

export type Policy = 'local' | 'accept-all'

export interface IdTag {
  readonly id: string
  readonly status: 'Accepted' | 'Blocked' | 'Expired' | 'Invalid'
  readonly expiryDate?: string | undefined
  readonly parentIdTag?: string | undefined
  /** May run more than one transaction at a time. */
  readonly concurrent?: boolean | undefined
}

/** Where a start wants to run: the same place again is not a second transaction. */
export interface Place { readonly clientID: string; readonly connectorId: number }

export interface Authoriser {
  /** `starting` is given for StartTransaction only: there alone a tag that runs elsewhere is ConcurrentTx. */
  authorise(idTag: string, starting?: Place): IdTagInfo
  /** A transaction runs with this tag; told again after a restart. */
  started(idTag: string, place: Place, transactionId: number): void
  stopped(transactionId: number): void
}

export interface AuthoriserOptions {
  /** The first that knows the tag decides; when none does, it is Invalid. */
  readonly policy: readonly Policy[]
  /** Keyed by the tag in lower case (CiString); see `byTag`. */
  readonly idTags: { get(lowerCase: string): IdTag | undefined }
  readonly clock: Clock
}

/** The lookup of a list of tags; of two spellings of the same tag the last counts. */
export function byTag(tags: readonly IdTag[]): Map<string, IdTag> {
  return new Map(tags.map((tag) => [tag.id.toLowerCase(), tag]))
}

export function createAuthoriser(options: AuthoriserOptions): Authoriser {
  const running = new Map<number, Place & { readonly tag: string }>()

  function runsElsewhere(tag: string, here: Place): boolean {
    for (const other of running.values()) {
      if (other.tag === tag && (other.clientID !== here.clientID || other.connectorId !== here.connectorId)) return true
    }
    return false
  }

  function local(idTag: string, starting: Place | undefined): IdTagInfo | null {
    const tag = options.idTags.get(idTag.toLowerCase())
    if (tag === undefined) return null
    const info = (status: IdTagInfo['status']): IdTagInfo => ({
      ...(tag.expiryDate === undefined ? {} : { expiryDate: tag.expiryDate }),
      ...(tag.parentIdTag === undefined ? {} : { parentIdTag: tag.parentIdTag }),
      status,
    })
    if (tag.status !== 'Accepted') return info(tag.status)
    // A date nobody can read does not make a tag last for ever.
    const endsMs = tag.expiryDate === undefined ? Infinity : readDateTime(tag.expiryDate) ?? -Infinity
    if (endsMs <= options.clock.wall()) return info('Expired')
    if (starting !== undefined && tag.concurrent !== true && runsElsewhere(tag.id.toLowerCase(), starting)) return info('ConcurrentTx')
    return info('Accepted')
  }

  return {
    authorise(idTag, starting) {
      for (const policy of options.policy) {
        const answer = policy === 'accept-all' ? { status: 'Accepted' as const } : local(idTag, starting)
        if (answer !== null) return answer
      }
      return { status: 'Invalid' }
    },
    started: (idTag, place, transactionId) => {
      running.set(transactionId, { tag: idTag.toLowerCase(), clientID: place.clientID, connectorId: place.connectorId })
    },
    stopped: (transactionId) => { running.delete(transactionId) },
  }
}
