// The quirk book: how charge points of a vendor, model and firmware want their profiles, learnt from them or given by people.
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { Refusal, type Caller, type Versioned } from './house.ts'
import { quirksIn, type Learnt } from './learnt.ts'
import type { ModelQuirks } from './lore.ts'
import { write } from './records.ts'
import type { Scope } from './scope.ts'

/** As BootNotification says it; no firmware = ''. Compared without regard to case. */
export interface Model { readonly vendor: string; readonly model: string; readonly firmware: string }

const level = z.int().min(0).max(1_000_000)
/** What people may say of a model. */
export const givenQuirksSchema = z.strictObject({
  vendor: z.string().min(1).max(255),
  model: z.string().min(1).max(255),
  firmware: z.string().max(255).default(''),
  unit: z.enum(['A', 'W']).default('A').describe('The unit of its limits.'),
  ladder: z.enum(['tx', 'default', 'connector-0', 'max-0']).default('tx')
    .describe('Where a car\'s limit goes: TxProfile on its connector; TxDefaultProfile on its connector; TxDefaultProfile on connector 0; ChargePointMaxProfile on connector 0.'),
  stackLevel: level.nullable().default(null).describe('The highest it takes, until it says its own; null = not known.'),
  maxPeriods: z.int().min(1).max(1_000_000).nullable().default(null),
  pauseA: z.number().min(0).max(32).default(0).describe('What a pause is sent as: 0, or the lowest limit it takes.'),
  lease: z.boolean().default(true).describe('May a profile carry a second period (the step down when the lease ends)?'),
})
export const quirkEntrySchema = givenQuirksSchema.extend({
  id: z.string(),
  source: z.enum(['learnt', 'given']),
  learntAt: z.iso.datetime(),
  seenOn: z.int().min(0).describe('How many charge points have begun with it or added to it.'),
})
export type GivenQuirks = z.output<typeof givenQuirksSchema>
export type QuirkEntry = z.output<typeof quirkEntrySchema>

/** What one charge point said: its newest word, however often it says it. */
const wordSchema = quirkEntrySchema.pick({ unit: true, ladder: true, lease: true, stackLevel: true, maxPeriods: true }).extend({ by: z.string() })
type Word = z.output<typeof wordSchema>
export const recordSchema = z.object({
  v: z.literal(1), entry: quirkEntrySchema, version: z.int(), changedAt: z.string(), changedBy: z.string(),
  said: z.array(wordSchema).optional(),
  /** People have put it there, whatever its source. */
  vouched: z.literal(true).optional(),
})
type QuirkRecord = z.output<typeof recordSchema>

/** The oldest learnt goes for a new one. */
export const mostEntries = 1_000
const learner = 'kwota'
/** Words kept for an entry; the oldest goes. */
const mostWords = 8
/** What so many charge points have said serves others of their model; one may be wrong, or lie. */
const enough = 2

/** Of everything that is compared: readable, and unlike for whatever is unlike. */
export function entryID({ vendor, model, firmware }: Model): string {
  const parts = [vendor, model, firmware].map((part) => part.toLowerCase())
  const slug = parts.join('-').replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '').slice(0, 60)
  return `${slug}-${createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 8)}`.replace(/^-/, '')
}

/** What a boot says of the model; null = nothing that names one. */
export function modelOf(boot: Readonly<Record<string, unknown>> | null): Model | null {
  const said = (name: string): string => {
    const value = boot?.[name]
    return typeof value === 'string' ? value.trim() : ''
  }
  const model = { vendor: said('chargePointVendor'), model: said('chargePointModel'), firmware: said('firmwareVersion') }
  return model.vendor === '' || model.model === '' ? null : model
}

export class QuirkBook {
  private readonly scope: Scope
  private readonly wall: () => number
  private readonly records = new Map<string, QuirkRecord>()

  constructor(scope: Scope, wall: () => number) {
    this.scope = scope
    this.wall = wall
    for (const [, value] of scope.entries('quirk:')) {
      const parsed = recordSchema.safeParse(value)
      if (parsed.success) this.records.set(parsed.data.entry.id, parsed.data)
    }
  }

  find(model: Model): ModelQuirks | null {
    const record = this.records.get(entryID(model))
    if (record === undefined) return null
    const { entry, said = [] } = record
    const { id, unit, ladder, pauseA, lease, stackLevel, maxPeriods } = entry
    if (record.vouched === true || entry.source === 'given') return { id, quirks: { unit, ladder, pauseA, lease }, stackLevel, maxPeriods }
    const backed = (says: (word: Word) => boolean): boolean => said.filter(says).length >= enough
    if (!backed((word) => alike(word, entry))) return null
    return {
      id, quirks: { unit, ladder, pauseA, lease },
      stackLevel: backed((word) => word.stackLevel === stackLevel) ? stackLevel : null, maxPeriods: backed((word) => word.maxPeriods === maxPeriods) ? maxPeriods : null,
    }
  }

  /** By id. */
  list(): readonly Versioned<QuirkEntry>[] {
    return [...this.records.values()].map(versioned).sort((a, b) => (a.value.id < b.value.id ? -1 : 1))
  }

  get(id: string): Versioned<QuirkEntry> | undefined {
    const record = this.records.get(id)
    return record && versioned(record)
  }

