// Storm: thousands of charge points come back in the same moment, and the limit of a site is cut in the middle of it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HealthyDepot, type Cut } from './healthy-depot.ts'
import { lagNotes, longestStall } from './lag-watch.ts'
import { startLoad, type LoadProcess } from './load-process.ts'
import { inMs, spreadOf, type Spread } from './percentiles.ts'
import { launchProduct, type Product } from './product.ts'
import { pause, runProgram, type Given, type Outcome, type Terminal } from './program.ts'
import { openRest } from './rest.ts'
import { stormConfig, stormName } from './storm-config.ts'
import type { StormCommand, StormOrder, StormWord } from './storm-load.ts'

const usage = `npm run storm -- [--stations 1000] [--passwords] [--restart] [--healthy 200] [--loads 2] [--untimed] [--json]
  All charge points are cut and come back at once, without any jitter, while the limit of a site with cars that charge is cut again and again.
  Wanted: all booted within 60 s, no stall above 250 ms, the first lowering of each cut within 100 ms, all of them within 1.5 s.
  --stations N   so many come back
  --passwords    each with a password of its own
  --restart      kwota itself is killed and started again, and knows nobody any more
  --healthy N    cars of the site whose limit is cut, beside the storm
  --loads N      processes that play the charge points
  --untimed      what was slow is told, and is no fault

  npm run storm -- --stations 5000
  npm run storm -- --stations 5000 --passwords --restart`

const wanted = { bootedMs: 60_000, stallMs: 250, firstMs: 100, allMs: 1_500 }
const firstCutMs = 300
const cutEveryMs = 1_000
/** A password in a file costs a key derivation at the first start. */
const longestStartMs = 900_000

export interface StormOutcome extends Outcome {
  readonly stations: number
  readonly passwords: boolean
  readonly restart: boolean
  /** From the end of the connections, by a cut or with kwota itself, to the accepted BootNotification. */
  readonly bootedMs: Spread
  readonly refused: Readonly<Record<string, number>>
  readonly stallMs: number
  readonly cuts: number
  readonly firstLoweringMs: Spread
  readonly allLoweredMs: Spread
  readonly answeredMs: Spread
}

await runProgram({
  usage,
  flags: {
    stations: { type: 'string', default: '1000' }, healthy: { type: 'string', default: '200' }, loads: { type: 'string', default: '2' },
    passwords: { type: 'boolean', default: false }, restart: { type: 'boolean', default: false },
  },
  run: storm,
})

type Load = LoadProcess<StormWord>

async function storm(given: Given, terminal: Terminal): Promise<StormOutcome> {
  const [stations, healthy, loadCount, passwords, restart] = [given.whole('stations'), given.whole('healthy', 0), given.whole('loads'), given.flag('passwords'), given.flag('restart')]
  const place = mkdtempSync(join(tmpdir(), 'kwota-storm-'))
  const lag = lagNotes(place)
  // Passwords are given once: what a file repeats is compared again at each start.
  const launch = (port: number, given: boolean): Promise<Product> => launchProduct({ place, config: stormConfig({ stations, healthy, passwords: given }), port, startWithinMs: longestStartMs, ...lag.options }).up
  let product = await launch(0, passwords)
  terminal.say('kwota is up')
  const loads: Load[] = []
  try {
    const depot = new HealthyDepot(healthy, passwords)
    await depot.come(product.ocppUrl)
    terminal.say(`${healthy} healthy charge points charge`)
    const names = Array.from({ length: stations }, (_, at) => stormName(at))
    for (let at = 0; at < loadCount; at++) loads.push(startLoad('storm-load.js', { ocppUrl: product.ocppUrl, passwords, names: names.filter((_, index) => index % loadCount === at) } satisfies StormOrder))
    await Promise.all(loads.map((load) => load.next()))
    terminal.say(`${stations} charge points are connected`)
    await depot.granted()
    terminal.say('every healthy car has its power; now')

    // Whoever manages energy has a connection already, and keeps it through the storm.
    await openRest(product.url).ask('GET', '/livez')
    const command: StormCommand = restart ? 'expect' : 'cut'
    for (const load of loads) load.tell(command)
    if (restart) {
      await pause(200)
      await product.kill()
      product = await launch(product.port, false)
      terminal.say('kwota is up again')
      await depot.come(product.ocppUrl)
    }
    const fromMs = Date.now()
    let over = false
    const backs = Promise.all(loads.map((load) => load.next())).then((words) => {
      over = true
      return words
    })
    const cuts: Cut[] = []
    await pause(firstCutMs)
    do {
      const cut = await depot.cutOnce(product.url)
      if (cut === null) break
      cuts.push(cut)
      await Promise.race([pause(cutEveryMs), backs])
    } while (!over)
    const words = await backs
    const stallMs = longestStall(lag.file, fromMs, Date.now())
    const bootedMs = spreadOf(words.flatMap((word) => (word.type === 'back' ? word.bootedMs : [])))
    const refused: Record<string, number> = {}
    for (const word of words) if (word.type === 'back') for (const [reason, count] of Object.entries(word.refused)) refused[reason] = (refused[reason] ?? 0) + count
    const [firstLoweringMs, allLoweredMs, answeredMs] = [spreadOf(cuts.map(({ firstMs }) => firstMs)), spreadOf(cuts.map(({ allMs }) => allMs)), spreadOf(cuts.map((cut) => cut.answeredMs))]
    const slow = (what: string, ms: number, mostMs: number): string[] => (given.untimed || ms <= mostMs ? [] : [`${what} took ${ms.toFixed(0)} ms, and ${mostMs} ms are wanted`])
    return {
      seed: given.seed, stations, passwords, restart, bootedMs, refused, stallMs, cuts: cuts.length, firstLoweringMs, allLoweredMs, answeredMs,
      faults: [
        ...(bootedMs.count === stations ? [] : [`${stations - bootedMs.count} charge points did not come back`]), ...(product.alive() ? [] : [`kwota ended: ${product.output().slice(-2_000)}`]),
        ...slow('booting the last', bootedMs.max, wanted.bootedMs), ...slow('the longest stall', stallMs, wanted.stallMs),
        ...slow('the first lowering of a cut', firstLoweringMs.p99, wanted.firstMs), ...slow('lowering all of a cut', allLoweredMs.max, wanted.allMs),
      ],
      summary: [
        `${stations} charge points ${restart ? 'behind a restart of kwota' : 'cut at once'}${passwords ? ', with passwords' : ''}: booted ${inMs(bootedMs)}`,
        `tries that were refused: ${Object.entries(refused).map(([reason, count]) => `${count} × ${reason}`).join(', ') || 'none'}; longest stall of the event loop ${stallMs.toFixed(0)} ms`,
        `${cuts.length} cuts of ${healthy} connectors meanwhile: first lowering ${inMs(firstLoweringMs)}; all lowered ${inMs(allLoweredMs)}; answered ${inMs(answeredMs)}`,
      ].join('\n'),
    }
  } finally {
    for (const load of loads) load.stop()
    await product.kill()
    rmSync(place, { recursive: true, force: true })
  }
}
