// Charging profiles to be used again: kept in the scope of what belongs to no site, sent to whom one pleases.
import { z } from 'zod'
import { profileFault } from '../profiles/check.ts'
import { givenProfileSchema } from './given-profile.ts'
import { Refusal, type Caller, type Versioned } from './house.ts'
import { write } from './records.ts'
import type { Scope } from './scope.ts'

export const profileTemplateSchema = z.strictObject({
  id: z.string().min(1).max(48).regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'letters, digits, dot, dash and underscore only, beginning with a letter or digit'),
  name: z.string().max(200).exactOptional(),
  /** A transaction is never named: a TxProfile is for the one that runs on the connector where it is used. */
  chargingProfile: givenProfileSchema.omit({ transactionId: true }),
})
export type ProfileTemplate = Readonly<z.output<typeof profileTemplateSchema>>

export const recordSchema = z.object({ v: z.literal(1), version: z.int().positive(), changedAt: z.string(), changedBy: z.string(), template: profileTemplateSchema })
type TemplateRecord = Readonly<z.output<typeof recordSchema>>

export interface TemplateFace {
  /** By id. */
  list(): readonly Versioned<ProfileTemplate>[]
  get(id: string): Versioned<ProfileTemplate>
  /** Undefined when there is none. */
  find(id: string): Versioned<ProfileTemplate> | undefined
  /** For a template named in a body: throws Refusal invalid `unknown-profile-template`. */
  named(id: string): ProfileTemplate
  /** Creates or replaces. Refused (invalid, `invalid-profile`) with the place of the fault, and beyond 1,000 (conflict, `too-many-profile-templates`). */
  put(template: ProfileTemplate, caller: Caller): Promise<{ readonly created: boolean; readonly template: Versioned<ProfileTemplate> }>
  remove(id: string): Promise<void>
}

const prefix = 'profile-template:'
const mostTemplates = 1_000
const hint = 'GET /api/v1/charging-profile-templates lists them.'

export class TemplateShelf implements TemplateFace {
  private readonly scope: Scope
  private readonly wallMs: () => number
  private readonly records = new Map<string, TemplateRecord>()
  private last: Promise<unknown> = Promise.resolve()

  constructor(scope: Scope, wallMs: () => number) {
    this.scope = scope
    this.wallMs = wallMs
    for (const [key, value] of scope.entries(prefix)) {
      const parsed = recordSchema.safeParse(value)
      if (parsed.success) this.records.set(key.slice(prefix.length), parsed.data)
    }
  }

  list(): readonly Versioned<ProfileTemplate>[] {
    return [...this.records.values()].map(versioned).toSorted((a, b) => (a.value.id < b.value.id ? -1 : 1))
  }

  find(id: string): Versioned<ProfileTemplate> | undefined {
    const record = this.records.get(id)
    return record === undefined ? undefined : versioned(record)
  }

  get(id: string): Versioned<ProfileTemplate> {
    const found = this.find(id)
    if (found === undefined) throw unknown(id)
    return found
  }

  named(id: string): ProfileTemplate {
    const found = this.find(id)
    if (found === undefined) throw new Refusal('invalid', 'unknown-profile-template', `There is no charging profile template ${id}.`, { hint, errors: [{ pointer: '/templateId', message: `there is no template ${id}` }] })
    return found.value
  }

  put(template: ProfileTemplate, caller: Caller): Promise<{ readonly created: boolean; readonly template: Versioned<ProfileTemplate> }> {
    const fault = profileFault({ ...template.chargingProfile, chargingProfileId: template.chargingProfile.chargingProfileId ?? 0 })
    if (fault !== null) {
      const pointer = `/chargingProfile${fault.pointer}`
      return Promise.reject(new Refusal('invalid', 'invalid-profile', `${pointer}: ${fault.message}.`, { errors: [{ pointer, message: fault.message }] }))
    }
    return this.alone(async () => {
      const before = this.records.get(template.id)
      if (before === undefined && this.records.size >= mostTemplates) throw new Refusal('conflict', 'too-many-profile-templates', `At most ${mostTemplates} charging profile templates are kept.`, { hint: 'Remove some first.' })
      const record: TemplateRecord = { v: 1, version: (before?.version ?? 0) + 1, changedAt: new Date(this.wallMs()).toISOString(), changedBy: caller.name, template }
      await write(this.scope, { [prefix + template.id]: record })
      this.records.set(template.id, record)
      return { created: before === undefined, template: versioned(record) }
    })
  }

  remove(id: string): Promise<void> {
    return this.alone(async () => {
      if (!this.records.has(id)) throw unknown(id)
      await write(this.scope, { [prefix + id]: null })
      this.records.delete(id)
    })
  }

  /** One change at a time, so that each sees what the one before has made of it. */
  private alone<T>(change: () => Promise<T>): Promise<T> {
    const mine = this.last.then(change)
    this.last = mine.catch(() => undefined)
    return mine
  }
}

function versioned({ version, changedAt, changedBy, template }: TemplateRecord): Versioned<ProfileTemplate> {
  return { version, changedAt, changedBy, value: template }
}

function unknown(id: string): Refusal {
  return new Refusal('not-found', 'unknown-profile-template', `There is no charging profile template ${id}.`, { hint })
}