  /**
   * What one charge point takes, for its model. What was refused before something else was taken (`negotiated`) overrules what stands there, unless
   * people have given it, or two others say what stands there; without a refusal nothing is known to be different, so only what is missing is added.
   * A pause is never taken over: one that refuses 0 may do so for the moment. Returns the entry's id.
   */
  teach(model: Model, learnt: Learnt, negotiated: boolean, by: string): string {
    const id = entryID(model)
    const record = this.records.get(id)
    const before = record?.entry
    const words = (record?.said ?? []).filter((word) => word.by !== by)
    const word: Word = { by, ...wayOf(quirksIn(learnt)), stackLevel: learnt.stackLevel, maxPeriods: learnt.maxPeriods ?? null }
    const counts = negotiated || before === undefined || alike(word, before)
    const said = counts ? [...words, word].slice(-mostWords) : (record?.said ?? [])
    // Alone it overrules nobody that two vouch for.
    const isBacked = before !== undefined && (record?.vouched === true || words.filter((one) => alike(one, before)).length >= enough)
    const overrules = before?.source !== 'given' && (!isBacked || words.some((one) => alike(one, word)))
    const news = learnt.model !== id
    const { unit, ladder, lease } = before === undefined || (negotiated && overrules) ? word : before
    const after: QuirkEntry = {
      id, ...(before ?? model), unit, ladder, lease, pauseA: before?.pauseA ?? 0,
      stackLevel: (overrules && negotiated ? word.stackLevel : null) ?? before?.stackLevel ?? word.stackLevel, maxPeriods: before?.maxPeriods ?? word.maxPeriods,
      source: before?.source ?? 'learnt', learntAt: before?.learntAt ?? this.now(), seenOn: (before?.seenOn ?? 0) + Number(news),
    }
    if (before !== undefined && same(before, after) && JSON.stringify(said) === JSON.stringify(record?.said ?? [])) return id
    // Only how often it was seen is no news.
    const taught = before === undefined || !same({ ...before, seenOn: 0 }, { ...after, seenOn: 0 })
    const kept = taught || record === undefined ? this.revise({ ...after, learntAt: taught ? this.now() : after.learntAt }, learner) : { ...record, entry: after }
    this.keep({ ...kept, said })
    return id
  }

  /** One more charge point begins with it. */
  begin(id: string): void {
    const record = this.records.get(id)
    if (record !== undefined) this.keep({ ...record, entry: { ...record.entry, seenOn: record.entry.seenOn + 1 } })
  }

  /** All or nothing, durable; people's word counts for charge points that are met from now on. Rejects with Refusal. */
  async put(entries: readonly QuirkEntry[], caller: Caller): Promise<void> {
    const fresh = new Set(entries.map(({ id }) => id).filter((id) => !this.records.has(id)))
    const going = this.evictable(this.records.size + fresh.size - mostEntries, new Set(entries.map(({ id }) => id)))
    const changes = new Map<string, QuirkRecord | null>([...going.map((id) => [id, null] as const), ...entries.map((entry): [string, QuirkRecord] => [entry.id, { ...this.revise(entry, caller.name), vouched: true }])])
    await this.apply(changes)
  }

  async remove(id: string): Promise<void> {
    await this.apply(new Map([[id, null]]))
  }

  private async apply(changes: ReadonlyMap<string, QuirkRecord | null>): Promise<void> {
    await write(this.scope, Object.fromEntries([...changes].map(([id, record]) => [`quirk:${id}`, record])))
    for (const [id, record] of changes) {
      if (record === null) this.records.delete(id)
      else this.records.set(id, record)
    }
  }

  private keep(record: QuirkRecord): void {
    const { id } = record.entry
    if (!this.records.has(id)) {
      const [going] = this.records.size < mostEntries ? [] : this.oldestLearnt(new Set())
      if (this.records.size >= mostEntries && going === undefined) return
      if (going !== undefined) {
        this.records.delete(going)
        this.scope.delete(`quirk:${going}`)
      }
    }
    this.records.set(id, record)
    this.scope.put(`quirk:${id}`, record)
    this.scope.flush().catch(() => undefined)
  }

  private evictable(count: number, spared: ReadonlySet<string>): string[] {
    if (count <= 0) return []
    const going = this.oldestLearnt(spared).slice(0, count)
    if (going.length < count) throw new Refusal('conflict', 'too-many-quirks', `The quirk book holds at most ${mostEntries} entries, and those that are in it were given by people.`, { hint: 'Delete entries of models that are not in use any more.' })
    return going
  }

  private oldestLearnt(spared: ReadonlySet<string>): string[] {
    return [...this.records.values()].map(({ entry }) => entry).filter(({ id, source }) => source === 'learnt' && !spared.has(id))
      .sort((a, b) => (a.learntAt < b.learntAt ? -1 : a.learntAt > b.learntAt ? 1 : a.id < b.id ? -1 : 1)).map(({ id }) => id)
  }

  private revise(entry: QuirkEntry, changedBy: string): QuirkRecord {
    const before = this.records.get(entry.id)
    return { ...before, v: 1, entry, version: (before?.version ?? 0) + 1, changedAt: this.now(), changedBy }
  }

  private now(): string {
    return new Date(this.wall()).toISOString()
  }
}

function versioned({ entry, version, changedAt, changedBy }: QuirkRecord): Versioned<QuirkEntry> {
  return { value: entry, version, changedAt, changedBy }
}

function wayOf({ unit, ladder, lease }: Pick<Word, 'unit' | 'ladder' | 'lease'>) {
  return { unit, ladder, lease }
}

/** The same way to get profiles; levels and periods are facts of their own. */
function alike(a: Pick<Word, 'unit' | 'ladder' | 'lease'>, b: Pick<Word, 'unit' | 'ladder' | 'lease'>): boolean {
  return a.unit === b.unit && a.ladder === b.ladder && a.lease === b.lease
}

/** Field by field: what was read back has them in another order. */
function same(a: QuirkEntry, b: QuirkEntry): boolean {
  return Object.keys(quirkEntrySchema.shape).every((name) => a[name as keyof QuirkEntry] === b[name as keyof QuirkEntry])
}
