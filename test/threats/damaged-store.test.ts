// A disk that gives back other bytes than were written, or loses files: kwota starts with all that it had, or refuses and says why.
import { randomInt } from 'node:crypto'
import { closeSync, cpSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock as clock } from '../../src/clock.ts'
import { between, createRandom } from '../../src/simulator/random.ts'
import { openEmbeddedStore } from '../../src/store/embedded.ts'
import type { Level } from '../../src/store/level.ts'
import { StoreDamaged, StoreUnavailable } from '../../src/store/port.ts'
import { dumped } from '../store/dumped.ts'

const seed = randomInt(1_000_000)
const random = createRandom(seed)
let root: string
let original: string
let expected: string

/** Begins another log after 64 KiB, so that there are tables. */
async function openSmall(dataDir: string): Promise<Level> {
  const level: Level = new ClassicLevel(join(dataDir, 'store'), { writeBufferSize: 65_536 })
  await level.open()
  return level
}

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'kwota-damage-'))
  original = join(root, 'original')
  const written = await openEmbeddedStore({ dataDir: original, clock, open: openSmall })
  const epoch = await written.own('depot')
  for (let round = 0; round < 40; round++) {
    await written.commit('depot', epoch, { puts: new Map(Array.from({ length: 20 }, (_, n) => [`key-${(round * 7 + n) % 90}`, { round, text: 'so it goes '.repeat(between(random, 1, 40)), noise: random().toString(36) }])) })
    await written.append('depot', 'readings', Array.from({ length: 20 }, (_, n) => ({ atMs: round * 1_000 + n, value: { noise: `${random()}${random()}${random()}` } })))
    await written.claim('ids', `id-${round}`, 'depot')
    if (round === 20) await written.compact('depot')
  }
  // Wherever chance began the newest log, several records are in it.
  for (let n = 0; newestLog().length < 4_000; n++) await written.commit('depot', epoch, { puts: new Map([['last', { n, noise: random().toString(36) }]]) })
  expected = JSON.stringify(await dumped(written))
  await written.close()
})
afterAll(() => rmSync(root, { recursive: true }))

const filesOf = (dataDir: string): string[] => readdirSync(join(dataDir, 'store')).filter((name) => !/^LO(?:CK|G)/.test(name)).sort()
const newestLog = (): Buffer => readFileSync(join(original, 'store', filesOf(original).findLast((name) => name.endsWith('.log'))!))
const bytesOf = (dataDir: string): string => filesOf(dataDir).map((name) => `${name} ${readFileSync(join(dataDir, 'store', name)).toString('base64')}`).join('\n')

/** What a start on a copy comes to in which `spoil` was at work: `whole`, or the message with which it refuses and leaves everything as it is. */
async function startAfter(spoil: (store: string) => void): Promise<string> {
  const dataDir = mkdtempSync(join(root, 'copy-'))
  try {
    cpSync(original, dataDir, { recursive: true })
    spoil(join(dataDir, 'store'))
    const before = bytesOf(dataDir)
    try {
      const store = await openEmbeddedStore({ dataDir, clock })
      const found = JSON.stringify(await dumped(store))
      await store.close()
      return found === expected ? 'whole' : 'less'
    } catch (error) {
      expect(error).toBeInstanceOf(StoreDamaged)
      expect(bytesOf(dataDir)).toBe(before)
      expect(String(error)).toContain(join(dataDir, 'store'))
      expect(String(error)).toContain('kwota restore FILE')
      return String(error)
    }
  } finally {
    rmSync(dataDir, { recursive: true })
  }
}

function flip(path: string, at: number, bit = between(random, 0, 7)): void {
  const bytes = readFileSync(path)
  bytes[at]! ^= 1 << bit
  writeFileSync(path, bytes)
}

const plain = (found: unknown): unknown => (found instanceof Map ? [...found] : found)

async function whatIsIn(dataDir: string): Promise<string[]> {
  const copy = mkdtempSync(join(root, 'whole-'))
  cpSync(dataDir, copy, { recursive: true })
  const store = await openEmbeddedStore({ dataDir: copy, clock })
  const found = [await store.range('depot', 'readings', 0, 100_000, 10), await store.range('depot', 'readings', 0, 100_000), await store.read('depot'), await store.claims('ids')]
  await store.close()
  return found.map((each) => JSON.stringify(plain(each)))
}

