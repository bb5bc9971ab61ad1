// What a fleet costs without saying anything: resident memory for each charge point, and how soon it is restored from the store after kill -9.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startLoad } from '../chaos/load-process.ts'
import { connectors, depotConfig, siteName } from './depot.ts'
import type { FleetLoadOrder, FleetLoadWord } from './fleet-load.ts'
import { openHeap } from './heap.ts'
import { withinOpenFiles } from './open-files.ts'
import type { Part, Row } from './part.ts'
import type { PerScale, Scale } from './scale.ts'
import { startKwota, type ServerProcess } from './server-process.ts'
import { summarise, type Summary } from './statistics.ts'
import { atMost, times, whole } from './words.ts'

/** Resident, MiB, after a collection; null where /proc does not tell. */
export interface FleetMemory {
  /** A kwota that knows no charge point. */
  readonly none: number | null
  /** It knows them from its configuration; none has ever come. */
  readonly known: number | null
  readonly booted: number | null
  /** Each with a transaction on one of its connectors. */
  readonly charging: number | null
}

export interface FleetFigure {
  readonly stations: number
  readonly memory: FleetMemory
  /** Of a charge point that has booted, over a kwota that knows none; KiB. */
  readonly kibPerStation: number | null
  /** From spawning until /readyz says that all is well and the last site tells what it has reserved for each of its cars, after kill -9 with all of them charging, ms. */
  readonly restartMs: Summary
  readonly restartCpuS: Summary | null
}

const settleEveryMs = 1_000
const settledCores = 0.1
const settleWithinMs = 60_000
const readyWithinMs = 120_000
const pollEveryMs = 10
/** Of each charge point; its others stand idle, and may have nothing reserved. */
const chargingConnector = 1

