// The tariffs we know, every version of each for ever: kept in the scope of what belongs to no site, changed one after the other.
import { z } from 'zod'
import type { Log } from '../log.ts'
import { tariffSchema, tariffVersionSchema, type Tariff, type TariffVersion } from '../sessions/tariff.ts'
import { Refusal, type Caller, type Versioned } from './house.ts'
import { write } from './records.ts'
import type { Scope } from './scope.ts'

/** As it is written by people. */
export const tariffInputSchema = tariffSchema
/** As a transaction keeps it. */
export const tariffVersionView = tariffVersionSchema
/** As it is shown: one version of it, and who made that. */
export const tariffViewSchema = tariffVersionSchema.extend({ changedAt: z.iso.datetime(), changedBy: z.string() })
export type TariffView = z.output<typeof tariffViewSchema>
/** A tariff as it was from one change to the next. */
export type KeptTariff = Versioned<TariffVersion>

export interface TariffFace {
  /** By id. */
  list(): readonly KeptTariff[]
  /** As it is now, or as that version had it: that one may be of a tariff that was removed. Throws Refusal not-found `unknown-tariff` or `unknown-tariff-version`. */
  get(id: string, version?: number): KeptTariff
  /** Undefined when there is none now. */
  find(id: string): KeptTariff | undefined
  /** Newest first. */
  versions(id: string): readonly KeptTariff[]
  /** Creates or replaces; the same content is the same version. Refused (conflict) beyond 1,000 tariffs or 20,000 versions. */
  put(tariff: Tariff, caller: Caller): Promise<{ readonly created: boolean; readonly tariff: KeptTariff }>
  /** Its versions stay. Refused (conflict, `tariff-in-use`) while something names it. */
  remove(id: string): Promise<void>
}

export const versionSchema = z.object({ v: z.literal(1), version: z.int().positive(), changedAt: z.string(), changedBy: z.string(), tariff: tariffSchema })
export const currentSchema = z.object({ v: z.literal(1), current: z.int().positive() })
const prefix = 'tariff:'
const mostTariffs = 1_000
const mostVersions = 20_000

export interface TariffOptions {
  readonly scope: Scope
  readonly log: Log
  readonly wallMs: () => number
  /** Who names it now, in words. */
  readonly usersOf: (id: string) => readonly string[]
}

export class TariffShelf implements TariffFace {
  private readonly options: TariffOptions
  /** By id, oldest first. */
  private readonly kept = new Map<string, KeptTariff[]>()
  /** Which version holds; one that was removed has none. */
  private readonly current = new Map<string, number>()
  private count = 0
  private last: Promise<unknown> = Promise.resolve()

  constructor(options: TariffOptions) {
    this.options = options
    for (const [key, value] of options.scope.entries(prefix)) {
      const [id = '', version] = key.slice(prefix.length).split('@')
      const read = version === undefined ? currentSchema.safeParse(value) : versionSchema.safeParse(value)
      if (!read.success) options.log.warn({ tariff: id }, 'a tariff on record cannot be read and is ignored')
      else if ('current' in read.data) this.current.set(id, read.data.current)
      else this.hold(read.data)
    }
    for (const versions of this.kept.values()) versions.sort((a, b) => a.version - b.version)
  }

  list(): readonly KeptTariff[] {
    return [...this.current.keys()].flatMap((id) => this.find(id) ?? []).toSorted((a, b) => (a.value.id < b.value.id ? -1 : 1))
  }

  find(id: string): KeptTariff | undefined {
    const version = this.current.get(id)
    return version === undefined ? undefined : this.kept.get(id)?.find((one) => one.version === version)
  }

  get(id: string, version?: number): KeptTariff {
    const found = version === undefined ? this.find(id) : this.versions(id).find((one) => one.version === version)
    if (found !== undefined) return found
    if (version === undefined) throw this.unknown(id)
    throw new Refusal('not-found', 'unknown-tariff-version', `The tariff ${id} has no version ${version}.`, { hint: `GET /api/v1/tariffs/${encodeURIComponent(id)}/versions lists them.` })
  }

  versions(id: string): readonly KeptTariff[] {
    const versions = this.kept.get(id)
    if (versions === undefined) throw this.unknown(id)
    return versions.toReversed()
  }

  put(tariff: Tariff, caller: Caller): Promise<{ readonly created: boolean; readonly tariff: KeptTariff }> {
    return this.alone(async () => {
      const created = !this.current.has(tariff.id)
      const { after, changes } = this.changesFor(tariff, caller.name)
      if (Object.keys(changes).length > 0) await write(this.options.scope, changes)
      this.take(after)
      return { created, tariff: after }
    })
  }

