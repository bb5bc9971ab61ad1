// What a site shows: the sentence and the constraints for everything that can bind, and how far a limit has come.
import { describe, expect, test } from 'vitest'
import type { SiteInput } from '../../src/power/site.ts'
import { accept, openRoom, type RoomOptions, type RoomStand } from './site-stand.ts'

const caller = 'local'
const car = { priority: 0, weight: 1, vehicleMaxA: null, vehiclePhases: null, departureAt: null, energyNeededWh: null }

/** Cars on every charge point, everything settled. */
async function settled(options: RoomOptions, before: (stand: RoomStand) => void = () => undefined) {
  const stand = await openRoom(options)
  const ids = (options.chargePoints ?? [{ id: 'CP1' }]).map(({ id }) => id)
  const peers = ids.map((id) => stand.connect(id))
  await stand.clock.advance(15_000)
  before(stand)
  ids.forEach((id, index) => stand.plugIn(id, 100 + index))
  await stand.clock.advance(90_000)
  return { ...stand, peers }
}
const points = (count: number, extra: object = {}) => Array.from({ length: count }, (_, index) => ({ id: `CP${index + 1}`, ...extra }))

describe('why a connector gets what it gets', () => {
  test('fuse, shared', async () => {
    const { room } = await settled({ site: { fuseA: 40 }, chargePoints: points(2) })
    const view = room.allocation('CP1/1')
    expect(view).toMatchObject({ requestedA: 32, allocatedA: 20, confirmedA: 20, reservedA: 20, binding: 'fuse', queue: null, measuredA: null })
    expect(view.summary).toBe('20 A: the fuse of 40 A is shared equally by 2 cars.')
    expect(view.constraints).toEqual([{ id: 'fuse', limitA: 40, shareA: 20, state: 'binding' }, { id: 'hardware', limitA: 32, state: 'ok' }])
    expect(view.decisionId).toMatch(/^dec_\d+_\d+$/)
    expect(Date.parse(view.nextReviewAt!)).toBeGreaterThan(0)
  })

  test('watts that are no whole hundredth of an amp are nowhere shown as more than they are', async () => {
    const { room, clock } = await settled({})
    await room.setGridLimit({ powerW: 13_799 }, caller)
    await clock.advance(15_000)
    expect(room.power().effective.currentA).toBe(19.99)
    expect(room.allocation('CP1/1')).toMatchObject({ summary: '19 A: the grid limit of 13.8 kW (19.99 A per phase) leaves no more.', constraints: [{ id: 'fuse' }, { id: 'grid-limit', limitA: 19.99 }, { id: 'hardware' }] })
  })

  test('grid limit, alone under it, with its end', async () => {
    const { room, clock } = await settled({})
    await room.setGridLimit({ currentA: 10, ttlS: 600 }, caller)
    await clock.advance(15_000)
    const view = room.allocation('CP1/1')
    expect(view.summary).toBe('10 A: the grid limit of 10 A leaves no more until 10:11:45, then 0 A.')
    expect(view.constraints[0]).toEqual({ id: 'fuse', limitA: 63, state: 'ok' })
    expect(view.constraints[1]).toMatchObject({ id: 'grid-limit', limitA: 10, shareA: 10, state: 'binding', until: expect.any(String) as string })
  })

  test('a lowering that is not proven yet is said', async () => {
    const { room, clock } = await settled({})
    await room.setGridLimit({ currentA: 10 }, caller)
    await clock.advance(1_000)
    expect(room.allocation('CP1/1')).toMatchObject({ allocatedA: 10, confirmedA: 10, reservedA: 32, summary: '10 A: the grid limit of 10 A leaves no more. 32 A stay reserved until the lowering is proven.' })
  })

  test('a car that draws more than it may is said, with what stays reserved for it', async () => {
    const { room, clock, sample } = await settled({})
    await room.setGridLimit({ currentA: 10 }, caller)
    await clock.advance(15_000)
    sample('CP1', 16)
    await clock.advance(1_000)
    expect(room.allocation('CP1/1')).toMatchObject({ allocatedA: 10, reservedA: 16, summary: '10 A: the grid limit of 10 A leaves no more. It draws 16 A all the same, and they stay reserved.' })
  })

  test('a car that comes while the fallback below it settles: nothing of its own is left to prove', async () => {
    const { room, clock, plugIn, connect } = await openRoom({})
    connect('CP1')
    await clock.advance(100)
    plugIn('CP1', 100)
    await clock.advance(1_000)
    expect(room.allocation('CP1/1')).toMatchObject({ confirmedA: 32, summary: '32 A: the most the connector can give.' })
  })

  test('circuit', async () => {
    const site: Partial<SiteInput> = { fuseA: 100, circuits: [{ id: 'garage', limitA: 24 }] }
    const { room } = await settled({ site, chargePoints: points(2, { circuit: 'garage' }) })
    const view = room.allocation('CP2/1')
    expect(view).toMatchObject({ binding: 'circuit:garage', summary: '12 A: circuit garage of 24 A is shared equally by 2 cars.' })
    expect(view.constraints).toMatchObject([{ id: 'fuse', state: 'ok' }, { id: 'circuit:garage', limitA: 24, shareA: 12, state: 'binding' }, { id: 'hardware' }])
    expect(room.connectorPower('CP2/1').circuit).toBe('garage')
  })

  test('a circuit in watts is shown in amps', async () => {
    const { room } = await settled({ site: { fuseA: 100, circuits: [{ id: 'garage', limitW: 13_800 }] }, chargePoints: points(1, { circuit: 'garage' }) })
    expect(room.allocation('CP1/1')).toMatchObject({ allocatedA: 20, summary: '20 A: circuit garage of 13.8 kW (20 A per phase) leaves no more.' })
    expect(room.power().circuits[1]).toMatchObject({ id: 'garage', limitW: 13_800, parent: 'main' })
  })

  test('vehicle and hardware', async () => {
    const { room } = await settled({ site: { fuseA: 100 }, chargePoints: points(2) })
    room.tellCar('CP1/1', { ...car, vehicleMaxA: 16 })
    expect(room.allocation('CP1/1')).toMatchObject({ binding: 'vehicle', requestedA: 16, allocatedA: 16, summary: expect.stringMatching(/^16 A: the most the car takes\./) as string })
    expect(room.allocation('CP1/1').constraints).toMatchObject([{ id: 'fuse', state: 'ok' }, { id: 'vehicle', limitA: 16, state: 'binding' }, { id: 'hardware', state: 'ok' }])
    expect(room.allocation('CP2/1')).toMatchObject({ binding: 'hardware', summary: '32 A: the most the connector can give.' })
    expect(room.allocation('CP2/1').constraints.at(-1)).toEqual({ id: 'hardware', limitA: 32, state: 'binding' })
  })

  test('minimum: what is left is below what a car needs', async () => {
    const { room, clock } = await settled({ chargePoints: points(2) })
    await room.setGridLimit({ currentA: 5 }, caller)
    await clock.advance(15_000)
    expect(room.allocation('CP1/1')).toMatchObject({ allocatedA: 0, binding: 'minimum', queue: null, summary: '0 A: the grid limit of 5 A leaves less than the 6 A a car needs.' })
  })

  test('where nobody can charge each other limit says what it alone would leave', async () => {
    const { room, clock } = await settled({ site: { fuseA: 63, circuits: [{ id: 'garage', limitA: 5 }] }, chargePoints: [{ id: 'CP1', circuit: 'garage' }] })
    await room.setGridLimit({ currentA: 10 }, caller)
    await clock.advance(15_000)
    expect(room.allocation('CP1/1')).toMatchObject({
      allocatedA: 0, binding: 'minimum', constraints: [{ id: 'fuse', state: 'ok' }, { id: 'grid-limit', limitA: 10, shareA: 10, state: 'limiting' }, { id: 'circuit:garage', limitA: 5, state: 'binding' }, { id: 'hardware' }],
    })
  })

  test('queue: it waits its turn', async () => {
    const { room, clock } = await settled({ chargePoints: points(3) })
    await room.setGridLimit({ currentA: 7 }, caller)
    await clock.advance(15_000)
    const waiting = ['CP1/1', 'CP2/1', 'CP3/1'].map((key) => room.allocation(key)).filter(({ binding }) => binding === 'queue')
    expect(waiting.map(({ queue }) => queue)).toEqual([{ place: 1, of: 2 }, { place: 2, of: 2 }])
    expect(waiting.map(({ summary }) => summary)).toEqual([1, 2].map((place) => `0 A: it waits its turn, place ${place} of 2, under the grid limit of 7 A; next change at 10:17 at the latest.`))
  })

  test('offline', async () => {
    const { room, gone, peers, clock } = await settled({ site: { fuseA: 20 } })
    gone(peers[0]!)
    await clock.advance(50)
    expect(room.allocation('CP1/1')).toMatchObject({ allocatedA: 20, summary: 'It is offline; 20 A are kept reserved for it.' })
    expect(room.connectorPower('CP1/1').online).toBe(false)
  })

  test('not steered, never met, not commissioned, nobody there', async () => {
    const { room, connect, clock } = await openRoom({ site: { fuseA: 200 }, chargePoints: [{ id: 'NONE', control: 'none' }, { id: 'NEW' }, { id: 'DEAF' }, { id: 'IDLE', fallbackA: 6 }] })
    connect('DEAF', true, () => 'hold')
    connect('IDLE', true, accept)
    await clock.advance(15_000)
    expect(['NONE/1', 'NEW/1', 'DEAF/1', 'IDLE/1'].map((key) => room.allocation(key).summary)).toEqual([
      'kwota does not steer this connector, so its 32 A count always.', 'It has never connected to kwota; nothing is counted for it.',
      'Its fallback is not confirmed yet, so its 32 A count as taken.', 'No car is charging; 6 A are set as its fallback and reserved for a car that starts by itself.',
    ])
    expect(room.power().connectors.map(({ clientID, reservedA }) => [clientID, reservedA])).toEqual([['DEAF', 32], ['IDLE', 6], ['NEW', 0], ['NONE', 32]])
  })

  test('failsafe, once the limit has lapsed', async () => {
    const { room, clock, events, peers } = await settled({ site: { failsafeA: 8 } })
    await room.setGridLimit({ currentA: 20, ttlS: 60 }, caller)
    expect(room.gridLimit().value).toMatchObject({ currentA: 20, effective: { currentA: 20, binding: 'grid-limit' }, next: { currentA: 8 } })
    await clock.advance(75_000)
    expect(room.allocation('CP1/1')).toMatchObject({ allocatedA: 8, binding: 'failsafe', summary: '8 A: the failsafe limit of 8 A (the energy manager is silent) leaves no more.' })
    expect(room.gridLimit().value).toMatchObject({ currentA: 20, effective: { currentA: 8, powerW: 5_520, binding: 'failsafe' }, next: null })
    expect(peers[0]?.profiles().at(-1)).toBe('TxProfile 1 8')
    expect(events.filter(({ type }) => type === 'limit.expired').length).toBe(1)
    await room.setGridLimit({ currentA: 20 }, caller)
    expect(room.allocation('CP1/1').binding).toBe('grid-limit')
  })

  test('a connector that is not there', async () => {
    const { room } = await openRoom()
    expect(() => room.allocation('CP1/2')).toThrow(expect.objectContaining({ kind: 'not-found', code: 'unknown-connector' }))
  })
})

