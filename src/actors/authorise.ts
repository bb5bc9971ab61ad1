// May this id tag charge? The policies in their order: the first that knows the tag decides.
import type { Clock } from '../clock.ts'
import type { IdTagInfo } from '../protocol/messages/index.ts'
import type { authorisationPolicies, defaultSettings } from '../settings.ts'
import { AuthorisationCache } from './authorisation-cache.ts'
import type { ExternalAuthority } from './external-authoriser.ts'
import { judgeTag, type IdTag, type Location } from './id-tag-record.ts'
import { RunningTags, type Place } from './running-tags.ts'
import type { Scope } from './scope.ts'

export type Policy = (typeof authorisationPolicies)[number]

export interface Question {
  readonly idTag: string
  readonly siteID: string
  readonly clientID: string
  readonly connectorId?: number
  /** A tag that runs elsewhere is ConcurrentTx for a start only. */
  readonly reason: 'authorize' | 'start' | 'stop'
  /** It was answered before: nobody outside is asked again, what was said then counts. */
  readonly repeated?: boolean
  readonly rules: Pick<typeof defaultSettings, 'authorisation' | 'authorisationCacheTtlS' | 'authorisationUnreachable'>
  /** The records of the charge point's site: there the external answers are kept. */
  readonly scope: Scope
  /** What the charge point cannot be heard during: the time the service is waited for. */
  readonly during?: (work: Promise<Verdict>) => Promise<Verdict>
}

export interface Verdict {
  readonly idTagInfo: IdTagInfo
  /** `absence` = the external service did not answer and what holds then decided; `pace` = too many were asked about; `nobody` = no policy knows the tag. */
  readonly by: Policy | 'absence' | 'pace' | 'nobody'
  /** Somebody outside was waited for. */
  readonly waited: boolean
}

export interface Authoriser {
  authorise(question: Question): Promise<Verdict>
  /** A transaction runs with this tag; told again after a restart. */
  started(idTag: string, place: Place, transactionId: number): void
  stopped(transactionId: number): void
  cacheOf(scope: Scope): AuthorisationCache
  /** What we allow one of our own tags per transaction. */
  limitsOf(idTag: string): IdTag['limits']
}

export interface AuthoriserOptions {
  /** Asked with the tag in lower case (CiString); see `byTag`. */
  readonly idTags: { get(lowerCase: string): IdTag | undefined }
  /** null: nobody outside is configured, which is as if it did not answer. */
  readonly external: ExternalAuthority | null
  readonly clock: Clock
  /** May one more be asked about there? Asked for `authorize` only. */
  readonly pace?: { mayAsk(at: Location): boolean }
  /** Told how the external service answered: why not, or null when it did. */
  readonly reached?: (question: Question, failure: string | null) => void
  readonly decided?: (question: Question, verdict: Verdict) => void
}

/** The lookup of a list of tags; of two spellings of the same tag the last counts. */
export function byTag(tags: readonly IdTag[]): Map<string, IdTag> {
  return new Map(tags.map((tag) => [tag.id.toLowerCase(), tag]))
}

/** Nobody knows it, or who was asked said so. */
export function isUnknown({ idTagInfo, by }: Verdict): boolean {
  return by === 'nobody' || ((by === 'external' || by === 'cache') && idTagInfo.status === 'Invalid')
}

export function createAuthoriser(options: AuthoriserOptions): Authoriser {
  const { idTags, clock, external } = options
  const running = new RunningTags()
  const caches = new WeakMap<Scope, AuthorisationCache>()
  /** The same question is asked once at a time; a start is another one than an authorize, because a tag may run elsewhere. */
  const inFlight = new Map<string, Promise<Verdict>>()

  function cacheOf(scope: Scope): AuthorisationCache {
    const cache = caches.get(scope) ?? new AuthorisationCache(scope)
    caches.set(scope, cache)
    return cache
  }

  function local({ idTag, clientID, siteID, connectorId, reason }: Question): IdTagInfo | null {
    const tag = idTags.get(idTag.toLowerCase())
    if (tag === undefined) return null
    const info = judgeTag(tag, { clientID, siteID }, clock.wall())
    const elsewhere = reason === 'start' && tag.concurrent !== true && running.elsewhere(tag.id, { clientID, connectorId: connectorId ?? 0 })
    return info.status === 'Accepted' && elsewhere ? { ...info, status: 'ConcurrentTx' } : info
  }

  function known(question: Question, ttlS: number): IdTagInfo | null {
    return cacheOf(question.scope).get(question.clientID, question.idTag, clock.wall(), ttlS)
  }

  function absent(question: Question, failure: string): Verdict {
    options.reached?.(question, failure)
    const { authorisationUnreachable: rule } = question.rules
    const idTagInfo = rule === 'accept' ? { status: 'Accepted' as const } : rule === 'cache' ? known(question, Infinity) : null
    return { idTagInfo: idTagInfo ?? { status: 'Invalid' }, by: 'absence', waited: true }
  }

  async function ask(question: Question): Promise<Verdict> {
    const { idTag, clientID, siteID, connectorId, reason, scope } = question
    if (external === null) return absent(question, 'no authorisationService is configured')
    const answer = await external.ask({ clientID, ...(connectorId === undefined ? {} : { connectorId }), idTag, siteID, at: new Date(clock.wall()).toISOString(), reason })
    if ('failure' in answer) return absent(question, answer.failure)
    options.reached?.(question, null)
    cacheOf(scope).put(clientID, idTag, answer.idTagInfo, clock.wall())
    return { idTagInfo: answer.idTagInfo, by: 'external', waited: true }
  }

  function askOnce(question: Question): Promise<Verdict> {
    const { clientID, idTag, reason, connectorId = '' } = question
    const key = `${clientID.toLowerCase()}\n${idTag.toLowerCase()}\n${reason}\n${connectorId}`
    const joined = inFlight.get(key) ?? ask(question).finally(() => inFlight.delete(key))
    inFlight.set(key, joined)
    return joined
  }

  async function decide(question: Question): Promise<Verdict> {
    if (question.reason === 'authorize' && options.pace?.mayAsk(question) === false) return { idTagInfo: { status: 'Invalid' }, by: 'pace', waited: false }
    const { authorisation: policies, authorisationCacheTtlS: ttlS } = question.rules
    for (const policy of policies) {
      if (policy === 'external' && question.repeated !== true) return external === null || question.during === undefined ? askOnce(question) : question.during(askOnce(question))
      const idTagInfo = policy === 'local' ? local(question)
        : policy === 'accept-all' ? { status: 'Accepted' as const }
        : known(question, policy === 'cache' && question.repeated !== true ? ttlS : Infinity)
      if (idTagInfo !== null) return { idTagInfo, by: policy, waited: false }
    }
    return { idTagInfo: { status: 'Invalid' }, by: 'nobody', waited: false }
  }

  return {
    async authorise(question) {
      const verdict = await decide(question)
      options.decided?.(question, verdict)
      return verdict
    },
    started: (idTag, place, transactionId) => running.started(idTag, place, transactionId),
    stopped: (transactionId) => running.stopped(transactionId),
    cacheOf,
    limitsOf: (idTag) => idTags.get(idTag.toLowerCase())?.limits,
  }
}
