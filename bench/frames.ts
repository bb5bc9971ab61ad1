// Frames per second through the whole path of kwota, with and without its message limit, beside a bare `ws` echo of the same frames.
import { runClosedLoop, type LoopResult } from './closed-loop.ts'
import { openEchoLine, type Line } from './line.ts'
import { meterFrame } from './meter-frame.ts'
import type { Scale } from './scale.ts'
import { startEcho, startKwota, type ServerProcess } from './server-process.ts'
import { openStations, stationID, untilGranted } from './station.ts'
import { summarise, type Summary } from './statistics.ts'

export interface Rate {
  readonly framesPerS: Summary
  /** Frames per second of CPU time of the server; null where that cannot be read. */
  readonly framesPerCoreS: Summary | null
  /** How much of one core the server used. */
  readonly cores: Summary | null
}

export interface FramesResult {
  readonly stations: number
  readonly frameBytes: number
  readonly rounds: number
  readonly windowMs: number
  readonly limitOff: Rate
  readonly limitOn: Rate
  readonly messagesPerSecond: number
  readonly bareWs: Rate
  /** Of the medians, limit off to bare `ws`: of frames per second, and of frames per core-second. */
  readonly ratio: { readonly framesPerS: number; readonly framesPerCoreS: number | null }
}

interface Side { readonly name: string; readonly lines: readonly Line[]; readonly server: ServerProcess; readonly settlesAt: number | null; readonly transactionIds: readonly number[] | null }

const grantA = 32
const drawnA = 31.5
/** What kwota does without being told otherwise, written here so that the figure says what it measured. */
const messagesPerSecond = 20

export async function measureFrames(scale: Scale, progress: (line: string) => void): Promise<FramesResult> {
  const sides: Side[] = []
  try {
    progress(`starting kwota twice and a bare ws, each with ${scale.stations} stations`)
    const opened = await Promise.allSettled([
      openKwota('kwota, message limit off', scale, 0),
      openBare(scale),
      openKwota(`kwota, message limit ${messagesPerSecond}/s`, scale, messagesPerSecond),
    ])
    for (const one of opened) if (one.status === 'fulfilled') sides.push(one.value)
    for (const one of opened) if (one.status === 'rejected') throw one.reason
    const results = new Map(sides.map((side) => [side, [] as LoopResult[]]))
    for (const side of sides) await runRound(side, scale, true)
    for (let round = 0; round < scale.rounds; round++) {
      for (const side of sides) {
        const result = await runRound(side, scale, false)
        results.get(side)!.push(result)
        progress(`round ${round + 1} of ${scale.rounds}: ${side.name}: ${Math.round(result.frames / result.seconds)} frames/s`)
      }
    }
    const [limitOff, bareWs, limitOn] = sides.map((side) => rateOf(results.get(side)!)) as [Rate, Rate, Rate]
    return {
      stations: scale.stations, frameBytes: frameOf(0, 0, 1_234_567_890).frame.length, rounds: scale.rounds, windowMs: scale.windowMs,
      limitOff, limitOn, messagesPerSecond, bareWs,
      ratio: {
        framesPerS: limitOff.framesPerS.median / bareWs.framesPerS.median,
        framesPerCoreS: limitOff.framesPerCoreS === null || bareWs.framesPerCoreS === null ? null : limitOff.framesPerCoreS.median / bareWs.framesPerCoreS.median,
      },
    }
  } finally {
    for (const { lines } of sides) for (const line of lines) line.close()
    await Promise.all(sides.map(({ server }) => server.stop()))
  }
}

async function openKwota(name: string, scale: Scale, limit: number): Promise<Side> {
  const server = await startKwota({
    messagesPerSecond: limit,
    sites: [{ id: 'main', fuseA: grantA * scale.stations }],
    chargePoints: Array.from({ length: scale.stations }, (_, index) => ({ id: stationID(index) })),
  })
  try {
    const stations = await openStations(server.ocppUrl, scale.stations)
    await untilGranted(stations, grantA)
    return { name, lines: stations, server, settlesAt: limit === 0 ? null : limit * scale.stations, transactionIds: stations.map((station) => station.transactionId) }
  } catch (error) {
    await server.stop()
    throw error
  }
}

async function openBare(scale: Scale): Promise<Side> {
  const server = await startEcho()
  const lines = await Promise.all(Array.from({ length: scale.stations }, () => openEchoLine(server.url)))
  return { name: 'bare ws echo', lines, server, settlesAt: null, transactionIds: null }
}

let frames = 0

function frameOf(line: number, count: number, transactionId: number | null): { frame: string; answer: string } {
  const id = `${line}-${++frames}`
  const frame = meterFrame(id, transactionId ?? 1_234_567_890, 1_000_000 + count, drawnA)
  return { frame, answer: transactionId === null ? `[2,"${id}",` : `[3,"${id}",{}]` }
}

function runRound(side: Side, scale: Scale, first: boolean): Promise<LoopResult> {
  return runClosedLoop({
    lines: side.lines,
    next: (line, count) => frameOf(line, count, side.transactionIds?.[line] ?? null),
    warmUpMs: first ? scale.warmUpMs : Math.min(scale.warmUpMs, 500),
    settlesAt: first ? null : side.settlesAt,
    windowMs: first ? 50 : scale.windowMs,
    cpuS: () => side.server.cpuS(),
  })
}

function rateOf(results: readonly LoopResult[]): Rate {
  const known = results.flatMap(({ frames, seconds, cpuS }) => (cpuS === null || cpuS === 0 ? [] : [{ frames, seconds, cpuS }]))
  return {
    framesPerS: summarise(results.map(({ frames, seconds }) => frames / seconds)),
    framesPerCoreS: known.length === 0 ? null : summarise(known.map(({ frames, cpuS }) => frames / cpuS)),
    cores: known.length === 0 ? null : summarise(known.map(({ seconds, cpuS }) => cpuS / seconds)),
  }
}
