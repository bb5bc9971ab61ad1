// The charge points of a limit cut, in a process of its own, which also sends the PUT: one clock from when the request leaves until the last lowering is here.
import { createInterface } from 'node:readline'
import { pointNames } from './depot.ts'
import { meterFrame } from './meter-frame.ts'
import { inTurns, openWireStations, untilAllGranted, WireStation } from './wire-station.ts'
import { openWire } from './wire.ts'

export interface CutLoadOrder { readonly side: 'kwota' | 'bareWs'; readonly url: string; readonly wsUrl: string; readonly connectors: number; readonly site: string; readonly grantA: number }
/** To how much each car is lowered, A; for a bare `ws` with the text that each gets. */
export interface CutOrder { readonly toA: number; readonly text?: string }
export type CutLoadWord =
  | { readonly type: 'ready' }
  /** ms from the request leaving; `answeredMs` = until its answer; `text` = one of the frames. */
  | { readonly type: 'cut'; readonly firstMs: number; readonly lastMs: number; readonly answeredMs: number; readonly text: string }

const withinMs = 60_000
const askEveryMs = 50

async function openAll({ side, wsUrl, connectors, grantA }: CutLoadOrder): Promise<WireStation[]> {
  const names = pointNames(connectors)
  if (side === 'bareWs') return inTurns(names, async (name) => new WireStation(await openWire(`${wsUrl}/${name}`, null)))
  const stations = await openWireStations(wsUrl, names, { connectors: 1, charging: true })
  await untilAllGranted(stations, grantA)
  return stations
}

async function cutOnce(order: CutLoadOrder, stations: readonly WireStation[], { toA, text }: CutOrder): Promise<CutLoadWord> {
  let [waiting, firstMs, sample] = [stations.length, 0, '']
  const path = order.side === 'kwota' ? `${order.url}/api/v1/sites/${order.site}/grid-limit` : order.url
  const body = order.side === 'kwota' ? JSON.stringify({ currentA: toA * stations.length }) : (text ?? '')
  const begunMs = performance.now()
  const lowered = new Promise<number>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`${waiting} charge points were never told`)), withinMs)
    for (const station of stations) {
      let told = false
      station.limited = (limitA, payload) => {
        if (told || limitA > toA) return
        told = true
        if (waiting === stations.length) {
          firstMs = performance.now() - begunMs
          sample = payload.toString('utf8')
        }
        if (--waiting > 0) return
        clearTimeout(late)
        resolve(performance.now() - begunMs)
      }
    }
  })
  const answered = fetch(path, { method: 'PUT', headers: { 'content-type': 'application/json' }, body }).then(async (response) => {
    if (!response.ok) throw new Error(`the limit was refused: ${await response.text()}`)
    await response.arrayBuffer()
    return performance.now() - begunMs
  })
  const [lastMs, answeredMs] = await Promise.all([lowered, answered])
  return { type: 'cut', firstMs, lastMs, answeredMs, text: sample }
}

/** Every car draws what it may, and its charge point says so: that is what lets a lowering settle. */
async function report(stations: readonly WireStation[], round: number): Promise<void> {
  await inTurns(stations, (station) => {
    const [, , action, payload] = JSON.parse(meterFrame('0', station.transactionId, 1_000 * round, station.limitA)) as [number, string, string, object]
    return station.call(action, payload)
  })
}

/** The next cut begins when every answer to this one has been booked. */
async function untilConfirmed({ url, site }: CutLoadOrder): Promise<void> {
  for (const deadline = performance.now() + withinMs; ;) {
    const response = await fetch(`${url}/api/v1/sites/${site}/grid-limit`)
    const { propagation: { waiting } } = await response.json() as { propagation: { waiting: readonly string[] } }
    if (waiting.length === 0) return
    if (performance.now() > deadline) throw new Error(`${waiting.length} charge points have not confirmed`)
    await new Promise((resolve) => setTimeout(resolve, askEveryMs))
  }
}

async function run(order: CutLoadOrder): Promise<void> {
  const say = (word: CutLoadWord): void => void process.stdout.write(`${JSON.stringify(word)}\n`)
  const stations = await openAll(order)
  if (order.side === 'kwota') await report(stations, 0)
  say({ type: 'ready' })
  let round = 0
  for await (const line of createInterface({ input: process.stdin })) {
    const cut = await cutOnce(order, stations, JSON.parse(line) as CutOrder)
    if (order.side === 'kwota') {
      await report(stations, ++round)
      await untilConfirmed(order)
    }
    say(cut)
  }
}

await run(JSON.parse(process.argv[2] ?? '') as CutLoadOrder)
