// Bad frames over WebSockets against the built product, beside charge points that go on charging and people who go on reading.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WebSocket } from 'ws'
import type { BadFrame } from './bad-frames.ts'
import { answerFault, difference, type FuzzOrder, type FuzzResult } from './fuzz-inside.ts'
import { lagNotes, longestStall, openPulse } from './lag-watch.ts'
import { dial, type OcppClient } from './ocpp-client.ts'
import { launchProduct } from './product.ts'
import { pause } from './program.ts'
import { openRest } from './rest.ts'

const batch = 20
const patienceMs = 20_000
const sayEvery = 5_000
const settleWithinMs = 60_000
const mostFaults = 20

/** What ends a connection by itself, sent now and then among the frames. */
const enders: readonly (readonly [string, string | Buffer])[] = [
  ['binary', Buffer.from('[2,"b","Heartbeat",{}]')], ['oversize', `[2,"o","DataTransfer",{"vendorId":"V","data":"${'x'.repeat(70_000)}"}]`],
]
const enderEvery = 997

export async function fuzzSockets({ source, first, frames, stations, say }: FuzzOrder): Promise<FuzzResult> {
  const faults: string[] = []
  const place = mkdtempSync(join(tmpdir(), 'kwota-fuzz-'))
  const names = Array.from({ length: stations }, (_, at) => `FUZZ-${at}`)
  const lag = lagNotes(place)
  const product = await launchProduct({ place, port: 0, ...lag.options, config: {
    sites: [{ id: 'main', fuseA: 16 * (stations + 1) }], chargePoints: [...names.map((id) => ({ id, settings: { strict: true, messagesPerSecond: 0 } })), { id: 'GOOD' }],
  } }).up
  try {
    const rest = openRest(product.url)
    const good = await openGood(`${product.ocppUrl}/GOOD`)
    await rest.ask('PUT', '/api/v1/sites/main/grid-limit', { currentA: 10 * stations, reason: 'fuzz' })
    const lines = names.map((name) => new FuzzLine(`${product.ocppUrl}/${name}`))
    for (const line of lines) await line.open(true)
    const state = async (): Promise<string> => fingerprint(await Promise.all(['sites', 'chargepoints', 'sites/main/grid-limit', 'sites/main/power', 'transactions', 'reservations', 'commands', 'id-tags'].map(async (path) => (await rest.ask('GET', `/api/v1/${path}`))?.body)))
    // Every lowering has settled: nothing is left to change by itself.
    const before = await settled(state, (now) => !now.includes('"enforcing"'))
    const pulse = openPulse(product.url)
    const fromMs = Date.now()
    const longestMs = (): number => longestStall(lag.file, fromMs, Infinity)
    let [refused, dropped, done, said] = [0, 0, 0, 0]
    await Promise.all(lines.map(async (line) => {
      while (done < frames && faults.length < mostFaults && product.alive()) {
        const from = first + done
        const some = Array.from({ length: Math.min(batch, frames - done) }, (_, at) => ({ index: from + at, frame: source.at(from + at) }))
        done += some.length
        const answers = await line.send(some.map(({ frame }) => frame))
        if (answers === null) await line.open(false)
        for (const { index, frame } of some) {
          const own = (answers ?? []).filter((answer) => (JSON.parse(answer) as unknown[])[1] === frame.id && frame.id !== null)
          const fault = answers === null ? null : answerFault(frame, own)
          if (fault !== null) faults.push(`frame ${index} (${frame.kind}): ${fault}; replay with --only ${index}`)
          if (frame.answers === 1) refused++
          else dropped++
        }
        if (Math.floor(from / enderEvery) !== Math.floor((from + batch) / enderEvery)) {
          const [what, data] = enders[Math.floor(from / enderEvery) % enders.length]!
          if (!(await line.end(data))) faults.push(`a ${what} frame did not end its connection`)
          await line.open(false)
        }
        if (done - said >= sayEvery) {
          said = done
          say(`${done} frames, longest stall ${longestMs().toFixed(0)} ms, slowest /livez ${pulse.slowestMs.toFixed(0)} ms`)
        }
      }
    }))
    if (!product.alive()) faults.push(`kwota ended: ${product.output().slice(-2_000)}`)
    const heard = await good.call('Heartbeat', {})
    if (heard.type !== 'result') faults.push('a good charge point is not heard any more')
    // Connections that came back are looked after for a while.
    const after = await settled(state, (now) => now === before)
    if (after !== before) faults.push(`the state is another: ${difference(before, after)}`)
    await pulse.stop()
    for (const fault of pulse.faults) faults.push(fault)
    return { refused, dropped, closed: lines.reduce((sum, { endings }) => sum + endings, 0), longestMs: longestMs(), faults }
  } finally {
    await product.kill()
    rmSync(place, { recursive: true, force: true })
  }
}

