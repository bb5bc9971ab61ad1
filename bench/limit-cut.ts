// How long it takes from PUT of a limit until the first and the last charge point have received their lowering.
import { meterFrame } from './meter-frame.ts'
import type { Part } from './part.ts'
import type { Scale } from './scale.ts'
import { startKwota, type ServerProcess } from './server-process.ts'
import { openStations, stationID, untilGranted, type Station } from './station.ts'
import { summarise, type Summary } from './statistics.ts'
import { times } from './words.ts'

export interface LimitCutResult {
  readonly chargePoints: number
  readonly cuts: number
  /** ms from the request leaving until … */
  readonly firstLoweringMs: Summary
  readonly lastLoweringMs: Summary
  /** The limit is durable, and says how many were told. */
  readonly answeredMs: Summary
}

const grantA = 32
/** Every cut takes so much from every car; only lowerings, because raisings are paced on purpose. */
const stepA = 2
const withinMs = 20_000

export async function measureLimitCut(scale: Scale, progress: (line: string) => void): Promise<LimitCutResult> {
  const [count, cuts] = scale === 'smoke' ? [5, 1] : [200, scale === 'quick' ? 4 : 12]
  progress(`starting kwota with ${count} charge points`)
  const server = await startKwota({
    sites: [{ id: 'main', fuseA: grantA * count }],
    chargePoints: Array.from({ length: count }, (_, index) => ({ id: stationID(index) })),
  })
  let stations: Station[] = []
  try {
    stations = await openStations(server.ocppUrl, count)
    await untilGranted(stations, grantA)
    await report(stations, 0)
    const firsts: number[] = []
    const lasts: number[] = []
    const answers: number[] = []
    for (let cut = 1; cut <= cuts; cut++) {
      const { firstMs, lastMs, answeredMs } = await cutOnce(server, stations, grantA - cut * stepA)
      firsts.push(firstMs)
      lasts.push(lastMs)
      answers.push(answeredMs)
      progress(`cut ${cut} of ${cuts}: first lowering after ${firstMs.toFixed(1)} ms, last after ${lastMs.toFixed(1)} ms`)
      await report(stations, cut)
      await untilConfirmed(server)
    }
    return { chargePoints: count, cuts, firstLoweringMs: summarise(firsts), lastLoweringMs: summarise(lasts), answeredMs: summarise(answers) }
  } finally {
    for (const station of stations) station.close()
    await server.stop()
  }
}

async function cutOnce(server: ServerProcess, stations: readonly Station[], toA: number) {
  const waiting = new Set(stations)
  let firstMs: number | null = null
  const begunMs = performance.now()
  const lowered = new Promise<number>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`${waiting.size} charge points were never told`)), withinMs)
    for (const station of stations) {
      station.limited = (limitA) => {
        if (limitA > toA) return
        firstMs ??= performance.now() - begunMs
        waiting.delete(station)
        if (waiting.size > 0) return
        clearTimeout(late)
        resolve(performance.now() - begunMs)
      }
    }
  })
  const put = fetch(`${server.url}/api/v1/sites/main/grid-limit`, {
    method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ currentA: toA * stations.length }),
  }).then(async (response) => {
    if (!response.ok) throw new Error(`the limit was refused: ${await response.text()}`)
    await response.arrayBuffer()
    return performance.now() - begunMs
  })
  const [lastMs, answeredMs] = await Promise.all([lowered, put])
  return { firstMs: firstMs ?? lastMs, lastMs, answeredMs }
}

/** Every car draws what it may, and its charge point says so: that is what lets a lowering settle. */
async function report(stations: readonly Station[], round: number): Promise<void> {
  await Promise.all(stations.map((station) => {
    const [, , action, payload] = JSON.parse(meterFrame('0', station.transactionId, 1_000 * round, station.limitA)) as [number, string, string, object]
    return station.call(action, payload)
  }))
}

/** The next cut begins when every answer to this one has been booked. */
async function untilConfirmed(server: ServerProcess): Promise<void> {
  const deadline = performance.now() + withinMs
  for (;;) {
    const response = await fetch(`${server.url}/api/v1/sites/main/grid-limit`)
    const { propagation: { waiting } } = await response.json() as { propagation: { waiting: readonly string[] } }
    if (waiting.length === 0) return
    if (performance.now() > deadline) throw new Error(`${waiting.length} charge points have not confirmed`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

export async function limitCut(scale: Scale, progress: (line: string) => void): Promise<Part<LimitCutResult>> {
  const data = await measureLimitCut(scale, progress)
  return { data, rows: [{
    what: `from PUT of a limit to the last lowering received, ${data.chargePoints} charge points`, brief: true,
    figure: times(data.lastLoweringMs), beside: `to the first: ${times(data.firstLoweringMs)}; durable and answered: ${times(data.answeredMs)}`,
  }] }
}
