// How long it takes from PUT of a limit until the first and the last charge point have received their lowering, beside a bare `ws` that sends the same frames on a PUT.
import { startLoad, type LoadProcess } from '../chaos/load-process.ts'
import type { CutLoadOrder, CutLoadWord, CutOrder } from './cut-load.ts'
import { pointNames } from './depot.ts'
import { withinOpenFiles } from './open-files.ts'
import type { Part, Row } from './part.ts'
import type { PerScale, Scale } from './scale.ts'
import { startKwota, startYardstick, type ServerProcess } from './server-process.ts'
import { summarise, type Summary } from './statistics.ts'
import { atMost, times, whole } from './words.ts'

/** ms from the request leaving until … */
export interface CutTimes {
  readonly firstMs: Summary
  readonly lastMs: Summary
  /** The request is answered; of kwota: the limit is durable, and it says how many were told. */
  readonly answeredMs: Summary
}

export interface LimitCutFigure {
  readonly connectors: number
  readonly cuts: number
  readonly frameBytes: number
  readonly kwota: CutTimes
  readonly bareWs: CutTimes
  /** kwota's last to that of bare `ws`; of medians. */
  readonly ratio: number
}

/** Of 5,000 cars no more than a fuse may have. */
const grantA = 20
/** Every cut takes so much from every car; only lowerings, because raisings are paced on purpose. */
const stepA = 1
const lowestA = 8
const site = 'main'

/** One site, one connector to a charge point: as many sockets and frames as connectors on both sides, which take turns. */
export async function measureLimitCut(connectors: number, cuts: number, progress: (line: string) => void): Promise<LimitCutFigure> {
  if (grantA - cuts * stepA < lowestA) throw new Error(`${cuts} cuts are more than the cars have power for`)
  const names = pointNames(connectors)
  const servers: ServerProcess[] = []
  const loads: LoadProcess<CutLoadWord>[] = []
  const open = async (side: CutLoadOrder['side'], server: ServerProcess): Promise<LoadProcess<CutLoadWord>> => {
    servers.push(server)
    const load = startLoad<CutLoadWord>('../bench/cut-load.js', { side, url: server.url, wsUrl: side === 'kwota' ? server.ocppUrl : server.url.replace(/^http/, 'ws'), connectors, site, grantA } satisfies CutLoadOrder)
    loads.push(load)
    await load.next()
    return load
  }
  try {
    const bare = await open('bareWs', await startYardstick('cut-server.js'))
    const kwota = await open('kwota', await startKwota({
      messagesPerSecond: 0, sites: [{ id: site, fuseA: grantA * connectors }], chargePoints: names.map((id) => ({ id, site, connectors: [{ id: 1, maxA: grantA }] })),
    }))
    progress(`kwota and a bare ws have ${whole(connectors)} connectors`)
    const [own, others]: [Cut[], Cut[]] = [[], []]
    for (let cut = 1; cut <= cuts; cut++) {
      const order: CutOrder = { toA: grantA - cut * stepA }
      own.push(await cutOnce(kwota, order))
      others.push(await cutOnce(bare, { ...order, text: own.at(-1)!.text }))
      progress(`cut ${cut} of ${cuts}, ${whole(connectors)} connectors: first lowering after ${own.at(-1)!.firstMs.toFixed(1)} ms, last after ${own.at(-1)!.lastMs.toFixed(1)} ms; bare ws: ${others.at(-1)!.lastMs.toFixed(1)} ms`)
    }
    const [kwotaTimes, bareTimes] = [timesOf(own), timesOf(others)]
    return { connectors, cuts, frameBytes: Buffer.byteLength(own[0]!.text), kwota: kwotaTimes, bareWs: bareTimes, ratio: kwotaTimes.lastMs.median / bareTimes.lastMs.median }
  } finally {
    for (const load of loads) load.stop()
    await Promise.all(servers.map((server) => server.stop()))
  }
}

type Cut = Extract<CutLoadWord, { type: 'cut' }>

async function cutOnce(load: LoadProcess<CutLoadWord>, order: CutOrder): Promise<Cut> {
  load.tell(JSON.stringify(order))
  const word = await load.next()
  if (word.type !== 'cut') throw new Error(`the load said ${word.type}`)
  return word
}

function timesOf(cuts: readonly Cut[]): CutTimes {
  return { firstMs: summarise(cuts.map(({ firstMs }) => firstMs)), lastMs: summarise(cuts.map(({ lastMs }) => lastMs)), answeredMs: summarise(cuts.map(({ answeredMs }) => answeredMs)) }
}

const options: PerScale<readonly { readonly connectors: number; readonly cuts: number }[]> = {
  full: [{ connectors: 200, cuts: 12 }, { connectors: 1_000, cuts: 12 }, { connectors: 5_000, cuts: 5 }],
  quick: [{ connectors: 200, cuts: 5 }],
  smoke: [{ connectors: 5, cuts: 1 }],
}
const goal = { connectors: 1_000, times: 1.3 }

export async function limitCut(scale: Scale, progress: (line: string) => void): Promise<Part<readonly LimitCutFigure[]>> {
  const possible = withinOpenFiles(options[scale].map(({ connectors }) => connectors), progress)
  const data: LimitCutFigure[] = []
  for (const { connectors, cuts } of options[scale]) if (possible.includes(connectors)) data.push(await measureLimitCut(connectors, cuts, progress))
  return { data, rows: data.map(rowOf) }
}

function rowOf({ connectors, kwota, bareWs, ratio, frameBytes }: LimitCutFigure): Row {
  return {
    what: `from PUT of a limit to the last lowering received, ${whole(connectors)} connectors`, figure: times(kwota.lastMs), brief: true,
    beside: `to the first: ${times(kwota.firstMs)}; durable and answered: ${times(kwota.answeredMs)}; ${whole(connectors)} frames of the same ${frameBytes} bytes over bare \`ws\`: ${times(bareWs.lastMs)}; kwota takes ${ratio.toFixed(1)} times as long`,
    ...(connectors === goal.connectors ? { goal: atMost(ratio, goal.times, `at most ${goal.times} times as long as bare \`ws\``) } : {}),
  }
}
