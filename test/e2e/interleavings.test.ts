// The interleavings that break naive designs, through the real actors, sessions and store: what each charge point saw, and what the ledger says.
import { expect, test } from 'vitest'
import type { Store } from '../../src/store/port.ts'
import { openStand, type SeenProfile, type Stand, type StandStation } from './stand.ts'

const two = [{ id: 'CP1' }, { id: 'CP2' }]
const site = { id: 'main', fuseA: 32 }

/** Both cars charge, each with half of the fuse, everything settled. */
async function bothCharging(stand: Stand): Promise<readonly [StandStation, StandStation]> {
  const [first, second] = stand.stations
  if (first === undefined || second === undefined) throw new Error('two charge points are needed')
  first.start()
  second.start()
  await stand.run(120_000)
  expect(holds(stand), 'half each to begin with').toEqual(['CP1 16 16', 'CP2 16 16'])
  expect(stand.power().state).toBe('enforced')
  return [first, second]
}

/** Confirmed and reserved of every row. */
function holds(stand: Stand): string[] {
  return stand.power().connectors.map(({ clientID, confirmedA, reservedA }) => `${clientID} ${confirmedA} ${reservedA}`)
}

const inShort = ({ purpose, limitsA }: SeenProfile) => `${purpose === 'TxProfile' ? 'tx' : purpose === 'TxDefaultProfile' ? 'default' : 'max'} ${limitsA[0]}`
const seenSince = (station: StandStation, atMs: number) => station.seen.filter((one) => one.atMs > atMs).map(inShort)

test('a cut while a raise is in flight and the socket drops', async () => {
  const stand = await openStand(site, two)
  const [first, second] = await bothCharging(stand)
  await stand.limit(20)
  await stand.run(30_000)
  expect(holds(stand)).toEqual(['CP1 10 10', 'CP2 10 10'])
  const raisedFrom = stand.clock.mono()
  first.holding = true
  await stand.limit(null)
  await stand.run(20_000)
  expect([seenSince(first, raisedFrom), seenSince(second, raisedFrom)], 'a raise left for both, one is unanswered').toEqual([['tx 16'], ['tx 16']])
  expect(holds(stand)).toEqual(['CP1 10 16', 'CP2 16 16'])

  const cutFrom = stand.clock.mono()
  await stand.limit(20)
  first.drop()
  await stand.run(1_000)
  expect(stand.row('CP1'), 'what it may have taken in stays counted').toMatchObject({ online: false, confirmedA: 10, reservedA: 16 })
  expect(seenSince(second, cutFrom), 'so the other makes room: 4 A is less than a car needs').toEqual(['tx 10', 'tx 0'])

  const backFrom = stand.clock.mono()
  first.holding = false
  first.connect()
  await stand.run(1_000)
  expect(seenSince(first, backFrom), 'the first thing it hears is the lowering').toEqual(['tx 10'])
  await stand.run(14_000)
  expect(holds(stand), 'nobody is raised before it has settled').toEqual(['CP1 10 10', 'CP2 0 0'])
  await stand.run(120_000)
  expect(holds(stand)).toEqual(['CP1 10 10', 'CP2 10 10'])
  expect(seenSince(second, backFrom)).toEqual(['tx 10'])
  expect(seenSince(first, backFrom), 'and the raise is not repeated').toEqual(['tx 10'])
})

test('StopTransaction during a lowering', async () => {
  const stand = await openStand(site, two)
  const [first, second] = await bothCharging(stand)
  const cutFrom = stand.clock.mono()
  first.holding = true
  await stand.limit(20)
  await stand.run(2_000)
  expect(stand.row('CP1')).toMatchObject({ allocatedA: 10, confirmedA: 16, reservedA: 16 })
  const { transactionId } = first
  first.stopTransaction()
  await stand.run(100)
  expect(stand.row('CP1'), 'its profiles are void').toMatchObject({ transactionId: null, confirmedA: 0, reservedA: 0 })
  first.release()
  first.holding = false
  await stand.run(40_000)
  expect(seenSince(first, cutFrom), 'no order follows for a transaction that is over').toEqual(['tx 10'])
  expect(stand.row('CP1'), 'and its late answer changes nothing').toMatchObject({ transactionId: null, confirmedA: 0, reservedA: 0 })
  expect(seenSince(second, cutFrom)).toEqual(['tx 10', 'tx 20'])

  const nextFrom = stand.clock.mono()
  first.start()
  await stand.run(60_000)
  expect(first.transactionId).not.toBe(transactionId)
  const own = first.seen.filter((one) => one.atMs > nextFrom)
  expect(own.map(({ transactionId: id }) => id), 'the next car gets a profile of its own').toEqual([first.transactionId])
  expect(seenSince(second, nextFrom), 'after the other has made room').toEqual(['tx 10'])
  expect(holds(stand)).toEqual(['CP1 10 10', 'CP2 10 10'])
})

