// Takes an id tag out of the records of one site: transactions, orphans, reservations, commands, and what a service once said of it.
import { asRecord } from '../sessions/record.ts'
import { commandRecordSchema } from './command-record.ts'
import { reasonWithoutTag, withoutTag } from './erased-tag.ts'
import type { Estate } from './estate.ts'
import { reservationRecordSchema } from './reservation-record.ts'
import type { Scope } from './scope.ts'
import { asidePrefix } from './set-aside.ts'

/** How many records of each kind. */
export interface Erased {
  readonly idTags: number
  /** Tags that had it as their parent. */
  readonly groupMembers: number
  readonly cachedAnswers: number
  readonly transactions: number
  readonly orphans: number
  readonly reservations: number
  readonly commands: number
  readonly messages: number
}

/** Puts what changes, also where it is held in memory; the caller makes it durable. */
export function eraseInScope(estate: Estate, scope: Scope, idTag: string, name: string): Partial<Erased> {
  const open = [...estate.sites.values()].some((site) => site.scope === scope)
  const plain = (prefix: string): number => each(scope, prefix, idTag, name, (key, value) => scope.put(key, value))
  // Nobody restores these: they are looked at by people who mend.
  plain(asidePrefix)
  change(scope, asidePrefix, (value) => (holdsText(value) && value.text.toLowerCase().includes(idTag.toLowerCase()) ? { ...value, text: name } : value), (key, value) => scope.put(key, value))
  plain('request:')
  return {
    cachedAnswers: forgetAnswers(scope, idTag),
    orphans: change(scope, 'orphan:', (value) => reasonWithoutTag(withoutTag(value, idTag, name), idTag, name), (key, value) => scope.put(key, value)),
    transactions: each(scope, 'tx:', idTag, name, (key, value) => {
      scope.put(key, value)
      const record = asRecord(value)
      const tally = record === null ? undefined : estate.point(record.clientID)?.family?.station.tallies.find(record.id)
      if (record !== null && tally !== undefined) tally.record = withoutTag(tally.record, idTag, name)
    }),
    reservations: each(scope, 'reservation:', idTag, name, (key, value) => {
      const record = reservationRecordSchema.safeParse(value).data
      if (open && record !== undefined) estate.reservations.put(record, scope)
      else scope.put(key, value)
    }),
    commands: each(scope, 'command:', idTag, name, (key, value) => {
      const record = commandRecordSchema.safeParse(value).data
      if (open && record !== undefined) estate.commands.put(record, scope)
      else scope.put(key, value)
    }),
  }
}

/** In the words of people, of why they did something. */
export function eraseInReasons(scope: Scope, prefix: string, idTag: string, name: string): void {
  change(scope, prefix, (value) => reasonWithoutTag(value, idTag, name), (key, value) => scope.put(key, value))
}

/** Text that could not be read: with the tag in it, all of it goes. */
function holdsText(value: unknown): value is { readonly text: string } {
  return typeof value === 'object' && value !== null && 'text' in value && typeof value.text === 'string'
}

function each(scope: Scope, prefix: string, idTag: string, name: string, put: (key: string, value: unknown) => void): number {
  return change(scope, prefix, (value) => withoutTag(value, idTag, name), put)
}

/** Answers how many it has changed. */
function change(scope: Scope, prefix: string, how: (value: unknown) => unknown, put: (key: string, value: unknown) => void): number {
  let changed = 0
  for (const [key, value] of scope.entries(prefix)) {
    const after = how(value)
    if (after === value) continue
    put(key, after)
    changed++
  }
  return changed
}

/** What is said of nobody helps nobody: it goes. */
function forgetAnswers(scope: Scope, idTag: string): number {
  let gone = 0
  for (const [key, value] of scope.entries('authorised:')) {
    const answers = typeof value === 'object' && value !== null && 'answers' in value && Array.isArray(value.answers) ? value.answers as unknown[] : []
    const kept = answers.filter((answer) => withoutTag(answer, idTag, '') === answer)
    if (kept.length === answers.length) continue
    scope.put(key, { ...(value as object), answers: kept })
    gone += answers.length - kept.length
  }
  return gone
}
