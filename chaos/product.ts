// The built product as a process: started on a place of its own, killed without a word, started again on what it left.
import { spawn, type ChildProcess } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface ProductOptions {
  /** Its directory; kwota.yaml and the data lie there. */
  readonly place: string
  readonly config: object
  /** Absent = the embedded store. */
  readonly redisUrl?: string | undefined
  /** 0 = a free one. */
  readonly port: number
  /** Flags of Node.js beside those of `npm start`. */
  readonly nodeFlags?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly startWithinMs?: number
}

export interface Product {
  /** http://127.0.0.1:port */
  readonly url: string
  readonly ocppUrl: string
  readonly port: number
  readonly pid: number
  /** What it wrote lately. */
  output(): string
  alive(): boolean
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>
}

export interface Launch {
  readonly pid: number
  /** Resolves when it listens; rejects with what it said when it ended before. */
  readonly up: Promise<Product>
  kill(): Promise<void>
}

const usualStartMs = 180_000
const stopWithinMs = 20_000
const mostOutput = 200_000
const running = new Set<ChildProcess>()
process.on('exit', () => { for (const child of running) child.kill('SIGKILL') })
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

/** Begins to start it; the process is there at once and can be killed while it starts. */
export function launchProduct({ place, config, redisUrl, port, nodeFlags = [], env = {}, startWithinMs = usualStartMs }: ProductOptions): Launch {
  writeFileSync(join(place, 'kwota.yaml'), JSON.stringify(config))
  const main = fileURLToPath(new URL('../main.js', import.meta.url))
  const store = redisUrl === undefined ? [] : ['--redis-url', redisUrl]
  const args = [...startFlags(), ...nodeFlags, main, 'serve', '--port', String(port), '--config', join(place, 'kwota.yaml'), '--data-dir', join(place, 'data'), '--log-level', 'error', ...store]
  const kept = Object.entries(process.env).filter(([name]) => !/^(?:KWOTA_|REDIS_URL|NODE_OPTIONS|NODE_V8_COVERAGE|VITEST)/.test(name))
  const child = spawn(process.execPath, args, { cwd: place, env: { ...Object.fromEntries(kept), ...env }, stdio: ['ignore', 'ignore', 'pipe'] })
  running.add(child)
  const gone = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => {
      running.delete(child)
      resolve(code)
    })
  })
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL')
    await gone
  }
  let said = ''
  const up = new Promise<Product>((resolve, reject) => {
    const late = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new Error(`kwota did not start in ${startWithinMs / 1000} s:\n${said}`))
    }, startWithinMs)
    child.stderr.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-mostOutput)
      const found = /chargers\s+ws:\/\/(127\.0\.0\.1:(\d+))\//.exec(said)
      if (found === null) return
      clearTimeout(late)
      resolve({
        url: `http://${found[1]}`, ocppUrl: `ws://${found[1]}/ocpp`, port: Number(found[2]), pid: child.pid ?? 0,
        output: () => said, alive: () => running.has(child), kill,
        async stop() {
          child.kill('SIGTERM')
          const slow = setTimeout(() => child.kill('SIGKILL'), stopWithinMs)
          const code = await gone
          clearTimeout(slow)
          return code
        },
      })
    })
    void gone.then((code) => {
      clearTimeout(late)
      reject(new Error(`kwota ended with ${code} before it listened:\n${said}`))
    })
  })
  up.catch(() => undefined)
  return { pid: child.pid ?? 0, up, kill }
}

/** Those of `npm start`. */
function startFlags(): string[] {
  const { scripts } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { scripts: { start: string } }
  return scripts.start.split(' ').filter((word) => word.startsWith('--'))
}
