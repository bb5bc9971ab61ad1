// Meter values by the thousand with history on: how fast they are answered, whether memory stays flat, what they take on the disk, and whether any is lost.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { openHeap, type Memory } from './heap.ts'
import { historyOnDisk } from './meter-disk.ts'
import type { Latency, LoadOrder, LoadWord } from './meter-load.ts'
import { startKwota } from './server-process.ts'
import { stationID } from './station.ts'

export interface MeterValuesOptions { readonly stations: number; readonly perS: number; readonly seconds: number }

export interface MeterValuesResult extends MeterValuesOptions {
  readonly sent: number
  readonly answered: number
  /** Answered with an error. */
  readonly refused: number
  readonly answeredPerS: number
  readonly ms: Latency
  /** Rows that were answered and are not in the history. */
  readonly lostRows: number
  readonly valuesPerFrame: number
  readonly bytesPerMillionValues: number
  readonly cores: number | null
  /** How much behind their times the load took up its frames, and what it used: beyond a few ms the load is what was measured. */
  readonly load: { readonly late: Latency; readonly cores: number }
  /** Before and after, when nothing is under way, after a full collection; in between the least of each 30 s, with what waited to be collected. */
  readonly memory: readonly (Memory & { readonly atS: number; readonly collected: boolean })[]
}

/** Until the code that runs has been compiled. */
const warmUpS = 10
const stationsPerSite = 50
const glanceEveryMs = 1_000
const glancesPerLine = 30

export async function measureMeterValues({ stations, perS, seconds }: MeterValuesOptions, progress: (line: string) => void): Promise<MeterValuesResult> {
  const dir = mkdtempSync(join(tmpdir(), 'kwota-bench-'))
  const sites = Array.from({ length: Math.ceil(stations / stationsPerSite) }, (_, index) => `site-${index + 1}`)
  try {
    const server = await startKwota({
      sites: sites.map((id) => ({ id, fuseA: 32 * stationsPerSite })),
      chargePoints: Array.from({ length: stations }, (_, index) => ({ id: stationID(index), site: sites[Math.floor(index / stationsPerSite)]! })),
    }, { dir, flags: ['--inspect=127.0.0.1:0'] })
    const heap = await openHeap(server)
    const memory: MeterValuesResult['memory'][number][] = []
    let beganMs = performance.now()
    const keep = (look: Memory, collected: boolean): void => {
      const now = { atS: Math.round((performance.now() - beganMs) / 1000), ...look, collected }
      memory.push(now)
      progress(`${now.atS} s: ${now.rssMiB?.toFixed(0) ?? '?'} MiB resident, ${now.heapMiB.toFixed(0)} MiB of heap ${collected ? 'in use after a collection' : 'at least'}`)
    }
    let glances: Memory[] = []
    const glance = async (): Promise<void> => {
      glances.push(await heap.glance())
      if (glances.length < glancesPerLine) return
      keep(glances.reduce((least, one) => (one.heapMiB < least.heapMiB ? one : least)), false)
      glances = []
    }
    let every: NodeJS.Timeout | undefined
    let cpuS: number | null = null
    try {
      progress(`${stations} charge points, ${perS} MeterValues a second for ${seconds} s`)
      const done = await runLoad({ ocppUrl: server.ocppUrl, stations, perS, warmUpS, seconds }, async () => {
        keep(await heap.collected(), true)
        cpuS = server.cpuS()
        beganMs = performance.now()
        every = setInterval(() => void glance(), glanceEveryMs)
      }, ({ atS, answered, ms }) => progress(`${atS} s: ${answered} answered, ${inWords(ms)}`))
      clearInterval(every)
      const spentS = server.cpuS()
      keep(await heap.collected(), true)
      heap.close()
      await server.stop()
      const { rows, bytes } = await historyOnDisk(join(dir, 'data'), sites)
      return {
        stations, perS, seconds, sent: done.sent, answered: done.answered, refused: done.refused, answeredPerS: done.answered / done.tookS, ms: done.ms, valuesPerFrame: done.valuesPerFrame, memory, load: { late: done.late, cores: done.cores },
        lostRows: done.answered - done.refused - rows, bytesPerMillionValues: (bytes / Math.max(1, rows * done.valuesPerFrame)) * 1e6,
        cores: cpuS === null || spentS === null ? null : (spentS - cpuS) / done.tookS,
      }
    } finally {
      clearInterval(every)
      heap.close()
      await server.stop()
    }
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

type Word<Type> = Extract<LoadWord, { type: Type }>

/** The load begins when `open` has resolved. */
function runLoad(order: LoadOrder, open: () => Promise<void>, soFar: (word: Word<'so-far'>) => void): Promise<Word<'done'>> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--max-semi-space-size=64', fileURLToPath(new URL('./meter-load.js', import.meta.url)), JSON.stringify(order)], { stdio: ['pipe', 'pipe', 'inherit'] })
    process.once('exit', () => child.kill('SIGKILL'))
    createInterface({ input: child.stdout }).on('line', (line) => {
      const word = JSON.parse(line) as LoadWord
      if (word.type === 'open') open().then(() => child.stdin.write('go\n'), reject)
      else if (word.type === 'so-far') soFar(word)
      else resolve(word)
    })
    child.once('exit', (code) => reject(new Error(`the load ended with ${code}`)))
  })
}

function inWords({ p50, p99, p999, max }: Latency): string {
  return `half within ${p50} ms, 99 of 100 within ${p99} ms, 999 of 1,000 within ${p999} ms, all within ${max} ms`
}

const usage = `node dist/bench/meter-values.js [--stations 500] [--per-second 5000] [--minutes 1 | --seconds 60] [--json FILE]`

async function main(): Promise<void> {
  const { values } = parseArgs({ options: {
    stations: { type: 'string', default: '500' }, 'per-second': { type: 'string', default: '5000' }, minutes: { type: 'string' }, seconds: { type: 'string', default: '60' },
    json: { type: 'string' }, help: { type: 'boolean', default: false },
  } })
  if (values.help) return void process.stdout.write(`${usage}\n`)
  const seconds = values.minutes === undefined ? Number(values.seconds) : Number(values.minutes) * 60
  const result = await measureMeterValues({ stations: Number(values.stations), perS: Number(values['per-second']), seconds }, (line) => void process.stderr.write(`${line}\n`))
  process.stdout.write([
    `${result.answered} of ${result.sent} answered, ${Math.round(result.answeredPerS)} a second; ${result.refused} refused; ${result.lostRows} rows lost`,
    inWords(result.ms),
    `${(result.bytesPerMillionValues / 1024 / 1024).toFixed(1)} MiB on disk per million sampled values, ${result.valuesPerFrame} to a frame`,
    `${result.cores?.toFixed(2) ?? '?'} cores; the load itself ${result.load.cores.toFixed(2)}, its frames taken up ${inWords(result.load.late)}`, '',
  ].join('\n'))
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main()
