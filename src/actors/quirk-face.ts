// The quirk book as REST asks for it, and what a charge point's own entry shows of its quirks.
import type { Estate } from './estate.ts'
import { Refusal, type Caller, type Versioned } from './house.ts'
import { levelInUse, quirksIn, readLearnt } from './learnt.ts'
import { entryID, type GivenQuirks, type QuirkBook, type QuirkEntry } from './quirk-book.ts'

/** As exported; what is left out is as for a new one. */
export type ImportedQuirks = GivenQuirks & { readonly source?: QuirkEntry['source'] | undefined; readonly learntAt?: string | undefined }
export interface QuirksImported { readonly created: number; readonly updated: number; readonly unchanged: number }

export interface QuirkFace {
  /** By id. */
  list(): readonly Versioned<QuirkEntry>[]
  /** Undefined when there is none. */
  find(id: string): Versioned<QuirkEntry> | undefined
  get(id: string): Versioned<QuirkEntry>
  /** Given by people from now on. Refused (invalid, `other-id`) when `id` is not the one of that vendor, model and firmware. */
  put(id: string, given: GivenQuirks, caller: Caller): Promise<{ readonly created: boolean; readonly entry: Versioned<QuirkEntry> }>
  remove(id: string): Promise<void>
  /** All or nothing. */
  import(entries: readonly ImportedQuirks[], caller: Caller): Promise<QuirksImported>
}

export class QuirkDesk implements QuirkFace {
  private readonly estate: Estate

  constructor(estate: Estate) {
    this.estate = estate
  }

  list(): readonly Versioned<QuirkEntry>[] {
    return this.book.list()
  }

  find(id: string): Versioned<QuirkEntry> | undefined {
    return this.book.get(id)
  }

  get(id: string): Versioned<QuirkEntry> {
    const found = this.book.get(id)
    if (found === undefined) throw new Refusal('not-found', 'unknown-quirks', `The quirk book has no entry ${id}.`, { hint: 'GET /api/v1/quirks lists them.' })
    return found
  }

  async put(id: string, given: GivenQuirks, caller: Caller): Promise<{ created: boolean; entry: Versioned<QuirkEntry> }> {
    const own = entryID(given)
    if (own !== id) throw new Refusal('invalid', 'other-id', `The entry of ${given.vendor} ${given.model} ${given.firmware}`.trimEnd() + ` is ${own}, not ${id}.`, { hint: `Send it to /api/v1/quirks/${own} instead.` })
    const before = this.book.get(id)
    await this.book.put([this.entry(given, before?.value)], caller)
    return { created: before === undefined, entry: this.get(id) }
  }

  async remove(id: string): Promise<void> {
    this.get(id)
    await this.book.remove(id)
  }

  async import(entries: readonly ImportedQuirks[], caller: Caller): Promise<QuirksImported> {
    const changed: QuirkEntry[] = []
    const seen = new Set<string>()
    let created = 0
    for (const [index, given] of entries.entries()) {
      const before = this.book.get(entryID(given))?.value
      const after = this.entry(given, before)
      if (seen.has(after.id)) throw new Refusal('invalid', 'invalid', `Two entries are of ${given.vendor} ${given.model} ${given.firmware}`.trimEnd() + '.', { errors: [{ pointer: `/data/${index}`, message: 'the same vendor, model and firmware as one before' }] })
      seen.add(after.id)
      if (JSON.stringify(before) === JSON.stringify(after)) continue
      changed.push(after)
      created += Number(before === undefined)
    }
    if (changed.length > 0) await this.book.put(changed, caller)
    return { created, updated: changed.length - created, unchanged: entries.length - changed.length }
  }

  private get book(): QuirkBook {
    return this.estate.quirks
  }

  private entry({ source = 'given', learntAt, vendor, model, firmware, unit, ladder, stackLevel, maxPeriods, pauseA, lease }: ImportedQuirks, before: QuirkEntry | undefined): QuirkEntry {
    return {
      id: entryID({ vendor, model, firmware }), vendor: before?.vendor ?? vendor, model: before?.model ?? model, firmware: before?.firmware ?? firmware,
      unit, ladder, pauseA, lease, stackLevel, maxPeriods,
      source, learntAt: learntAt ?? new Date(this.estate.options.clock.wall()).toISOString(), seenOn: before?.seenOn ?? 0,
    }
  }
}

/** In the view of a charge point: how it gets its profiles, and who says so. */
export function shownQuirks(estate: Estate, { id, site }: { readonly id: string; readonly site: string }) {
  const scope = estate.sites.get(site)?.scope
  const learnt = scope === undefined ? undefined : readLearnt(scope, id)
  return {
    ...quirksIn(learnt), stackLevel: levelInUse(learnt), maxPeriods: learnt?.maxPeriods ?? null, maxInstalled: learnt?.maxInstalled ?? null,
    from: learnt?.from ?? 'default' as const, model: learnt?.model ?? null, clearedForeign: learnt?.clearedForeign ?? false,
  }
}