test('a late Accepted of a timed-out profile', async () => {
  const stand = await openStand(site, two)
  const [first, second] = await bothCharging(stand)
  const cutFrom = stand.clock.mono()
  first.holding = true
  await stand.limit(20)
  await stand.run(4_000)
  expect(seenSince(second, cutFrom), 'five seconds are left for an answer').toEqual(['tx 10'])
  await stand.run(4_000)
  expect(seenSince(second, cutFrom), 'then the other makes room').toEqual(['tx 10', 'tx 0'])
  expect(stand.row('CP1')).toMatchObject({ confirmedA: 16, reservedA: 16 })
  await stand.run(26_000)
  expect(seenSince(first, cutFrom), 'it is told again when its CALL has timed out').toEqual(['tx 10', 'tx 10'])
  expect(stand.row('CP1'), 'timed out is not failed, and not done either').toMatchObject({ confirmedA: 16, reservedA: 16 })

  const lateFrom = stand.clock.mono()
  first.release()
  await stand.run(100)
  expect(stand.row('CP1'), 'the late answer counts for its own order').toMatchObject({ confirmedA: 10 })
  await stand.run(15_000)
  expect(stand.row('CP1'), 'and settles it').toMatchObject({ confirmedA: 10, reservedA: 10 })
  first.holding = false
  first.release()
  await stand.run(120_000)
  expect(holds(stand)).toEqual(['CP1 10 10', 'CP2 10 10'])
  expect(seenSince(first, lateFrom), 'nothing more was needed').toEqual([])
  expect(seenSince(second, lateFrom)).toEqual(['tx 10'])
})

test('a reboot with a leased TxProfile', async () => {
  const stand = await openStand({ id: 'main', fuseA: 40 }, [{ id: 'CP1', fallbackA: 6 }, { id: 'CP2' }])
  const [first, second] = stand.stations as [StandStation, StandStation]
  first.start()
  second.start()
  await stand.run(120_000)
  expect(holds(stand)).toEqual(['CP1 20 20', 'CP2 20 20'])
  expect(first.seen.at(-1)?.limitsA, 'the grant steps down to the fallback when its lease ends').toEqual([20, 6])
  first.drop()
  await stand.run(30_000)
  expect(stand.row('CP1'), 'silence changes nothing').toMatchObject({ online: false, reservedA: 20 })

  const bootFrom = stand.clock.mono()
  first.holding = true
  first.connect()
  await stand.run(100)
  first.boot()
  await stand.run(4_000)
  expect(seenSince(first, bootFrom), 'one at a time').toEqual(['max 32'])
  expect(stand.row('CP1'), 'its fallback has five seconds').toMatchObject({ reservedA: 20 })
  await stand.run(3_000)
  expect(stand.row('CP1'), 'then it may have forgotten everything').toMatchObject({ reservedA: 32 })
  expect(seenSince(second, bootFrom), 'and the other makes room').toContain('tx 8')
  first.holding = false
  for (let order = 0; order < 5; order++) {
    first.release()
    await stand.run(100)
  }
  await stand.run(30_000)
  const told = first.seen.filter((one) => one.atMs > bootFrom)
  expect([...new Set(told.map(({ purpose }) => purpose))], 'fallbacks first, then the grant').toEqual(['ChargePointMaxProfile', 'TxDefaultProfile', 'TxProfile'])
  expect(told.filter(({ purpose }) => purpose === 'TxProfile').map(({ transactionId, limitsA }) => ({ transactionId, fallbackA: limitsA.at(-1) }))[0]).toEqual({ transactionId: first.transactionId, fallbackA: 6 })
  await stand.run(120_000)
  expect(holds(stand)).toEqual(['CP1 20 20', 'CP2 20 20'])
  expect([first.permitA, second.permitA]).toEqual([20, 20])
})