describe('the grid limit and how far it has come', () => {
  const propagation = (stand: Pick<RoomStand, 'room'>) => stand.room.gridLimit().value.propagation

  test('told, confirmed and waiting while the answers come in', async () => {
    const stand = await settled({ site: { fuseA: 96 }, chargePoints: points(3) })
    const { room, clock, peers } = stand
    expect(propagation(stand)).toEqual({ targets: 0, told: 0, confirmed: 0, waiting: [] })
    for (const peer of peers) peer.script = () => 'hold'
    void peers[2]!.call('ClearCache', () => ({}))
    void room.setGridLimit({ currentA: 30 }, caller)
    expect(propagation(stand)).toEqual({ targets: 3, told: 2, confirmed: 0, waiting: ['CP1/1', 'CP2/1', 'CP3/1'] })
    peers[0]!.answer(peers[0]!.last())
    await clock.advance(0)
    expect(propagation(stand)).toEqual({ targets: 3, told: 2, confirmed: 1, waiting: ['CP2/1', 'CP3/1'] })
    peers[2]!.answer(peers[2]!.last())
    await clock.advance(0)
    expect(propagation(stand)).toMatchObject({ told: 3, confirmed: 1 })
    for (const peer of peers.slice(1)) peer.answer(peer.last())
    await clock.advance(0)
    expect(propagation(stand)).toEqual({ targets: 3, told: 3, confirmed: 3, waiting: [] })
    expect(room.gridLimit().value.state).toBe('enforcing')
    await clock.advance(12_000)
    expect(room.gridLimit().value.state).toBe('enforced')
  })

  test('the same limit once more, while the first is on its way, still shows who waits', async () => {
    const stand = await settled({ site: { fuseA: 64 }, chargePoints: points(2) })
    for (const peer of stand.peers) peer.script = () => 'hold'
    void stand.room.setGridLimit({ currentA: 30 }, caller)
    void stand.room.setGridLimit({ currentA: 30 }, caller)
    expect(propagation(stand)).toEqual({ targets: 2, told: 2, confirmed: 0, waiting: ['CP1/1', 'CP2/1'] })
  })

  test('a charge point that refuses is waited for', async () => {
    const stand = await settled({})
    stand.peers[0]!.script = () => ({ status: 'Rejected' })
    await stand.room.setGridLimit({ currentA: 10 }, caller)
    await stand.clock.advance(3_000)
    expect(propagation(stand)).toMatchObject({ targets: 1, confirmed: 0, waiting: ['CP1/1'] })
    expect(stand.room.gridLimit().value).toMatchObject({ state: 'unenforceable', deficitA: 22 })
  })

  test('a connector that is removed is neither target nor waited for', async () => {
    const stand = await settled({ site: { fuseA: 64 }, chargePoints: points(2) })
    for (const peer of stand.peers) peer.script = () => 'hold'
    void stand.room.setGridLimit({ currentA: 30 }, caller)
    stand.room.reconfigure(stand.room.config, [])
    expect(propagation(stand)).toEqual({ targets: 0, told: 0, confirmed: 0, waiting: [] })
  })

  test('after it is lifted there is none, and versions go on', async () => {
    const { room } = await openRoom()
    await room.setGridLimit({ currentA: 10, reason: 'noon' }, 'ems')
    expect(room.gridLimit()).toMatchObject({ version: 1, changedBy: 'ems', value: { currentA: 10, reason: 'noon', effective: { currentA: 10, powerW: 6_900, binding: 'grid-limit' } } })
    await room.setGridLimit(null, 'someone')
    const { value, ...revision } = room.gridLimit()
    expect(revision).toMatchObject({ version: 2, changedBy: 'someone' })
    expect(value).toMatchObject({ currentA: null, effective: { currentA: 63, binding: 'fuse' }, next: null })
    expect([value.powerW, value.reason, value.setAt, value.expiresAt]).toEqual([undefined, undefined, undefined, undefined])
  })

  test('set in watts it comes back in watts, and in amps by 3 × voltage, rounded down', async () => {
    const { room } = await openRoom()
    await room.setGridLimit({ powerW: 10_000 }, caller)
    expect(room.gridLimit().value).toMatchObject({ powerW: 10_000, currentA: 14.49, effective: { currentA: 14.49, powerW: 10_000, binding: 'grid-limit' } })
  })

  test('above the fuse: refused, and nothing changed', async () => {
    const { room, events } = await openRoom()
    await expect(room.setGridLimit({ currentA: 64 }, caller)).rejects.toMatchObject({ code: 'above-fuse' })
    expect(room.gridLimit()).toMatchObject({ version: 0, value: { currentA: null } })
    expect(events.filter(({ type }) => type === 'limit.changed')).toEqual([])
  })
})

