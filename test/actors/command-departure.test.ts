// A command that waited leaves once at most, wherever the process is killed on the way.
import { describe, expect, test } from 'vitest'
import type { MemoryStore } from '../../src/store/memory.ts'
import { StoreUnavailable, type Store } from '../../src/store/port.ts'
import { caller, openHouse, type HouseStand } from './house-stand.ts'
import { accept, Peer, type Script } from './site-stand.ts'

async function queued(stand: HouseStand): Promise<string> {
  const asked = stand.house.commands.issue('CP1', 'Reset', { type: 'Hard' }, { expiresAt: new Date(stand.clock.wall() + 600_000).toISOString() }, caller)
  await stand.clock.advance(10)
  return (await asked).id
}

/** As `boot`, with a script from the first frame on. */
async function bootWith(stand: HouseStand, generation: number, script: Script): Promise<Peer> {
  await stand.admit('CP1')
  const peer = new Peer(stand.clock, 'CP1', generation)
  peer.script = script
  stand.desk.connected(peer)
  await stand.call(peer, 'BootNotification', { chargePointVendor: 'Acme', chargePointModel: 'One' })
  return peer
}

const resets = (peer: Peer): number => peer.calls.filter(({ action }) => action === 'Reset').length

describe('kill -9', () => {
  test('as the frame has left, before anything more could be written: not sent again, and it says that it may be done', async () => {
    const stand = await openHouse({ chargePoints: [{ id: 'CP1' }] })
    const id = await queued(stand)
    const first = await bootWith(stand, 100, (action, payload) => {
      if (action !== 'Reset') return accept(action, payload)
      stand.trouble.store = true
      return 'hold'
    })
    await stand.clock.advance(2_000)
    expect(resets(first)).toBe(1)
    stand.trouble.store = false
    const again = await stand.restart()
    const back = await bootWith(again, 200, accept)
    await again.clock.advance(5_000)
    expect(resets(back)).toBe(0)
    expect(again.house.commands.get(id)).toMatchObject({ status: 'failed', sentAt: expect.any(String) as string, error: { code: 'restarted', description: expect.stringContaining('may have been carried out') as string } })
    expect(again.house.commands.get(id)).not.toHaveProperty('leavingAtMs')
  })

  test('while it waits behind another call of ours: it may have left, so it does not', async () => {
    const stand = await openHouse({ chargePoints: [{ id: 'CP1' }] })
    const peer = await stand.boot('CP1')
    await stand.clock.advance(30_000)
    peer.script = () => 'hold'
    void peer.call('ClearCache', () => ({}))
    const id = await queued(stand)
    await stand.clock.advance(1_000)
    const again = await stand.restart()
    const back = await again.boot('CP1')
    await again.clock.advance(5_000)
    expect([again.house.commands.get(id).status, resets(back)]).toEqual(['failed', 0])
  })
})

/** Its commands are not written down as leaving while `stuck`. */
async function stickingHouse() {
  const state = { stuck: true }
  const leaves = (value: unknown): boolean => typeof value === 'object' && value !== null && 'leavingAtMs' in value && value.leavingAtMs !== null
  const through = (memory: MemoryStore): Store => ({
    ...memory,
    commit: (scope, epoch, batch) => (state.stuck && [...batch.puts?.values() ?? []].some(leaves) ? Promise.reject(new StoreUnavailable('the disk is full')) : memory.commit(scope, epoch, batch)),
  })
  const stand = await openHouse({ chargePoints: [{ id: 'CP1' }], through })
  const id = await queued(stand)
  const peer = await stand.boot('CP1')
  await stand.clock.advance(3_000)
  expect([resets(peer), stand.house.commands.get(id)]).toMatchObject([0, { status: 'queued', sentAt: null }])
  return { stand, state, id, peer, statusOf: () => stand.house.commands.get(id).status }
}

