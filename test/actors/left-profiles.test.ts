// What stands at the old address after the ladder has moved: it is cleared by its id once the new one is accepted, and never before.
import { describe, expect, test } from 'vitest'
import type { Learnt } from '../../src/actors/learnt.ts'
import { usualQuirks, type Quirks } from '../../src/power/quirks.ts'
import { reservedA } from '../../src/power/ledger.ts'
import { ampsOf } from '../../src/simulator/profile-memory.ts'
import { VirtualClock } from '../virtual-clock.ts'
import { conform } from './conforming-peer.ts'
import { openHouse } from './house-stand.ts'
import type { Script } from './site-stand.ts'

const idIn = (payload: object): unknown => ('id' in payload ? payload.id : undefined)

/** Two connectors of a conforming charge point that has worked as usual, and is then found to want its profiles elsewhere. */
async function move(ladder: Quirks['ladder'], script: (usual: Script) => Script = (usual) => usual) {
  const clock = new VirtualClock()
  const cp = conform(clock, { connectors: 2 })
  const stand = await openHouse({ clock, sites: [{ fuseA: 40 }], chargePoints: [{ id: 'CP1', fallbackA: 6, connectors: [{ id: 1 }, { id: 2 }] }] })
  const peer = await stand.boot('CP1', (one) => { one.script = script(cp.script) })
  await clock.advance(20_000)
  const { engine } = stand.directory.estate.sites.get('main')!.room
  const from = peer.calls.length
  const relearn = (to: Quirks['ladder']) => engine.books.setQuirks('CP1', { ...usualQuirks, ladder: to })
  relearn(ladder)
  const sent = () => peer.calls.slice(from).flatMap(({ action, payload }) => (action === 'ClearChargingProfile' ? [`clear ${idIn(payload)}`] : action === 'SetChargingProfile' ? [`${payload.csChargingProfiles!.chargingProfilePurpose} ${payload.connectorId}`] : []))
  const start = async (connectorId: number) => {
    const timestamp = new Date(clock.wall()).toISOString()
    const { transactionId } = await stand.call(peer, 'StartTransaction', { connectorId, idTag: 'T', meterStart: 0, timestamp }) as { transactionId: number }
    cp.running.set(connectorId, { transactionId, startedMs: clock.wall() })
  }
  const may = (connectorId: number) => Math.min(ampsOf(cp.memory.connectorRate(connectorId, cp.running.get(connectorId) ?? null, clock.wall()), 3, 230), ampsOf(cp.memory.wholeRate(clock.wall()), 3, 230))
  const row = (connectorId: number) => engine.books.row(`CP1/${connectorId}`)!
  return { stand, clock, cp, peer, sent, start, may, row, relearn, ids: () => cp.memory.installed.map(({ profile }) => profile.chargingProfileId).sort((a, b) => a - b) }
}

describe.each([['connector-0', 'TxDefaultProfile 0', 1_000_000_001], ['max-0', 'ChargePointMaxProfile 0', 1_000_000_000]] as const)('from the connectors to %s', (ladder, first, id) => {
  test('what was left on them goes once the new one is accepted', async () => {
    const { clock, sent, row, ids } = await move(ladder)
    await clock.advance(20_000)
    expect(sent().slice(0, 3)).toEqual([first, 'clear 1000000011', 'clear 1000000021'])
    expect(ids()).not.toContain(1_000_000_011)
    expect(ids()).toContain(id)
    expect([row(1).left, row(1).leftA]).toEqual([[], null])
  })

  test('nothing is cleared while the new one is not accepted', async () => {
    let refuses = true
    const { clock, sent, ids } = await move(ladder, (usual) => (action, payload) => (refuses && action === 'SetChargingProfile' && payload.connectorId === 0 && payload.csChargingProfiles!.chargingSchedule.chargingSchedulePeriod[0]!.limit < 64 ? 'hold' : usual(action, payload)))
    await clock.advance(300_000)
    expect(sent()).not.toContain('clear 1000000011')
    expect(ids()).toContain(1_000_000_011)
    refuses = false
    await clock.advance(120_000)
    expect(ids()).not.toContain(1_000_000_011)
  })

  test('a clearing without an answer is tried again a minute later, over a restart as well', async () => {
    let clears = 0
    const { stand, clock, cp } = await move(ladder, (usual) => (action, payload) => (action === 'ClearChargingProfile' && idIn(payload) !== undefined && clears++ >= 0 ? 'hold' : usual(action, payload)))
    await clock.advance(180_000)
    expect(clears).toBeGreaterThanOrEqual(2)
    expect(clears).toBeLessThanOrEqual(8)
    const { scope } = stand.directory.estate.sites.get('main')!
    scope.put('learnt:CP1', { ...scope.get('learnt:CP1') as Learnt, quirks: { ...usualQuirks, ladder }, from: 'own' })
    await scope.flush()
    const again = await stand.restart()
    await again.boot('CP1', (one) => { one.script = cp.script })
    await clock.advance(120_000)
    expect(cp.memory.installed.map(({ profile }) => profile.chargingProfileId)).not.toContain(1_000_000_011)
  })

  test('one that refuses after a boot what it took before: a car gets what is allocated', async () => {
    const { stand, clock, cp, may } = await move('tx')
    const peer = await stand.boot('CP1', (one) => {
      one.script = (action, payload) => (action !== 'SetChargingProfile' || (payload.connectorId === 0 && `${payload.csChargingProfiles!.chargingProfilePurpose} 0` === first) || payload.csChargingProfiles!.chargingProfilePurpose === 'ChargePointMaxProfile' ? cp.script(action, payload) : { status: 'Rejected' })
    })
    await clock.advance(300_000)
    const { transactionId } = await stand.call(peer, 'StartTransaction', { connectorId: 1, idTag: 'T', meterStart: 0, timestamp: new Date(clock.wall()).toISOString() }) as { transactionId: number }
    cp.running.set(1, { transactionId, startedMs: clock.wall() })
    await clock.advance(300_000)
    expect(stand.house.chargePoint('CP1').value.quirks.ladder).toBe(ladder)
    expect([may(1), stand.house.power('main').connectors.map(({ allocatedA }) => allocatedA)[0]]).toEqual([20, 20])
  })
})

test('what is cleared stays reserved until the fall has settled', async () => {
  const { stand, clock, start, row, relearn } = await move('connector-0', (usual) => (action, payload) => (action === 'ClearChargingProfile' && idIn(payload) !== undefined ? 'hold' : usual(action, payload)))
  await clock.advance(1_000)
  relearn('default')
  await clock.advance(1_000)
  await start(1)
  await clock.advance(120_000)
  expect(row(1).default.confirmed?.limitA).toBe(32)
  relearn('connector-0')
  await clock.advance(30_000)
  const { books } = stand.directory.estate.sites.get('main')!.room.engine
  expect([row(1).leftA, row(1).default.confirmed?.limitA]).toEqual([32, 20])
  books.book('CP1/1', { type: 'cleared', what: 'own', atMs: clock.wall() })
  expect([row(1).leftA, reservedA(row(1), clock.wall() + 9_000).anyCarA, reservedA(row(1), clock.wall() + 11_000).anyCarA]).toEqual([null, 32, 20])
})