/** A charge point of the depot that has nothing to do with it. */
async function openGood(url: string): Promise<OcppClient> {
  const good = await dial({ url, closed: () => undefined, asked: answered })
  await good.call('BootNotification', { chargePointVendor: 'Chaos', chargePointModel: 'Good' })
  await good.call('StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Preparing' })
  await good.call('StartTransaction', { connectorId: 1, idTag: 'GOOD', meterStart: 0, timestamp: new Date().toISOString() })
  return good
}

function answered(action: string): object {
  if (action === 'GetConfiguration') return { configurationKey: [{ key: 'ChargeProfileMaxStackLevel', readonly: true, value: '5' }] }
  return { status: action === 'TriggerMessage' ? 'NotImplemented' : action === 'GetCompositeSchedule' ? 'Rejected' : 'Accepted' }
}

/** When it is as it should be in two looks in a row; as it is when it never is. */
async function settled(state: () => Promise<string>, isWanted: (state: string) => boolean): Promise<string> {
  let last = await state()
  for (const endMs = Date.now() + settleWithinMs; Date.now() < endMs;) {
    await pause(1_000)
    const now = await state()
    if (now === last && isWanted(now)) return now
    last = now
  }
  return last
}

const moving = new Set(['lastSeenAt', 'at', 'decisionId', 'measuredAt', 'since', 'generation', 'statusAt', 'limitedS'])

function fingerprint(bodies: readonly unknown[]): string {
  return JSON.stringify(bodies, (name, value: unknown) => (moving.has(name) ? undefined : value), 1)
}

/** A socket that says what it is told to; a good Heartbeat behind each batch shows that everything before it was worked off. */
class FuzzLine {
  endings = 0
  private readonly url: string
  private socket: WebSocket | null = null
  private heard: string[] = []
  private tell = (): void => undefined
  private marks = 0

  constructor(url: string) {
    this.url = url
  }

  async open(first: boolean): Promise<void> {
    if (!first) this.endings++
    for (let attempt = 0; ; attempt++) {
      const socket = new WebSocket(this.url, ['ocpp1.6'], { perMessageDeflate: false })
      const opened = await new Promise<boolean>((resolve) => {
        socket.on('open', () => resolve(true))
        socket.on('error', () => resolve(false))
        socket.on('close', () => resolve(false))
      })
      if (opened) {
        this.socket = socket
        break
      }
      if (attempt > 100) throw new Error(`${this.url} is not let in any more`)
      await pause(100)
    }
    this.socket.on('message', (data: Buffer) => {
      const text = data.toString('utf8')
      const [type, id, action] = JSON.parse(text) as [number, string, string]
      if (type === 2) return this.socket?.send(JSON.stringify([3, id, answered(action)]))
      this.heard.push(text)
      this.tell()
    })
    this.socket.on('close', () => this.tell())
    if (first) await this.send([{ text: '[2,"boot","BootNotification",{"chargePointVendor":"Chaos","chargePointModel":"Fuzz"}]', kind: 'boot', answers: 1, id: 'boot' }])
  }

  /** What was answered; null when the connection ended. */
  async send(frames: readonly BadFrame[]): Promise<readonly string[] | null> {
    const mark = `mark-${++this.marks}`
    this.heard = []
    const { socket } = this
    for (const { text } of frames) socket?.send(text)
    socket?.send(`[2,"${mark}","Heartbeat",{}]`)
    const seen = await this.until(() => this.heard.some((text) => text.startsWith(`[3,"${mark}"`)))
    return seen ? this.heard : null
  }

  /** True when the connection ended for it. */
  async end(data: string | Buffer): Promise<boolean> {
    this.socket?.send(data, { binary: typeof data !== 'string' })
    return !(await this.until(() => false))
  }

  /** False when the connection ended, or nothing came for too long. */
  private until(seen: () => boolean): Promise<boolean> {
    return new Promise((resolve) => {
      const finish = (value: boolean): void => {
        clearTimeout(late)
        this.tell = () => undefined
        resolve(value)
      }
      const late = setTimeout(() => {
        this.socket?.terminate()
        finish(false)
      }, patienceMs)
      this.tell = () => {
        if (seen()) finish(true)
        else if (this.socket?.readyState !== WebSocket.OPEN) finish(false)
      }
      this.tell()
    })
  }
}