describe('it is written down before it leaves', () => {
  test('and stays while that cannot be: it leaves when the store is back', async () => {
    const { stand, state, peer, statusOf } = await stickingHouse()
    await stand.clock.advance(60_000)
    expect([resets(peer), statusOf()]).toEqual([0, 'queued'])
    state.stuck = false
    await stand.clock.advance(5_000)
    expect([resets(peer), statusOf()]).toEqual([1, 'accepted'])
  })

  test('the connection ends meanwhile: it goes on waiting, also over a restart', async () => {
    const { stand, state, id, peer, statusOf } = await stickingHouse()
    peer.cut()
    stand.desk.disconnected(peer, 1006, '')
    state.stuck = false
    await stand.clock.advance(5_000)
    expect(statusOf()).toBe('queued')
    const again = await stand.restart()
    expect(again.house.commands.get(id).status).toBe('queued')
    const back = await again.boot('CP1')
    await again.clock.advance(5_000)
    expect([resets(peer), resets(back), again.house.commands.get(id).status]).toEqual([0, 1, 'accepted'])
  })

  test.each(['cancelled', 'expired'] as const)('%s meanwhile: it never leaves', async (how) => {
    const { stand, state, id, peer, statusOf } = await stickingHouse()
    if (how === 'cancelled') await stand.house.commands.cancel(id).catch(() => undefined)
    else await stand.clock.advance(600_000)
    state.stuck = false
    await stand.clock.advance(5_000)
    expect([statusOf(), resets(peer)]).toEqual([how, 0])
  })

  test('kwota stops in order meanwhile: it waits for the next connection', async () => {
    const { stand, state, id, peer } = await stickingHouse()
    state.stuck = false
    await stand.directory.stop()
    const again = await stand.restart()
    const back = await bootWith(again, 300, accept)
    await again.clock.advance(5_000)
    expect([resets(peer), resets(back), again.house.commands.get(id).status]).toEqual([0, 1, 'accepted'])
  })
})

test('an actor that was set aside has forgotten its commands: they go on by their records', async () => {
  const stand = await openHouse({ chargePoints: [{ id: 'CP1' }] })
  const id = await queued(stand)
  stand.directory.crash()
  const store = stand.store.restart()
  await store.commit('main', await store.own('main'), { puts: new Map([['family:CP1', { v: 1, nonsense: true }]]) })
  const again = await openHouse({ store, clock: stand.clock, chargePoints: [{ id: 'CP1' }] })
  expect(again.house.commands.get(id).status).toBe('queued')
  const peer = await again.boot('CP1')
  await again.clock.advance(5_000)
  expect([resets(peer), again.house.commands.get(id).status]).toEqual([1, 'accepted'])
})

test('it is durable before it leaves, also when the one before it is answered meanwhile', async () => {
  const state = { held: null as (() => void) | null, holding: false }
  const through = (memory: MemoryStore): Store => ({
    ...memory,
    commit: async (scope, epoch, batch) => {
      if (state.holding && [...batch.puts?.keys() ?? []].some((key) => key.startsWith('command:'))) await new Promise<void>((resolve) => { state.held = resolve })
      return memory.commit(scope, epoch, batch)
    },
  })
  const stand = await openHouse({ chargePoints: [{ id: 'CP1' }], through })
  const peer = await stand.boot('CP1')
  await stand.clock.advance(30_000)
  peer.script = () => 'hold'
  const first = stand.house.commands.issue('CP1', 'ClearCache', {}, {}, caller)
  await stand.clock.advance(10)
  await first
  state.holding = true
  const second = stand.house.commands.issue('CP1', 'Reset', { type: 'Soft' }, {}, caller)
  await stand.clock.advance(10)
  peer.answer(peer.last())
  await stand.clock.advance(1_000)
  expect(resets(peer)).toBe(0)
  state.holding = false
  state.held?.()
  await stand.clock.advance(1_000)
  await second
  expect(resets(peer)).toBe(1)
})
