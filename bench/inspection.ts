// What inspection costs: a build without it, one with it and nobody watching, and the same with viewers, in turns; frames per core-second of the server.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { WebSocket } from 'ws'
import { runClosedLoop, type LoopResult } from './closed-loop.ts'
import { meterFrame } from './meter-frame.ts'
import { startKwota, type ServerProcess } from './server-process.ts'
import { openStations, stationID, untilGranted, type Station } from './station.ts'
import { summarise, type Summary } from './statistics.ts'

export interface InspectionOptions { readonly stations: number; readonly viewers: number; readonly rounds: number; readonly windowMs: number; readonly statusEvery: number }

export interface InspectionResult extends InspectionOptions {
  /** Told to each viewer. */
  readonly actors: number
  readonly eventsPerS: Summary
  readonly kiBPerS: Summary
  /** Of frames per core-second, round by round: how much less than without, in percent; null where CPU times cannot be read. */
  readonly unwatchedPercent: Summary | null
  readonly watchedPercent: Summary | null
  readonly framesPerCoreS: Summary | null
  readonly residentMiB: { readonly unwatched: number; readonly watched: number } | null
}

const grantA = 32
const drawnA = 31.5

interface Side { readonly server: ServerProcess; readonly stations: readonly Station[] }

export async function measureInspection(options: InspectionOptions, progress: (line: string) => void): Promise<InspectionResult> {
  const without = buildWithout()
  const sides: Side[] = []
  try {
    for (const main of [without, undefined]) {
      progress(`starting kwota ${main === undefined ? 'with' : 'without'} inspection, ${options.stations} charge points`)
      sides.push(await open(options.stations, main))
    }
    const [plain, inspected] = sides as [Side, Side]
    for (const side of sides) await round(side, options, true)
    const rounds: { plain: LoopResult; unwatched: LoopResult; watched: LoopResult; events: number; bytes: number }[] = []
    let actors = 0
    let resident: InspectionResult['residentMiB'] = null
    for (let count = 0; count < options.rounds; count++) {
      const first = count % 2 === 0
      const before = first ? await round(plain, options) : null
      const unwatched = await round(inspected, options)
      const plainOne = before ?? await round(plain, options)
      const unwatchedMiB = residentMiB(inspected.server)
      const viewers = await Promise.all(Array.from({ length: options.viewers }, () => openViewer(inspected.server)))
      await until(() => viewers.every(({ actors: told }) => told() >= 3 * options.stations + 1), 'a viewer was not told of every actor')
      actors = Math.min(...viewers.map(({ actors: told }) => told()))
      const told = viewers.map((viewer) => viewer.told())
      const watched = await round(inspected, options)
      if (viewers.some(({ isOpen }) => !isOpen())) throw new Error('a viewer was cut')
      const now = viewers.map((viewer) => viewer.told())
      resident = unwatchedMiB === null ? null : { unwatched: unwatchedMiB, watched: residentMiB(inspected.server) ?? 0 }
      for (const viewer of viewers) viewer.close()
      const seconds = watched.seconds
      rounds.push({ plain: plainOne, unwatched, watched, events: (now[0]!.events - told[0]!.events) / seconds, bytes: (now[0]!.bytes - told[0]!.bytes) / seconds })
      progress(`round ${count + 1} of ${options.rounds}: without ${perCore(plainOne)}, unwatched ${perCore(unwatched)}, ${options.viewers} viewers ${perCore(watched)} frames per core-second; ${Math.round(rounds.at(-1)!.events)} events/s to each`)
    }
    const known = rounds.every(({ plain: one }) => one.cpuS !== null && one.cpuS > 0)
    const less = (of: (one: (typeof rounds)[number]) => LoopResult, than: (one: (typeof rounds)[number]) => LoopResult) => (known ? summarise(rounds.map((one) => 100 * (1 - rateOf(of(one)) / rateOf(than(one))))) : null)
    return {
      ...options, actors, eventsPerS: summarise(rounds.map(({ events }) => events)), kiBPerS: summarise(rounds.map(({ bytes }) => bytes / 1024)),
      unwatchedPercent: less(({ unwatched }) => unwatched, ({ plain: one }) => one), watchedPercent: less(({ watched }) => watched, ({ unwatched }) => unwatched),
      framesPerCoreS: known ? summarise(rounds.map(({ unwatched }) => rateOf(unwatched))) : null, residentMiB: resident,
    }
  } finally {
    for (const { stations } of sides) for (const station of stations) station.close()
    await Promise.all(sides.map(({ server }) => server.stop()))
    rmSync(join(without, '..', '..'), { recursive: true, force: true })
  }
}

