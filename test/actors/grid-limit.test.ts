// The standing grid limit: what may be asked for, and how it is kept with who asked.
import { describe, expect, test } from 'vitest'
import { checkLimit, putGridRecord, readGridRecord } from '../../src/actors/grid-limit.ts'
import { openScope } from '../../src/actors/scope.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { VirtualClock } from '../virtual-clock.ts'
import { siteOf } from './site-stand.ts'

const site = siteOf({ fuseA: { L1: 50, L2: 63, L3: 40 } })

describe('what may be asked for', () => {
  test.each([
    ['amps', { currentA: 40 }, { currentA: 40, setAtMs: 1_000 }],
    ['zero', { currentA: 0 }, { currentA: 0, setAtMs: 1_000 }],
    ['as much as the strongest phase', { currentA: 63 }, { currentA: 63, setAtMs: 1_000 }],
    ['watts, a reason and a time to live', { powerW: 20_000, reason: 'peak', ttlS: 90 }, { powerW: 20_000, reason: 'peak', setAtMs: 1_000, expiresAtMs: 91_000 }],
    ['as many watts as the fuses carry', { powerW: 35_190 }, { powerW: 35_190, setAtMs: 1_000 }],
  ])('%s', (_, wanted, limit) => {
    expect(checkLimit(site, wanted, 1_000)).toEqual(limit)
  })

  test.each([
    ['amps', { currentA: 63.1 }, 'Send at most 63 A.'], ['watts', { powerW: 35_191 }, 'Send at most 35190 W.'],
  ])('above the fuse in %s', (_, wanted, hint) => {
    expect(() => checkLimit(site, wanted, 0)).toThrow(expect.objectContaining({ kind: 'invalid', code: 'above-fuse', hint }))
  })
})

test('the record counts versions, outlives the process, and is there before anybody set one', async () => {
  const store = createMemoryStore()
  const clock = new VirtualClock()
  const scope = await openScope({ store, name: 'main', clock })
  const none = readGridRecord(scope, 0)
  expect(none).toEqual({ limit: null, version: 0, changedAt: '1970-01-01T00:00:00.000Z', changedBy: 'default' })
  const set = putGridRecord(scope, none, { currentA: 9, setAtMs: 5 }, 'ems', 5)
  const lifted = putGridRecord(scope, set, null, 'someone', 1_000)
  await scope.flush()
  expect(readGridRecord(await openScope({ store: store.restart(), name: 'main', clock }), 0)).toEqual({ limit: null, version: 2, changedAt: '1970-01-01T00:00:01.000Z', changedBy: 'someone' })
  expect(lifted.version).toBe(2)
})
