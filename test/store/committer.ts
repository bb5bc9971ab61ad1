// Compiles the stores for child processes, runs the committer in one, and checks what it was promised.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { expect } from 'vitest'
import type { Store } from '../../src/store/port.ts'

const root = resolve(import.meta.dirname, '../..')
const fixture = join(import.meta.dirname, 'fixtures/committer.mjs')

/** Built inside the project, so that its packages resolve. */
export async function buildStores(): Promise<{ dir: string; remove: () => Promise<void> }> {
  const cache = join(root, 'node_modules/.cache')
  await mkdir(cache, { recursive: true })
  const dir = await mkdtemp(join(cache, 'kwota-test-'))
  await writeFile(join(dir, 'package.json'), '{ "type": "module" }')
  await writeFile(join(dir, 'tsconfig.json'), JSON.stringify({
    extends: join(root, 'tsconfig.json'),
    compilerOptions: { noEmit: false, rootDir: join(root, 'src'), outDir: dir, typeRoots: [join(root, 'node_modules/@types')] },
    include: [join(root, 'src/store')],
  }))
  const remove = () => rm(dir, { recursive: true, force: true })
  try {
    await promisify(execFile)(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(dir, 'tsconfig.json')])
  } catch (error) {
    await remove()
    throw error
  }
  return { dir, remove }
}

export interface Promised { readonly keys: string[]; readonly claims: string[]; readonly failures: string[] }

/** Runs until `enough` keys are acknowledged, then kill -9; or, for the job `full`, until the child ends itself. */
export async function runCommitter(options: {
  built: string
  kind: 'embedded' | 'redis'
  target: string
  prefix?: string
  enough?: number
  largestFileBlocks?: number
}): Promise<Promised> {
  const { built, kind, target, prefix = '', enough = Infinity, largestFileBlocks } = options
  const job = largestFileBlocks === undefined ? 'endless' : 'full'
  const limit = largestFileBlocks === undefined ? '' : `ulimit -f ${largestFileBlocks}; `
  const child = spawn('sh', ['-c', `${limit}exec "$@"`, 'sh', process.execPath, fixture, built, kind, target, prefix, job], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const complaints: string[] = []
  child.stderr.on('data', (chunk: Buffer) => complaints.push(chunk.toString()))
  const promised: Promised = { keys: [], claims: [], failures: [] }
  createInterface({ input: child.stdout }).on('line', line => {
    const [word, ...rest] = line.split(' ')
    if (word === 'ack') promised.keys.push(rest.join(' '))
    if (word === 'claim') promised.claims.push(rest.join(' '))
    if (word === 'failed') promised.failures.push(rest.join(' '))
    if (promised.keys.length >= enough) child.kill('SIGKILL')
  })
  const [, signal] = await once(child, 'close')
  if (signal !== 'SIGKILL') throw new Error(`the committer ended by itself: ${complaints.join('')}`)
  return promised
}

export async function expectKept(store: Store, promised: Promised): Promise<void> {
  const state = await store.read('depot')
  const claims = await store.claims('ids')
  expect(promised.keys.filter(key => !state.has(key) || !state.has(`twin-${key}`))).toEqual([])
  expect([...state.keys()].filter(key => !key.startsWith('twin-') && !state.has(`twin-${key}`))).toEqual([])
  expect(promised.claims.filter(key => !claims.has(key))).toEqual([])
}