/** A copy of the build in which nothing is noted, kept in a book or listened for. */
function buildWithout(): string {
  const dist = fileURLToPath(new URL('..', import.meta.url))
  const place = join(dist, 'bench', 'without-inspection')
  rmSync(place, { recursive: true, force: true })
  mkdirSync(place, { recursive: true })
  cpSync(join(dist, '..', 'package.json'), join(place, 'package.json'))
  for (const name of readdirSync(dist)) if (name !== 'bench' && name !== 'chaos') cpSync(join(dist, name), join(place, 'dist', name), { recursive: true })
  const change = (name: string, from: string | RegExp, to: string): void => {
    const path = join(place, 'dist', name)
    const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
    const changed = text.replace(from, to)
    if (changed === text) throw new Error(`${name} is not as it was when this was written`)
    writeFileSync(path, changed)
  }
  change('actors/inspection/transition-notes.js', /export function noting\(machine\) \{/, '$&\n    return machine;')
  change('actors/inspection/root-book.js', /\n\s+begin\([^)]*\) \{/, '$&\n        return () => undefined;')
  change('actors/charge-point-desk.js', /if \(this\.options\.estate\.inspection\.hears\)\s/, 'if (false) ')
  return join(place, 'dist', 'main.js')
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

/** Meter values, and one status in so many: the actors hear of a status only. */
function round({ server, stations }: Side, { windowMs, statusEvery }: InspectionOptions, first = false): Promise<LoopResult> {
  return runClosedLoop({
    lines: stations,
    next(line, count) {
      const id = `${line}-${++frames}`
      const turn = count + line
      const frame = turn % statusEvery === 0
        ? JSON.stringify([2, id, 'StatusNotification', { connectorId: 1, errorCode: 'NoError', status: turn % (2 * statusEvery) === 0 ? 'Charging' : 'SuspendedEV', timestamp: new Date().toISOString() }])
        : meterFrame(id, stations[line]!.transactionId, 1_000_000 + count, drawnA)
      return { frame, answer: `[3,"${id}",{}]` }
    },
    warmUpMs: first ? 4 * windowMs : 300, settlesAt: null, windowMs: first ? 50 : windowMs, cpuS: () => server.cpuS(),
  })
}

async function openViewer({ url }: ServerProcess) {
  let actors = 0
  let events = 0
  let bytes = 0
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/api/v1/inspect`, { perMessageDeflate: false })
  socket.on('message', (data: Buffer) => {
    events++
    bytes += data.length
    if (data.toString('latin1', 0, 24).includes('@xstate.actor')) actors++
  })
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  return { actors: () => actors, told: () => ({ events, bytes }), isOpen: () => socket.readyState === WebSocket.OPEN, close: () => socket.terminate() }
}

async function until(holds: () => boolean, otherwise: string): Promise<void> {
  const deadline = performance.now() + 30_000
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(otherwise)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

function rateOf({ frames: count, cpuS }: LoopResult): number {
  return count / (cpuS ?? 1)
}

function perCore(result: LoopResult): string {
  return result.cpuS === null ? '?' : Math.round(rateOf(result)).toString()
}

function residentMiB({ pid }: ServerProcess): number | null {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
  } catch {
    return null
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: {
    stations: { type: 'string', default: '340' }, viewers: { type: 'string', default: '3' }, rounds: { type: 'string', default: '6' }, 'window-ms': { type: 'string', default: '2500' },
    'status-every': { type: 'string', default: '20' }, json: { type: 'string' },
  } })
  const result = await measureInspection({
    stations: Number(values.stations), viewers: Number(values.viewers), rounds: Number(values.rounds), windowMs: Number(values['window-ms']), statusEvery: Number(values['status-every']),
  }, (line) => void process.stderr.write(`${line}\n`))
  const percent = (summary: Summary | null): string => (summary === null ? 'unknown' : `${summary.median.toFixed(1)} % (${summary.min.toFixed(1)} to ${summary.max.toFixed(1)})`)
  process.stdout.write(`${result.actors} actors told to each of ${result.viewers} viewers; one frame in ${result.statusEvery} changes a state
nobody watching costs ${percent(result.unwatchedPercent)} of the frames per core-second of a build without inspection
${result.viewers} viewers cost ${percent(result.watchedPercent)}; each is told ${Math.round(result.eventsPerS.median)} events, ${Math.round(result.kiBPerS.median)} KiB a second
`)
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`)
}
