// What the site page costs the server: CPU time of one overview, with a car at every connector.
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { driveCars } from './cars.ts'
import { startKwota } from './server-process.ts'
import { openStations, stationID, untilGranted } from './station.ts'
import { estimate, type Estimate } from './statistics.ts'

export interface OverviewCost { readonly stations: number; readonly cpuMs: Estimate | null; readonly answeredMs: Estimate; readonly kiB: number }

const perCarA = 20
const callsPerRound = 20
/** Until what the readings led to is over. */
const restMs = 2_000

/** Readings come between the rounds, so that nothing can be answered from memory; within a round hardly anything but overviews is worked on. */
export async function measureOverview(count: number, rounds: number, progress: (line: string) => void): Promise<OverviewCost> {
  progress(`starting kwota with ${count} charge points`)
  const server = await startKwota({
    messagesPerSecond: 0, sites: [{ id: 'main', name: 'Depot', fuseA: perCarA * count, circuits: [1, 2, 3, 4].map((row) => ({ id: `row-${row}`, limitA: Math.ceil((perCarA * count) / 3) })) }],
    chargePoints: Array.from({ length: count }, (_, index) => ({ id: stationID(index), circuit: `row-${(index % 4) + 1}` })),
  })
  const stations = await openStations(server.ocppUrl, count)
  try {
    await untilGranted(stations, 6)
    const cpus: (number | null)[] = []
    const times: number[] = []
    let bytes = 0
    for (let round = 0; round <= rounds; round++) {
      const cars = driveCars(stations, { seed: round + 1, everyMs: 500 })
      await pause(1_000)
      cars.stop()
      await pause(restMs)
      const before = server.cpuS()
      const begunMs = performance.now()
      for (let call = 0; call < callsPerRound; call++) {
        const response = await fetch(`${server.url}/api/v1/sites/main/overview`)
        if (!response.ok) throw new Error(`refused: ${await response.text()}`)
        bytes = (await response.arrayBuffer()).byteLength
      }
      const tookMs = performance.now() - begunMs
      const after = server.cpuS()
      // What it does in the same time when nobody asks is not for these calls.
      await pause(tookMs)
      const idle = server.cpuS()
      const answeredMs = tookMs / callsPerRound
      // The first is for the compiler.
      if (round === 0) continue
      cpus.push(before === null || after === null || idle === null ? null : ((2 * after - before - idle) * 1_000) / callsPerRound)
      times.push(answeredMs)
      progress(`round ${round} of ${rounds}: ${cpus.at(-1)?.toFixed(1) ?? '?'} ms of CPU time, answered after ${answeredMs.toFixed(1)} ms`)
    }
    const known = cpus.filter((one) => one !== null)
    return { stations: count, cpuMs: known.length === cpus.length ? estimate(known) : null, answeredMs: estimate(times), kiB: bytes / 1024 }
  } finally {
    for (const station of stations) station.close()
    await server.stop()
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

const usage = 'node dist/bench/overview.js [--stations 1000] [--rounds 12]'

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { stations: { type: 'string', default: '1000' }, rounds: { type: 'string', default: '12' }, help: { type: 'boolean', default: false } } })
  if (values.help) process.stdout.write(`${usage}\n`)
  else {
    const { stations, cpuMs, answeredMs, kiB } = await measureOverview(Number(values.stations), Number(values.rounds), (line) => void process.stderr.write(`${line}\n`))
    const times = (one: Estimate | null) => (one === null ? 'unknown' : `${one.median.toFixed(1)} ms (${one.low.toFixed(1)} to ${one.high.toFixed(1)} with 95 % certainty)`)
    process.stdout.write(`| what | figure | beside |\n|---|---|---|\n| an overview of a site with ${stations} connectors, CPU time of the server | ${times(cpuMs)} | answered after ${times(answeredMs)}, ${Math.round(kiB)} KiB |\n`)
  }
}
