// Runs every code block of the README and then of the guide in order, against a server that one of them starts: nothing in them may be wishful.
import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadConfig } from '../src/config.ts'
import { blocksOf, differenceInShape } from './readme-blocks.ts'

const root = join(import.meta.dirname, '..')
const pages = ['README.md', 'docs/guide.md'].map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
const blocks = pages.flatMap(({ path, text }) => blocksOf(text).map((block) => ({ ...block, path })))
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string | undefined> }

const started: ChildProcess[] = []
let clone = ''
let port = 0
let lastOutput = ''

beforeAll(async () => {
  clone = mkdtempSync(join(tmpdir(), 'kwota-readme-'))
  for (const name of ['package.json', 'docker-compose.yml']) copyFileSync(join(root, name), join(clone, name))
  symlinkSync(join(root, 'node_modules'), join(clone, 'node_modules'))
  for (const name of ['test', 'docs']) symlinkSync(join(root, name), join(clone, name))
  const built = spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(root, 'tsconfig.build.json'), '--outDir', join(clone, 'dist')], { encoding: 'utf8' })
  if (built.status !== 0) throw new Error(`the sources do not compile:\n${built.stdout}`)
  const bundled = spawnSync(process.execPath, [join(root, 'node_modules/vite/bin/vite.js'), 'build', '--config', join(root, 'web/vite.config.ts'), '--outDir', join(clone, 'dist/web')], { encoding: 'utf8' })
  if (bundled.status !== 0) throw new Error(`the pages are not bundled:\n${bundled.stderr}`)
  port = await freePort()
}, 120_000)

afterAll(async () => {
  await Promise.all(started.map(stop))
  rmSync(clone, { recursive: true, force: true })
})

describe('the README and the guide', () => {
  test('has blocks', () => expect(blocks.length).toBeGreaterThan(8))
  test.each(blocks.map((block) => [block.path, block.line, block] as const))('%s, line %i', async (_path, _line, block) => {
    switch (block.language) {
      case 'sh': return runShell(block.text)
      case 'js': return writeFileSync(join(clone, /^\/\/ (\S+\.mjs)\n/.exec(block.text)?.[1] ?? 'unnamed'), here(block.text))
      case 'json': return expect(differenceInShape(JSON.parse(block.text), JSON.parse(lastOutput))).toEqual([])
      case 'text': return expect(lastOutput).toContain(block.text)
      case 'yaml': return expect(configOf(block.text).sites[0]?.id).toBe('main')
      case 'mermaid': return expect(block.text).toMatch(/^(?:flowchart|stateDiagram-v2|sequenceDiagram)/)
      default: throw new Error(`no way to check a block of ${block.language || 'no language'}`)
    }
  }, 60_000)
})

test.each(pages)('every page that $path points to is there', ({ path, text }) => {
  const named = [...text.matchAll(/\]\((?!https:)([^)#]+)\)/g)].map(([, page]) => page ?? '')
  expect(named.length).toBeGreaterThan(3)
  expect(named.filter((page) => !existsSync(join(root, dirname(path), page)))).toEqual([])
})

async function runShell(text: string): Promise<void> {
  switch (text.trim()) {
    case 'npm ci && npm start': {
      const server = await start('npm', ['start'], { KWOTA_PORT: String(port) }, /\/ocpp\//)
      expect(server.output()).toContain(join(clone, 'data'))
      return until(async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).ok)
    }
    case 'npm ci && npm test': return expect(scripts['test']).toBe('vitest run')
    case 'npm run bench': return expect(scripts['bench']).toBeDefined()
    case 'node charger.mjs': return void (await start('node', ['charger.mjs'], {}, /^charging, transaction [1-9]\d*$/m))
    case 'npm ci && npm run demo': {
      const demo = await start('npm', ['run', 'demo', '--', '--seconds', '5'], { KWOTA_PORT: String(await freePort()), KWOTA_DATA_DIR: join(clone, 'demo-data') }, /CP/)
      if (demo.child.exitCode === null) await once(demo.child, 'exit')
      return expect(demo.child.exitCode).toBe(0)
    }
    default:
  }
  // Its settings are checked in compose.test.ts; no container engine runs here.
  if (text.includes('docker compose')) {
    const [drawn = '', ...rest] = text.trim().split('\n')
    expect(rest).toEqual(['docker compose up -d --wait'])
    for (let time = 0; time < 2; time++) await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', drawn], { cwd: clone })
    return expect(readFileSync(join(clone, '.env'), 'utf8')).toMatch(/^KWOTA_API_KEY=[0-9a-f]{48}\n$/)
  }
  // It builds first, and here is nothing to build.
  if (text.startsWith('npm run sim --')) expect(scripts['sim']).toBe('npm run build && node dist/main.js simulate')
  const variants = atAnyHour(here(text))
  // However soon or late it is tried: once the limits before it are proven, less is reserved than at first.
  if (variants.length > 1) await until(async () => ((await (await fetch(`http://127.0.0.1:${port}/api/v1/sites/main/grid-limit`)).json()) as { state: string }).state === 'enforced')
  for (const variant of variants) {
    const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', variant], { cwd: clone, env: environment(), timeout: 50_000 })
    lastOutput = stdout
  }
}

/** What comes again every day must be taken at whatever hour somebody tries it: as if it had begun 1 h ago, and 17 h ago. */
function atAnyHour(text: string): string[] {
  if (!text.includes('"recurrencyKind": "Daily"')) return [text]
  return [text, ...[1, 17].map((hours) => text.replace(/"startSchedule": "[^"]+"/, `"startSchedule": "${new Date(Date.now() - hours * 3_600_000).toISOString()}"`))]
}

/** The README says 8080; the test takes a free port. */
function here(text: string): string {
  return text.replaceAll('localhost:8080', `127.0.0.1:${port}`).replace(/^npm run sim --/, 'node dist/main.js simulate')
}

function environment(more: Record<string, string> = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(?:KWOTA_|REDIS_URL|NODE_OPTIONS|VITEST|npm_)/.test(name))
  return { ...Object.fromEntries(kept), NO_COLOR: '1', ...more }
}

async function start(command: string, args: string[], env: Record<string, string>, ready: RegExp) {
  const child = spawn(command, args, { cwd: clone, env: environment(env), detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  started.push(child)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => { output = (output + chunk.toString()).slice(-100_000) })
  await until(async () => {
    if (ready.test(output)) return true
    if (child.exitCode !== null) throw new Broken(`${command} ${args.join(' ')} ended with ${child.exitCode}:\n${output}`)
    return false
  }, () => output)
  return { child, output: () => output }
}

/** Ends a whole process group that this test started: npm does not hand signals on reliably. */
async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const gone = once(child, 'exit')
  process.kill(-child.pid, 'SIGTERM')
  const slow = setTimeout(() => { if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL') }, 10_000)
  await gone
  clearTimeout(slow)
}

class Broken extends Error {}

async function until(condition: () => Promise<boolean>, state: () => string = () => ''): Promise<void> {
  for (let i = 0; i < 300; i++) {
    const met = await condition().catch((error: unknown) => {
      if (error instanceof Broken) throw error
      return false
    })
    if (met) return
    await wait(100)
  }
  throw new Error(`waited too long:\n${state()}`)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return address.port
}

function configOf(text: string) {
  return loadConfig({ env: {}, cwd: '/', readFile: () => text })
}
