// Reads what kwota has stored of a site back as sessions to be played: its transactions, the draw of its connectors, the building's load.
import { chargePointSchema, connectorKey, perPhase, siteSchema, type ChargePointConfig, type PhaseAmps, type SiteConfig } from '../../power/site.ts'
import type { GridLimit } from '../../power/limits.ts'
import { buildTree, type Outlet } from '../../power/tree.ts'
import { asRecord, hasEnded, listTransactions, type TransactionRecord } from '../../sessions/record.ts'
import type { Store } from '../../store/port.ts'
import { field, readTraces, wasHeldBack, type Traces } from './held-back.ts'
import { cutOverlaps } from './session-file.ts'
import { feasibleWh, spanOf, type Delivery, type Session } from './session.ts'
import { readSampled, strayA, type Sampled } from './stored-samples.ts'
import { readSeries } from './stored-series.ts'

export type HistoryStore = Pick<Store, 'read' | 'range' | 'scopes' | 'close'>
/** Opens what is stored in a directory, or in Redis (`redis://…`); `whenInUse` = what to do while a running kwota holds it. */
export type OpenHistory = (source: string, whenInUse?: string) => Promise<HistoryStore>

export interface History {
  readonly site: SiteConfig
  readonly chargePoints: readonly ChargePointConfig[]
  readonly sessions: readonly Session[]
  /** What truly happened to each session. */
  readonly happened: readonly Delivery[]
  readonly base: readonly { readonly atMs: number; readonly baseA: PhaseAmps }[]
  /** The standing limit as it is stored; what it was before is not. */
  readonly grid: GridLimit | null
  /** Sessions that were still charging when they ended, or were held at 0 by a limit: they count as wanting all they could have got. */
  readonly openEnded: number
  /** Those of them that were held. */
  readonly heldBack: number
  /** Curtailments that held in that time: they are not played. */
  readonly curtailments: number
  /** Transactions that still run, and those of connectors that are no more: left out. */
  readonly running: number
  readonly gone: number
  readonly cut: number
}

/** There is nothing that can be played; the message says what to do. */
export class HistoryError extends Error {
  override readonly name = 'HistoryError'
}

/** A car that drew this near its end, and then left, was not full. */
const lastMs = 5 * 60_000
/** What a meter may count without a car that draws. */
export const nothingWh = 10

/** Transactions that began in [fromMs, toMs). Rejects with HistoryError, or the store's error. */
export async function readHistory(store: HistoryStore, siteID: string, span: { readonly fromMs?: number; readonly toMs?: number } = {}, onRead?: (done: number, of: number) => void): Promise<History> {
  const names = (await store.scopes()).filter((name) => name !== 'kwota')
  if (!names.includes(siteID)) throw new HistoryError(`There is no site ${siteID} in it; there ${names.length === 0 ? 'is none' : `are ${names.slice(0, 10).join(', ')}`}.`)
  const records = await store.read(siteID)
  const site = siteSchema.safeParse(field(records.get('config'), 'site'))
  if (!site.success) throw new HistoryError(`The site ${siteID} was removed: only a site that is configured can be played.`)
  const chargePoints = [...records].flatMap(([key, value]) => (key.startsWith('chargepoint:') ? [chargePointSchema.parse(field(value, 'config'))] : []))
  const { outlets } = buildTree(site.data, chargePoints)
  const near = listTransactions({ entries: (prefix) => [...records].filter(([key]) => key.startsWith(prefix)) })
  const ids = new Set(near.map(({ id }) => id))
  const far = (await readSeries(store, siteID, 'transactions', 0, Number.MAX_SAFE_INTEGER)).flatMap(({ value }) => asRecord(value) ?? [])
  const all = [...near, ...far.filter(({ id }) => !ids.has(id))]
    .filter(({ startedAtMs }) => startedAtMs >= (span.fromMs ?? -Infinity) && startedAtMs < (span.toMs ?? Infinity))
  const ended = all.filter((record) => hasEnded(record) && record.stoppedAtMs !== null && record.stoppedAtMs > record.startedAtMs)
  const placed = ended.filter((record) => outlets.has(keyOf(record)))
  const { fromMs, toMs } = spanOf(placed.map(({ startedAtMs, stoppedAtMs }) => ({ arrivalMs: startedAtMs, departureMs: stoppedAtMs! })))
  const traces = await readTraces(store, siteID, fromMs, toMs)
  const played: ({ record: TransactionRecord } & Awaited<ReturnType<typeof sessionOf>>)[] = []
  for (const record of placed) {
    onRead?.(played.length, placed.length)
    played.push({ record, ...await sessionOf(store, siteID, record, outlets.get(keyOf(record))!, site.data.voltage, traces) })
  }
  const { sessions, cut } = cutOverlaps(played.map(({ session }) => session))
  if (sessions.length === 0) throw new HistoryError(`No transaction of ${siteID} ${all.length === 0 ? 'began in that time' : 'that began in that time has ended'}.`)
  const took = new Map(played.map(({ record, session }) => [session.id, record.energyMWh / 1000]))
  const { fromMs: startMs, toMs: endMs } = spanOf(sessions)
  return {
    site: site.data, chargePoints, sessions, cut,
    happened: sessions.map((session) => ({ session, deliveredWh: took.get(session.id)!, feasibleWh: Math.max(took.get(session.id)!, feasibleWh(session, outlets.get(session.key)!, site.data.voltage)) })),
    base: (await readSeries(store, siteID, 'base-load', startMs - 3_600_000, endMs)).flatMap(({ atMs, value }) => {
      const baseA = ampsOf(value)
      return baseA === null ? [] : [{ atMs, baseA }]
    }),
    grid: gridOf(records.get('grid-limit')),
    heldBack: played.filter(({ held }) => held).length, curtailments: [...records].filter(([key, value]) => key.startsWith('curtailment:') && touches(value, startMs, endMs)).length,
    openEnded: played.filter(({ open }) => open).length, running: all.length - ended.length, gone: ended.length - placed.length,
  }
}

