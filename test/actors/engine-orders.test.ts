// The orders of the engine over scripted charge points: lowerings that leave at once, raisings only when they are safe and stored.
import { describe, expect, test } from 'vitest'
import type { MemoryStore } from '../../src/store/memory.ts'
import type { Store } from '../../src/store/port.ts'
import { settle, VirtualClock } from '../virtual-clock.ts'
import { accept, charging, openRoom, pointOf, siteOf, type Script } from './site-stand.ts'

const hold: Script = () => 'hold'
const caller = 'local'

describe('lowerings', () => {
  test('a cut leaves at once, largest first, in the same turn, before it is durable', async () => {
    const { room, one, two, fresh, trouble } = await charging()
    trouble.store = true
    const answer = room.setGridLimit({ currentA: 24 }, caller)
    expect([fresh(one), fresh(two)]).toEqual([['TxProfile 1 12'], ['TxProfile 1 12']])
    await expect(answer).rejects.toMatchObject({ kind: 'store-down', code: 'store-down' })
  })

  test('they leave while the store is down, and are stored when it is back', async () => {
    const { room, clock, one, fresh, trouble, scope, store } = await charging()
    trouble.store = true
    await expect(room.setGridLimit({ currentA: 24 }, caller)).rejects.toMatchObject({ kind: 'store-down' })
    await clock.advance(15_000)
    expect(fresh(one)).toEqual(['TxProfile 1 12'])
    expect(room.power().connectors[0]).toMatchObject({ confirmedA: 12, reservedA: 12 })
    trouble.store = false
    await clock.advance(2_000)
    expect(scope.failure).toBeNull()
    const stored = await store.restart().read('main')
    expect(stored.get('grid-limit')).toMatchObject({ limit: { currentA: 24 } })
    expect(stored.get('row:CP1/1')).toMatchObject({ tx: { confirmed: { limitA: 12 } } })
  })

  test('a newer target replaces one that waits: it is built as it leaves', async () => {
    const { room, clock, one, fresh } = await charging()
    one.script = hold
    void room.setGridLimit({ currentA: 40 }, caller)
    void room.setGridLimit({ currentA: 30 }, caller)
    void room.setGridLimit({ currentA: 24 }, caller)
    expect(fresh(one)).toEqual(['TxProfile 1 20'])
    one.script = accept
    one.answer(one.last())
    await clock.advance(1_000)
    expect(fresh(one)).toEqual(['TxProfile 1 20', 'TxProfile 1 12'])
  })

  test('one that is no longer wanted when its turn comes is not sent', async () => {
    const { room, clock, one, fresh } = await charging()
    one.script = hold
    void one.call('ClearCache', () => ({}))
    void room.setGridLimit({ currentA: 40 }, caller)
    void room.setGridLimit(null, caller)
    one.script = accept
    one.answer(one.last())
    await clock.advance(1_000)
    expect(fresh(one)).toEqual([])
  })

  test('unanswered: sent again when the call times out, counted as unknown until the late Accepted resolves it', async () => {
    const { room, clock, one, two, fresh } = await charging()
    one.script = hold
    void room.setGridLimit({ currentA: 24 }, caller)
    const lost = one.last()
    await clock.advance(29_000)
    expect(fresh(one)).toEqual(['TxProfile 1 12'])
    await clock.advance(3_000)
    expect(fresh(one)).toEqual(['TxProfile 1 12', 'TxProfile 1 12'])
    expect(room.engine.books.row('CP1/1')?.tx.inFlight.map(({ state }) => state)).toEqual(['unknown', 'sent'])
    expect(room.power().connectors[0]).toMatchObject({ confirmedA: 32, reservedA: 32 })
    expect(fresh(two).at(-1)).toBe('TxProfile 1 0')
    one.answer(lost)
    await clock.advance(12_000)
    expect(room.power().connectors[0]).toMatchObject({ confirmedA: 12, reservedA: 12 })
  })

  test('a silent charger: after 5 s the others are lowered for it', async () => {
    const { room, clock, one, two, fresh } = await charging()
    one.script = hold
    void room.setGridLimit({ currentA: 44 }, caller)
    expect(fresh(two)).toEqual(['TxProfile 1 22'])
    await clock.advance(4_000)
    expect(fresh(two)).toEqual(['TxProfile 1 22'])
    await clock.advance(2_000)
    expect(fresh(two)).toEqual(['TxProfile 1 22', 'TxProfile 1 12'])
  })

  test('they leave before anything else follows from the decision, and not only at the end of the turn', async () => {
    const { room, one, two, events } = await charging()
    const before = [one.calls.length, two.calls.length, events.length] as const
    const told: number[] = []
    for (const peer of [one, two]) peer.hasten = () => void told.push(one.calls.length - before[0], two.calls.length - before[1], events.length - before[2])
    void room.setGridLimit({ currentA: 24 }, caller)
    expect(told.slice(0, 3)).toEqual([1, 1, 0])
    expect(events.slice(before[2]).map(({ type }) => type)).toContain('decision.made')
  })

  test('its latency is told', async () => {
    const { room, lowered } = await charging()
    lowered.length = 0
    void room.setGridLimit({ currentA: 24 }, caller)
    expect(lowered).toEqual([0, 0])
  })

  test('1,100 connectors: 1,024 a turn, the rest in the next, nobody twice; one that is removed between the turns does not matter', async () => {
    const chargePoints = Array.from({ length: 1_100 }, (_, index) => ({ id: `CP${index}`, fallbackA: 10, connectors: [{ id: 1, maxA: 10 }] }))
    const { clock, connect, room, logged } = await openRoom({ site: { fuseA: 11_000 }, chargePoints })
    const peers = chargePoints.map(({ id }) => connect(id))
    await clock.advance(1_000)
    expect(peers.every((peer) => peer.profiles().at(-1) === 'TxDefaultProfile 1 10')).toBe(true)
    const before = peers.map((peer) => peer.calls.length)
    const told = () => peers.filter((peer, index) => peer.profiles(before[index]).length > 0).length
    void room.setGridLimit({ currentA: 0 }, caller)
    expect(told()).toBe(1_024)
    const removed = peers.findIndex((peer, index) => peer.profiles(before[index]).length === 0)
    room.reconfigure(siteOf({ fuseA: 11_000 }), chargePoints.filter((_, index) => index !== removed).map(pointOf))
    await clock.advance(500)
    expect(told()).toBe(1_099)
    expect(new Set(peers.map((peer, index) => `${index === removed ? 'removed: ' : ''}${peer.profiles(before[index]).join()}`))).toEqual(new Set(['TxDefaultProfile 1 0', 'removed: ']))
    expect(room.power().connectors.length).toBe(1_099)
    expect(logged).toEqual([])
  })
})

