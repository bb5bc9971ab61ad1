// All that decides about id tags in one process: our own tags, the policies, and the alerts about them.
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { Alerts } from './alerts.ts'
import { AskingPace } from './asking-pace.ts'
import { createAuthoriser, isUnknown, type Authoriser, type Question } from './authorise.ts'
import type { ExternalAuthority } from './external-authoriser.ts'
import { IdTagShelf, type IdTagOptions, type StoredTag } from './id-tags.ts'
import type { Scope } from './scope.ts'
import { UnknownTags } from './unknown-tags.ts'

export interface Authorisation {
  readonly idTags: IdTagShelf
  readonly authoriser: Authoriser
  /** Nothing is due any more. */
  stop(): void
}

export interface AuthorisationOptions {
  /** Where the tags are kept. */
  readonly scope: Scope
  readonly clock: Clock
  readonly log: Log
  readonly alerts: Alerts
  /** What the file says; it wins over what is stored. Put, not yet durable. */
  readonly provision: readonly StoredTag[]
  readonly external: ExternalAuthority | null
  readonly pause: IdTagOptions['pause']
  readonly check?: NonNullable<IdTagOptions['check']>
  readonly naming?: NonNullable<IdTagOptions['naming']>
}

/** Restores the tags. */
export function openAuthorisation({ scope, clock, log, alerts, provision, external, pause, check, naming }: AuthorisationOptions): Authorisation {
  const idTags = new IdTagShelf({ scope, log, wallMs: () => clock.wall(), pause, ...(check === undefined ? {} : { check }), ...(naming === undefined ? {} : { naming }) })
  idTags.provision(provision, 'kwota.yaml')
  const unknown = new UnknownTags(alerts, clock)
  const pace = new AskingPace(alerts, clock)
  const failing = new Set<string>()
  idTags.changed$.subscribe((ids) => { for (const id of ids) if (idTags.tag(id) !== undefined) unknown.known(id) })

  function reached({ siteID }: Question, failure: string | null): void {
    if (failing.has(siteID) === (failure !== null)) return
    if (failure === null) failing.delete(siteID)
    else failing.add(siteID)
    log.warn({ siteID, ...(failure === null ? {} : { failure }) }, failure === null ? 'the authorisation service answers again' : 'the authorisation service does not answer')
    alerts.set({ code: 'authorisation-unreachable', siteID }, failure === null ? null : `The authorisation service does not answer: ${failure}. What authorisationUnreachable says holds until it does.`, clock.wall())
  }

  const authoriser = createAuthoriser({
    idTags: { get: (lowerCase) => idTags.tag(lowerCase) }, external, clock, reached, pace,
    decided(question, verdict) {
      if (isUnknown(verdict)) {
        if (question.reason === 'start') unknown.started(question)
      } else if (verdict.by !== 'absence' && verdict.by !== 'pace') unknown.known(question.idTag)
    },
  })
  return { idTags, authoriser, stop() { unknown.stop(); pace.stop() } }
}
