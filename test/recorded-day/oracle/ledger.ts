// From raw frames to what each transaction consists of: its start, its stop, its readings and its connector's words, as docs/transactions.md sorts them.
import type { Frame } from '../frame.ts'
import { readRegister, type Sampled } from './register.ts'
import type { Rules } from './rules.ts'

export interface Reading { readonly atMs: number; readonly mWh: bigint }

export interface Ledger {
  readonly transactionId: number
  readonly clientID: string
  readonly connectorId: number
  readonly idTag: string
  readonly startedAtMs: number
  readonly meterStartMWh: bigint
  readonly stop: { readonly atMs: number; readonly meterMWh: bigint } | null
  /** As they came. */
  readonly readings: readonly Reading[]
  /** By their own times. */
  readonly statuses: readonly { readonly atMs: number; readonly status: string }[]
}

interface Heard { readonly receivedAtMs: number; readonly clientID: string; readonly action: string; readonly payload: Payload; readonly answer: Payload | null }
interface Element { readonly timestamp: string; readonly sampledValue: readonly Sampled[] }
interface Payload {
  readonly connectorId?: number; readonly idTag?: string; readonly timestamp?: string; readonly transactionId?: number
  readonly meterStart?: number; readonly meterStop?: number; readonly status?: string
  readonly meterValue?: readonly Element[]; readonly transactionData?: readonly Element[]
}
interface Start { readonly heard: Heard; readonly transactionId: number; readonly stationMs: number; readonly offsetMs: number }
/** A time as the charge point said it, or that of reception where it cannot be. */
interface Said { readonly ms: number; readonly own: boolean }

const earliestMs = Date.UTC(2010, 0, 1)
const dayMs = 86_400_000

/** Every transaction that was given a number, in the order of the starts. Throws where kwota gave two numbers for one start. */
export function sortFrames(frames: readonly Frame[], rules: Rules): Ledger[] {
  const heard = readCalls(frames).filter((one) => one.receivedAtMs - newestMs(one) <= rules.hearsUntilMs)
  const starts = readStarts(heard, rules)
  const stops = readStops(heard, rules)
  const byConnector = groupBy(starts, ({ heard: { clientID, payload } }) => `${clientID}/${payload.connectorId}`)
  const byNumber = new Map(starts.map((start) => [start.transactionId, start]))
  const readings = new Map<Start, Reading[]>(starts.map((start) => [start, []]))
  const at = (start: Start, said: Said) => said.own ? said.ms + start.offsetMs : said.ms
  const endOf = (start: Start) => { const stop = stops.get(start.transactionId); return stop === undefined ? Infinity : at(start, timeOf(stop, stop.payload.timestamp)) }

  function add(one: Heard, start: Start | undefined, elements: readonly Element[]): void {
    const merged = groupBy(elements, ({ timestamp }) => String(timeOf(one, timestamp).ms))
    for (const same of merged.values()) {
      const mWh = readRegister(same.flatMap(({ sampledValue }) => sampledValue), rules)
      if (mWh === null) continue
      const said = timeOf(one, same[0]!.timestamp)
      const owner = start ?? byConnector.get(`${one.clientID}/${one.payload.connectorId}`)?.find((each) => at(each, said) >= each.stationMs + each.offsetMs && at(each, said) < endOf(each))
      if (owner !== undefined) readings.get(owner)!.push({ atMs: at(owner, said), mWh })
    }
  }

  for (const one of heard) {
    const named = byNumber.get(one.payload.transactionId ?? -1)
    const own = named?.heard.clientID === one.clientID ? named : undefined
    if (one.action === 'MeterValues') {
      if (one.payload.transactionId === undefined ? rules.takesNameless : own !== undefined) add(one, own, one.payload.meterValue ?? [])
    } else if (one.action === 'StopTransaction' && own !== undefined && rules.takesTransactionData) add(one, own, one.payload.transactionData ?? [])
  }
  return starts.map((start) => {
    const { clientID, payload } = start.heard
    const stop = stops.get(start.transactionId)
    const statuses = heard.filter((one) => one.action === 'StatusNotification' && one.clientID === clientID && one.payload.connectorId === payload.connectorId)
    return {
      transactionId: start.transactionId, clientID, connectorId: payload.connectorId!, idTag: payload.idTag!,
      startedAtMs: start.stationMs + start.offsetMs, meterStartMWh: BigInt(payload.meterStart!) * 1000n,
      stop: stop === undefined ? null : { atMs: at(start, timeOf(stop, stop.payload.timestamp)), meterMWh: BigInt(stop.payload.meterStop!) * 1000n },
      readings: readings.get(start)!,
      statuses: statuses.map((one) => ({ atMs: at(start, timeOf(one, one.payload.timestamp)), status: one.payload.status! })).toSorted((a, b) => a.atMs - b.atMs),
    }
  })
}

