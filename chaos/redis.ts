// A redis-server of our own that syncs every write, on loopback with a directory of its own: it can be made to hang, to be full, and to die.
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { Redis } from 'ioredis'
import { UsageError } from './program.ts'

export interface RedisProcess {
  readonly url: string
  /** SIGSTOP makes it hang, SIGCONT go on. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void
  /** SIGKILL; `restart` starts it again on its port and directory. */
  kill(): Promise<void>
  restart(): Promise<void>
  /** Every write that needs memory is refused beyond it; 0 = as much as there is. */
  setMaxMemory(bytes: number): Promise<void>
  stop(): Promise<void>
}

/** Throws UsageError where none is installed. */
export async function startRedis(dir: string): Promise<RedisProcess> {
  mkdirSync(dir, { recursive: true })
  const port = await freePort()
  let child = await launch(dir, port)
  process.on('exit', () => child.kill('SIGKILL'))
  const kill = (): Promise<void> => new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.kill('SIGKILL')
  })
  return {
    url: `redis://127.0.0.1:${port}`,
    signal: (signal) => void child.kill(signal),
    kill, stop: kill,
    async restart() { child = await launch(dir, port) },
    async setMaxMemory(bytes) {
      const client = new Redis(port, '127.0.0.1')
      await client.config('SET', 'maxmemory', String(bytes))
      client.disconnect()
    },
  }
}

async function launch(dir: string, port: number): Promise<ChildProcess> {
  const args = ['--bind', '127.0.0.1', '--port', String(port), '--dir', dir, '--appendonly', 'yes', '--appendfsync', 'always', '--save', '', '--maxmemory-policy', 'noeviction']
  const child = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'ignore'] })
  await new Promise<void>((resolve, reject) => {
    let said = ''
    child.stdout.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-10_000)
      if (said.includes('Ready to accept connections')) resolve()
    })
    child.once('error', () => reject(new UsageError('there is no redis-server on the PATH: install it, or use --store embedded')))
    child.once('exit', () => reject(new Error(`redis-server ended:\n${said}`)))
  })
  return child
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => (typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('no port'))))
    })
  })
}
