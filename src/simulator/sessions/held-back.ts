// What is stored of why a car drew nothing when it left: what was decided for its connector, and what that said of itself.
import { decisionSeries } from '../../actors/decision-shelf.ts'
import { messageSeries, readBlock } from '../../actors/message-block.ts'
import { messageView } from '../../actors/message-row.ts'
import { connectorKey } from '../../power/site.ts'
import type { Store } from '../../store/port.ts'
import { eachEntry } from './stored-series.ts'

/** From then on it was allowed so much; `held` = nothing, by a limit or in the queue. */
interface Decided { readonly atMs: number; readonly held: boolean; readonly allocatedA: number }
type Status = 'Charging' | 'SuspendedEV' | 'SuspendedEVSE'
interface Said { readonly atMs: number; readonly status: Status }

/** By connector, ascending. Decisions are kept for a week, messages for as long as was set: there may be none. */
export interface Traces {
  readonly decided: ReadonlyMap<string, readonly Decided[]>
  readonly said: ReadonlyMap<string, readonly Said[]>
}

/** A transaction as the meters have it. */
export interface Stay {
  readonly key: string
  readonly arrivalMs: number
  readonly departureMs: number
  readonly tookNothing: boolean
  /** Ascending; what it drew. */
  readonly samples: readonly { readonly atMs: number; readonly draws: boolean }[]
}

/** Messages are long. */
const messageBlocks = 500
/** Our time and the charge point's may differ by so much, as corrected. */
const slipMs = 2_000
/** A car that has been allowed to draw for so long, and has not, does not want to. */
const askedMs = 60_000

export async function readTraces(store: Pick<Store, 'range'>, siteID: string, fromMs: number, toMs: number): Promise<Traces> {
  const decided = new Map<string, Decided[]>()
  const said = new Map<string, Said[]>()
  await eachEntry(store, siteID, decisionSeries, fromMs - slipMs, toMs + slipMs, ({ atMs, value }) => {
    const changes = field(value, 'changes')
    for (const change of Array.isArray(changes) ? changes as readonly unknown[] : []) {
      const [key, allocatedA] = [keyOf(change), field(field(change, 'after'), 'allocatedA')]
      if (key === null || typeof allocatedA !== 'number') continue
      const held = allocatedA <= 0 && typeof field(field(field(change, 'after'), 'boundBy'), 'source') === 'string'
      push(decided, key, { atMs, held, allocatedA })
    }
  })
  await eachEntry(store, siteID, messageSeries, fromMs - slipMs, toMs + slipMs, ({ atMs, value }) => {
    for (const row of readBlock(siteID, atMs, value)) {
      if (row.action !== 'StatusNotification' || row.direction !== 'in') continue
      const { request } = messageView(row, row.status)
      const [status, connectorId] = [field(request, 'status'), field(request, 'connectorId')]
      if (typeof connectorId !== 'number' || (status !== 'Charging' && status !== 'SuspendedEV' && status !== 'SuspendedEVSE')) continue
      push(said, connectorKey(row.clientID, connectorId), { atMs: row.atMs, status })
    }
  }, messageBlocks)
  return { decided, said }
}

/** It drew nothing when it left because it was not allowed to, as far as anybody can tell: it would have gone on. */
export function wasHeldBack({ key, arrivalMs, departureMs, tookNothing, samples }: Stay, { decided, said }: Traces): boolean {
  const within = <Trace extends { readonly atMs: number }>(traces: readonly Trace[] = []) => traces.filter(({ atMs }) => atMs >= arrivalMs - slipMs && atMs <= departureMs)
  const status = within(said.get(key)).at(-1)?.status
  const steps = within(decided.get(key))
  // What became of the connector once the car had gone.
  if (steps.at(-1)?.held === false && steps.at(-1)!.atMs > departureMs - slipMs) steps.pop()
  if (tookNothing) {
    if (status !== undefined) return status !== 'SuspendedEV'
    return !steps.some(({ atMs, allocatedA }, index) => allocatedA > 0 && (steps[index + 1]?.atMs ?? departureMs) - atMs >= askedMs)
  }
  if (steps.at(-1)?.held !== true) return status === 'SuspendedEVSE'
  const heldFromMs = steps[steps.findLastIndex(({ held }) => !held) + 1]!.atMs
  const before = samples.findLast(({ atMs }) => atMs <= heldFromMs)
  return before === undefined ? status !== 'SuspendedEV' : before.draws
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [value])
  else list.push(value)
}

function keyOf(value: unknown): string | null {
  const [clientID, connectorId] = [field(value, 'clientID'), field(value, 'connectorId')]
  return typeof clientID === 'string' && typeof connectorId === 'number' ? connectorKey(clientID, connectorId) : null
}

/** A property of what was stored; undefined where there is none. */
export function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined
}
