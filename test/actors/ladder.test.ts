// What is tried with a charger that disobeys: each rung on the wire, what people are told, and what ends it.
import { describe, expect, test } from 'vitest'
import { disobedienceInWords } from '../../src/actors/ladder-words.ts'
import { accept, openRoom, type Peer, type RoomOptions, type RoomStand, type Script } from './site-stand.ts'

const caller = 'local'

/** CP1 charges at a limit of 10 A; `stops` = transactions that were told to end. */
async function open(options: RoomOptions = {}, script: Script = accept) {
  const stops: string[] = []
  const stand = await openRoom({ site: { fuseA: 63 }, chargePoints: [{ id: 'CP1', fallbackA: 8 }], stopTransaction: (clientID, transactionId) => void stops.push(`${clientID} ${transactionId}`), ...options })
  const peer = stand.connect('CP1', true, script)
  await stand.clock.advance(15_000)
  stand.plugIn('CP1', 7)
  await stand.clock.advance(20_000)
  await stand.room.setGridLimit({ currentA: 10 }, caller)
  await stand.clock.advance(30_000)
  return { ...stand, peer, stops, from: peer.calls.length }
}

async function draw(stand: Pick<RoomStand, 'clock' | 'sample'>, amounts: readonly number[]): Promise<void> {
  for (const amount of amounts) {
    stand.sample('CP1', amount)
    await stand.clock.advance(10_000)
  }
}

const asked = (peer: Peer, from: number) => peer.calls.slice(from).filter(({ action }) => action !== 'TriggerMessage').map(({ action, payload }) => (action === 'SetChargingProfile'
  ? `${payload.csChargingProfiles!.chargingProfilePurpose} ${payload.connectorId} ${payload.csChargingProfiles!.chargingSchedule.chargingSchedulePeriod[0]!.limit}` : action))
const always = (amount: number, times: number) => Array.from({ length: times }, () => amount)

