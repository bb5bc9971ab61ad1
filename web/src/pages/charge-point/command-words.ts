// How a command stands, in words.
import type { CommandView } from '../../../../src/actors/command-record.ts'

const words: Readonly<Record<CommandView['status'], { readonly mark: 'ok' | 'bad' | 'warning' | 'waiting'; readonly words: string }>> = {
  'queued': { mark: 'waiting', words: 'waits to be sent' },
  'sent': { mark: 'waiting', words: 'sent, no answer yet' },
  'accepted': { mark: 'ok', words: 'accepted' },
  'rejected': { mark: 'bad', words: 'rejected by the charge point' },
  'failed': { mark: 'bad', words: 'failed' },
  'timed-out': { mark: 'bad', words: 'no answer in time' },
  'expired': { mark: 'warning', words: 'expired before it could be sent' },
  'cancelled': { mark: 'warning', words: 'cancelled' },
}
export const commandState = (status: CommandView['status']) => words[status]

/** The charge point's own word, short: `Accepted`, or what went wrong. */
export function answerOf({ response, error }: Pick<CommandView, 'response' | 'error'>): string {
  if (error !== null) return [error.code, error.description].filter((text) => typeof text === 'string' && text !== '').join(': ')
  if (typeof response !== 'object' || response === null) return ''
  const { status } = response as { status?: unknown }
  if (typeof status === 'string') return status
  const [only, ...others] = Object.entries(response)
  return only !== undefined && others.length === 0 && typeof only[1] !== 'object' ? `${only[0]}: ${String(only[1])}` : ''
}

export const hasEnded = ({ status }: Pick<CommandView, 'status'>): boolean => status !== 'queued' && status !== 'sent'
