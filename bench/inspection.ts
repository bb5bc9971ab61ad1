// What inspection costs: a build without it and one with it under the same load at the same time, with nobody watching and with viewers in short turns; CPU time of the server for each message.
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { WebSocket } from 'ws'
import { meterFrame } from './meter-frame.ts'
import { startKwota, type ServerProcess } from './server-process.ts'
import { openStations, stationID, untilGranted, type Station } from './station.ts'
import { estimate, summarise, type Estimate, type Summary } from './statistics.ts'
import { buildWithout } from './without-inspection.ts'

export interface InspectionOptions {
  readonly stations: number
  readonly viewers: number
  /** New processes, each with so many rounds: no two of them are equally fast. */
  readonly starts: number
  readonly rounds: number
  readonly windowMs: number
  readonly perS: number
  readonly statusEvery: number
  /** Viewers ask for frames and decisions too, as the page does. */
  readonly frames: boolean
}

export interface InspectionResult extends InspectionOptions {
  /** Told to each viewer. */
  readonly actors: number
  readonly eventsPerS: Summary
  readonly kiBPerS: Summary
  /** CPU time for a message, turn by turn: how much more than the build without, and with viewers how much more than unwatched (each measured by the build without, at the same time), in percent; null where CPU times cannot be read. */
  readonly unwatchedPercent: Estimate | null
  readonly watchedPercent: Estimate | null
  readonly msPerMessage: Estimate | null
  readonly residentMiB: { readonly unwatched: number; readonly watched: number } | null
}

const grantA = 32
const drawnA = 31.5
const tickMs = 10
/** After each turn, for what follows it: a batch to the store, a tick of the recorder. */
const restMs = 300
const warmUpMs = 12_000

interface Side { readonly server: ServerProcess; readonly stations: readonly Station[] }
/** ms of CPU time for a message. */
interface Cost { readonly plain: number | null; readonly inspected: number | null }
interface Round { readonly unwatched: Cost; readonly watched: Cost; readonly events: number; readonly bytes: number }

export async function measureInspection(options: InspectionOptions, progress: (line: string) => void): Promise<InspectionResult> {
  const without = buildWithout()
  const rounds: Round[] = []
  let actors = Infinity
  let resident: InspectionResult['residentMiB'] = null
  try {
    for (let start = 1; start <= options.starts; start++) {
      const sides: Side[] = []
      try {
        for (const main of [without, undefined]) {
          progress(`starting kwota ${main === undefined ? 'with' : 'without'} inspection, ${options.stations} charge points (${start} of ${options.starts})`)
          sides.push(await open(options.stations, main))
        }
        const [plain, inspected] = sides as [Side, Side]
        // With somebody who watches: what is compiled is compiled then.
        const first = await openViewers(inspected.server, options)
        await turn(plain, inspected, options, Math.min(warmUpMs, 8 * options.windowMs))
        for (const viewer of first) viewer.close()
        for (let round = 1; round <= options.rounds; round++) {
          const unwatched = await turn(plain, inspected, options)
          const unwatchedMiB = residentMiB(inspected.server)
          const viewers = await openViewers(inspected.server, options)
          actors = Math.min(actors, ...viewers.map(({ actors: told }) => told()))
          const told = viewers[0]!.told()
          const watched = await turn(plain, inspected, options)
          if (viewers.some(({ isOpen }) => !isOpen())) throw new Error('a viewer was cut')
          const now = viewers[0]!.told()
          resident = unwatchedMiB === null ? null : { unwatched: unwatchedMiB, watched: residentMiB(inspected.server) ?? 0 }
          for (const viewer of viewers) viewer.close()
          const seconds = (options.windowMs + restMs) / 1_000
          rounds.push({ unwatched, watched, events: (now.events - told.events) / seconds, bytes: (now.bytes - told.bytes) / seconds })
          progress(`round ${round} of ${options.rounds}: unwatched ${inMs(unwatched.inspected)} (without ${inMs(unwatched.plain)}), ${options.viewers} viewers ${inMs(watched.inspected)} (without ${inMs(watched.plain)}) of CPU time a message; ${Math.round(rounds.at(-1)!.events)} events/s to each`)
        }
      } finally {
        for (const { stations } of sides) for (const station of stations) station.close()
        await Promise.all(sides.map(({ server }) => server.stop()))
      }
    }
  } finally {
    rmSync(join(without, '..', '..'), { recursive: true, force: true })
  }
  return {
    ...options, actors, eventsPerS: summarise(rounds.map(({ events }) => events)), kiBPerS: summarise(rounds.map(({ bytes }) => bytes / 1024)),
    unwatchedPercent: estimateOf(rounds.map(({ unwatched }) => percentMore(ratioOf(unwatched), 1))),
    watchedPercent: estimateOf(rounds.map(({ watched, unwatched }) => percentMore(ratioOf(watched), ratioOf(unwatched)))),
    msPerMessage: estimateOf(rounds.map(({ unwatched: { inspected } }) => inspected)), residentMiB: resident,
  }
}

const ratioOf = ({ plain, inspected }: Cost): number | null => (plain === null || inspected === null || plain === 0 ? null : inspected / plain)
const percentMore = (value: number | null, than: number | null): number | null => (value === null || than === null ? null : 100 * (value / than - 1))

function estimateOf(values: readonly (number | null)[]): Estimate | null {
  const known = values.filter((value) => value !== null)
  return known.length < values.length ? null : estimate(known)
}

