// How long what is kept: said by the file, changed by people, durable; and how much of it there is.
import { z } from 'zod'
import { asRecord } from '../sessions/record.ts'
import { retentionDays, retentionKinds, type RetentionKind } from '../settings.ts'
import type { Estate } from './estate.ts'
import type { Revision } from './estate-records.ts'
import type { Caller, Versioned } from './house.ts'
import { orphansIn } from './orphan-record.ts'
import { unreadable, write } from './records.ts'

export interface KeptKind {
  readonly kind: RetentionKind
  readonly keepDays: number
  readonly defaultDays: number
  readonly leastDays: number
  readonly mostDays: number
  /** Who says `keepDays`. */
  readonly source: 'default' | 'file' | 'set'
  /** When the oldest that is kept was; null = nothing, or not known. */
  readonly oldestAt: string | null
  /** Where counting is cheap. */
  readonly count: number | null
  readonly bytes: number | null
}

export type RetentionChange = { readonly [K in RetentionKind]?: number | null | undefined }

export interface RetentionFace {
  /** Rejects with Refusal store-down. */
  get(): Promise<Versioned<{ readonly kinds: readonly KeptKind[] }>>
  /** What was said last; version 0 while nobody has said anything. */
  said(): Versioned<RetentionChange>
  /** Days by kind; null = as the file or kwota says. What is left out stays. */
  put(change: RetentionChange, caller: Caller): Promise<void>
}

const key = 'retention'
const days = Object.fromEntries(retentionKinds.map((kind) => [kind, z.int().positive().exactOptional()])) as Record<RetentionKind, z.ZodExactOptional<z.ZodInt>>
export const recordSchema = z.object({ v: z.literal(1), version: z.int(), changedAt: z.string(), changedBy: z.string(), days: z.object(days) })
type RetentionRecord = Readonly<z.infer<typeof recordSchema>> & Revision
const sweptKey = 'swept'
/** For how many days what is there is kept at least, which kinds of it perhaps for more, and since when all meter values are there. */
export const sweptSchema = z.object({ v: z.literal(1), days: z.object(days), unsure: z.array(z.enum(retentionKinds)), meterValuesFromMs: z.number() })
type Swept = Readonly<z.infer<typeof sweptSchema>>
export type DaysKept = Readonly<Record<RetentionKind, number>>

/** Series by kind: a name, or what the names begin with. */
export const seriesOf: Readonly<Record<Exclude<RetentionKind, 'transactions' | 'orphans' | 'commands' | 'auditLog'>, readonly string[]>> = {
  // `samples:` is what 0.4 has kept.
  meterValues: ['meter:', 'samples:'], rollups: ['rollup:'], messages: ['messages'], decisions: ['decisions'], baseLoad: ['base-load', 'site-trace'], availability: ['availability'],
}

const dayMs = 86_400_000
/** Of so many series the oldest entry is looked for. */
const mostLookedAt = 50

export class Retention implements RetentionFace {
  private readonly estate: Estate
  /** Told when something else was said. */
  changed: () => void = () => undefined

  constructor(estate: Estate) {
    this.estate = estate
  }

  /** Days that hold now. */
  days(kind: RetentionKind): number {
    return this.record()?.days[kind] ?? this.ofFile(kind) ?? retentionDays[kind].usual
  }

  /** What is older goes, ms. */
  beforeMs(kind: RetentionKind): number {
    return this.estate.options.clock.wall() - this.days(kind) * dayMs
  }

  /** From then on no meter value has been dropped, also where fewer days were kept before. */
  meterValuesFromMs(): number {
    return Math.max(this.beforeMs('meterValues'), this.swept()?.meterValuesFromMs ?? 0)
  }

  /** Before anything is dropped: the days that hold now, and of which kinds what is there may be kept for other days. Rejects with Refusal store-down. */
  async beginSweep(): Promise<{ readonly days: DaysKept; readonly otherwise: ReadonlySet<RetentionKind> }> {
    const held = Object.fromEntries(retentionKinds.map((kind) => [kind, this.days(kind)])) as DaysKept
    const before = this.swept()
    const least = Object.fromEntries(retentionKinds.map((kind) => [kind, Math.min(held[kind], before?.days[kind] ?? Infinity)])) as DaysKept
    const meterValuesFromMs = Math.max(before?.meterValuesFromMs ?? 0, this.estate.options.clock.wall() - least.meterValues * dayMs)
    const unsure = retentionKinds.filter((kind) => before?.days[kind] !== held[kind] || before.unsure.includes(kind))
    await write(this.estate.global, { [sweptKey]: { v: 1, days: least, unsure, meterValuesFromMs } satisfies Swept })
    return { days: held, otherwise: new Set(unsure) }
  }

