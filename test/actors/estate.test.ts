// The estate: what a site must be before it opens, what of a store can be read, and records that are written whole or not.
import { describe, expect, test } from 'vitest'
import { checkSite } from '../../src/actors/check-site.ts'
import { readPointRecords, readSiteRecord } from '../../src/actors/estate-records.ts'
import { withoutPoint, write } from '../../src/actors/records.ts'
import { openScope } from '../../src/actors/scope.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { settle, VirtualClock } from '../virtual-clock.ts'
import { pointOf, siteOf } from './site-stand.ts'

async function open() {
  const trouble = { store: false }
  const clock = new VirtualClock()
  const store = createMemoryStore({ failing: () => trouble.store })
  return { trouble, clock, store, scope: await openScope({ store, name: 'main', clock }) }
}

describe('checkSite', () => {
  const site = siteOf({ fuseA: 40, circuits: [{ id: 'garage', limitA: 20 }], baseLoad: { worstCaseA: 5 } })

  test('takes what fits to the last amp', () => {
    expect(() => checkSite(site, [pointOf({ id: 'A', circuit: 'garage', fallbackA: 10 }), pointOf({ id: 'B', circuit: 'garage', fallbackA: 10 }), pointOf({ id: 'C', fallbackA: 15 })])).not.toThrow()
  })

  test('says every limit that does not hold, with those that could take 0', () => {
    expect(() => checkSite(site, [pointOf({ id: 'A', circuit: 'garage', fallbackA: 11 }), pointOf({ id: 'B', circuit: 'garage', fallbackA: 10 }), pointOf({ id: 'C', fallbackA: 15 })]))
      .toThrow(expect.objectContaining({
        kind: 'invalid', code: 'fallbacks-do-not-fit', hint: expect.any(String) as string,
        message: expect.stringMatching(/main L1–L3: .* 41 A, the limit \(fuse\) is 40 A\. Set fallbackA: 0 on some of A\/1, B\/1, C\/1.*garage L1–L3: .* 21 A, the limit \(circuit:garage\) is 20 A\. Set fallbackA: 0 on some of A\/1, B\/1,/) as string,
      }))
  })

  test('each connector counts its fallback', () => {
    expect(() => checkSite(siteOf({ fuseA: 11 }), [pointOf({ id: 'A', fallbackA: 6, connectors: [{ id: 1 }, { id: 2 }] })])).toThrow(/main L1–L3: .* 12 A/)
    expect(() => checkSite(siteOf({ fuseA: 11 }), [pointOf({ id: 'A', fallbackA: 6, connectors: [{ id: 1, phases: ['L1'] }, { id: 2, phases: ['L2'] }] })])).not.toThrow()
  })

  test('a fallback out of range names the connector and the range', () => {
    expect(() => checkSite(site, [pointOf({ id: 'A', fallbackA: 6, connectors: [{ id: 1 }, { id: 2, minA: 8 }] })])).toThrow(expect.objectContaining({
      code: 'fallback-out-of-range', message: 'A: fallbackA is 6, must be 0 or within 8 and 32 A (connector 2).', errors: [{ pointer: '/fallbackA', message: '0, or from 8 to 32' }],
    }))
  })
})

describe('stored records', () => {
  const revision = { version: 3, changedAt: '2026-01-01T00:00:00.000Z', changedBy: 'x' }

  test('come back as they were; newer defaults are filled in; what cannot be read is none', async () => {
    const { scope } = await open()
    expect(readSiteRecord(scope)).toBeNull()
    scope.put('config', { ...revision, site: { id: 'main', fuseA: 20 } })
    expect(readSiteRecord(scope)).toEqual({ ...revision, site: siteOf({ fuseA: 20 }) })
    scope.put('config', { ...revision, site: { id: 'main', fuseA: -1 } })
    expect(readSiteRecord(scope)).toBeNull()
    scope.put('chargepoint:A', { ...revision, password: null, config: { id: 'A' } })
    scope.put('chargepoint:B', { ...revision, password: null })
    scope.put('chargepoint:C', { ...revision, password: null, config: { id: 'C', connectors: [] } })
    expect(readPointRecords(scope)).toEqual([{ ...revision, password: null, config: pointOf({ id: 'A' }) }])
  })
})

describe('write', () => {
  test('all of it or nothing; nothing is what stays, also when the store is back', async () => {
    const { scope, trouble, clock, store } = await open()
    await write(scope, { 'family:A': 1, 'learnt:A': 2, 'chargepoint:A': 3 })
    trouble.store = true
    await expect(write(scope, withoutPoint('A'))).rejects.toMatchObject({ kind: 'store-down', code: 'store-down', message: 'The store does not take writes: the store does not answer. Nothing was changed.' })
    await expect(write(scope, { 'chargepoint:B': 1, 'learnt:A': 9 })).rejects.toMatchObject({ kind: 'store-down' })
    expect(Object.fromEntries(scope.entries(''))).toEqual({ 'family:A': 1, 'learnt:A': 2, 'chargepoint:A': 3 })
    trouble.store = false
    await clock.advance(2_000)
    expect(Object.fromEntries(await store.read('main'))).toEqual({ 'family:A': 1, 'learnt:A': 2, 'chargepoint:A': 3 })
    await write(scope, withoutPoint('A'))
    expect([...await store.read('main')]).toEqual([])
  })

  test('what somebody else has put meanwhile is not taken back', async () => {
    const { scope, trouble } = await open()
    await write(scope, { key: 'old' })
    trouble.store = true
    const refused = write(scope, { key: 'mine' })
    scope.put('key', 'theirs')
    await expect(refused).rejects.toMatchObject({ kind: 'store-down' })
    await settle()
    expect(scope.get('key')).toBe('theirs')
  })
})