async function open(count: number, main: string | undefined): Promise<Side> {
  const server = await startKwota({
    messagesPerSecond: 0, sites: [{ id: 'main', fuseA: grantA * count }], chargePoints: Array.from({ length: count }, (_, index) => ({ id: stationID(index) })),
  }, main === undefined ? {} : { main })
  try {
    const stations = await openStations(server.ocppUrl, count)
    await untilGranted(stations, grantA)
    return { server, stations }
  } catch (error) {
    await server.stop()
    throw error
  }
}

let frames = 0

/** Both are sent the same at the same times: meter values, and one status in so many, since the actors hear of a status only. */
async function turn(plain: Side, inspected: Side, { windowMs, perS, statusEvery }: InspectionOptions, forMs = windowMs): Promise<Cost> {
  const count = Math.round((perS * forMs) / 1_000)
  const sides = [plain, inspected] as const
  const before = sides.map(({ server }) => server.cpuS())
  const begunMs = performance.now()
  let sent = 0
  let answered = 0
  for (const { stations } of sides) for (const station of stations) station.heard = (text) => { if (text.startsWith('[3,')) answered++ }
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const due = Math.min(count, ((performance.now() - begunMs) / 1_000) * perS)
      for (; sent < due; sent++) {
        frames++
        // Who comes first changes.
        for (const { stations } of sent % 2 === 0 ? sides : [inspected, plain]) send(stations[sent % stations.length]!, frames, statusEvery)
      }
      if (sent < count) return
      clearInterval(timer)
      resolve()
    }, tickMs)
  })
  await until(() => answered >= 2 * count, 'an answer never came')
  await new Promise((resolve) => setTimeout(resolve, restMs))
  const [plainMs, inspectedMs] = sides.map(({ server }, at) => {
    const [from, to] = [before[at] ?? null, server.cpuS()]
    return from === null || to === null ? null : ((to - from) * 1_000) / count
  })
  return { plain: plainMs ?? null, inspected: inspectedMs ?? null }
}

function send(station: Station, number: number, statusEvery: number): void {
  const id = `i${number}`
  const status = Math.floor(number / statusEvery) % 2 === 0 ? 'Charging' : 'SuspendedEV'
  station.send(number % statusEvery === 0
    ? JSON.stringify([2, id, 'StatusNotification', { connectorId: 1, errorCode: 'NoError', status, timestamp: new Date().toISOString() }])
    : meterFrame(id, station.transactionId, 1_000_000 + number, drawnA))
}

/** Resolves when all of them have been told of every actor. */
async function openViewers({ url }: ServerProcess, { viewers: count, stations, frames: withFrames }: InspectionOptions) {
  const viewers = await Promise.all(Array.from({ length: count }, async () => {
    let actors = 0
    let events = 0
    let bytes = 0
    const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/api/v1/inspect?definitions=false${withFrames ? '&include=frames,decisions' : ''}`, { perMessageDeflate: false })
    socket.on('message', (data: Buffer) => {
      events++
      bytes += data.length
      if (data.toString('latin1', 0, 24).includes('@xstate.actor')) actors++
    })
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
    return { actors: () => actors, told: () => ({ events, bytes }), isOpen: () => socket.readyState === WebSocket.OPEN, close: () => socket.terminate() }
  }))
  await until(() => viewers.every(({ actors: told }) => told() >= 3 * stations + 1), 'a viewer was not told of every actor')
  await new Promise((resolve) => setTimeout(resolve, restMs))
  return viewers
}

async function until(holds: () => boolean, otherwise: string): Promise<void> {
  const deadline = performance.now() + 30_000
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(otherwise)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

const inMs = (value: number | null) => (value === null ? '?' : `${value.toFixed(3)} ms`)

function residentMiB({ pid }: ServerProcess): number | null {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
  } catch {
    return null
  }
}

const usage = `node dist/bench/inspection.js [--stations 340] [--viewers 3] [--starts 3] [--rounds 8] [--window-ms 1500] [--per-second 1000] [--status-every 20] [--frames] [--json FILE]
  --status-every  one message in so many changes a state, the others are meter values
  --frames        viewers ask for frames and decisions too, as the page does`

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: {
    stations: { type: 'string', default: '340' }, viewers: { type: 'string', default: '3' }, starts: { type: 'string', default: '3' }, rounds: { type: 'string', default: '8' }, 'window-ms': { type: 'string', default: '1500' },
    'per-second': { type: 'string', default: '1000' }, 'status-every': { type: 'string', default: '20' }, frames: { type: 'boolean', default: false }, json: { type: 'string' }, help: { type: 'boolean', default: false },
  } })
  if (values.help) process.stdout.write(`${usage}\n`)
  else {
    const result = await measureInspection({
      stations: Number(values.stations), viewers: Number(values.viewers), starts: Number(values.starts), rounds: Number(values.rounds), windowMs: Number(values['window-ms']),
      perS: Number(values['per-second']), statusEvery: Number(values['status-every']), frames: values.frames,
    }, (line) => void process.stderr.write(`${line}\n`))
    const percent = (one: Estimate | null): string => (one === null ? 'unknown' : `${one.median.toFixed(1)} % (${one.low.toFixed(1)} to ${one.high.toFixed(1)} with 95 % certainty, ${one.count} pairs)`)
    process.stdout.write(`${result.actors} actors told to each of ${result.viewers} viewers; ${result.perS} messages a second, one in ${result.statusEvery} changes a state${result.frames ? '; frames and decisions too' : ''}; ${inMs(result.msPerMessage?.median ?? null)} of CPU time each
nobody watching costs ${percent(result.unwatchedPercent)} of the CPU time of a build without inspection
${result.viewers} viewers cost ${percent(result.watchedPercent)}; each is told ${Math.round(result.eventsPerS.median)} events, ${Math.round(result.kiBPerS.median)} KiB a second
`)
    if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`)
  }
}