/** The car is taken to be able to draw what it drew at most, and to want what it took, or all it could have got where it was still drawing as it left, or was not allowed to. */
async function sessionOf(store: HistoryStore, siteID: string, record: TransactionRecord, outlet: Outlet, voltage: number, traces: Traces): Promise<{ session: Session; open: boolean; held: boolean }> {
  const departureMs = record.stoppedAtMs!
  const samples = await readSampled(store, siteID, outlet, voltage, record.startedAtMs, departureMs + 1)
  const most = (all: readonly Sampled[], what: 'highestA' | 'phases') => all.reduce((highest, one) => Math.max(highest, one[what]), 0)
  const highestA = most(samples, 'highestA')
  const drawing = samples.filter((one) => one.highestA > strayA)
  const phases = drawing.length === 0 ? outlet.phases.length : Math.min(outlet.phases.length, most(drawing, 'phases'))
  const wired = phases === 1 ? 1 : phases === 2 ? 2 : 3
  const last = samples.findLast(({ atMs }) => atMs < departureMs)
  const draws = last !== undefined && last.highestA > strayA && last.atMs >= departureMs - lastMs
  const energyWh = record.energyMWh / 1000
  const held = !draws && wasHeldBack({
    key: outlet.key, arrivalMs: record.startedAtMs, departureMs, tookNothing: energyWh < nothingWh && drawing.length === 0,
    samples: samples.map((one) => ({ atMs: one.atMs, draws: one.highestA > strayA })),
  }, traces)
  const open = draws || held
  // Without samples, what its energy takes at the least.
  const leastA = (energyWh * 3_600_000) / (voltage * wired * (departureMs - record.startedAtMs))
  // A car that was never seen to draw is taken to be able to draw what its connector gives, as the engine takes it.
  const maxA = held && drawing.length === 0 ? outlet.maxA : Math.min(outlet.maxA, Math.max(outlet.minA, highestA, leastA))
  const stayWh = (maxA * voltage * wired * (departureMs - record.startedAtMs)) / 3_600_000
  const wantedWh = open ? stayWh : energyWh
  return {
    open, held,
    session: {
      id: `transaction ${record.id}`, key: outlet.key, arrivalMs: record.startedAtMs, departureMs, wantedWh,
      // Nobody has said it; a policy that goes by departure is told what came true.
      saidDepartureMs: departureMs, saidWh: wantedWh, car: { maxA, phases: wired },
    },
  }
}

function ampsOf(value: unknown): PhaseAmps | null {
  const [l1, l2, l3] = [field(value, 'L1'), field(value, 'L2'), field(value, 'L3')]
  return typeof l1 === 'number' && typeof l2 === 'number' && typeof l3 === 'number' ? perPhase({ L1: l1, L2: l2, L3: l3 }) : null
}

/** Without its time to live: what lapsed since is played as it stood. */
function gridOf(record: unknown): GridLimit | null {
  const limit = field(record, 'limit')
  const currentA = field(limit, 'currentA')
  const powerW = field(limit, 'powerW')
  if (typeof currentA === 'number') return { currentA, setAtMs: 0 }
  return typeof powerW === 'number' ? { powerW, setAtMs: 0 } : null
}

function keyOf(record: TransactionRecord): string {
  return connectorKey(record.clientID, record.connectorId)
}

function touches(curtailment: unknown, fromMs: number, toMs: number): boolean {
  const [startsAtMs, expiresAtMs, cancelledAtMs] = ['startsAtMs', 'expiresAtMs', 'cancelledAtMs'].map((name) => field(curtailment, name))
  return typeof startsAtMs === 'number' && typeof expiresAtMs === 'number' && startsAtMs < toMs && Math.min(expiresAtMs, typeof cancelledAtMs === 'number' ? cancelledAtMs : Infinity) > fromMs
}
