// A commissioning check in words: its steps, how each stands, and what they come to.
import type { CheckView } from '../../../../src/actors/commissioning/check-face.ts'
import { duration } from '../../data/words.ts'

type Step = CheckView['steps'][number]
type MarkKind = 'ok' | 'bad' | 'warning' | 'waiting' | 'unknown' | 'info'

const names: Readonly<Record<Step['id'], string>> = {
  boot: 'It introduces itself', clock: 'Its clock', security: 'Its password and connection', configuration: 'Its configuration and what it measures', profiles: 'It takes charging profiles', limit: 'It follows a limit',
}
export const stepName = (id: Step['id']): string => names[id]

const states: Readonly<Record<Step['state'], { readonly mark: MarkKind; readonly words: string }>> = {
  pending: { mark: 'unknown', words: 'not yet' }, running: { mark: 'waiting', words: 'looking' }, passed: { mark: 'ok', words: 'good' }, warning: { mark: 'warning', words: 'look at this' }, failed: { mark: 'bad', words: 'failed' }, skipped: { mark: 'info', words: 'left out' },
}
export const stepState = (state: Step['state']) => states[state]

const verdicts: Readonly<Record<NonNullable<CheckView['verdict']>, { readonly mark: MarkKind; readonly words: string }>> = {
  'passed': { mark: 'ok', words: 'Ready: everything that was looked at is as it should be.' },
  'passed-with-warnings': { mark: 'warning', words: 'It can be used; something should be looked at.' },
  'failed': { mark: 'bad', words: 'Not ready: mend what failed and check again.' },
  'incomplete': { mark: 'unknown', words: 'Not all could be looked at; what could is good.' },
}

/** How it stands as a whole. */
export function verdictOf({ state, verdict }: Pick<CheckView, 'state' | 'verdict'>): { readonly mark: MarkKind; readonly words: string } {
  if (verdict !== null) return verdicts[verdict]
  return state === 'running' ? { mark: 'waiting', words: 'It is being checked …' } : { mark: 'unknown', words: 'It was ended before it was through.' }
}

/** How long a step took, where it has ended. */
export const took = ({ startedAt, endedAt }: Pick<Step, 'startedAt' | 'endedAt'>): string => (startedAt === null || endedAt === null ? '' : duration((Date.parse(endedAt) - Date.parse(startedAt)) / 1000))