test(`threat 45: with one bit of one file another, a start has everything or refuses and names the file (seed ${seed})`, { timeout: 60_000 }, async () => {
  const kinds = new Map<string, number>()
  for (const name of filesOf(original)) {
    const { length } = readFileSync(join(original, 'store', name))
    for (let n = 0; n < 8 && length > 0; n++) {
      const at = between(random, 0, length - 1)
      const outcome = await startAfter((store) => flip(join(store, name), at))
      expect(outcome, `byte ${at} of ${name}`).not.toBe('less')
      if (outcome === 'whole') continue
      expect(outcome, `byte ${at} of ${name}`).toMatch(name === 'CURRENT' ? /CURRENT/ : /(?:MANIFEST-|\.log|\.ldb)/)
      const kind = name.replace(/\d+/g, '')
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
    }
  }
  expect([...kinds.keys()].sort()).toEqual(['.ldb', '.log', 'CURRENT', 'MANIFEST-'])
})

test('threat 45: with one file missing or cut short, a start has everything or refuses and names what is missing', { timeout: 30_000 }, async () => {
  const outcomes = new Map<string, string>()
  for (const name of filesOf(original)) outcomes.set(name, await startAfter((store) => rmSync(join(store, name))))
  expect([...outcomes.values()].filter((outcome) => outcome === 'less')).toEqual([])
  expect(outcomes.get('CURRENT')).toContain('CURRENT is missing')
  const tables = [...outcomes].filter(([name]) => name.endsWith('.ldb'))
  expect(tables.filter(([name, outcome]) => outcome !== 'whole' && !outcome.includes(`${name} is missing`))).toEqual([])
  expect(tables.some(([, outcome]) => outcome !== 'whole')).toBe(true)
  const [table] = tables.find(([, outcome]) => outcome !== 'whole')!
  expect(await startAfter((store) => truncateSync(join(store, table), 5_000))).toContain('it has 5000 bytes')
})

test('threat 45: a record of the log that cannot be read, with others behind it, is never skipped', async () => {
  const log = filesOf(original).filter((name) => name.endsWith('.log') && readFileSync(join(original, 'store', name)).length > 2_000).at(-1)!
  const bytes = readFileSync(join(original, 'store', log))
  const second = 7 + bytes.readUInt16LE(4)
  // Its checksum, its length (which then leads behind the end, or to nowhere), its kind, and what it says.
  for (const at of [0, 4, 5, 6, 7, 20]) {
    const outcome = await startAfter((store) => flip(join(store, log), second + at, 7))
    expect(outcome, `byte ${at} of the record`).toContain(`${log} is not what was written at byte ${second}`)
  }
  expect(await startAfter((store) => writeFileSync(join(store, log), Buffer.concat([bytes, Buffer.from('torn in the middle of a header')]))), 'a torn end is none').toBe('whole')
})

test('threat 45: what becomes unreadable under a running kwota is told, and never taken for nothing', async () => {
  const dataDir = mkdtempSync(join(root, 'running-'))
  cpSync(original, dataDir, { recursive: true })
  await (await openEmbeddedStore({ dataDir, clock })).close()
  const store = await openEmbeddedStore({ dataDir, clock })
  for (const name of filesOf(dataDir).filter((each) => each.endsWith('.ldb'))) {
    // The first block now says that it is longer than it is.
    const file = openSync(join(dataDir, 'store', name), 'r+')
    writeSync(file, Buffer.from([0xfe, 0x7f]), 0, 2, 0)
    closeSync(file)
  }
  const reads = [() => store.range('depot', 'readings', 0, 100_000, 10), () => store.range('depot', 'readings', 0, 100_000), () => store.read('depot'), () => store.claims('ids')]
  const outcomes = await Promise.all(reads.map((read) => read().then((found) => found, (error: unknown) => error)))
  const told = outcomes.filter((outcome) => outcome instanceof Error)
  expect(told.length).toBeGreaterThan(0)
  expect(told.filter((error) => !(error instanceof StoreUnavailable))).toEqual([])
  // What is answered all the same has nothing left out.
  const whole = await whatIsIn(original)
  expect(outcomes.filter((outcome, n) => !(outcome instanceof Error) && JSON.stringify(plain(outcome)) !== whole[n])).toEqual([])
  await store.close()
  await expect(openEmbeddedStore({ dataDir, clock })).rejects.toBeInstanceOf(StoreDamaged)
})
