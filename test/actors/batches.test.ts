// Many at once: every item has its own end, lanes are as many as allowed, and a restart leaves nothing that only seems to run.
import { describe, expect, test } from 'vitest'
import { Batches } from '../../src/actors/batches.ts'
import { Refusal } from '../../src/actors/house.ts'
import { openScope } from '../../src/actors/scope.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { settle, VirtualClock } from '../virtual-clock.ts'
import { caller, openHouse } from './house-stand.ts'

const reset = { name: 'reset', action: 'Reset' as const, fields: { type: 'Soft' }, expiresAt: undefined }
const outcomes = (items: readonly { clientID: string; status: string; error: { code: string } | null }[]) => items.map(({ clientID, status, error }) => [clientID, status, error?.code ?? null])

test('partial success is visible, item by item', async () => {
  const stand = await openHouse({ chargePoints: [{ id: 'CP1' }, { id: 'CP2' }, { id: 'CP3' }] })
  const [one, two] = [await stand.boot('CP1'), await stand.boot('CP2')]
  await stand.clock.advance(30_000)
  one.script = () => ({ status: 'Accepted' })
  two.script = () => ({ status: 'Rejected' })
  const started = stand.house.bulk.start(reset, ['CP1', 'CP2', 'CP3', 'CP9'], 2, caller)
  await stand.clock.advance(5_000)
  const { id } = await started
  const batch = stand.house.bulk.batch(id)
  expect(outcomes(batch.items)).toEqual([['CP1', 'accepted', null], ['CP2', 'rejected', null], ['CP3', 'refused', 'charge-point-offline'], ['CP9', 'refused', 'unknown-charge-point']])
  expect(batch).toMatchObject({ status: 'finished', operation: 'reset', createdBy: 'tester', counts: { accepted: 1, rejected: 1, refused: 2 } })
  expect(stand.house.commands.list().map(({ batchId }) => batchId)).toEqual([id, id])
})

test('what waited for its charge point tells how it ended, also after a restart', async () => {
  let stand = await openHouse({ chargePoints: [{ id: 'CP1' }, { id: 'CP2' }, { id: 'CP3' }] })
  const expiresAt = new Date(stand.clock.wall() + 3_600_000).toISOString()
  const started = stand.house.bulk.start({ ...reset, expiresAt }, ['CP1', 'CP2', 'CP3'], 3, caller)
  await stand.clock.advance(1_000)
  const { id } = await started
  expect(stand.house.bulk.batch(id).counts).toEqual({ queued: 3 })
  stand = await stand.restart()
  const one = await stand.boot('CP1')
  one.script = () => ({ status: 'Rejected' })
  await stand.clock.advance(60_000)
  const cancelled = stand.house.commands.list().find(({ clientID }) => clientID === 'CP2')!
  await stand.house.commands.cancel(cancelled.id)
  expect(outcomes(stand.house.bulk.batch(id).items)).toEqual([['CP1', 'rejected', null], ['CP2', 'cancelled', null], ['CP3', 'queued', null]])
  await stand.clock.advance(3_600_000)
  expect(outcomes(stand.house.bulk.batch(id).items)[2]).toEqual(['CP3', 'expired', 'expired'])
  expect(stand.house.bulk.batches()).toMatchObject([{ id, status: 'finished', counts: { rejected: 1, cancelled: 1, expired: 1 } }])
})

test('a selector means all of what it says', async () => {
  const stand = await openHouse({ sites: [{ id: 'main', circuits: [{ id: 'yard' }] }, { id: 'annex' }], chargePoints: [{ id: 'CP1', circuit: 'yard' }, { id: 'CP2' }, { id: 'CP3', site: 'annex' }] })
  await stand.boot('CP2')
  const { bulk } = stand.house
  expect([bulk.select({ siteID: 'main' }), bulk.select({ circuitID: 'yard' }), bulk.select({ clientIDs: ['cp3', 'CP2', 'CP9'] }), bulk.select({ siteID: 'main', status: 'online' }), bulk.select({ siteID: 'annex', clientIDs: ['CP1'] })])
    .toEqual([['CP1', 'CP2'], ['CP1'], ['CP2', 'CP3', 'CP9'], ['CP2'], []])
})

describe('the work itself', () => {
  async function open(store = createMemoryStore()) {
    const clock = new VirtualClock()
    const scope = await openScope({ store, name: 'kwota', clock })
    let next = 0
    return { store, scope, batches: new Batches({ scope, wall: () => clock.wall(), newId: () => `${++next}`, command: () => undefined }) }
  }
  const order = (run: (clientID: string) => Promise<{ status: 'accepted'; commandId: null; error: null }>, count = 6, maxParallel = 2) => ({ operation: 'reset', clientIDs: Array.from({ length: count }, (_, index) => `CP${index}`), maxParallel, createdBy: 'x', run })
  const done = { status: 'accepted', commandId: null, error: null } as const

  test('never more lanes than allowed, and every item once', async () => {
    const { batches } = await open()
    const seen: string[] = []
    let now = 0
    let most = 0
    await batches.start(order(async (clientID) => {
      seen.push(clientID)
      most = Math.max(most, ++now)
      await settle()
      now--
      return done
    }))
    for (let turn = 0; turn < 20; turn++) await settle()
    expect([seen, most, batches.list()[0]?.status]).toEqual([['CP0', 'CP1', 'CP2', 'CP3', 'CP4', 'CP5'], 2, 'finished'])
  })
  test('what ran when the process ended is interrupted, not running', async () => {
    const { batches, store, scope } = await open()
    await batches.start(order((clientID) => (clientID === 'CP0' ? Promise.resolve(done) : new Promise(() => undefined))))
    await settle()
    scope.abandon()
    const again = await open(store.restart())
    expect(again.batches.list()).toMatchObject([{ status: 'interrupted' }])
    expect(again.batches.list()[0]?.counts.interrupted).toBeGreaterThanOrEqual(5)
  })
  test('at most ten at once', async () => {
    const { batches } = await open()
    const never = order(() => new Promise(() => undefined), 1)
    for (let count = 0; count < 10; count++) await batches.start(never)
    await expect(batches.start(never)).rejects.toBeInstanceOf(Refusal)
  })
})
