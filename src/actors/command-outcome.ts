// What the outcome of a CALL says about its command: how it ended, what is kept of it, and what follows.
import type { CallOutcome } from '../protocol/session.ts'
import type { CommandEnd } from './command.ts'
import { endOf, withoutSecrets, type CommandRecord } from './command-record.ts'
import type { Refusal } from './house.ts'

export interface Verdict {
  readonly end: CommandEnd
  readonly changes: Partial<Pick<CommandRecord, 'response' | 'error'>>
  readonly follows: 'answered' | 'error' | 'timed-out' | 'unsent'
}

/** `refusal` = why we withdrew it as it was about to leave. */
export function judgeOutcome(action: string, outcome: CallOutcome, refusal: Refusal | null): Verdict {
  const failed = (follows: Verdict['follows'], code: string, description: string): Verdict => ({ end: 'failed', changes: { error: { code, description } }, follows })
  switch (outcome.type) {
    case 'result': {
      const response = outcome.payload as Record<string, unknown>
      return { end: endOf(action, response), changes: { response: withoutSecrets(action, response) }, follows: 'answered' }
    }
    case 'error':
      return failed('error', outcome.code, outcome.description)
    case 'timed-out':
      return { ...failed('timed-out', 'timed-out', 'no answer in time; it may be carried out all the same'), end: 'timed-out' }
    case 'disconnected':
      return failed('timed-out', 'disconnected', 'the connection ended before the answer; it may have been carried out')
    case 'dropped':
      return refusal === null ? failed('unsent', outcome.reason, outcome.reason === 'not-owner' ? 'it was not sent: nobody could say whether this site still belongs to this process' : 'it could not be sent') : failed('unsent', refusal.code, refusal.message)
  }
}
