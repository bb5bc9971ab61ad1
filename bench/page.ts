// The page of a large site in a real browser: how soon it stands, with an empty cache, and whether it grows while everything on it moves.
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { launchChromium, type Jank, type Opened, type PageHeap } from './browser.ts'
import { driveCars } from './cars.ts'
import { startKwota } from './server-process.ts'
import { openStations, stationID, untilGranted } from './station.ts'
import { summarise, type Summary } from './statistics.ts'

export interface PageOptions { readonly stations: number; readonly runs: number; readonly minutes: number; readonly seed: number }

type Minute = Jank & PageHeap & { readonly minute: number; readonly serverCores: number | null }

export interface PageResult extends PageOptions {
  /** From the beginning of the navigation until the sentence, the bars and every row of the table were painted, ms. */
  readonly wholeMs: Summary
  readonly firstPaintMs: Summary
  /** Of a page that is opened: its document and everything that it loads, compressed. */
  readonly transferredKiB: number
  readonly files: number
  readonly framesSent: number
  /** The first is as the page was opened. */
  readonly eachMinute: readonly Minute[]
  /** The slope of what the page itself holds, after a collection, beginning with the first minute; null below three minutes. */
  readonly growthKiBPerMinute: number | null
}

/** Of each car's 32 A: the limit is felt, and every car that wants less leaves something to share. */
const perCarA = 20
const settleMs = 5_000
const minuteMs = 60_000
/** A car that comes brings its buttons. */
const mostTimes = 1.2
const most = { wholeMs: 1_000, growthKiBPerMinute: 20 }

export async function measurePage(options: PageOptions, progress: (line: string) => void): Promise<PageResult> {
  const { stations: count, runs, minutes, seed } = options
  progress(`starting kwota with ${count} charge points`)
  const server = await startKwota({
    sites: [{ id: 'main', name: 'Depot', fuseA: perCarA * count, circuits: [1, 2, 3, 4].map((row) => ({ id: `row-${row}`, limitA: Math.ceil((perCarA * count) / 3) })) }],
    chargePoints: Array.from({ length: count }, (_, index) => ({ id: stationID(index), circuit: `row-${(index % 4) + 1}` })),
    engine: { meterSampleIntervalS: 1 },
  })
  const chromium = await launchChromium()
  const stations = await openStations(server.ocppUrl, count)
  const cars = driveCars(stations, { seed })
  try {
    await untilGranted(stations, 6)
    await pause(Math.min(settleMs, count * 25))
    const whole = `document.querySelector('.sentence') !== null && document.querySelectorAll('.bar-line').length === 3 && document.querySelectorAll('table.connectors tbody tr').length === ${count} && document.querySelector('.chart canvas') !== null`
    const opened: { wholeMs: number; firstPaintMs: number; files: readonly { path: string; bytes: number }[] }[] = []
    for (let run = 1; run <= runs; run++) {
      const one = await chromium.open(`${server.url}/sites/main`, whole)
      opened.push(one)
      progress(`run ${run} of ${runs}: something is seen after ${Math.round(one.firstPaintMs)} ms, everything after ${Math.round(one.wholeMs)} ms`)
      await one.close()
    }
    const eachMinute: Minute[] = []
    if (minutes > 0) {
      const one = await chromium.open(`${server.url}/sites/main`, whole)
      try {
        for (let minute = 0; minute <= minutes; minute++) {
          const before = { cpuS: server.cpuS(), atMs: performance.now() }
          if (minute > 0) await pause(minuteMs)
          eachMinute.push({ minute, serverCores: minute === 0 || before.cpuS === null ? null : ((server.cpuS() ?? 0) - before.cpuS) / ((performance.now() - before.atMs) / 1_000), ...await lookAt(one) })
          progress(lineOf(eachMinute.at(-1)!))
        }
      } finally {
        await one.close()
      }
    }
    return {
      ...options, wholeMs: summarise(opened.map(({ wholeMs }) => wholeMs)), firstPaintMs: summarise(opened.map(({ firstPaintMs }) => firstPaintMs)),
      transferredKiB: opened[0]!.files.reduce((sum, { bytes }) => sum + bytes, 0) / 1024, files: opened[0]!.files.length, framesSent: cars.sent,
      eachMinute, growthKiBPerMinute: minutes < 3 ? null : slopeOf(eachMinute.slice(1).map(({ ownKiB }) => ownKiB)),
    }
  } finally {
    cars.stop()
    for (const station of stations) station.close()
    await chromium.close()
    await server.stop()
  }
}

async function lookAt(opened: Opened): Promise<Jank & PageHeap> {
  const jank = await opened.jank()
  const heap = await opened.heap()
  // The collection is a long task itself.
  await opened.jank()
  return { ...jank, ...heap }
}

