// A real redis-server for tests, on loopback with its own directory; REDIS_URL stands in where none is installed.
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { leftOut, onPath } from '../on-path.ts'

export interface RedisServer {
  readonly url: string
  /** For every key of this test; a server behind REDIS_URL may hold other data. */
  readonly prefix: string
  readonly port: number
  readonly dir: string
  readonly pid: number
  /** Signals the server: SIGSTOP makes it hang, SIGCONT go on, SIGKILL ends it as a crash would (then `restart`). */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void
  kill(): Promise<void>
  /** Starts it again on the same port and directory. */
  restart(): Promise<void>
  stop(): Promise<void>
}

const serverPath = onPath('redis-server')
const givenUrl = process.env['REDIS_URL']
const running = new Set<number>()
process.on('exit', () => { for (const pid of running) process.kill(pid, 'SIGKILL') })

/** For `describe.skipIf`: true, with the reason printed, where there is no Redis; in CI that is an error instead. */
export function withoutRedis(): boolean {
  return leftOut(serverPath === undefined && givenUrl === undefined, 'redis tests', 'no redis-server on the PATH and no REDIS_URL')
}

/** The same for tests that must stop, kill or configure the server, which REDIS_URL cannot offer. */
export function withoutRedisServer(): boolean {
  return leftOut(serverPath === undefined, 'redis tests', 'no redis-server on the PATH')
}

/** Where the contract can run: a server of our own, else REDIS_URL with a prefix of its own, else null. */
export async function startRedisOrUseGiven(): Promise<Pick<RedisServer, 'url' | 'prefix' | 'stop'> | null> {
  if (serverPath !== undefined || givenUrl === undefined) return startRedis()
  return { url: givenUrl, prefix: newPrefix(), stop: async () => undefined }
}

/** Null when there is no redis-server. `settings` are command-line options such as `--maxmemory 2mb`; every write is synced. */
export async function startRedis(settings: readonly string[] = []): Promise<RedisServer | null> {
  if (serverPath === undefined) return null
  const dir = await mkdtemp(join(tmpdir(), 'kwota-redis-'))
  const launched = await launchOnFreePort(serverPath, dir, settings)
  const { port } = launched
  let { server } = launched
  return {
    url: `redis://127.0.0.1:${port}`,
    prefix: newPrefix(),
    port,
    dir,
    get pid() { return server.pid },
    signal(signal) { process.kill(server.pid, signal) },
    kill: () => server.kill(),
    async restart() { server = await launch(serverPath, port, dir, settings) },
    async stop() {
      await server.kill()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

// Another process may take the port between finding it and using it.
async function launchOnFreePort(path: string, dir: string, settings: readonly string[], attempts = 3): Promise<{ port: number; server: Launched }> {
  const port = await freePort()
  try {
    return { port, server: await launch(path, port, dir, settings) }
  } catch (error) {
    if (attempts > 1 && String(error).includes('already in use')) return launchOnFreePort(path, dir, settings, attempts - 1)
    await rm(dir, { recursive: true, force: true })
    throw error
  }
}

interface Launched { readonly pid: number; kill(): Promise<void> }

async function launch(path: string, port: number, dir: string, settings: readonly string[]): Promise<Launched> {
  const durable = ['--appendonly', 'yes', '--appendfsync', 'always', '--save', '']
  const child = spawn(path, ['--bind', '127.0.0.1', '--port', String(port), '--dir', dir, ...durable, ...settings], { stdio: ['ignore', 'pipe', 'ignore'] })
  const { pid } = child
  if (pid === undefined) throw new Error(`${path} cannot be started`)
  running.add(pid)
  const ended = new Promise<void>(resolve => {
    child.once('exit', () => {
      running.delete(pid)
      resolve()
    })
  })
  let output = ''
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      if (output.includes('Ready to accept connections')) resolve()
    })
    void ended.then(() => reject(new Error(`redis-server ended: ${output}`)))
  })
  return {
    pid,
    kill(): Promise<void> {
      if (running.has(pid)) process.kill(pid, 'SIGKILL')
      return ended
    },
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')))
    })
  })
}

function newPrefix(): string {
  return `kwota-test-${randomUUID()}:`
}