describe('power', () => {
  test('each node by phase: limit and what binds it, reserved, measured, headroom', async () => {
    const site: Partial<SiteInput> = { fuseA: { L1: 50, L2: 60, L3: 70 }, circuits: [{ id: 'garage', limitA: 55, rotation: ['L2', 'L3', 'L1'] }] }
    const stand = await settled({ site, chargePoints: [{ id: 'CP1', circuit: 'garage', connectors: [{ id: 1, phases: ['L2'] }] }] })
    stand.sample('CP1', 30)
    stand.room.readBaseLoad({ L1: 5, L2: 35, L3: 5 }, 0)
    const [root, garage] = stand.room.power().circuits
    expect(root).toMatchObject({
      id: 'main', parent: null, limitA: { L1: 50, L2: 60, L3: 70 }, binding: { L1: 'fuse', L2: 'fuse', L3: 'fuse' },
      reservedA: { L1: 0, L2: 32, L3: 0 }, measuredA: { L1: 5, L2: 35, L3: 5 }, headroomA: { L1: 45, L2: 23, L3: 65 }, shedding: false,
    })
    expect(garage).toMatchObject({ limitA: { L1: 50, L2: 55, L3: 55 }, binding: { L1: 'fuse', L2: 'circuit:garage', L3: 'circuit:garage' }, measuredA: { L1: 0, L2: 30, L3: 0 }, reservedA: { L1: 0, L2: 32, L3: 0 } })
    expect(stand.room.power().baseLoad).toMatchObject({ status: 'fresh', countedA: { L1: 5, L2: 5, L3: 5 } })
    expect(stand.room.connectorPower('CP1/1')).toMatchObject({ measuredA: 30, measuredAt: new Date(stand.clock.wall()).toISOString() })
  })

  test('headroom is what every limit above leaves, those in watts and what hangs beside included', async () => {
    const site: Partial<SiteInput> = { fuseA: 100, limitW: 23_000, circuits: [{ id: 'a', limitW: 6_900 }, { id: 'b' }] }
    const stand = await settled({ site, chargePoints: [{ id: 'CP1', circuit: 'a', connectors: [{ id: 1, maxA: 16, phases: ['L1'] }] }, { id: 'CP2', circuit: 'b', connectors: [{ id: 1, maxA: 20, phases: ['L2'] }] }] })
    expect(stand.room.power().circuits.map(({ id, headroomA }) => [id, headroomA])).toEqual([
      ['main', { L1: 64, L2: 64, L3: 64 }], ['a', { L1: 14, L2: 14, L3: 14 }], ['b', { L1: 64, L2: 64, L3: 64 }],
    ])
    await stand.room.setGridLimit({ currentA: 40 }, caller)
    expect(stand.room.power().circuits.find(({ id }) => id === 'b')?.headroomA).toEqual({ L1: 24, L2: 20, L3: 40 })
  })

  test('watts that are missing are missing on three phases, and at the node whose limit lacks them alone', async () => {
    const site: Partial<SiteInput> = { fuseA: 100, circuits: [{ id: 'a', limitW: 9_660 }, { id: 'b', limitA: 40 }] }
    const { room } = await settled({ site, chargePoints: [{ id: 'N1', circuit: 'a', control: 'none', connectors: [{ id: 1, maxA: 16 }] }, { id: 'CP2', circuit: 'b', connectors: [{ id: 1, maxA: 20 }] }] })
    await room.setGridLimit({ powerW: 4_140 + 11_040 }, caller)
    const shown = () => room.power().circuits.map(({ id, headroomA }) => [id, headroomA])
    expect(room.power()).toMatchObject({ state: 'unenforceable', deficitA: 2 })
    expect(shown()).toEqual([['main', { L1: -14, L2: -14, L3: -14 }], ['a', { L1: -2, L2: -2, L3: -2 }], ['b', { L1: 20, L2: 20, L3: 20 }]])
  })

  test('shedding while it is over, and not for the whole site when one circuit is', async () => {
    const site: Partial<SiteInput> = { fuseA: 100, circuits: [{ id: 'a', limitA: 32 }, { id: 'b', limitA: 32 }] }
    const stand = await settled({ site, chargePoints: [{ id: 'CP1', circuit: 'a' }, { id: 'CP2', circuit: 'b' }] })
    stand.room.reconfigure({ ...stand.room.config, circuits: stand.room.config.circuits.map((one) => (one.id === 'a' ? { ...one, limitA: 10 } : one)) }, [
      ...stand.room.engine.books.tree.outlets.values()].map(({ clientID, path }) => ({
      id: clientID, site: 'main', circuit: path[1]!, control: 'engine', fallbackA: 0, obeysLease: false, keepsProfiles: false, connectors: [{ id: 1, maxA: 32, minA: 6, stepA: 1, current: 'AC' }],
    })))
    expect(stand.room.power().circuits.map(({ id, shedding }) => [id, shedding])).toEqual([['main', false], ['a', true], ['b', false]])
    await stand.clock.advance(15_000)
    expect(stand.room.power().circuits.map(({ shedding }) => shedding)).toEqual([false, false, false])
  })
})