  /** What is there is kept for so many days. Rejects with Refusal store-down. */
  async endSweep(held: DaysKept): Promise<void> {
    await write(this.estate.global, { [sweptKey]: { v: 1, days: held, unsure: [], meterValuesFromMs: this.swept()?.meterValuesFromMs ?? 0 } satisfies Swept })
  }

  said(): Versioned<RetentionChange> {
    const record = this.record()
    return { value: record?.days ?? {}, version: record?.version ?? 0, changedAt: record?.changedAt ?? new Date(0).toISOString(), changedBy: record?.changedBy ?? 'nobody' }
  }

  async get(): Promise<Versioned<{ readonly kinds: readonly KeptKind[] }>> {
    const kinds = await Promise.all(retentionKinds.map((kind) => this.look(kind))).catch(unreadable)
    return { ...this.said(), value: { kinds } }
  }

  async put(change: RetentionChange, caller: Caller): Promise<void> {
    const before = this.record()
    const said = { ...before?.days, ...change }
    const kept = Object.fromEntries(Object.entries(said).filter(([, value]) => typeof value === 'number')) as RetentionRecord['days']
    await write(this.estate.global, { [key]: { v: 1, ...this.estate.revise(before ?? undefined, caller.name), days: kept } satisfies RetentionRecord })
    this.changed()
  }

  private swept(): Swept | null {
    return sweptSchema.safeParse(this.estate.global.get(sweptKey)).data ?? null
  }

  private record(): RetentionRecord | null {
    return recordSchema.safeParse(this.estate.global.get(key)).data ?? null
  }

  private ofFile(kind: RetentionKind): number | undefined {
    const { retention, messageLog } = this.estate.options
    const said = retention?.[kind] ?? (kind === 'messages' ? messageLog?.keepDays : undefined)
    return said === retentionDays[kind].usual ? undefined : said
  }

  private async look(kind: RetentionKind): Promise<KeptKind> {
    const { least, most, usual } = retentionDays[kind]
    const source = this.record()?.days[kind] !== undefined ? 'set' : this.ofFile(kind) !== undefined ? 'file' : 'default'
    const oldestMs = await this.oldestMs(kind)
    return {
      kind, keepDays: this.days(kind), defaultDays: this.ofFile(kind) ?? usual, leastDays: least, mostDays: most, source,
      oldestAt: oldestMs === null ? null : new Date(oldestMs).toISOString(), count: this.count(kind), bytes: this.bytes(kind),
    }
  }

  private async oldestMs(kind: RetentionKind): Promise<number | null> {
    if (kind === 'auditLog') return this.estate.audit.oldestMs()
    const found: number[] = []
    for (const { scope, archive, record: { site } } of [...this.estate.sites.values()]) {
      if (kind === 'orphans') found.push(...orphansIn(scope).map(([, { receivedAtMs }]) => receivedAtMs))
      else if (kind === 'commands') found.push(...this.estate.commands.createdAtMs(scope))
      else if (kind === 'transactions') found.push(...[await archive.oldestMs(), ...scope.entries('tx:').map(([, value]) => asRecord(value)?.startedAtMs ?? null)].filter((ms) => ms !== null))
      else for (const series of await this.names(kind, site.id)) found.push(...(await this.estate.options.store.range(site.id, series, 0, Number.MAX_SAFE_INTEGER, 1)).map(({ atMs }) => atMs))
    }
    return found.length === 0 ? null : found.reduce((a, b) => Math.min(a, b))
  }

  private async names(kind: keyof typeof seriesOf, siteID: string): Promise<string[]> {
    const all = await Promise.all(seriesOf[kind].map((name) => (name.endsWith(':') ? this.estate.options.store.series(siteID, name) : [name])))
    return all.flat().slice(0, mostLookedAt)
  }

  private count(kind: RetentionKind): number | null {
    if (kind === 'auditLog') return this.estate.audit.count
    const scopes = [...this.estate.sites.values()].map(({ scope }) => scope)
    if (kind === 'orphans') return scopes.reduce((sum, scope) => sum + scope.entries('orphan:').length, 0)
    return kind === 'commands' ? scopes.reduce((sum, scope) => sum + this.estate.commands.createdAtMs(scope).length, 0) : null
  }

  /** As those who write them have noted. */
  private bytes(kind: RetentionKind): number | null {
    const noted = kind === 'messages' ? 'message-log' : kind === 'decisions' ? 'decision-log' : null
    if (noted === null) return null
    const hours = [...this.estate.sites.values()].flatMap(({ scope }) => {
      const sizes = scope.get(noted)
      return Array.isArray(sizes) ? sizes as number[][] : []
    })
    return hours.reduce((sum, hour) => sum + (hour.at(-1) ?? 0), 0)
  }
}
