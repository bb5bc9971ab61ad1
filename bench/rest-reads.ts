// REST reads per core-second with a key, beside a bare Koa that answers as many bytes: one path after the other, and all of them in turn.
import { startLoad, type LoadProcess } from '../chaos/load-process.ts'
import { connectors, depotConfig, pointName, siteName } from './depot.ts'
import type { FleetLoadOrder, FleetLoadWord } from './fleet-load.ts'
import type { Part, Row } from './part.ts'
import type { RestLoadOrder, RestLoadWord, RestWindowOrder } from './rest-load.ts'
import type { PerScale, Scale } from './scale.ts'
import { startKwota, startYardstick, type ServerProcess } from './server-process.ts'
import { summarise, type Summary } from './statistics.ts'
import { atLeast, percent, span, whole } from './words.ts'

export interface RestFigure {
  readonly what: string
  /** On average. */
  readonly bytes: number
  readonly kwota: RestRate
  readonly koa: RestRate
  /** kwota to Koa, of medians, answers per core-second; where CPU time cannot be read, per second. */
  readonly ratio: number
}
export interface RestRate { readonly perS: Summary; readonly perCoreS: Summary | null; readonly loadCores: Summary }
export interface RestResult { readonly stations: number; readonly lines: number; readonly figures: readonly RestFigure[] }
export interface RestOptions { readonly stations: number; readonly rounds: number; readonly windowMs: number; readonly warmUpMs: number }

const apiKey = 'bench-bench-bench-bench-bench'
const lines = 16
const betweenMs = 200

const reads: readonly { readonly what: string; readonly path: string }[] = [
  { what: 'a site', path: `/api/v1/sites/${siteName(0)}` },
  { what: 'a charge point', path: `/api/v1/chargepoints/${pointName(0)}` },
  { what: 'the power of a site', path: `/api/v1/sites/${siteName(0)}/power` },
  { what: 'the allocation of a connector', path: `/api/v1/chargepoints/${pointName(0)}/connectors/1/allocation` },
  { what: 'the limit of a site', path: `/api/v1/sites/${siteName(0)}/grid-limit` },
]

export async function measureRestReads({ stations, rounds, windowMs, warmUpMs }: RestOptions, progress: (line: string) => void): Promise<RestResult> {
  const servers: ServerProcess[] = []
  const loads: LoadProcess<unknown>[] = []
  try {
    const kwota = await startKwota({ ...depotConfig(stations), apiKey })
    servers.push(kwota)
    const fleet = startLoad<FleetLoadWord>('../bench/fleet-load.js', { ocppUrl: kwota.ocppUrl, stations, connectors, charging: true } satisfies FleetLoadOrder)
    loads.push(fleet)
    await fleet.next()
    const bytes = await Promise.all(reads.map(async ({ path }) => (await get(kwota.url, path)).byteLength))
    const koa = await startYardstick('koa-server.js', JSON.stringify(Object.fromEntries(reads.map(({ path }, index) => [path, bytes[index]]))))
    servers.push(koa)
    const sides = [kwota, koa].map(({ url, pid }) => startLoad<RestLoadWord>('../bench/rest-load.js', { url, pid, apiKey, lines } satisfies RestLoadOrder))
    loads.push(...sides)
    const cases = [...reads.map(({ what, path }, index) => ({ what, paths: [path], bytes: bytes[index]! })), { what: 'all of these in turn', paths: reads.map(({ path }) => path), bytes: bytes.reduce((sum, one) => sum + one, 0) / bytes.length }]
    const windows = cases.map(() => sides.map(() => [] as RestLoadWord[]))
    const measure = (side: LoadProcess<RestLoadWord>, order: RestWindowOrder): Promise<RestLoadWord> => {
      side.tell(JSON.stringify(order))
      return side.next()
    }
    for (const side of sides) await measure(side, { paths: cases.at(-1)!.paths, warmUpMs, windowMs: 50 })
    for (let round = 0; round < rounds; round++) {
      for (const [index, { what, paths }] of cases.entries()) {
        for (const [at, side] of sides.entries()) windows[index]![at]!.push(await measure(side, { paths, warmUpMs: betweenMs, windowMs }))
        const [own, bare] = windows[index]!.map((of) => perCpu(of.at(-1)!)) as [number, number]
        progress(`round ${round + 1} of ${rounds}: ${what}: ${whole(own)}, Koa ${whole(bare)}`)
      }
    }
    return {
      stations, lines, figures: cases.map(({ what, bytes: each }, index) => {
        const [own, bare] = windows[index]!.map(rateOf) as [RestRate, RestRate]
        return { what, bytes: each, kwota: own, koa: bare, ratio: speedOf(own) / speedOf(bare) }
      }),
    }
  } finally {
    for (const load of loads) load.stop()
    await Promise.all(servers.map((server) => server.stop()))
  }
}

async function get(url: string, path: string): Promise<ArrayBuffer> {
  const response = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${apiKey}` } })
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  return response.arrayBuffer()
}

const perCpu = ({ answers, seconds, cpuS }: RestLoadWord): number => answers / (cpuS ?? seconds)

function rateOf(windows: readonly RestLoadWord[]): RestRate {
  return {
    perS: summarise(windows.map(({ answers, seconds }) => answers / seconds)), loadCores: summarise(windows.map(({ loadCores }) => loadCores)),
    perCoreS: windows.some(({ cpuS }) => cpuS === null || cpuS === 0) ? null : summarise(windows.map(perCpu)),
  }
}

function speedOf({ perS, perCoreS }: RestRate): number {
  return (perCoreS ?? perS).median
}

const options: PerScale<RestOptions> = {
  full: { stations: 200, rounds: 5, windowMs: 700, warmUpMs: 4_000 },
  quick: { stations: 50, rounds: 2, windowMs: 200, warmUpMs: 2_000 },
  smoke: { stations: 2, rounds: 1, windowMs: 50, warmUpMs: 20 },
}
const least = 0.6

export async function restReads(scale: Scale, progress: (line: string) => void): Promise<Part<RestResult>> {
  const data = await measureRestReads(options[scale], progress)
  return { data, rows: data.figures.map((figure, index): Row => ({
    what: `REST reads per core-second with a key: ${figure.what}, ${whole(figure.bytes)} bytes`, figure: span(figure.kwota.perCoreS ?? figure.kwota.perS), brief: index === data.figures.length - 1,
    beside: `bare Koa with as many bytes: ${span(figure.koa.perCoreS ?? figure.koa.perS)}; kwota has ${percent(figure.ratio)} of it`, goal: atLeast(figure.ratio, least, `at least ${percent(least)} of bare Koa`),
  })) }
}
