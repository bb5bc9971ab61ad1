// What a car still needs: as it was said, less what its meter has counted since, in steps, and over a restart.
import { expect, test } from 'vitest'
import { EnergyNeeds } from '../../src/actors/energy-needs.ts'
import { openScope, type Scope } from '../../src/actors/scope.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import type { Store } from '../../src/store/port.ts'
import { VirtualClock } from '../virtual-clock.ts'

const scopeOf = (store: Store = createMemoryStore()): Promise<Scope> => openScope({ store, name: 'depot', clock: new VirtualClock() })

test('counted from the first reading, in steps of 500 Wh, rounded up, down to nothing', async () => {
  const needs = new EnergyNeeds(await scopeOf())
  expect(needs.remainingWh('CP1/1')).toBeNull()
  needs.told('CP1/1', 1_800)
  expect(needs.remainingWh('CP1/1')).toBe(1_800)
  expect(needs.read('CP1/1', 50_000)).toBe(false)
  expect([50_200, 50_400, 51_000, 51_799, 51_800, 60_000].map((energyWh) => [needs.read('CP1/1', energyWh), needs.remainingWh('CP1/1')]))
    .toEqual([[false, 1_800], [true, 1_500], [true, 1_000], [true, 500], [true, 0], [false, 0]])
})

test('the same said again changes nothing, another number begins anew, none ends it', async () => {
  const needs = new EnergyNeeds(await scopeOf())
  needs.read('CP1/1', 1_000)
  needs.told('CP1/1', 3_000)
  needs.read('CP1/1', 2_000)
  needs.told('CP1/1', 3_000)
  expect(needs.remainingWh('CP1/1')).toBe(2_000)
  needs.told('CP1/1', 2_500)
  expect(needs.remainingWh('CP1/1')).toBe(2_500)
  needs.told('CP1/1', null)
  expect(needs.remainingWh('CP1/1')).toBeNull()
})

test('a meter that was set back counts on from there; no number is no reading', async () => {
  const needs = new EnergyNeeds(await scopeOf())
  needs.told('CP1/1', 5_000)
  for (const energyWh of [9_000, null, Number.NaN, 100, 1_100]) needs.read('CP1/1', energyWh)
  expect(needs.remainingWh('CP1/1')).toBe(4_000)
})

test('after a restart the next reading knows what was counted before', async () => {
  const store = createMemoryStore()
  const scope = await scopeOf(store)
  const before = new EnergyNeeds(scope)
  before.told('CP1/1', 5_000)
  before.read('CP1/1', 1_000)
  before.read('CP1/1', 3_000)
  await scope.flush()
  const after = new EnergyNeeds(await scopeOf(store.restart()))
  expect(after.remainingWh('CP1/1')).toBe(5_000)
  after.read('CP1/1', 3_100)
  expect(after.remainingWh('CP1/1')).toBe(3_000)
})
