// Messages per core-second through the whole path of kwota, beside a bare `ws` echo of the same bytes and `ocpp-rpc` in its strict mode, for few and for many charge points.
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startLoad, type LoadProcess } from '../chaos/load-process.ts'
import { depotConfig, grantA } from './depot.ts'
import { withinOpenFiles } from './open-files.ts'
import type { Part, Row } from './part.ts'
import type { PerScale, Scale } from './scale.ts'
import { startKwota, startYardstick, type ServerProcess } from './server-process.ts'
import { summarise, type Summary } from './statistics.ts'
import type { WindowOrder, WireLoadOrder, WireLoadWord } from './wire-load.ts'
import { atLeast, atMost, percent, span, whole } from './words.ts'

export interface Rate {
  readonly messagesPerS: Summary
  /** Messages per second of CPU time of the server; null where that cannot be read. */
  readonly messagesPerCoreS: Summary | null
  /** How much of one core the server used, and the load. */
  readonly cores: Summary | null
  readonly loadCores: Summary
}

type SideName = WireLoadOrder['side']

export interface WholePathFigure extends Readonly<Record<SideName, Rate>> {
  readonly stations: number
  /** kwota's messages per core-second to those of the others; of medians. Where CPU time cannot be read, of messages per second. */
  readonly toBareWs: number
  readonly toOcppRpc: number
}

export interface WholePathResult { readonly frameBytes: number; readonly mostUnderWay: number; readonly rounds: number; readonly windowMs: number; readonly figures: readonly WholePathFigure[] }
/** `serve` = more flags of `kwota serve`. */
export interface WholePathOptions { readonly stations: readonly number[]; readonly rounds: number; readonly windowMs: number; readonly warmUpMs: number; readonly serve?: readonly string[] }

interface Side { readonly stations: number; readonly name: SideName; readonly server: ServerProcess; readonly load: LoadProcess<WireLoadWord>; readonly frameBytes: number; readonly windows: Window[] }
type Window = Extract<WireLoadWord, { type: 'window' }>

const mostUnderWay = 100
const betweenMs = 500
/** What only the first readings of a charge point cost is over then. */
const warmUpRounds = 4
const names: Readonly<Record<SideName, string>> = { kwota: 'kwota', bareWs: 'bare ws', ocppRpc: 'ocpp-rpc' }
const openers: Readonly<Record<SideName, (stations: number, serve: readonly string[]) => Promise<ServerProcess>>> = {
  kwota: (stations, serve) => startKwota(depotConfig(stations), { serve }),
  bareWs: () => startYardstick('echo-server.js'),
  ocppRpc: () => startYardstick('rpc-server.js'),
}

/** All servers stand from the beginning, and are measured in turns: what slows the machine down slows all of them. */
export async function measureWholePath({ stations: wanted, rounds, windowMs, warmUpMs, serve = [] }: WholePathOptions, progress: (line: string) => void): Promise<WholePathResult> {
  const stations = withinOpenFiles(wanted, progress)
  const sides: Side[] = []
  try {
    for (const count of stations) {
      for (const name of ['bareWs', 'ocppRpc', 'kwota'] as const) {
        sides.push(await openSide(name, count, serve))
        progress(`${names[name]} has ${whole(count)} charge points`)
      }
    }
    const measure = async (side: Side, window: WindowOrder): Promise<Window> => {
      side.load.tell(JSON.stringify(window))
      const word = await side.load.next()
      if (word.type !== 'window') throw new Error(`the load said ${word.type}`)
      return word
    }
    for (const side of sides) await measure(side, { warmUpMs, warmUpRounds, windowMs: 50 })
    for (let round = 0; round < rounds; round++) {
      for (const side of sides) {
        const window = await measure(side, { warmUpMs: Math.min(warmUpMs, betweenMs), warmUpRounds: 0, windowMs })
        side.windows.push(window)
        progress(`round ${round + 1} of ${rounds}: ${names[side.name]}, ${whole(side.stations)} charge points: ${whole(window.frames / (window.cpuS ?? window.seconds))} messages per ${window.cpuS === null ? '' : 'core-'}second`)
      }
    }
    return { frameBytes: sides[0]!.frameBytes, mostUnderWay, rounds, windowMs, figures: stations.map((count) => figureOf(count, sides.filter((side) => side.stations === count))) }
  } finally {
    for (const { load } of sides) load.stop()
    await Promise.all(sides.map(({ server }) => server.stop()))
  }
}

async function openSide(name: SideName, stations: number, serve: readonly string[]): Promise<Side> {
  const server = await openers[name](stations, serve)
  const url = name === 'kwota' ? server.ocppUrl : server.url.replace(/^http/, 'ws')
  const load = startLoad<WireLoadWord>('../bench/wire-load.js', { side: name, url, pid: server.pid, stations, grantA, mostUnderWay } satisfies WireLoadOrder)
  try {
    const word = await load.next()
    if (word.type !== 'ready') throw new Error(`the load said ${word.type}`)
    return { stations, name, server, load, frameBytes: word.frameBytes, windows: [] }
  } catch (error) {
    load.stop()
    await server.stop()
    throw error
  }
}

function figureOf(stations: number, sides: readonly Side[]): WholePathFigure {
  const rates = Object.fromEntries(sides.map(({ name, windows }) => [name, rateOf(windows)])) as Record<SideName, Rate>
  const to = (other: SideName): number => speedOf(rates.kwota) / speedOf(rates[other])
  return { stations, ...rates, toBareWs: to('bareWs'), toOcppRpc: to('ocppRpc') }
}

