// Runs the built product as a process of its own: starts it, speaks to its REST API, kills it and starts it again.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { GridLimitView, PowerView, TransactionView } from '../../src/actors/views.ts'
import { buildProduct } from './build.ts'

export interface ServerOptions {
  /** Text of kwota.yaml; absent = none. */
  readonly config?: string
  readonly redisUrl?: string
  readonly env?: Readonly<Record<string, string>>
  /** After `serve`. A free port is taken unless one is given. */
  readonly args?: readonly string[]
  readonly port?: number
  /** Its store is not there: it is started once it answers at all. */
  readonly waits?: true
  /** Where its data and kwota.yaml lie; see `newPlace`. */
  readonly place: string
}

export interface Answer<T = Record<string, unknown>> { readonly status: number; readonly body: T; readonly headers: Headers }

export interface Server {
  readonly url: string
  readonly ocppUrl: string
  readonly port: number
  readonly pid: number
  /** Everything it wrote so far. */
  output(): string
  alive(): boolean
  /** JSON in, JSON out; `body` as it is when it is a string. */
  request<T = Record<string, unknown>>(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer<T>>
  power(siteID?: string): Promise<PowerView>
  gridLimit(siteID?: string): Promise<GridLimitView>
  transactions(): Promise<TransactionView[]>
  kill9(): Promise<void>
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>
}

export interface Ended { readonly code: number | null; readonly output: string }

const startMs = 20_000
const stopMs = 15_000
const mostOutput = 1_000_000
const running = new Set<ChildProcess>()
const places: string[] = []
process.on('exit', () => { for (const child of running) child.kill('SIGKILL') })

/** A new empty directory. */
export async function newPlace(): Promise<string> {
  const place = await mkdtemp(join(tmpdir(), 'kwota-e2e-'))
  places.push(place)
  return place
}

/** For afterEach: ends what still runs and removes every place. */
export async function tidyUp(): Promise<void> {
  await Promise.all([...running].map(async (child) => {
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }))
  for (const place of places.splice(0)) await rm(place, { recursive: true, force: true })
}

async function launch(options: ServerOptions) {
  const main = await buildProduct()
  const { place, config, redisUrl, port = 0, args = [] } = options
  if (config !== undefined) await writeFile(join(place, 'kwota.yaml'), config)
  const kept = Object.entries(process.env).filter(([name]) => !/^(?:KWOTA_|REDIS_URL|NODE_OPTIONS|VITEST|npm_)/.test(name))
  const all = [...(redisUrl === undefined ? [] : ['--redis-url', redisUrl]), ...(args.includes('--port') ? [] : ['--port', String(port)]), ...args]
  const child = spawn(process.execPath, ['--disable-proto=throw', main, 'serve', ...all], { cwd: place, env: { ...Object.fromEntries(kept), ...options.env }, stdio: ['ignore', 'pipe', 'pipe'] })
  running.add(child)
  let output = ''
  let tell = (): void => undefined
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-mostOutput)
      tell()
    })
  }
  const exited = new Promise<number | null>((resolve) => {
    child.once('close', (code) => {
      running.delete(child)
      resolve(code)
    })
  })
  return { child, exited, output: () => output, onOutput: (listener: () => void) => { tell = listener } }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return address.port
}

/** Resolves with its address for charge points as soon as anything answers there. */
async function answers(port: number): Promise<string> {
  for (const endMs = Date.now() + startMs; Date.now() < endMs && !await fetch(`http://127.0.0.1:${port}/livez`).then(({ ok }) => ok, () => false);) await wait(50)
  return `ws://127.0.0.1:${port}/ocpp`
}

/** Resolves when it has ended by itself. */
export async function runServer(options: ServerOptions): Promise<Ended> {
  const { child, exited, output } = await launch(options)
  const slow = setTimeout(() => child.kill('SIGKILL'), startMs)
  const code = await exited
  clearTimeout(slow)
  return { code, output: output() }
}

/** Resolves when it listens; rejects with what it said when it does not. */
export async function startServer(given: ServerOptions): Promise<Server> {
  const options = given.waits === true ? { ...given, port: given.port ?? await freePort() } : given
  const { child, exited, output, onOutput } = await launch(options)
  const address = await new Promise<string>((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`kwota ${why}:\n${output()}`))
    const slow = setTimeout(() => {
      child.kill('SIGKILL')
      fail('did not start in time')
    }, startMs)
    onOutput(() => {
      const found = /chargers (ws:\/\/\S+:\d+\/ocpp)\//.exec(output())?.[1]
      if (found === undefined) return
      clearTimeout(slow)
      resolve(found)
    })
    void exited.then((code) => {
      clearTimeout(slow)
      fail(`ended with ${code}`)
    })
    if (options.waits === true) void answers(options.port!).then((found) => {
      clearTimeout(slow)
      resolve(found)
    })
  })
  const ocppUrl = address
  const url = address.replace(/^ws/, 'http').replace(/\/ocpp$/, '')
  const { pid } = child
  if (pid === undefined) throw new Error('kwota has no process id')

  async function request<T>(method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answer<T>> {
    const sent = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }
    const response = await fetch(`${url}${path}`, { method, headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers }, ...sent })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.includes('json') === true
    return { status: response.status, body: (isJson ? JSON.parse(text) : text) as T, headers: response.headers }
  }
  async function got<T>(path: string): Promise<T> {
    const { status, body } = await request<T>('GET', path)
    if (status !== 200) throw new Error(`GET ${path}: ${status} ${JSON.stringify(body)}`)
    return body
  }

  return {
    url, ocppUrl, pid, output, request,
    port: Number(new URL(url).port),
    alive: () => running.has(child),
    power: (siteID = 'main') => got(`/api/v1/sites/${siteID}/power`),
    gridLimit: (siteID = 'main') => got(`/api/v1/sites/${siteID}/grid-limit`),
    transactions: async () => (await got<{ data: TransactionView[] }>('/api/v1/transactions?limit=500')).data,
    async kill9() {
      child.kill('SIGKILL')
      await exited
    },
    async stop() {
      child.kill('SIGTERM')
      const slow = setTimeout(() => child.kill('SIGKILL'), stopMs)
      const code = await exited
      clearTimeout(slow)
      return code
    },
  }
}
