// A server in a process of its own: started, told its address by, asked for its CPU time, ended by its own id.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface ServerProcess {
  /** http://127.0.0.1:port */
  readonly url: string
  readonly ocppUrl: string
  readonly pid: number
  /** When it was spawned, by `performance.now()`. */
  readonly spawnedMs: number
  /** What it wrote before it was ready. */
  readonly preamble: string
  /** User and system time of all its threads so far; null where /proc does not tell. */
  cpuS(): number | null
  /** SIGTERM. */
  stop(): Promise<void>
  /** SIGKILL; where it was given a directory, that stays as it is. */
  kill(): Promise<void>
}

/** The kernel counts process times in hundredths of a second on every platform of Node.js. */
const ticksPerS = 100
/** The first start with 10,000 charge points in its file makes a record of each. */
const startWithinMs = 300_000
const stopWithinMs = 10_000

const running = new Set<ChildProcess>()
process.on('exit', () => { for (const child of running) child.kill('SIGKILL') })
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

/** The built `kwota serve` on a free port, with an embedded store and a configuration file of its own. `dir` = where, and it stays there; `main` = another build of it; `serve` = more flags of `kwota serve`. */
export async function startKwota(config: object, given: { readonly dir?: string; readonly flags?: readonly string[]; readonly main?: string; readonly serve?: readonly string[] } = {}): Promise<ServerProcess> {
  const dir = given.dir ?? mkdtempSync(join(tmpdir(), 'kwota-bench-'))
  const file = join(dir, 'kwota.yaml')
  writeFileSync(file, JSON.stringify(config))
  const main = given.main ?? fileURLToPath(new URL('../main.js', import.meta.url))
  const args = [...startFlags(), ...given.flags ?? [], ...profiling(), main, 'serve', '--port', '0', '--config', file, '--data-dir', join(dir, 'data'), '--log-level', 'error', ...given.serve ?? []]
  return start(args, /chargers\s+ws:\/\/(127\.0\.0\.1:\d+)\//, () => { if (given.dir === undefined) rmSync(dir, { recursive: true, force: true }) })
}

/** One of the yardsticks: a file of ours that says on which address it listens, like `echo-server.js`. */
export function startYardstick(file: string, ...args: readonly string[]): Promise<ServerProcess> {
  return start([fileURLToPath(new URL(`./${file}`, import.meta.url)), ...args], /^\w+ on (127\.0\.0\.1:\d+)/m, () => undefined)
}

/** Those of `npm start`; this file lies in `bench/` or, compiled, in `dist/bench/`. */
function startFlags(): string[] {
  const { scripts } = JSON.parse(readFileSync(new URL(import.meta.url.endsWith('.ts') ? '../package.json' : '../../package.json', import.meta.url), 'utf8')) as { scripts: { start: string } }
  return scripts.start.split(' ').filter((word) => word.startsWith('--'))
}

/** KWOTA_BENCH_CPU_PROFILES names a directory that takes a CPU profile of every kwota that is measured. */
function profiling(): string[] {
  const dir = process.env['KWOTA_BENCH_CPU_PROFILES']
  return dir === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', dir]
}

async function start(args: readonly string[], ready: RegExp, cleanUp: () => void): Promise<ServerProcess> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(?:KWOTA_|REDIS_URL|NODE_OPTIONS|NODE_V8_COVERAGE)/.test(name)))
  const spawnedMs = performance.now()
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'pipe'] })
  running.add(child)
  child.once('exit', () => { running.delete(child) })
  let said = ''
  const address = await new Promise<string>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`the server did not start:\n${said}`)), startWithinMs)
    child.stderr.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-10_000)
      const found = ready.exec(said)?.[1]
      if (found === undefined) return
      clearTimeout(late)
      resolve(found)
    })
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}:\n${said}`)))
  })
  return {
    url: `http://${address}`,
    ocppUrl: `ws://${address}/ocpp`,
    pid: child.pid ?? 0,
    spawnedMs,
    preamble: said,
    cpuS: () => cpuOf(child.pid ?? 0),
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  }

  async function end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit')
      child.kill(signal)
      const slow = setTimeout(() => child.kill('SIGKILL'), stopWithinMs)
      await gone
      clearTimeout(slow)
    }
    cleanUp()
  }
}

/** User and system time of all threads of a process and of its worker processes so far; null where /proc does not tell. */
export function cpuOf(pid: number): number | null {
  const own = cpuByThread(pid) ?? cpuByProcess(pid)
  return own === null ? null : childrenOf(pid).reduce((sum, child) => sum + (cpuOf(child) ?? 0), own)
}

function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((id) => readFileSync(`/proc/${pid}/task/${id}/children`, 'utf8').split(' ').filter((child) => child !== '').map(Number))
  } catch {
    return []
  }
}

/** To the nanosecond, where the kernel keeps it. */
function cpuByThread(pid: number): number | null {
  try {
    const threads = `/proc/${pid}/task`
    return readdirSync(threads).reduce((sum, id) => sum + Number(readFileSync(`${threads}/${id}/schedstat`, 'utf8').split(' ')[0]), 0) / 1e9
  } catch {
    return null
  }
}

function cpuByProcess(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name of the program, in brackets, may contain spaces.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) / ticksPerS
  } catch {
    return null
  }
}