export async function measureFleet(stations: number, restarts: number, progress: (line: string) => void): Promise<FleetFigure> {
  const dir = mkdtempSync(join(tmpdir(), 'kwota-bench-'))
  try {
    const none = await collectedOf(await startKwota(depotConfig(0), { flags: inspected }))
    const memory = { none, ...await fill(stations, dir, progress) }
    const [tookMs, cpuS]: [number[], (number | null)[]] = [[], []]
    for (let count = 1; count <= restarts; count++) {
      const again = await startKwota(depotConfig(stations), { dir })
      try {
        await untilReady(again)
        await enforced(again, stations)
        tookMs.push(performance.now() - again.spawnedMs)
        cpuS.push(again.cpuS())
        progress(`restart ${count} of ${restarts} with ${whole(stations)} charge points: ready after ${whole(tookMs.at(-1)!)} ms, ${cpuS.at(-1)?.toFixed(1) ?? '?'} s of CPU time`)
      } finally {
        await again.kill()
      }
    }
    const known = cpuS.filter((one) => one !== null)
    return {
      stations, memory, kibPerStation: memory.booted === null || none === null ? null : ((memory.booted - none) * 1_024) / stations,
      restartMs: summarise(tookMs), restartCpuS: known.length === cpuS.length ? summarise(known) : null,
    }
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

const inspected = ['--inspect=127.0.0.1:0']

/** Until all charge; then it is killed. */
async function fill(stations: number, dir: string, progress: (line: string) => void): Promise<Omit<FleetMemory, 'none'>> {
  const server = await startKwota(depotConfig(stations), { dir, flags: inspected })
  const heap = await openHeap(server)
  const settled = async (what: string): Promise<number | null> => {
    await untilSettled(server)
    await heap.collected()
    const { rssMiB, heapMiB } = await heap.collected()
    progress(`${whole(stations)} charge points ${what}: ${rssMiB?.toFixed(0) ?? '?'} MiB resident, ${heapMiB.toFixed(0)} MiB of heap`)
    return rssMiB
  }
  const known = await settled('known')
  const load = startLoad<FleetLoadWord>('../bench/fleet-load.js', { ocppUrl: server.ocppUrl, stations, connectors, charging: false } satisfies FleetLoadOrder)
  try {
    await load.next()
    const booted = await settled('booted')
    load.tell('charge')
    await load.next()
    return { known, booted, charging: await settled('charge') }
  } finally {
    heap.close()
    load.stop()
    await server.kill()
  }
}

async function collectedOf(server: ServerProcess): Promise<number | null> {
  const heap = await openHeap(server)
  await untilSettled(server)
  await heap.collected()
  const { rssMiB } = await heap.collected()
  heap.close()
  await server.stop()
  return rssMiB
}

/** What it was told has been worked off: it needs hardly any CPU time. */
async function untilSettled(server: ServerProcess): Promise<void> {
  for (const deadline = performance.now() + settleWithinMs; performance.now() < deadline;) {
    const before = server.cpuS()
    await pause(settleEveryMs)
    const after = server.cpuS()
    if (before === null || after === null || (after - before) / (settleEveryMs / 1_000) < settledCores) return
  }
}

async function untilReady({ url }: ServerProcess): Promise<void> {
  for (const deadline = performance.now() + readyWithinMs; ;) {
    const response = await fetch(`${url}/readyz`)
    const said = await response.text()
    if (response.ok) return
    if (performance.now() > deadline) throw new Error(`not ready after ${readyWithinMs / 1_000} s: ${said}`)
    await pause(pollEveryMs)
  }
}

/** Throws unless the last site stands by its ledger. */
async function enforced({ url }: ServerProcess, stations: number): Promise<void> {
  const response = await fetch(`${url}/api/v1/sites/${siteName(stations - 1)}/power`)
  const power = await response.json() as { connectors?: readonly { readonly connectorId: number; readonly reservedA: number }[] }
  const open = power.connectors?.filter(({ connectorId, reservedA }) => connectorId === chargingConnector && reservedA <= 0) ?? []
  if (!response.ok || power.connectors === undefined || power.connectors.length === 0 || open.length > 0) throw new Error(`a site came back without its reservations: ${JSON.stringify(power).slice(0, 400)}`)
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => { setTimeout(resolve, ms) })
}

const options: PerScale<readonly { readonly stations: number; readonly restarts: number }[]> = {
  full: [{ stations: 1_000, restarts: 3 }, { stations: 10_000, restarts: 3 }],
  quick: [{ stations: 500, restarts: 2 }],
  smoke: [{ stations: 4, restarts: 1 }],
}
const most = { kibPerStation: 60, restartMs: 5_000 }

export async function fleet(scale: Scale, progress: (line: string) => void): Promise<Part<readonly FleetFigure[]>> {
  const possible = withinOpenFiles(options[scale].map((one) => one.stations), progress)
  const data: FleetFigure[] = []
  for (const { stations, restarts } of options[scale]) if (possible.includes(stations)) data.push(await measureFleet(stations, restarts, progress))
  return { data, rows: [...data.flatMap((figure) => memoryRows(figure, figure === data.at(-1))), ...data.map((figure) => restartRow(figure, figure === data.at(-1)))] }
}

function memoryRows({ stations, memory: { none, known, booted, charging }, kibPerStation }: FleetFigure, largest: boolean): Row[] {
  if (kibPerStation === null || none === null || known === null || booted === null || charging === null) return []
  const each = (mib: number): string => `${(((mib - none) * 1_024) / stations).toFixed(0)} KiB`
  return [{
    what: `resident memory for each of ${whole(stations)} charge points with ${connectors} connectors, connected and booted`, figure: each(booted), brief: largest,
    beside: `before it ever came ${each(known)}, with a transaction ${each(charging)}; kwota without any has ${whole(none)} MiB`, ...(largest ? { goal: atMost(kibPerStation, most.kibPerStation, `at most ${most.kibPerStation} KiB`) } : {}),
  }]
}

function restartRow({ stations, restartMs, restartCpuS }: FleetFigure, largest: boolean): Row {
  return {
    what: `from spawning after kill -9 to enforcing, ${whole(stations)} charge points with a transaction each`, figure: times(restartMs), beside: restartCpuS === null ? '' : `${restartCpuS.median.toFixed(1)} s of CPU time`,
    brief: largest, goal: atMost(restartMs.median, most.restartMs, `within ${most.restartMs / 1_000} s`),
  }
}