const read = new WeakMap<readonly Frame[], readonly Heard[]>()

function readCalls(frames: readonly Frame[]): readonly Heard[] {
  const known = read.get(frames) ?? parse(frames)
  read.set(frames, known)
  return known
}

function parse(frames: readonly Frame[]): Heard[] {
  const answers = new Map<string, Payload>()
  const calls: { frame: Frame; id: string; action: string; payload: Payload }[] = []
  for (const frame of frames) {
    const [type, id, third, fourth] = JSON.parse(frame.text) as [number, string, unknown, unknown]
    if (frame.direction === 'out' && type === 3) answers.set(`${frame.line} ${id}`, third as Payload)
    if (frame.direction === 'in' && type === 2) calls.push({ frame, id, action: String(third), payload: fourth as Payload })
  }
  return calls.map(({ frame, id, action, payload }) => (
    { receivedAtMs: frame.atMs, clientID: frame.clientID, action, payload, answer: answers.get(`${frame.line} ${id}`) ?? null }))
}

function timeOf(one: Heard, text: string | undefined): Said {
  const ms = text === undefined ? Number.NaN : Date.parse(text)
  return Number.isNaN(ms) || ms < earliestMs || ms > one.receivedAtMs + dayMs ? { ms: one.receivedAtMs, own: false } : { ms, own: true }
}

function newestMs(one: Heard): number {
  const texts = [one.payload.timestamp, ...(one.payload.meterValue ?? []).map(({ timestamp }) => timestamp)].filter((text) => text !== undefined)
  return texts.length === 0 ? one.receivedAtMs : Math.max(...texts.map((text) => timeOf(one, text).ms))
}

/** The same start (charge point, connector, tag without case, instant, meter) is the same transaction. */
function readStarts(heard: readonly Heard[], rules: Rules): Start[] {
  const known = new Map<string, Start>()
  for (const [index, one] of heard.entries()) {
    if (one.action !== 'StartTransaction' || one.answer?.transactionId === undefined) continue
    const { payload: { connectorId, idTag, meterStart, timestamp }, answer } = one
    const stationMs = timeOf(one, timestamp).ms
    const key = JSON.stringify([one.clientID, connectorId, idTag?.toLowerCase(), stationMs, meterStart, ...(rules.everyStartIsNew ? [index] : [])])
    const before = known.get(key)
    if (before !== undefined && before.transactionId !== answer.transactionId) throw new Error(`one start has two numbers: ${before.transactionId} and ${answer.transactionId}`)
    if (before === undefined) known.set(key, { heard: one, transactionId: answer.transactionId!, stationMs, offsetMs: rules.correctsClocks ? offsetAt(heard, one) : 0 })
  }
  return [...known.values()]
}

/** What to add to its times: a clock that is ahead shows itself in frames that are older as they leave than as they come. */
function offsetAt(heard: readonly Heard[], start: Heard): number {
  let least = 0
  for (const one of heard) {
    if (one.clientID === start.clientID && one.action !== 'StopTransaction') least = Math.min(least, one.receivedAtMs - newestMs(one))
    if (one === start) break
  }
  const offsetMs = Math.round(least / 1000) * 1000
  return Math.abs(offsetMs) < 10_000 ? 0 : offsetMs
}

function readStops(heard: readonly Heard[], rules: Rules): Map<number, Heard> {
  const stops = new Map<number, Heard>()
  for (const one of heard) {
    if (one.action !== 'StopTransaction' || one.payload.transactionId === undefined) continue
    if (rules.lastStopCounts || !stops.has(one.payload.transactionId)) stops.set(one.payload.transactionId, one)
  }
  return stops
}

function groupBy<T>(all: readonly T[], keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const one of all) {
    const group = groups.get(keyOf(one)) ?? []
    groups.set(keyOf(one), group)
    group.push(one)
  }
  return groups
}
