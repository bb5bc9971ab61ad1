// A redis-server of our own that syncs every write, on loopback with a directory of its own.
import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { UsageError } from './program.ts'

export interface RedisProcess {
  readonly url: string
  stop(): Promise<void>
}

/** Throws UsageError where none is installed. */
export async function startRedis(dir: string): Promise<RedisProcess> {
  mkdirSync(dir, { recursive: true })
  const port = await freePort()
  const args = ['--bind', '127.0.0.1', '--port', String(port), '--dir', dir, '--appendonly', 'yes', '--appendfsync', 'always', '--save', '', '--maxmemory-policy', 'noeviction']
  const child = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'ignore'] })
  process.on('exit', () => child.kill('SIGKILL'))
  await new Promise<void>((resolve, reject) => {
    let said = ''
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      if (said.includes('Ready to accept connections')) resolve()
    })
    child.once('error', () => reject(new UsageError('there is no redis-server on the PATH: install it, or use --store embedded')))
    child.once('exit', () => reject(new Error(`redis-server ended:\n${said}`)))
  })
  return {
    url: `redis://127.0.0.1:${port}`,
    stop: () => new Promise((resolve) => {
      child.once('exit', () => resolve())
      child.kill('SIGKILL')
    }),
  }
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
