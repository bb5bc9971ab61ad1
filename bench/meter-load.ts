// The load of the meter-values bench, in a process of its own: an open loop that sends each frame at its time, whatever became of the ones before.
import { once } from 'node:events'
import { meterFrame } from './meter-frame.ts'
import { openStations, type Station } from './station.ts'

export interface LoadOrder { readonly ocppUrl: string; readonly stations: number; readonly perS: number; readonly warmUpS: number; readonly seconds: number }

/** Times are from when a frame was due to its answer: what waits behind a slow one counts. */
export interface Latency { readonly p50: number; readonly p99: number; readonly p999: number; readonly max: number }
/** It says when all charge points are there, and goes on when it is written a line; at the end `late` is how much behind their times it took up frames itself. */
export type LoadWord =
  | { readonly type: 'open' }
  | { readonly type: 'so-far'; readonly atS: number; readonly answered: number; readonly ms: Latency }
  | { readonly type: 'done'; readonly sent: number; readonly answered: number; readonly refused: number; readonly tookS: number; readonly ms: Latency; readonly late: Latency; readonly cores: number; readonly valuesPerFrame: number }

const tickMs = 4
const wordEveryMs = 30_000
const patienceMs = 30_000
const stepMs = 0.1
const longestMs = 60_000

class Times {
  private readonly counts = new Uint32Array(longestMs / stepMs)
  private total = 0
  private max = 0

  add(ms: number): void {
    this.counts[Math.min(this.counts.length - 1, Math.floor(ms / stepMs))]!++
    this.total++
    if (ms > this.max) this.max = ms
  }

  get latency(): Latency {
    return { p50: this.at(0.5), p99: this.at(0.99), p999: this.at(0.999), max: tenths(this.max) }
  }

  private at(part: number): number {
    let left = this.total * part
    for (let index = 0; index < this.counts.length; index++) {
      left -= this.counts[index]!
      if (left <= 0 && this.total > 0) return tenths(Math.min((index + 1) * stepMs, this.max))
    }
    return 0
  }
}

const tenths = (ms: number) => Math.round(ms * 10) / 10

/** One charge point: one CALL under way at a time, the frame laid out before. */
class Sender {
  readonly waiting: number[] = []
  private readonly station: Station
  private readonly parts: readonly string[]
  private count = 0
  private dueMs: number | null = null

  constructor(station: Station, answered: (sender: Sender, dueMs: number, right: boolean) => void) {
    this.station = station
    const [idMark, energyMark] = ['@id@', 7_777_777_777]
    const text = meterFrame(idMark, station.transactionId, energyMark, 15.9)
    const timestamp = /"timestamp":"([^"]+)"/.exec(text)![1]!
    this.parts = text.split(new RegExp(`${idMark}|${timestamp}|${energyMark}`))
    station.heard = (answer) => {
      const dueAt = this.dueMs
      this.dueMs = null
      if (dueAt !== null) answered(this, dueAt, answer.startsWith(`[3,"${this.count}"`))
    }
  }

  get busy(): boolean { return this.dueMs !== null }

  send(dueMs: number, iso: string): void {
    this.dueMs = dueMs
    const [before, toTime, toEnergy, after] = this.parts
    this.station.send(`${before}${++this.count}${toTime}${iso}${toEnergy}${1_000_000 + this.count}${after}`)
  }
}

async function run({ ocppUrl, stations, perS, warmUpS, seconds }: LoadOrder): Promise<void> {
  const say = (word: LoadWord): void => void process.stdout.write(`${JSON.stringify(word)}\n`)
  const all = new Times()
  let lately = new Times()
  let [sent, answered, refused, next, beganMs] = [0, 0, 0, 0, 0]
  let iso = ''
  const senders = (await openStations(ocppUrl, stations)).map((station) => new Sender(station, (sender, dueMs, right) => {
    const nowMs = performance.now()
    answered++
    if (!right) refused++
    if (dueMs - beganMs >= warmUpS * 1000) {
      all.add(nowMs - dueMs)
      lately.add(nowMs - dueMs)
    }
    const waits = sender.waiting.shift()
    if (waits !== undefined) sender.send(waits, iso)
  }))
  say({ type: 'open' })
  await once(process.stdin, 'data')
  const late = new Times()
  const cpuBefore = process.cpuUsage()
  beganMs = performance.now()
  const endMs = beganMs + (warmUpS + seconds) * 1000
  let wordMs = beganMs + wordEveryMs
  await new Promise<void>((resolve) => {
    const tick = setInterval(() => {
      const nowMs = performance.now()
      iso = new Date().toISOString()
      for (; ;) {
        const dueMs = beganMs + (next * 1000) / perS
        if (dueMs > nowMs || dueMs >= endMs) break
        const sender = senders[next++ % stations]!
        sent++
        if (dueMs - beganMs >= warmUpS * 1000) late.add(nowMs - dueMs)
        if (sender.busy) sender.waiting.push(dueMs)
        else sender.send(dueMs, iso)
      }
      if (nowMs >= wordMs) {
        wordMs += wordEveryMs
        say({ type: 'so-far', atS: Math.round((nowMs - beganMs) / 1000), answered, ms: lately.latency })
        lately = new Times()
      }
      if (nowMs < endMs || (answered < sent && nowMs < endMs + patienceMs)) return
      clearInterval(tick)
      resolve()
    }, tickMs)
  })
  const sample = JSON.parse(meterFrame('1', 1, 1, 1)) as [number, string, string, { meterValue: { sampledValue: unknown[] }[] }]
  const tookS = (performance.now() - beganMs) / 1000
  const { user, system } = process.cpuUsage(cpuBefore)
  say({ type: 'done', sent, answered, refused, tookS, ms: all.latency, late: late.latency, cores: (user + system) / 1e6 / tookS, valuesPerFrame: sample[3].meterValue[0]!.sampledValue.length })
}

await run(JSON.parse(process.argv[2] ?? '') as LoadOrder)
// Hung up by the end of this process: what was sent has been answered.
process.exit(0)
