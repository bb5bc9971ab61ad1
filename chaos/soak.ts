// Soak: charge points, cars, and readers of REST and events come and go for minutes, and what kwota holds afterwards is what it held before.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openInspector, type Held } from './inspector.ts'
import { startLoad, type LoadProcess } from './load-process.ts'
import { launchProduct } from './product.ts'
import { pause, runProgram, UsageError, type Given, type Outcome, type Terminal } from './program.ts'
import { createRandom, type Random } from './random.ts'
import { openRest } from './rest.ts'
import { growthOf, type Growth, type Sample } from './growth.ts'
import type { SoakOrder, SoakWord } from './soak-load.ts'

const usage = `npm run soak -- [--stations 200] [--minutes 2] [--loads 2] [--seed N] [--untimed] [--json]
  Charge points come and go, cars charge and leave, readers of REST and of events open and close, strangers knock; every 30 s the heap is measured after a full collection.
  Wanted: behind the first fifth the heap does not grow, what finished transactions are remembered with left out.
  --stations N   so many charge points
  --minutes N    so long
  --loads N      processes that play the charge points
  --untimed      growth is told, and is no fault

  npm run soak -- --stations 2000 --minutes 10`

const sampleEveryMs = 30_000
const perSite = 50
const readers = 4
const listeners = 10

interface SoakOutcome extends Outcome { readonly stations: number; readonly minutes: number; readonly samples: readonly (Held & Sample)[]; readonly growth: Growth; readonly calls: number; readonly sessions: number; readonly reconnects: number; readonly strangers: number; readonly reads: number; readonly streams: number }

async function soak(given: Given, terminal: Terminal): Promise<SoakOutcome> {
  const [stations, minutes, loadCount] = [given.whole('stations'), given.whole('minutes'), given.whole('loads')]
  if (minutes > 24 * 60) throw new UsageError('--minutes is at most a day')
  const place = mkdtempSync(join(tmpdir(), 'kwota-soak-'))
  const names = Array.from({ length: stations }, (_, at) => `SOAK-${String(at + 1).padStart(5, '0')}`)
  const siteOf = (at: number): string => `soak-${1 + Math.floor(at / perSite)}`
  const product = await launchProduct({ place, port: 0, nodeFlags: ['--inspect=127.0.0.1:0'], config: {
    unknownChargePoints: 'reject',
    sites: Array.from({ length: Math.ceil(stations / perSite) }, (_, at) => ({ id: siteOf(at * perSite), fuseA: 16 * perSite })),
    chargePoints: names.map((id, at) => ({ id, site: siteOf(at) })),
  } }).up
  const loads: LoadProcess<SoakWord>[] = []
  try {
    const inspector = await openInspector(product)
    const order = (at: number): SoakOrder => ({ ocppUrl: product.ocppUrl, minutes, seed: given.seed + at, names: names.filter((_, index) => index % loadCount === at) })
    for (let at = 0; at < loadCount; at++) loads.push(startLoad('soak-load.js', order(at)))
    await Promise.all(loads.map((load) => load.next()))
    terminal.say(`${stations} charge points are connected`)
    const people = new People(product.url, createRandom(given.seed).fork('people'), names)
    const samples: (Held & Sample)[] = []
    const beganMs = performance.now()
    const endMs = beganMs + minutes * 60_000
    const asking = people.live(endMs)
    const sample = async (): Promise<void> => {
      const finished = await people.finishedSessions()
      const held = await inspector.collected()
      const atS = (performance.now() - beganMs) / 1000
      samples.push({ ...held, atS, sessions: finished })
      terminal.say(`${atS.toFixed(0)} s: ${held.heapMiB.toFixed(1)} MiB of heap after a collection, ${held.rssMiB?.toFixed(0) ?? '?'} MiB resident, ${held.resources['Timeout'] ?? 0} timers, ${held.resources['TCPSocketWrap'] ?? 0} sockets, ${finished} transactions so far`)
    }
    for (let dueMs = beganMs; dueMs < endMs; dueMs += sampleEveryMs) {
      await pause(Math.max(0, dueMs - performance.now()))
      await sample()
    }
    const words = await Promise.all(loads.map((load) => load.next()))
    await asking
    await sample()
    const alive = product.alive()
    inspector.close()
    const code = await product.stop()
    const done = words.flatMap((word) => (word.type === 'done' ? [word] : []))
    const sum = (of: (word: (typeof done)[number]) => number): number => done.reduce((total, word) => total + of(word), 0)
    // The last one is taken when everybody has left.
    const growth = growthOf(samples.slice(0, -1))
    return {
      seed: given.seed, stations, minutes, samples, growth,
      calls: sum(({ calls }) => calls), sessions: sum(({ sessions }) => sessions), reconnects: sum(({ reconnects }) => reconnects), strangers: sum(({ strangers }) => strangers), reads: people.reads, streams: people.streams,
      faults: [
        ...(alive && code === 0 ? [] : [`kwota ended with ${String(code)}: ${product.output().slice(-2_000)}`]), ...done.flatMap(({ faults }) => faults), ...people.faults,
        ...(growth.isFlat || given.untimed ? [] : [`the heap grows: ${growth.words}`]),
      ],
      summary: [
        `${stations} charge points for ${minutes} minutes: ${sum(({ calls }) => calls)} calls, ${sum(({ sessions }) => sessions)} transactions, ${sum(({ reconnects }) => reconnects)} reconnections, ${sum(({ strangers }) => strangers)} strangers, ${people.reads} reads, ${people.streams} event streams`,
        `heap after a collection: ${growth.words}; at the end, with nobody connected, ${samples.at(-1)?.heapMiB.toFixed(1)} MiB`,
      ].join('\n'),
    }
  } finally {
    for (const load of loads) load.stop()
    await product.kill()
    rmSync(place, { recursive: true, force: true })
  }
}