/** Per step: the middle of the slopes between any two of them, so that one answer that lay in memory at the wrong moment is not taken for growth. */
export function slopeOf(values: readonly number[]): number {
  return summarise(values.flatMap((value, at) => values.slice(at + 1).map((later, ahead) => (later - value) / (ahead + 1)))).median
}

function lineOf({ minute, ownKiB, heapKiB, nodes, listeners, longTasks, longTasksMs, longestTaskMs, busyMs, serverCores }: Minute): string {
  return `minute ${minute}: holds ${Math.round(ownKiB)} KiB (heap with code ${Math.round(heapKiB)}), ${nodes} nodes, ${listeners} listeners; ${longTasks} long tasks, ${Math.round(longTasksMs)} ms, longest ${Math.round(longestTaskMs)} ms; ${(busyMs / 1_000).toFixed(1)} s busy${serverCores === null ? '' : `; the server ${serverCores.toFixed(2)} cores`}`
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

export function renderPage({ stations, runs, wholeMs, firstPaintMs, transferredKiB, files, eachMinute, growthKiBPerMinute }: PageResult): string {
  const times = ({ median, max }: Summary) => `${Math.round(median)} ms, at most ${Math.round(max)}`
  const rows = [
    [`the page of a site with ${stations} connectors, all charging and speaking once a second: sentence, bars, chart and every row painted, empty cache`, times(wholeMs), `of ${runs} runs; something is seen after ${times(firstPaintMs)}`],
    ['what it loads for that, compressed', `${transferredKiB.toFixed(1)} KiB`, `${files} files`],
  ]
  const last = eachMinute.at(-1)
  const first = eachMinute[1]
  if (last !== undefined && first !== undefined) {
    const sum = (of: (minute: Minute) => number) => eachMinute.slice(1).reduce((all, minute) => all + of(minute), 0)
    rows.push([
      `${last.minute} minutes of it: objects, arrays, texts and functions of the page after a collection`, `${Math.round(first.ownKiB)} KiB after the first minute, ${Math.round(last.ownKiB)} at the end`,
      `${growthKiBPerMinute === null ? '' : `${growthKiBPerMinute.toFixed(1)} KiB a minute; `}the heap with compiled code ${Math.round(first.heapKiB)} and ${Math.round(last.heapKiB)}; ${first.nodes} and ${last.nodes} nodes, ${first.listeners} and ${last.listeners} listeners`,
    ], ['tasks of the page over 50 ms', `${(sum(({ longTasks }) => longTasks) / last.minute).toFixed(1)} a minute`, `together ${Math.round(sum(({ longTasksMs }) => longTasksMs) / last.minute)} ms a minute, the longest ${Math.round(Math.max(...eachMinute.slice(1).map(({ longestTaskMs }) => longestTaskMs)))} ms`])
  }
  return ['| what | figure | beside |', '|---|---|---|', ...rows.map((row) => `| ${row.join(' | ')} |`)].join('\n')
}

/** What is over its bound, in words. */
export function overBounds({ wholeMs, growthKiBPerMinute, eachMinute }: PageResult): string[] {
  const [, first] = eachMinute
  const last = eachMinute.at(-1)
  return [
    ...(wholeMs.median > most.wholeMs ? [`half of the pages stood after more than ${most.wholeMs} ms`] : []),
    ...((growthKiBPerMinute ?? 0) > most.growthKiBPerMinute ? [`what the page holds grows by more than ${most.growthKiBPerMinute} KiB a minute`] : []),
    ...(first !== undefined && last !== undefined && last.listeners > mostTimes * first.listeners ? [`the page has ${last.listeners} listeners and had ${first.listeners}`] : []),
  ]
}

const usage = `node dist/bench/page.js [--stations 200] [--runs 7] [--minutes 0] [--seed 1] [--bounds] [--json FILE]
  --minutes  watches the open page for so long
  --bounds   ends with 1 where the page is later than ${most.wholeMs} ms or grows by more than ${most.growthKiBPerMinute} KiB a minute`

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: {
    stations: { type: 'string', default: '200' }, runs: { type: 'string', default: '7' }, minutes: { type: 'string', default: '0' }, seed: { type: 'string', default: '1' },
    bounds: { type: 'boolean', default: false }, json: { type: 'string' }, help: { type: 'boolean', default: false },
  } })
  if (values.help) process.stdout.write(`${usage}\n`)
  else {
    const result = await measurePage({ stations: Number(values.stations), runs: Number(values.runs), minutes: Number(values.minutes), seed: Number(values.seed) }, (line) => void process.stderr.write(`${line}\n`))
    process.stdout.write(`${renderPage(result)}\n`)
    if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`)
    const over = overBounds(result)
    for (const line of over) process.stderr.write(`${line}\n`)
    if (values.bounds && over.length > 0) process.exitCode = 1
  }
}
