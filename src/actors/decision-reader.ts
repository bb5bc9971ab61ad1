// Decisions as they are asked for: newest first over all sites, from memory and from the store, and one by its id.
import type { Store } from '../store/port.ts'
import type { DecisionView } from './decision-record.ts'
import { decisionSeries, keptDecisionsMs } from './decision-shelf.ts'
import type { Estate } from './estate.ts'
import { Refusal } from './house.ts'
import type { SiteEvent } from './site.ts'

type Kebab<S extends string> = S extends `${infer Head}_${infer Tail}` ? `${Lowercase<Head>}-${Kebab<Tail>}` : Lowercase<S>

/** What sets a decision off: each fact and order of a site, and what asks for a review by itself. */
const causes = {
  'station-connected': true, 'station-booted': true, 'station-online': true, 'station-offline': true, 'profiles-doubted': true, 'status-changed': true,
  'transaction-started': true, 'transaction-stopped': true, 'profile-answered': true, 'site-limit-set': true, 'base-load-read': true, 'car-told': true, 'transaction-withheld': true, 'check-cap-set': true,
  reconfigured: true, due: true, quarantined: true,
  start: true, sample: true, curtailment: true, 'charging-profiles': true, 'quirks-learnt': true,
} as const satisfies Record<Kebab<Exclude<SiteEvent['type'], 'REVIEW'>>, true> & Record<string, true>
export type DecisionCause = keyof typeof causes
export const decisionCauses = Object.keys(causes) as readonly DecisionCause[]

export interface DecisionQuery {
  readonly siteID?: string | undefined
  /** Absent: every site. */
  readonly covers?: (siteID: string) => boolean
  readonly clientID?: string | undefined
  readonly connectorId?: number | undefined
  /** RFC 3339; from inclusive, to exclusive. */
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly trigger?: DecisionCause | undefined
  /** `next` of the page before. */
  readonly after?: string | undefined
  /** At least 1. */
  readonly limit: number
}

export interface DecisionFace {
  /** Newest first. Looks at no more than 5,000 decisions at a time: a page may be short and still have a next. Rejects with Refusal store-down. */
  list(query: DecisionQuery): Promise<{ readonly data: readonly DecisionView[]; readonly next: string | null }>
  /** Rejects with Refusal not-found (`unknown-decision`) or store-down. */
  get(id: string): Promise<DecisionView>
}

const idForm = /^dec_\d{1,12}_\d{1,12}(_[A-Za-z0-9][A-Za-z0-9._-]{0,47})?$/
const mostScanned = 5_000
const mostTogether = 200
const firstSpanMs = 600_000

export class DecisionOffice implements DecisionFace {
  private readonly estate: Estate

  constructor(estate: Estate) {
    this.estate = estate
  }

  async list(query: DecisionQuery): Promise<{ readonly data: readonly DecisionView[]; readonly next: string | null }> {
    const sites = [...this.estate.sites.keys()].filter((siteID) => (query.siteID === undefined || siteID === query.siteID) && query.covers?.(siteID) !== false)
    const nowMs = this.estate.options.clock.wall()
    const fromMs = Math.max(nowMs - keptDecisionsMs - 3_600_000, query.from === undefined ? 0 : Date.parse(query.from))
    const toMs = query.to === undefined ? nowMs + 86_400_000 : Date.parse(query.to)
    const data: DecisionView[] = []
    let scanned = 0
    let last = query.after ?? null
    for await (const one of merged(sites.map((siteID) => this.newestFirst(siteID, fromMs, Math.min(toMs, afterMs(query.after)))))) {
      const key = keyOf(one)
      if (last !== null && key >= last) continue
      if (data.length >= query.limit || scanned >= mostScanned) return { data, next: last }
      last = key
      scanned++
      if (fits(one, query)) data.push(one)
    }
    return { data, next: null }
  }

  async get(id: string): Promise<DecisionView> {
    const siteID = id.split('_').slice(3).join('_') || 'main'
    const decisions = idForm.test(id) ? this.estate.sites.get(siteID)?.room.decisions : undefined
    const found = decisions?.find(id) ?? (decisions === undefined ? undefined : await this.stored(siteID, id) ?? decisions.remains(id))
    if (found !== undefined) return found
    throw new Refusal('not-found', 'unknown-decision', `There is no decision ${id}.`, { hint: 'Decisions are kept for 7 days, and longer while a connector stands by them.' })
  }