/** Who looks at it: reads of everything, and streams of events that are opened and closed. */
class People {
  reads = 0
  streams = 0
  readonly faults: string[] = []
  private readonly url: string
  private readonly random: Random
  private readonly names: readonly string[]

  constructor(url: string, random: Random, names: readonly string[]) {
    this.url = url
    this.random = random
    this.names = names
  }

  async live(endMs: number): Promise<void> {
    await Promise.all([...Array.from({ length: readers }, () => this.read(endMs)), ...Array.from({ length: listeners }, () => this.listen(endMs))])
  }

  /** Transactions that kwota remembers, as far as it counts them. */
  async finishedSessions(): Promise<number> {
    const text = await fetch(`${this.url}/metrics`).then((response) => response.text())
    return Number(/^kwota_ocpp_messages_total\{[^}]*action="StopTransaction"[^}]*\} (\d+)/m.exec(text)?.[1] ?? 0)
  }

  private async read(endMs: number): Promise<void> {
    const rest = openRest(this.url)
    while (performance.now() < endMs) {
      const name = this.random.pick(this.names)
      const path = this.random.pick(['sites', 'transactions?limit=50', 'chargepoints?limit=50', `chargepoints/${name}`, `chargepoints/${name}/connectors/1`, `chargepoints/${name}/connectors/1/allocation`, 'alerts', 'commands', 'lobby', 'messages?limit=20', 'system', 'sites/soak-1/power', 'sites/soak-1/limits', 'decisions?limit=5'])
      const answer = await rest.ask('GET', `/api/v1/${path}`)
      this.reads++
      if (answer === null || answer.status >= 500) this.fault(`GET ${path} was answered ${answer?.status ?? 'not at all'}`)
      await pause(this.random.between(50, 400))
    }
  }

  private async listen(endMs: number): Promise<void> {
    while (performance.now() < endMs) {
      const stop = new AbortController()
      const late = setTimeout(() => stop.abort(), this.random.between(200, 8_000))
      this.streams++
      await fetch(`${this.url}/api/v1/events`, { signal: stop.signal }).then(async (response) => {
        if (response.status !== 200) this.fault(`a stream of events was answered ${response.status}`)
        for await (const _ of response.body ?? []) if (performance.now() > endMs) break
      }).catch(() => undefined)
      clearTimeout(late)
      await pause(this.random.between(50, 500))
    }
  }

  private fault(text: string): void {
    if (this.faults.length < 20) this.faults.push(text)
  }
}

await runProgram({
  usage,
  flags: { stations: { type: 'string', default: '200' }, minutes: { type: 'string', default: '2' }, loads: { type: 'string', default: '2' } },
  run: soak,
})
