// A delivery of a webhook in words: how it stands, what was answered, what comes next.
import type { DeliveryView } from '../../../../src/actors/webhook-record.ts'
import { duration } from '../../data/words.ts'

type MarkKind = 'ok' | 'bad' | 'waiting' | 'warning'

export function deliveryState({ status, attempts, nextAttemptAt }: Pick<DeliveryView, 'status' | 'attempts' | 'nextAttemptAt'>, nowMs: number): { readonly mark: MarkKind; readonly words: string } {
  if (status === 'delivered') return { mark: 'ok', words: 'delivered' }
  if (status === 'failed') return { mark: 'bad', words: 'given up' }
  const inS = nextAttemptAt === null ? 0 : (Date.parse(nextAttemptAt) - nowMs) / 1000
  if (attempts === 0) return { mark: 'waiting', words: 'waits its turn' }
  return { mark: 'warning', words: inS > 1 ? `tried again in ${duration(inS)}` : 'tried again now' }
}

/** Of the last attempt. */
export function deliveryAnswer({ attempts, responseStatus, error }: Pick<DeliveryView, 'attempts' | 'responseStatus' | 'error'>): string {
  if (attempts === 0) return ''
  if (error === null) return responseStatus === null ? 'none' : String(responseStatus)
  return responseStatus === null || error.includes(String(responseStatus)) ? error : `${responseStatus}: ${error}`
}
