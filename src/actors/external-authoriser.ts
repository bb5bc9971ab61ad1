// Asks the operator's own service whether an id tag may charge: believed only when its answer can be read.
import { z } from 'zod'
import type { Clock } from '../clock.ts'
import type { Outgoing } from '../outgoing.ts'
import { readDateTime, type IdTagInfo } from '../protocol/messages/index.ts'

export interface ExternalQuestion {
  readonly clientID: string
  readonly connectorId?: number
  readonly idTag: string
  readonly siteID: string
  readonly at: string
  readonly reason: 'authorize' | 'start' | 'stop'
}

export interface ExternalAuthority {
  /** Never rejects: `failure` says why there is no answer. */
  ask(question: ExternalQuestion): Promise<{ readonly idTagInfo: IdTagInfo } | { readonly failure: string }>
}

export interface ExternalOptions {
  readonly url: string
  /** `whsec_` and base64, or any text; absent = not signed. */
  readonly secret?: string | undefined
  readonly timeoutS: number
  readonly outgoing: Outgoing
  readonly clock: Pick<Clock, 'wall'>
}

const answerSchema = z.object({
  status: z.enum(['Accepted', 'Blocked', 'Expired', 'Invalid', 'ConcurrentTx']),
  expiryDate: z.string().refine((text) => readDateTime(text) !== undefined, 'not a date-time').nullish(),
  parentIdTag: z.string().min(1).max(20).nullish(),
})

/** The service of kwota.yaml's `authorisationService`. */
export function createExternalAuthority({ outgoing, clock, url, secret, timeoutS }: ExternalOptions): ExternalAuthority {
  return {
    async ask(question) {
      try {
        return { idTagInfo: readAnswer(await outgoing({ url, secret, timeoutS, kind: 'auth', payload: question, trusted: true }), clock.wall()) }
      } catch (error) {
        return { failure: error instanceof Error ? error.message : String(error) }
      }
    },
  }
}

function readAnswer(value: unknown, nowMs: number): IdTagInfo {
  const answer = answerSchema.safeParse(value)
  if (!answer.success) throw new Error(`its answer is no idTagInfo: ${answer.error.issues[0]?.path.join('/') ?? ''} ${answer.error.issues[0]?.message ?? ''}`)
  const { status, expiryDate, parentIdTag } = answer.data
  const over = typeof expiryDate === 'string' && (readDateTime(expiryDate) ?? -Infinity) <= nowMs
  return {
    ...(typeof expiryDate === 'string' ? { expiryDate } : {}), ...(typeof parentIdTag === 'string' ? { parentIdTag } : {}),
    status: status === 'Accepted' && over ? 'Expired' : status,
  }
}
