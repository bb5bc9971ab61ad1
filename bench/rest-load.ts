// The load of REST, in a process of its own: GETs over lines that stay, laid out before, so many under way, counted with the CPU time of the server.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { cpuOf } from './server-process.ts'

export interface RestLoadOrder { readonly url: string; readonly pid: number; readonly apiKey: string; readonly lines: number }
export interface RestWindowOrder { readonly paths: readonly string[]; readonly warmUpMs: number; readonly windowMs: number }
export interface RestLoadWord { readonly answers: number; readonly seconds: number; readonly cpuS: number | null; readonly loadCores: number }

const headEnd = Buffer.from('\r\n\r\n')
const nothing = Buffer.alloc(0)

/** One request at a time; rejects on anything but 200 with a length. */
class RestLine {
  answered: () => void = () => undefined
  failed: (error: Error) => void = () => undefined
  private readonly socket: Socket
  private rest: Buffer = nothing

  constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (chunk: Buffer) => this.read(this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk])))
    socket.on('error', (error) => this.failed(error))
    socket.on('close', () => this.failed(new Error('the server hung up')))
  }

  ask(request: Buffer): void {
    this.socket.write(request)
  }

  private read(bytes: Buffer): void {
    this.rest = bytes
    const end = bytes.indexOf(headEnd)
    if (end < 0) return
    const head = bytes.toString('latin1', 0, end)
    const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1]
    if (!head.startsWith('HTTP/1.1 200 ') || length === undefined) return this.failed(new Error(`not what was asked for: ${bytes.toString('latin1', 0, 400)}`))
    if (bytes.length < end + 4 + Number(length)) return
    this.rest = nothing
    this.answered()
  }
}

async function runWindow(pid: number, lines: readonly RestLine[], requests: readonly Buffer[], { warmUpMs, windowMs }: RestWindowOrder): Promise<RestLoadWord> {
  let [answers, turn, underWay, ending] = [0, 0, 0, false]
  let fail: (error: Error) => void = () => undefined
  const failed = new Promise<never>((_, reject) => { fail = reject })
  let quiet: () => void = () => undefined
  const over = new Promise<void>((resolve) => { quiet = resolve })
  for (const line of lines) {
    const ask = (): void => {
      underWay++
      line.ask(requests[turn++ % requests.length]!)
    }
    line.failed = fail
    line.answered = () => {
      answers++
      underWay--
      if (!ending) ask()
      else if (underWay === 0) quiet()
    }
    ask()
  }
  const measure = async (): Promise<RestLoadWord> => {
    await pause(warmUpMs)
    const look = () => ({ atMs: performance.now(), answers, cpuS: cpuOf(pid), own: process.cpuUsage() })
    const before = look()
    await pause(windowMs)
    const after = look()
    ending = true
    await over
    const seconds = (after.atMs - before.atMs) / 1_000
    return {
      answers: after.answers - before.answers, seconds, cpuS: before.cpuS === null || after.cpuS === null ? null : after.cpuS - before.cpuS,
      loadCores: (after.own.user + after.own.system - before.own.user - before.own.system) / 1e6 / seconds,
    }
  }
  return Promise.race([measure(), failed])
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => { setTimeout(resolve, ms) })
}

async function run({ url, pid, apiKey, lines: count }: RestLoadOrder): Promise<void> {
  const { hostname, port, host } = new URL(url)
  const lines = await Promise.all(Array.from({ length: count }, async () => {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true })
    await once(socket, 'connect')
    return new RestLine(socket)
  }))
  for await (const text of createInterface({ input: process.stdin })) {
    const order = JSON.parse(text) as RestWindowOrder
    const requests = order.paths.map((path) => Buffer.from(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${apiKey}\r\nAccept: application/json\r\n\r\n`))
    process.stdout.write(`${JSON.stringify(await runWindow(pid, lines, requests, order))}\n`)
  }
}

await run(JSON.parse(process.argv[2] ?? '') as RestLoadOrder)
