// What the outcome of a SetChargingProfile says: taken, refused and how, open, or never sent.
import type { CallOutcome } from '../protocol/session.ts'
import type { Refused } from './negotiation.ts'

// These say that the request was not carried out; any other error leaves it open.
const errors: Readonly<Record<string, Refused>> = {
  NotImplemented: 'unsupported', NotSupported: 'unsupported', SecurityError: 'forbidden', ProtocolError: 'rejected', FormationViolation: 'rejected', PropertyConstraintViolation: 'rejected',
  OccurenceConstraintViolation: 'rejected', OccurrenceConstraintViolation: 'rejected', TypeConstraintViolation: 'rejected',
}

type Verdict = { readonly is: 'accepted' | 'open' | 'unsent'; readonly why: string } | { readonly is: Refused; readonly why: string }

export function verdictOf(outcome: CallOutcome): Verdict {
  switch (outcome.type) {
    case 'result': {
      const status = statusOf(outcome.payload)
      return { is: status === 'Accepted' ? 'accepted' : status === 'NotSupported' ? 'unsupported' : 'rejected', why: status }
    }
    case 'error':
      return { is: errors[outcome.code] ?? 'open', why: `${outcome.code} ${outcome.description}`.trim() }
    case 'timed-out':
    case 'disconnected':
      return { is: 'open', why: '' }
    case 'dropped':
      return { is: 'unsent', why: '' }
  }
}

export function statusOf(payload: unknown): string {
  return typeof payload === 'object' && payload !== null && 'status' in payload && typeof payload.status === 'string' ? payload.status : 'no status'
}
