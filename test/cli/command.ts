// Runs a command of the built product as a process of its own.
import { spawn } from 'node:child_process'
import { buildProduct } from '../e2e/build.ts'

export interface Ran { readonly code: number | null; readonly out: string; readonly err: string }

export interface Running {
  readonly ended: Promise<Ran>
  out(): string
  signal(name: 'SIGINT' | 'SIGTERM'): void
}

/** In `place`, with nothing of kwota in its environment but `env`. */
export async function start(place: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Running> {
  const main = await buildProduct()
  const kept = Object.entries(process.env).filter(([name]) => !/^(?:KWOTA_|REDIS_URL|NODE_OPTIONS|VITEST|npm_|NO_COLOR|FORCE_COLOR)/.test(name))
  const child = spawn(process.execPath, ['--disable-proto=throw', main, ...args], { cwd: place, env: { ...Object.fromEntries(kept), ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk: Buffer) => { out += chunk.toString() })
  child.stderr.on('data', (chunk: Buffer) => { err += chunk.toString() })
  const ended = new Promise<Ran>((resolve) => { child.once('close', (code) => resolve({ code, out, err })) })
  return { ended, out: () => out, signal: (name) => void child.kill(name) }
}

export async function kwota(place: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  return (await start(place, args, env)).ended
}
