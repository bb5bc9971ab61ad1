// A store as each released version left it when it was killed: today's code reads all of it, counts no less, allows no more, and writes it back in today's shape.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readFamily } from '../../src/actors/family-snapshot.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { VirtualClock } from '../virtual-clock.ts'
import { openHouse } from './house-stand.ts'

interface Golden {
  readonly version: string
  /** What that version itself said as it was killed. */
  readonly expected: {
    readonly wallMs: number
    readonly reservedA: Readonly<Record<string, number>>
    /** Transactions that ran. */
    readonly open: readonly number[]
    readonly limitA: number
    readonly grid: { readonly currentA: number; readonly expiresAt?: string | null }
    readonly curtailments?: readonly string[]
    readonly reservations?: readonly string[]
    readonly kinds: readonly string[]
  }
  readonly claims: Readonly<Record<string, string>>
  readonly scopes: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

const folder = join(import.meta.dirname, 'golden')
const files = readdirSync(folder).filter(name => /^store-.*\.json$/.test(name))
const goldens = files.map(name => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Golden)

async function openGolden({ expected, claims, scopes }: Golden) {
  const store = createMemoryStore()
  for (const [scope, records] of Object.entries(scopes)) {
    await store.own(scope)
    for (const [key, value] of Object.entries(records)) store.damage(scope, key, JSON.stringify(value))
  }
  for (const [id, owner] of Object.entries(claims)) await store.claim('chargepoint', id, owner)
  return openHouse({ sites: [], chargePoints: [], store, clock: new VirtualClock(expected.wallMs) })
}

test('there is one of every version that was released, this one included', () => {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as { version: string }
  expect(goldens.map(golden => golden.version).sort()).toEqual(expect.arrayContaining(['0.1.0', '0.2.0', '0.3.0', '0.4.0', '0.5.0', version]))
  expect(files.every(name => readFileSync(join(folder, name)).length < 100_000)).toBe(true)
  expect(existsSync(join(folder, `store-${version}.json`))).toBe(true)
})

describe.each(goldens.map(golden => [golden.version, golden] as const))('a store of %s', (_version, golden) => {
  const { expected } = golden

  test('is read whole: sites, charge points, limits, transactions, reservations, ledger and deadlines', async () => {
    const { house, directory, clock, store } = await openGolden(golden)
    expect(house.alerts().filter(({ code }) => code === 'quarantined')).toEqual([])
    expect(house.chargePoints().map(({ value }) => value.id).sort()).toEqual(['CP1', 'CP2', 'CP3', 'CP4'])
    for (const [id, amps] of Object.entries(expected.reservedA)) expect(house.allocation(id, 1).reservedA, id).toBeGreaterThanOrEqual(amps)
    expect(house.power('main').effective.currentA).toBeLessThanOrEqual(expected.limitA)
    expect(house.gridLimit('main').value).toMatchObject({ currentA: expected.grid.currentA, expiresAt: expected.grid.expiresAt ?? null })
    const open = [...directory.estate.points.values()].flatMap(({ family }) => family?.transactions().map(({ id }) => id) ?? [])
    expect(open.sort((a, b) => a - b)).toEqual(expected.open)
    if (expected.curtailments !== undefined) expect(house.limits.curtailments('main').map(({ value }) => `${value.id} ${value.expiresAt}`)).toEqual(expected.curtailments)
    if (expected.reservations !== undefined) expect(house.reservations.list().map(({ id, status, expiryDate }) => `${id} ${status} ${expiryDate}`)).toEqual(expected.reservations)
    await clock.advance(2_000)
    const written = await store.read('main')
    for (const [key, value] of written) if (key.startsWith('family:')) expect(value, key).toMatchObject({ v: 3 })
    directory.crash()
  })

  test('has every kind of record it was made with, and its families are read by migration', () => {
    const kinds = new Set(Object.values(golden.scopes).flatMap(records => Object.keys(records)).map(key => key.split(':')[0]))
    expect([...kinds].sort()).toEqual(expected.kinds)
    for (const [key, value] of Object.entries(golden.scopes['main']!)) if (key.startsWith('family:')) expect(() => readFamily(value), key).not.toThrow()
  })
})