test('what comes while some are still to be told is looked at when all have been', async () => {
  class SlowTurns extends VirtualClock {
    turnMs = 0
    override after(delayMs: number, fn: () => void): () => void { return super.after(delayMs === 0 ? this.turnMs : delayMs, fn) }
  }
  const clock = new SlowTurns()
  const chargePoints = Array.from({ length: 1_030 }, (_, index) => ({ id: `CP${index}`, fallbackA: 10, connectors: [{ id: 1, maxA: 10 }] }))
  const { connect, room } = await openRoom({ clock, site: { fuseA: 11_000 }, chargePoints })
  const peers = chargePoints.map(({ id }) => connect(id))
  await clock.advance(1_000)
  const before = peers.map((peer) => peer.calls.length)
  const told = () => peers.filter((peer, index) => peer.profiles(before[index]).length > 0).length
  clock.turnMs = 50
  void room.setGridLimit({ currentA: 0 }, caller)
  room.statusChanged('CP0', 1, 'Faulted')
  await clock.advance(40)
  expect([told(), room.reviewAgeMs]).toEqual([1_024, 40])
  await clock.advance(40)
  expect(told()).toBe(1_030)
  expect(room.reviewAgeMs).toBeLessThan(40)
})

describe('raisings', () => {
  /** A store whose commits wait until they are let go, while `on`. */
  function slow() {
    const gate = { on: false, go: [] as (() => void)[] }
    const through = (memory: MemoryStore): Store => ({
      ...memory,
      async commit(...batch) {
        if (gate.on) await new Promise<void>((resolve) => gate.go.push(resolve))
        return memory.commit(...batch)
      },
    })
    return { gate, through }
  }

  test('leave only when they are durable', async () => {
    const { gate, through } = slow()
    const { clock, connect, plugIn } = await openRoom({ through })
    const peer = connect('CP1')
    await clock.advance(15_000)
    gate.on = true
    plugIn('CP1', 7)
    await clock.advance(3_000)
    expect(peer.profiles()).not.toContain('TxProfile 1 32')
    gate.on = false
    for (const go of gate.go.splice(0)) go()
    await clock.advance(1_000)
    expect(peer.profiles().at(-1)).toBe('TxProfile 1 32')
  })

  test('a store that fails: nothing is sent, what was booked is dropped, and it goes on when the store is back', async () => {
    const { clock, connect, plugIn, trouble, room } = await openRoom()
    const peer = connect('CP1')
    await clock.advance(15_000)
    trouble.store = true
    plugIn('CP1', 7)
    await clock.advance(60_000)
    expect(peer.profiles().filter((profile) => profile.startsWith('TxProfile'))).toEqual([])
    expect(room.engine.books.row('CP1/1')?.tx).toMatchObject({ confirmed: null, inFlight: [] })
    // It was tried once; while the store is known to be down nothing is even booked.
    expect(room.engine.books.row('CP1/1')?.bookedAtMs.length).toBe(1)
    trouble.store = false
    await clock.advance(30_000)
    expect(peer.profiles().at(-1)).toBe('TxProfile 1 32')
  })

  test('one that is stale when it becomes durable is dropped unsent', async () => {
    const { gate, through } = slow()
    const { clock, connect, plugIn, room } = await openRoom({ through })
    const peer = connect('CP1')
    await clock.advance(15_000)
    gate.on = true
    plugIn('CP1', 7)
    await settle()
    void room.setGridLimit({ currentA: 10 }, caller)
    gate.on = false
    for (const go of gate.go.splice(0)) go()
    await clock.advance(2_000)
    expect(peer.profiles()).not.toContain('TxProfile 1 32')
    await clock.advance(20_000)
    expect(peer.profiles().at(-1)).toBe('TxProfile 1 10')
    expect(room.power().connectors[0]).toMatchObject({ confirmedA: 10, reservedA: 10 })
  })

  test('one whose transaction has ended meanwhile is dropped unsent', async () => {
    const { gate, through } = slow()
    const { clock, connect, plugIn, room } = await openRoom({ through })
    const peer = connect('CP1')
    await clock.advance(15_000)
    gate.on = true
    plugIn('CP1', 7)
    await settle()
    room.transactionStopped({ clientID: 'CP1', connectorId: 1, transactionId: 7 })
    gate.on = false
    for (const go of gate.go.splice(0)) go()
    await clock.advance(20_000)
    expect(peer.profiles().filter((profile) => profile.startsWith('TxProfile'))).toEqual([])
    expect(room.power().connectors[0]?.reservedA).toBe(0)
  })

  test('the socket drops: a raising that waited is dropped, one that was sent stays reserved', async () => {
    const { clock, connect, plugIn, room, gone } = await openRoom({ site: { fuseA: 100 }, chargePoints: [{ id: 'CP1', connectors: [{ id: 1 }, { id: 2 }] }] })
    const peer = connect('CP1')
    await clock.advance(15_000)
    peer.script = hold
    plugIn('CP1', 1, 1)
    plugIn('CP1', 2, 2)
    await clock.advance(1_000)
    expect(peer.profiles().at(-1)).toBe('TxProfile 1 32')
    gone(peer)
    await clock.advance(1_000)
    expect(room.engine.books.row('CP1/1')?.tx.inFlight.map(({ state }) => state)).toEqual(['unknown'])
    expect(room.engine.books.row('CP1/2')?.tx.inFlight).toEqual([])
    expect(room.power().connectors.map(({ reservedA }) => reservedA)).toEqual([32, 0])
  })

  test('one that still waits when the limit falls is no reason to tell the car less than that: it has nothing yet, and that would be a raising', async () => {
    const { clock, connect, plugIn, room } = await openRoom({ site: { fuseA: 64 }, chargePoints: [{ id: 'CP1' }, { id: 'CP2' }] })
    const [one, two] = [connect('CP1'), connect('CP2')]
    await clock.advance(15_000)
    plugIn('CP1', 1)
    await clock.advance(20_000)
    two.script = hold
    void two.call('ClearCache', () => ({}))
    plugIn('CP2', 2)
    await clock.advance(1_000)
    expect(room.engine.books.row('CP2/1')?.tx.inFlight.map(({ state, limitA }) => `${state} ${limitA}`)).toEqual(['booked 32'])
    void room.setGridLimit({ currentA: 24 }, caller)
    two.script = accept
    await clock.advance(9_000)
    expect(one.profiles().at(-1)).toBe('TxProfile 1 12')
    expect(two.profiles().filter((profile) => profile.startsWith('TxProfile'))).toEqual([])
    await clock.advance(20_000)
    expect(two.profiles().at(-1)).toBe('TxProfile 1 12')
    expect(room.power().connectors.map(({ reservedA }) => reservedA)).toEqual([12, 12])
  })

  test('nobody is raised before the lowering that makes room has settled', async () => {
    const { clock, connect, plugIn, room } = await openRoom({ site: { fuseA: 32 }, chargePoints: [{ id: 'CP1' }, { id: 'CP2' }] })
    const [one, two] = [connect('CP1'), connect('CP2')]
    await clock.advance(15_000)
    plugIn('CP1', 1)
    await clock.advance(60_000)
    expect(one.profiles().at(-1)).toBe('TxProfile 1 32')
    plugIn('CP2', 2)
    await clock.advance(1_000)
    expect(one.profiles().at(-1)).toBe('TxProfile 1 16')
    await clock.advance(8_000)
    expect(two.profiles().filter((profile) => profile.startsWith('TxProfile'))).toEqual([])
    await clock.advance(3_000)
    expect(two.profiles().at(-1)).toBe('TxProfile 1 16')
    expect(room.power().connectors.reduce((sum, { reservedA }) => sum + reservedA, 0)).toBe(32)
  })
})