  /** By halving: later decisions of a site have higher numbers. Several may be of one instant. */
  private async stored(siteID: string, id: string): Promise<DecisionView | undefined> {
    const [epoch, number] = numbersOf(id)
    let [low, high] = [0, this.estate.options.clock.wall() + 86_400_000]
    while (low < high) {
      const middle = Math.floor((low + high) / 2)
      const [first] = await this.read(siteID, middle, high, 1)
      const [atEpoch, atNumber] = first === undefined ? [Infinity, Infinity] : numbersOf(first.id)
      if (first?.id === id) return first
      if (first !== undefined && (atEpoch < epoch || (atEpoch === epoch && atNumber < number))) low = middle + 1
      else high = middle
    }
    return (await this.read(siteID, low - 1, low + 1)).find((one) => one.id === id)
  }

  /** Memory first, then the store behind it; one that is both comes once. */
  private async *newestFirst(siteID: string, fromMs: number, toMs: number): AsyncGenerator<DecisionView> {
    const known = this.estate.sites.get(siteID)?.room.decisions.recent() ?? []
    for (const one of known) if (Date.parse(one.at) >= fromMs && Date.parse(one.at) < toMs) yield one
    const seen = new Set(known.map(({ id }) => id))
    const oldest = known.at(-1)
    let endMs = Math.min(toMs, oldest === undefined ? Infinity : Date.parse(oldest.at) + 1)
    let spanMs = firstSpanMs
    while (endMs > fromMs) {
      const beginMs = Math.max(fromMs, endMs - spanMs)
      const single = endMs - beginMs <= 1
      const rows = await this.read(siteID, beginMs, endMs, single ? undefined : mostTogether + 1)
      if (rows.length > mostTogether && !single) {
        spanMs = Math.max(1, Math.floor((endMs - beginMs) / 4))
        continue
      }
      for (const one of rows.reverse()) if (!seen.has(one.id)) yield one
      endMs = beginMs
      if (rows.length < mostTogether / 4) spanMs *= 4
    }
  }

  private async read(siteID: string, fromMs: number, toMs: number, limit?: number): Promise<DecisionView[]> {
    const { store }: { store: Pick<Store, 'range'> } = this.estate.options
    try {
      return (await store.range(siteID, decisionSeries, fromMs, toMs, ...(limit === undefined ? [] : [limit]))).map(({ value }) => value as DecisionView)
    } catch (error) {
      throw new Refusal('store-down', 'store-down', `The store cannot be read: ${error instanceof Error ? error.message : String(error)}.`, { hint: 'Repeat the request when /readyz says the store is back.' })
    }
  }
}

/** Forgets what a site that is no more decided, as well as it can. */
export async function dropDecisions({ options: { store, clock, log } }: Estate, siteID: string): Promise<void> {
  await store.expire(siteID, decisionSeries, clock.wall() + 86_400_000).catch((error: unknown) => log.warn({ siteID, error }, 'the decisions of a deleted site could not be dropped'))
}

/** Of several streams, each newest first, one. */
async function* merged(streams: readonly AsyncGenerator<DecisionView>[]): AsyncGenerator<DecisionView> {
  const heads = await Promise.all(streams.map(async (stream) => ({ stream, head: await stream.next() })))
  for (;;) {
    let best: (typeof heads)[number] | null = null
    for (const one of heads) if (!one.head.done && (best === null || best.head.done || keyOf(one.head.value) > keyOf(best.head.value))) best = one
    if (best === null || best.head.done) return
    yield best.head.value
    best.head = await best.stream.next()
  }
}

/** Ascending with time, unique, and no more than letters and digits to whoever carries it: the cursor of the list. */
function keyOf({ id, at, siteID }: DecisionView): string {
  const [epoch, number] = numbersOf(id)
  return [Date.parse(at), epoch, number].map((value) => value.toString(36).padStart(9, '0')).join('-') + `-${siteID}`
}

function afterMs(cursor: string | undefined): number {
  return cursor === undefined ? Infinity : parseInt(cursor.slice(0, 9), 36) + 1
}

function numbersOf(id: string): readonly [number, number] {
  const [, epoch, number] = id.split('_').map(Number)
  return [epoch ?? NaN, number ?? NaN]
}

function fits({ trigger, changes, lowerings, raisings }: DecisionView, { clientID, connectorId, trigger: cause }: DecisionQuery): boolean {
  if (cause !== undefined && trigger.cause !== cause) return false
  if (clientID === undefined && connectorId === undefined) return true
  const name = clientID?.toLowerCase()
  return [...changes, ...lowerings, ...raisings].some((one) => (name === undefined || one.clientID.toLowerCase() === name) && (connectorId === undefined || one.connectorId === connectorId))
}
