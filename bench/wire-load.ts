// The load of the whole path, in a process of its own: charge points that take turns, so many frames under way, counted with the CPU time of the server in a window.
import { createInterface } from 'node:readline'
import { pointNames } from './depot.ts'
import { MeterTemplate } from './meter-template.ts'
import { cpuOf } from './server-process.ts'
import { inTurns, openWireStations, untilAllGranted } from './wire-station.ts'
import { openWire, type Wire } from './wire.ts'

/** kwota and `ocpp-rpc` answer each frame as OCPP wants it; a bare `ws` sends it back. */
export interface WireLoadOrder {
  readonly side: 'kwota' | 'bareWs' | 'ocppRpc'
  readonly url: string
  /** Of the server. */
  readonly pid: number
  readonly stations: number
  readonly grantA: number
  readonly mostUnderWay: number
}

/** The window begins after so long, and so many answers to each charge point. */
export interface WindowOrder { readonly warmUpMs: number; readonly warmUpRounds: number; readonly windowMs: number }
export type WireLoadWord =
  | { readonly type: 'ready'; readonly frameBytes: number }
  /** `cpuS` = of the server, null where that cannot be read; `loadCores` = what the load itself took. */
  | { readonly type: 'window'; readonly frames: number; readonly seconds: number; readonly cpuS: number | null; readonly loadCores: number }

const isoEveryMs = 5
const stuckAfterMs = 60_000
const warmWithinMs = 120_000
const lookEveryMs = 50

interface Member { readonly wire: Wire; readonly template: MeterTemplate; answered: (payload: Buffer) => void }

async function openMembers({ side, url, stations: count, grantA }: WireLoadOrder): Promise<Member[]> {
  const names = pointNames(count)
  if (side !== 'kwota') {
    return inTurns(names, async (name) => {
      const wire = await openWire(`${url}/${name}`, side === 'ocppRpc' ? 'ocpp1.6' : null)
      const member: Member = { wire, template: new MeterTemplate(1_234_567_890), answered: () => undefined }
      wire.heard = (payload) => member.answered(payload)
      return member
    })
  }
  const stations = await openWireStations(url, names, { connectors: 2, charging: true })
  await untilAllGranted(stations, grantA)
  return stations.map((station) => {
    const member: Member = { wire: station.wire, template: new MeterTemplate(station.transactionId), answered: () => undefined }
    station.answered = (payload) => member.answered(payload)
    return member
  })
}

/** Sends whenever an answer comes, always for the charge point that has waited longest. */
async function runWindow(order: WireLoadOrder, members: readonly Member[], { warmUpMs, warmUpRounds, windowMs }: WindowOrder): Promise<WireLoadWord> {
  const idle = new Uint32Array(members.length)
  let [first, waiting, answered, underWay] = [0, members.length, 0, 0]
  for (let at = 0; at < members.length; at++) idle[at] = at
  let ending = false
  let iso = new Date().toISOString()
  const clock = setInterval(() => { iso = new Date().toISOString() }, isoEveryMs)
  let fail: (error: Error) => void = () => undefined
  const failed = new Promise<never>((_, reject) => { fail = reject })
  let quiet: () => void = () => undefined
  const over = new Promise<void>((resolve) => { quiet = resolve })
  const send = (): void => {
    const member = members[idle[first]!]!
    first = (first + 1) % idle.length
    waiting--
    underWay++
    member.wire.write(member.template.next(iso))
  }
  for (const [index, { wire, template }] of members.entries()) {
    const right = order.side === 'bareWs'
      ? (payload: Buffer) => payload.length === template.payloadBytes && payload.toString('latin1', 4, 12) === template.id
      : (payload: Buffer) => payload.toString('latin1', 0, 32) === `[3,"${template.id}",{}]`
    wire.lost = () => fail(new Error('the server hung up'))
    members[index]!.answered = (payload) => {
      if (!right(payload)) return fail(new Error(`not the answer to ${template.id}: ${payload.toString('latin1', 0, 200)}`))
      answered++
      underWay--
      idle[(first + waiting) % idle.length] = index
      waiting++
      if (!ending) send()
      else if (underWay === 0) quiet()
    }
  }
  const measure = async (): Promise<WireLoadWord> => {
    for (let count = Math.min(order.mostUnderWay, members.length); count > 0; count--) send()
    await pause(warmUpMs)
    for (const deadline = performance.now() + warmWithinMs; answered < warmUpRounds * members.length && performance.now() < deadline;) await pause(lookEveryMs)
    const look = () => ({ atMs: performance.now(), answered, cpuS: cpuOf(order.pid), own: process.cpuUsage() })
    const before = look()
    await pause(windowMs)
    const after = look()
    ending = true
    await Promise.race([over, pause(stuckAfterMs).then(() => { throw new Error(`${underWay} answers never came`) })])
    const seconds = (after.atMs - before.atMs) / 1_000
    return {
      type: 'window', frames: after.answered - before.answered, seconds, cpuS: before.cpuS === null || after.cpuS === null ? null : after.cpuS - before.cpuS,
      loadCores: (after.own.user + after.own.system - before.own.user - before.own.system) / 1e6 / seconds,
    }
  }
  try {
    return await Promise.race([measure(), failed])
  } finally {
    clearInterval(clock)
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => { setTimeout(resolve, ms).unref() })
}

async function run(order: WireLoadOrder): Promise<void> {
  const say = (word: WireLoadWord): void => void process.stdout.write(`${JSON.stringify(word)}\n`)
  const members = await openMembers(order)
  say({ type: 'ready', frameBytes: members[0]!.template.payloadBytes })
  for await (const line of createInterface({ input: process.stdin })) say(await runWindow(order, members, JSON.parse(line) as WindowOrder))
}

await run(JSON.parse(process.argv[2] ?? '') as WireLoadOrder)