test('a base-load jump while shedding', async () => {
  const stand = await openStand({ id: 'main', fuseA: 40 }, two)
  const [first, second] = stand.stations as [StandStation, StandStation]
  let baseA = 8
  const metering = (): void => {
    stand.meter(baseA + first.drawA + second.drawA)
    stand.clock.after(1_000, metering)
  }
  metering()
  first.start()
  second.start()
  await stand.run(120_000)
  expect(holds(stand)).toEqual(['CP1 16 16', 'CP2 16 16'])
  const cutFrom = stand.clock.mono()
  await stand.limit(30)
  await stand.run(500)
  expect([...seenSince(first, cutFrom), ...seenSince(second, cutFrom)]).toEqual(['tx 11', 'tx 11'])
  expect(stand.power(), 'accepted is not settled').toMatchObject({ state: 'enforcing', circuits: [{ shedding: true }] })
  baseA = 14
  await stand.run(30_000)
  expect([seenSince(first, cutFrom), seenSince(second, cutFrom)], 'both are lowered again, nobody is raised').toEqual([['tx 11', 'tx 8'], ['tx 11', 'tx 8']])
  expect(holds(stand)).toEqual(['CP1 8 8', 'CP2 8 8'])
  expect(stand.power()).toMatchObject({ state: 'enforced', baseLoad: { countedA: { L1: 14 } }, circuits: [{ shedding: false, reservedA: { L1: 16 }, headroomA: { L1: 0 } }] })
})

/** Keeps what it is given at once, and says so only when the gate is open. */
function behindGate(store: Store, gate: { open: boolean; readonly shut: (() => void)[] }): Store {
  const passing = () => gate.open ? Promise.resolve() : new Promise<void>((resolve) => { gate.shut.push(resolve) })
  return {
    leases: store.leases, own: (scope) => store.own(scope), read: (scope) => store.read(scope), scopes: () => store.scopes(),
    commit: async (scope, epoch, batch) => {
      await store.commit(scope, epoch, batch)
      await passing()
    },
    claim: (space, key, owner) => store.claim(space, key, owner), release: (space, key, owner) => store.release(space, key, owner), claims: (space) => store.claims(space),
    append: (scope, series, entries, options) => store.append(scope, series, entries, options), appendAll: (scope, entries, options) => store.appendAll(scope, entries, options),
    replace: (scope, series, fromMs, toMs, entries, options) => store.replace(scope, series, fromMs, toMs, entries, options), series: (scope, prefix) => store.series(scope, prefix),
    range: (scope, series, fromMs, toMs, limit) => store.range(scope, series, fromMs, toMs, limit),
    expire: (scope, series, beforeMs) => store.expire(scope, series, beforeMs), keep: (scope, series, keepMs) => store.keep(scope, series, keepMs), compact: (scope, series) => store.compact(scope, series), dump: (options) => store.dump(options), load: (pieces) => store.load(pieces), check: () => store.check(), close: () => store.close(),
  }
}

test('a restart between booking and sending', async () => {
  const gate = { open: true, shut: [] as (() => void)[] }
  const stand = await openStand(site, two, (store) => behindGate(store, gate))
  const [first, second] = await bothCharging(stand)
  await stand.limit(20)
  await stand.run(13_000)
  expect(holds(stand)).toEqual(['CP1 10 10', 'CP2 10 10'])
  await stand.limit(null)
  const bookedFrom = stand.clock.mono()
  // Just before they are booked: what was to be written before has been.
  await stand.run(2_000)
  gate.open = false
  await stand.run(2_000)
  expect(holds(stand), 'raisings are booked').toEqual(['CP1 10 16', 'CP2 10 16'])
  expect([...seenSince(first, bookedFrom), ...seenSince(second, bookedFrom)], 'and do not leave before they are durable').toEqual([])
  stand.crash()
  gate.open = true
  await stand.restart()
  expect(holds(stand), 'they may have left for all we know').toEqual(['CP1 10 16', 'CP2 10 16'])
  await stand.limit(20)
  for (const station of stand.stations) station.connect()
  await stand.run(1_000)
  expect([seenSince(first, bookedFrom), seenSince(second, bookedFrom)], 'the first message after the restart is a lowering; nobody gives way for one who is not back yet').toEqual([['tx 10'], ['tx 10']])
  await stand.run(60_000)
  expect(holds(stand)).toEqual(['CP1 10 10', 'CP2 10 10'])
  expect([seenSince(first, bookedFrom), seenSince(second, bookedFrom)], 'and what was booked never leaves').toEqual([['tx 10'], ['tx 10']])
})

test('a restart in a cut, and one never comes back', async () => {
  const stand = await openStand(site, two)
  const [first, second] = await bothCharging(stand)
  first.holding = true
  await stand.limit(20)
  await stand.run(500)
  stand.crash()
  await stand.restart()
  const backFrom = stand.clock.mono()
  second.connect()
  await stand.run(4_000)
  expect(stand.row('CP1'), 'it may have taken in either').toMatchObject({ online: false, reservedA: 16 })
  expect(seenSince(second, backFrom).filter((order) => order !== 'tx 10'), 'five seconds are left to come back').toEqual([])
  await stand.run(4_000)
  expect(seenSince(second, backFrom).at(-1), 'then the other makes room').toBe('tx 0')
  await stand.run(15_000)
  expect(holds(stand)).toEqual(['CP1 16 16', 'CP2 0 0'])
})