describe('the ladder', () => {
  test('its limit again, its TxDefaultProfile, its ChargePointMaxProfile, a question, a stop, and then people', async () => {
    const stand = await open()
    await draw(stand, always(20, 2))
    expect([asked(stand.peer, stand.from), stand.room.power().connectors[0]!.reservedA]).toEqual([['TxProfile 1 10'], 21])
    await draw(stand, always(20, 10))
    expect(asked(stand.peer, stand.from)).toEqual(['TxProfile 1 10', 'TxDefaultProfile 1 8', 'ChargePointMaxProfile 0 10', 'GetCompositeSchedule'])
    expect(stand.stops).toEqual(['CP1 7'])
    expect(stand.open('disobeying')).toMatchObject([{ severity: 'critical', message: 'CP1/1 draws 20 A although its limit is 10 A; 21 A are counted for it. So far its limit was sent again, its TxDefaultProfile was set, its ChargePointMaxProfile was set, it was asked what it means to do and it was told to end the transaction. Nothing helped: somebody must look at the charge point, end the charging there or switch it off.' }])
    const { length } = stand.peer.calls
    await draw(stand, always(20, 12))
    // What stands is renewed, nothing else is tried.
    expect([stand.stops.length, asked(stand.peer, length).filter((what) => what !== 'TxProfile 1 10')]).toEqual([1, []])
  })

  test('once its lease has run out while the store is down, its limit is not given to it again, only what it must have fallen to', async () => {
    const trouble = { review: false, store: false }
    const stand = await openRoom({ site: { fuseA: 63 }, chargePoints: [{ id: 'CP1', fallbackA: 8, obeysLease: true }], leaseMs: 120_000, trouble })
    const peer = stand.connect('CP1', true, accept)
    await stand.clock.advance(15_000)
    stand.plugIn('CP1', 7)
    await stand.clock.advance(20_000)
    await stand.room.setGridLimit({ currentA: 20 }, caller)
    await stand.clock.advance(30_000)
    trouble.store = true
    await draw(stand, always(18, 16))
    const from = peer.calls.length
    await draw(stand, always(18, 6))
    await draw(stand, always(30, 6))
    expect(asked(peer, from)).toEqual(['TxProfile 1 8', 'TxDefaultProfile 1 8', 'ChargePointMaxProfile 0 8', 'GetCompositeSchedule'])
  })

  test('ends when it obeys for 30 s, and the alert with the first sample that does', async () => {
    const stand = await open()
    await draw(stand, always(20, 2))
    expect(stand.open('disobeying').length).toBe(1)
    await draw(stand, [10])
    expect([stand.open('disobeying'), stand.room.power().connectors[0]!.reservedA]).toEqual([[], 21])
    await draw(stand, always(10, 4))
    expect(stand.room.power().connectors[0]!.reservedA).toBe(10)
    const from = stand.peer.calls.length
    await draw(stand, always(20, 2))
    expect(asked(stand.peer, from)).toEqual(['TxProfile 1 10'])
  })

  test('a maximum that was tried follows the limit while the transaction runs, and goes back to the hardware with it', async () => {
    const stand = await open()
    await draw(stand, [...always(20, 5), ...always(9.5, 5)])
    expect(asked(stand.peer, stand.from).at(-1)).toBe('ChargePointMaxProfile 0 10')
    await stand.room.setGridLimit({ currentA: 9 }, caller)
    await draw(stand, [9, 9])
    expect(asked(stand.peer, stand.from)).toContain('ChargePointMaxProfile 0 9')
    stand.room.transactionStopped({ clientID: 'CP1', connectorId: 1, transactionId: 7 })
    await stand.clock.advance(90_000)
    expect(asked(stand.peer, stand.from).filter((what) => what.startsWith('ChargePointMax')).at(-1)).toBe('ChargePointMaxProfile 0 32')
  })

  test('what it reports may raise what is counted, never lower it', async () => {
    const reports = (limit: number): Script => (action, payload) => (action === 'GetCompositeSchedule'
      ? { status: 'Accepted', connectorId: 1, scheduleStart: '2026-01-01T00:00:00Z', chargingSchedule: { chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit }] } } : accept(action, payload))
    for (const [limit, counted] of [[30, 30], [10, 21]] as const) {
      const stand = await open({}, reports(limit))
      await draw(stand, always(20, 8))
      expect(stand.room.power().connectors[0]!.reservedA).toBe(counted)
    }
  })

  test('a restart keeps the rung', async () => {
    const stand = await open()
    await draw(stand, always(20, 2))
    const again = await stand.restart()
    const peer = again.connect('CP1', false)
    await again.clock.advance(12_000)
    await draw({ clock: again.clock, sample: (id, amps) => again.sample(id, amps) }, always(20, 2))
    expect(asked(peer, 0).filter((what) => what.startsWith('TxDefault'))).toEqual(['TxDefaultProfile 1 8'])
  })

  test('one sample is no disobedience, nor is a charge point that is away', async () => {
    const stand = await open()
    await draw(stand, [20, 10, 20, 10])
    expect([asked(stand.peer, stand.from), stand.open('disobeying')]).toEqual([[], []])
    stand.sample('CP1', 20)
    await stand.clock.advance(10_000)
    stand.sample('CP1', 20)
    stand.gone(stand.peer)
    await stand.clock.advance(60_000)
    expect([asked(stand.peer, stand.from), stand.stops]).toEqual([[], []])
  })

  test('never more than four profiles in a minute', async () => {
    const stand = await open()
    await draw(stand, always(20, 30))
    const times = stand.peer.calls.slice(stand.from).filter(({ action }) => action === 'SetChargingProfile').map(({ atMs }) => atMs)
    for (const atMs of times) expect(times.filter((other) => other >= atMs && other < atMs + 60_000).length).toBeLessThanOrEqual(4)
  })
})

test('in words', () => {
  const state = { sinceMs: 0, lastMs: 0, samples: 2, drawnA: 20, reportedA: 16, rung: 'schedule' as const, rungAtMs: 0, tried: ['again', 'schedule'] as const, obeysSinceMs: null }
  expect(disobedienceInWords('CP1/1', state, 20.04, 10)).toBe('CP1/1 draws 20 A although its limit is 10 A; 21 A are counted for it. It says that it may take 16 A. So far its limit was sent again and it was asked what it means to do.')
})
