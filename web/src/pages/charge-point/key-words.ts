// What became of a change to a configuration key, in words, and what a value of it may be.
import type { ConfigurationView } from '../../../../src/actors/configuration-view.ts'

type Key = ConfigurationView['keys'][number]
export type KeyStatus = NonNullable<Key['status']>

const outcomes: Readonly<Record<KeyStatus, { readonly mark: 'ok' | 'bad' | 'warning' | 'waiting'; readonly words: string }>> = {
  Accepted: { mark: 'ok', words: 'accepted' },
  Rejected: { mark: 'bad', words: 'rejected by the charge point' },
  RebootRequired: { mark: 'warning', words: 'accepted, and holds after its next restart' },
  NotSupported: { mark: 'bad', words: 'the charge point does not know this key' },
  TimedOut: { mark: 'bad', words: 'the charge point did not answer in time' },
  Failed: { mark: 'bad', words: 'could not be sent or was not understood' },
  Queued: { mark: 'waiting', words: 'waits for the charge point to be back' },
}
export const keyOutcome = (status: KeyStatus) => outcomes[status]

export function expectedValue({ standard }: Pick<Key, 'standard'>): string {
  if (standard === null) return 'Text; what it means is up to its vendor.'
  const kinds = { bool: 'true or false', int: `a whole number${standard.unit === undefined ? '' : `, in ${standard.unit}`}`, csl: 'a list separated by commas', string: 'text' }
  return `${standard.description} ${kinds[standard.type][0]?.toUpperCase() ?? ''}${kinds[standard.type].slice(1)}.`
}