function rateOf(windows: readonly Window[]): Rate {
  const known = windows.flatMap(({ frames, seconds, cpuS }) => (cpuS === null || cpuS === 0 ? [] : [{ frames, seconds, cpuS }]))
  return {
    messagesPerS: summarise(windows.map(({ frames, seconds }) => frames / seconds)),
    messagesPerCoreS: known.length === 0 ? null : summarise(known.map(({ frames, cpuS }) => frames / cpuS)),
    cores: known.length === 0 ? null : summarise(known.map(({ seconds, cpuS }) => cpuS / seconds)),
    loadCores: summarise(windows.map(({ loadCores }) => loadCores)),
  }
}

function speedOf({ messagesPerS, messagesPerCoreS }: Rate): number {
  return (messagesPerCoreS ?? messagesPerS).median
}

const options: PerScale<WholePathOptions> = {
  full: { stations: [100, 2_000, 10_000], rounds: 5, windowMs: 2_500, warmUpMs: 4_000 },
  quick: { stations: [100, 500], rounds: 2, windowMs: 1_000, warmUpMs: 2_000 },
  smoke: { stations: [3, 6], rounds: 1, windowMs: 200, warmUpMs: 50 },
}
const leastToBareWs = 0.45
const mostGrowth = 1.2

export async function wholePath(scale: Scale, progress: (line: string) => void): Promise<Part<WholePathResult>> {
  const data = await measureWholePath(options[scale], progress)
  return { data, rows: rowsOf(data) }
}

function rowsOf({ figures, frameBytes }: WholePathResult): Row[] {
  const [fewest, most] = [figures[0]!, figures.at(-1)!]
  const growth = speedOf(fewest.kwota) / speedOf(most.kwota)
  return [
    ...figures.flatMap((figure): Row[] => [
      {
        what: `messages per core-second through the whole path (validate, actors, history, durable store, answer), ${whole(figure.stations)} charge points, frames of ${whole(frameBytes)} bytes`,
        figure: rate(figure.kwota), beside: `bare \`ws\` echo of the same bytes: ${rate(figure.bareWs)}; kwota has ${percent(figure.toBareWs)} of it`, brief: true,
        goal: atLeast(figure.toBareWs, leastToBareWs, `at least ${percent(leastToBareWs)} of bare \`ws\``),
      },
      {
        what: `the same beside \`ocpp-rpc\` strict, which stores nothing, ${whole(figure.stations)} charge points`,
        figure: `${percent(figure.toOcppRpc)} of it`, beside: `\`ocpp-rpc\`: ${rate(figure.ocppRpc)}`, brief: figure === fewest, goal: atLeast(figure.toOcppRpc, 1, 'ahead of it'),
      },
    ]),
    ...figures.map(({ stations, kwota, bareWs }): Row => ({
      what: `CPU seconds of the server for 1,000 messages, ${whole(stations)} charge points`, figure: (1_000 / speedOf(kwota)).toFixed(3), beside: `bare \`ws\`: ${(1_000 / speedOf(bareWs)).toFixed(3)}`,
    })),
    {
      what: `how much more a message costs with ${whole(most.stations)} charge points than with ${whole(fewest.stations)}`, figure: growthWords(growth),
      beside: `with bare \`ws\` ${growthWords(speedOf(fewest.bareWs) / speedOf(most.bareWs))}, with \`ocpp-rpc\` ${growthWords(speedOf(fewest.ocppRpc) / speedOf(most.ocppRpc))}`,
      goal: atMost(growth, mostGrowth, 'flat within 20 %'), brief: true,
    },
  ]
}

function rate({ messagesPerS, messagesPerCoreS, cores }: Rate): string {
  return messagesPerCoreS === null || cores === null ? `${span(messagesPerS)} per second` : `${span(messagesPerCoreS)}, at ${cores.median.toFixed(2)} cores`
}

const growthWords = (growth: number): string => `${growth >= 1 ? '' : '−'}${percent(Math.abs(growth - 1))}`

const usage = 'node dist/bench/whole-path.js [--stations 100,2000] [--rounds 3] [--window-ms 2500] [--warm-up-ms 4000] [-- FLAGS OF kwota serve]'

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: {
    stations: { type: 'string', default: '100' }, rounds: { type: 'string', default: '3' }, 'window-ms': { type: 'string', default: '2500' }, 'warm-up-ms': { type: 'string', default: '4000' }, help: { type: 'boolean', default: false },
  } })
  if (values.help) process.stdout.write(`${usage}\n`)
  else {
    const result = await measureWholePath({ stations: values.stations.split(',').map(Number), rounds: Number(values.rounds), windowMs: Number(values['window-ms']), warmUpMs: Number(values['warm-up-ms']), serve: positionals }, (line) => void process.stderr.write(`${line}\n`))
    const us = (one: Rate): string => (1e6 / speedOf(one)).toFixed(1)
    for (const { stations, kwota, bareWs, ocppRpc, toBareWs, toOcppRpc } of result.figures) process.stdout.write(`${stations} charge points: kwota ${us(kwota)} µs a message, bare ws ${us(bareWs)}, ocpp-rpc ${us(ocppRpc)}; ${percent(toBareWs)} of bare ws, ${percent(toOcppRpc)} of ocpp-rpc\n`)
  }
}