  remove(id: string): Promise<void> {
    return this.alone(async () => {
      const version = this.current.get(id)
      if (version === undefined) throw this.unknown(id)
      const users = this.options.usersOf(id)
      if (users.length > 0) throw new Refusal('conflict', 'tariff-in-use', `The tariff ${id} is used by ${listed(users)}.`, { hint: 'Give them another tariff first; transactions that have begun keep theirs.' })
      // Nobody finds it while it goes.
      this.current.delete(id)
      try {
        await write(this.options.scope, { [prefix + id]: null })
      } catch (error) {
        this.current.set(id, version)
        throw error
      }
    })
  }

  /** Whoever is about to name a tariff checks and writes in here: none that is being named goes meanwhile. */
  naming<T>(write: () => Promise<T>): Promise<T> {
    return this.alone(write)
  }

  /** What the file says counts over what is stored, at every start; put, not yet durable. */
  provision(tariffs: readonly Tariff[], by: string): void {
    for (const tariff of tariffs) {
      const { after, changes } = this.changesFor(tariff, by)
      for (const [key, value] of Object.entries(changes)) this.options.scope.put(key, value)
      this.take(after)
    }
  }

  private changesFor(given: Tariff, by: string): { after: KeptTariff; changes: Record<string, unknown> } {
    const tariff = inOrder(given)
    const newest = this.kept.get(tariff.id)?.at(-1)
    const alive = this.current.has(tariff.id)
    const same = newest !== undefined && JSON.stringify(newest.value) === JSON.stringify({ ...tariff, version: newest.version })
    const next = (newest?.version ?? 0) + 1
    const after = same ? newest : { version: next, changedAt: new Date(this.options.wallMs()).toISOString(), changedBy: by, value: { ...tariff, version: next } }
    if (!alive && this.current.size >= mostTariffs) throw new Refusal('conflict', 'too-many-tariffs', `At most ${mostTariffs} tariffs are kept.`, { hint: 'Remove some first.' })
    if (!same && this.count >= mostVersions) throw new Refusal('conflict', 'too-many-tariff-versions', `At most ${mostVersions} versions of tariffs are kept.`, { hint: 'Versions are never forgotten; use another installation, or ask for a larger bound.' })
    const { version, changedAt, changedBy } = after
    return {
      after,
      changes: {
        ...(same ? {} : { [`${prefix}${tariff.id}@${version}`]: { v: 1, version, changedAt, changedBy, tariff } }),
        ...(this.current.get(tariff.id) === version ? {} : { [prefix + tariff.id]: { v: 1, current: version } }),
      },
    }
  }

  private take(after: KeptTariff): void {
    const { id } = after.value
    if (this.kept.get(id)?.at(-1) !== after) this.push(after)
    this.current.set(id, after.version)
  }

  private hold({ version, changedAt, changedBy, tariff }: z.output<typeof versionSchema>): void {
    this.push({ version, changedAt, changedBy, value: { ...inOrder(tariff), version } })
  }

  private push(version: KeptTariff): void {
    this.count++
    const { id } = version.value
    const versions = this.kept.get(id)
    if (versions === undefined) this.kept.set(id, [version])
    else versions.push(version)
  }

  private unknown(id: string): Refusal {
    return new Refusal('not-found', 'unknown-tariff', `There is no tariff ${id}${this.kept.has(id) ? ' any more' : ''}.`, { hint: 'GET /api/v1/tariffs lists them.' })
  }

  /** One change at a time, so that each sees what the one before has made of it. */
  private alone<T>(change: () => Promise<T>): Promise<T> {
    const mine = this.last.then(change)
    this.last = mine.catch(() => undefined)
    return mine
  }
}

const mostListed = 10

function listed(users: readonly string[]): string {
  const shown = users.slice(0, mostListed).join(', ')
  return users.length > mostListed ? `${shown} and ${users.length - mostListed} more` : shown
}

const fields = Object.keys(tariffSchema.shape) as (keyof Tariff)[]

export function tariffView({ value, changedAt, changedBy }: KeptTariff): TariffView {
  return { ...value, changedAt, changedBy }
}

/** Equal tariffs are equal texts; checked they are already. */
function inOrder(tariff: Tariff): Tariff {
  return Object.fromEntries(fields.flatMap((field) => (tariff[field] === undefined ? [] : [[field, tariff[field]]]))) as Tariff
}
