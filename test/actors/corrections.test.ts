// Transactions put right by people: ended without a stop, corrected after one; counted anew, in the trail, durable; also long ago.
import { describe, expect, test } from 'vitest'
import { caller, openHouse, type HouseStand } from './house-stand.ts'
import { VirtualClock } from '../virtual-clock.ts'
import { meterValue } from './family-stand.ts'

const iso = (stand: HouseStand, ms = 0): string => new Date(stand.clock.wall() + ms).toISOString()
const dayMs = 86_400_000

/** The same house, started again so much later. */
const later = (stand: HouseStand, ms: number): Promise<HouseStand> => stand.restart({ clock: new VirtualClock(stand.clock.wall() + ms) })

function gone(stand: HouseStand, peer: Awaited<ReturnType<HouseStand['boot']>>): void {
  peer.cut()
  stand.desk.disconnected(peer, 1006, 'cut')
}

async function running(settings = {}) {
  const stand = await openHouse({ chargePoints: [{ id: 'CP1', settings }] })
  const peer = await stand.boot('CP1')
  const start = { connectorId: 1, idTag: 'TagA', meterStart: 700, timestamp: iso(stand) }
  const { transactionId: id } = await stand.call(peer, 'StartTransaction', start) as { transactionId: number }
  return { stand, peer, id, start, startWh: start.meterStart }
}

async function stopped() {
  const begun = await running()
  const { stand, peer, id, startWh } = begun
  await stand.clock.advance(3_600_000)
  await stand.call(peer, 'StopTransaction', { transactionId: id, meterStop: startWh + 4_000, timestamp: iso(stand) })
  return begun
}

describe('closing', () => {
  test('one whose charge point has gone: with the meter of its newest reading, its connector free, durable', async () => {
    const { stand, peer, id, startWh } = await running()
    await stand.clock.advance(1_800_000)
    await stand.call(peer, 'MeterValues', { connectorId: 1, transactionId: id, meterValue: [meterValue(iso(stand), { energyWh: startWh + 2_500 })] })
    gone(stand, peer)
    await stand.clock.advance(1_800_000)
    const { assumed, ...view } = await stand.house.records.close(id, { stoppedAt: iso(stand, -600_000), reason: 'towed away' }, caller)
    expect(assumed).toEqual({ meterStopWh: 'newest-reading' })
    expect(view).toMatchObject({ status: 'stopped', meterStopWh: startWh + 2_500, energyWh: 2_500, stopReason: 'Other', stoppedBy: { cause: 'correction', by: 'tester' }, stoppedAt: iso(stand, -600_000) })
    expect((await stand.house.records.record(id)).trail).toMatchObject([{ what: 'closed', by: 'tester', requestId: 'r1', reason: 'towed away', before: { meterStopWh: null }, after: { meterStopWh: startWh + 2_500 } }])
    expect(stand.house.connector('CP1', 1).transactionId).toBeNull()
    const again = await stand.restart()
    expect(await again.house.records.get(id)).toEqual(view)
    await expect(again.house.records.close(id, { stoppedAt: iso(stand), reason: 'again' }, caller)).rejects.toMatchObject({ kind: 'conflict', code: 'transaction-stopped' })
  })

  test('not while its charge point is online and charges; not before its start; not ahead', async () => {
    const { stand, peer, id } = await running()
    await stand.call(peer, 'StatusNotification', { connectorId: 1, status: 'Charging', errorCode: 'NoError' })
    await stand.clock.advance(60_000)
    await expect(stand.house.records.close(id, { stoppedAt: iso(stand), reason: 'x' }, caller)).rejects.toMatchObject({ kind: 'conflict', code: 'transaction-charging', hint: expect.stringContaining('remote-stop') })
    gone(stand, peer)
    await stand.clock.advance(1_000)
    for (const ms of [-3_600_000, 3_600_000]) await expect(stand.house.records.close(id, { stoppedAt: iso(stand, ms), reason: 'x' }, caller)).rejects.toMatchObject({ kind: 'invalid', errors: [{ pointer: '/stoppedAt' }] })
    await expect(stand.house.records.close(999_999_999, { stoppedAt: iso(stand), reason: 'x' }, caller)).rejects.toMatchObject({ code: 'unknown-transaction' })
    expect((await stand.house.records.get(id)).stoppedAt).toBeNull()
  })

  test('one of a charge point that was deleted: from what its history says', async () => {
    const { stand, peer, id, startWh } = await running({ zombieAfterS: 3_600 })
    await stand.clock.advance(600_000)
    await stand.call(peer, 'MeterValues', { connectorId: 1, transactionId: id, meterValue: [meterValue(iso(stand), { energyWh: startWh + 1_500 })] })
    gone(stand, peer)
    await stand.clock.advance(3_700_000)
    await stand.house.deleteChargePoint('CP1', caller)
    const view = await stand.house.records.close(id, { stoppedAt: iso(stand, -3_600_000), meterStopWh: startWh + 1_600, reason: 'sold' }, caller)
    expect(view).toMatchObject({ status: 'stopped', energyWh: 1_600 })
    expect((await stand.house.records.record(id)).peakW).toBe(9_000)
  })

  test('left out, it ended when its newest reading was measured; the answer and the trail say so', async () => {
    const { stand, peer, id, startWh } = await running({ zombieAfterS: 3_600 })
    await stand.clock.advance(1_800_000)
    const readAt = iso(stand)
    await stand.call(peer, 'MeterValues', { connectorId: 1, transactionId: id, meterValue: [meterValue(readAt, { energyWh: startWh + 2_500 })] })
    await stand.clock.advance(60_000)
    gone(stand, peer)
    await stand.clock.advance(7_200_000)
    const view = await stand.house.records.close(id, { reason: 'never came back' }, caller)
    expect(view).toMatchObject({ stoppedAt: readAt, meterStopWh: startWh + 2_500, energyWh: 2_500, assumed: { stoppedAt: 'newest-reading', meterStopWh: 'newest-reading' } })
    expect((await stand.house.records.record(id)).trail.at(-1)).toMatchObject({ what: 'closed', after: { stoppedAt: readAt, assumed: { stoppedAt: 'newest-reading' } } })
  })

  test('left out where no reading came: when it was taken to be over; of one that was not, it has to be said', async () => {
    const { stand, peer, id } = await running({ zombieAfterS: 3_600 })
    await stand.clock.advance(60_000)
    gone(stand, peer)
    await stand.clock.advance(60_000)
    await expect(stand.house.records.close(id, { reason: 'x' }, caller)).rejects.toMatchObject({ kind: 'invalid', errors: [{ pointer: '/stoppedAt', message: expect.stringContaining('no reading') }] })
    await stand.clock.advance(7_200_000)
    const { stoppedAt, status } = await stand.house.records.get(id)
    expect(status).toBe('unconfirmed')
    expect(await stand.house.records.close(id, { reason: 'x' }, caller)).toMatchObject({ stoppedAt, status: 'stopped', assumed: { stoppedAt: 'taken-to-be-over', meterStopWh: 'start' } })
  })

  test('left out for a charge point that was deleted, and its readings are asked of the history; a meter below that of the start is refused', async () => {
    const { stand, peer, id, startWh } = await running({ zombieAfterS: 3_600 })
    await stand.clock.advance(600_000)
    const readAt = iso(stand)
    await stand.call(peer, 'MeterValues', { connectorId: 1, transactionId: id, meterValue: [meterValue(readAt, { energyWh: startWh + 1_500 })] })
    gone(stand, peer)
    await stand.clock.advance(3_700_000)
    await stand.house.deleteChargePoint('CP1', caller)
    await expect(stand.house.records.close(id, { meterStopWh: startWh - 1, reason: 'x' }, caller)).rejects.toMatchObject({ kind: 'invalid', errors: [{ pointer: '/meterStopWh' }] })
    expect(await stand.house.records.close(id, { reason: 'sold' }, caller)).toMatchObject({ stoppedAt: readAt, energyWh: 1_500 })
  })

  test('left out where its readings are kept no more: the meter is what was counted from them, and nobody says that of its start was taken', async () => {
    const { stand: before, peer, id, startWh } = await running()
    await before.clock.advance(1_800_000)
    await before.call(peer, 'MeterValues', { connectorId: 1, transactionId: id, meterValue: [meterValue(iso(before), { energyWh: startWh + 2_500 })] })
    await before.clock.advance(60_000)
    gone(before, peer)
    const stand = await before.restart()
    await stand.store.expire('main', 'meter:CP1/1', Date.UTC(2040, 1, 1))
    const view = await stand.house.records.close(id, { stoppedAt: iso(stand, -10_000), reason: 'x' }, caller)
    expect(view).toMatchObject({ meterStopWh: startWh + 2_500, assumed: { meterStopWh: 'newest-reading' } })
  })

  test('while the store is down nothing is changed', async () => {
    const { stand, peer, id } = await running()
    gone(stand, peer)
    await stand.clock.advance(60_000)
    stand.trouble.store = true
    await expect(stand.house.records.close(id, { stoppedAt: iso(stand), reason: 'x' }, caller)).rejects.toMatchObject({ kind: 'store-down' })
    stand.trouble.store = false
    expect((await stand.house.records.get(id)).stoppedAt).toBeNull()
  })
})

describe('correcting', () => {
  test.each([false, true])('a meter that could not be: nobody is told of it any more, unless another has stopped there since (%s)', async (isOld) => {
    const { stand, peer, id, startWh } = await running()
    const doubts = () => stand.house.alerts().filter(({ code, resolvedAt }) => code === 'meter-anomaly' && resolvedAt === null).length
    const stop = (transactionId: number) => stand.call(peer, 'StopTransaction', { transactionId, meterStop: startWh - 100, timestamp: iso(stand) })
    await stand.clock.advance(3_600_000)
    await stop(id)
    if (isOld) {
      const { transactionId } = await stand.call(peer, 'StartTransaction', { connectorId: 1, idTag: 'TagA', meterStart: startWh, timestamp: iso(stand) }) as { transactionId: number }
      await stand.clock.advance(3_600_000)
      await stop(transactionId)
    }
    expect(doubts()).toBe(1)
    await stand.house.records.correct(id, { meterStopWh: startWh + 2_000, reason: 'misread' }, caller)
    expect(doubts()).toBe(isOld ? 1 : 0)
  })
  test.each([false, true])('its start: what named no transaction and was read before is its own now (charge point deleted: %s)', async (isDeleted) => {
    const stand = await openHouse({ chargePoints: [{ id: 'CP1' }] })
    const peer = await stand.boot('CP1')
    const read = (energyWh: number) => stand.call(peer, 'MeterValues', { connectorId: 1, meterValue: [meterValue(iso(stand), { energyWh })] })
    await stand.clock.advance(1_800_000)
    await read(5_000)
    await stand.clock.advance(1_800_000)
    const { transactionId: id } = await stand.call(peer, 'StartTransaction', { connectorId: 1, idTag: 'TagA', meterStart: 700, timestamp: iso(stand) }) as { transactionId: number }
    await stand.clock.advance(1_800_000)
    await read(3_000)
    await stand.call(peer, 'StopTransaction', { transactionId: id, meterStop: 10, timestamp: iso(stand) })
    await stand.clock.advance(1_000)
    if (isDeleted) await stand.house.deleteChargePoint('CP1', caller)
    expect(await stand.house.records.correct(id, { startedAt: iso(stand, -2 * 3_600_000), reason: 'its clock was wrong' }, caller)).toMatchObject({ energyWh: 4_300 })
  })
  test('meters, times and tag: counted anew, the first values in the trail, durable', async () => {
    const { stand, id, startWh } = await stopped()
    const view = await stand.house.records.correct(id, { meterStopWh: startWh + 3_000, idTag: 'TagB', stoppedAt: iso(stand, -60_000), reason: 'misread' }, caller)
    expect(view).toMatchObject({ meterStopWh: startWh + 3_000, energyWh: 3_000, idTag: 'TagB', stoppedAt: iso(stand, -60_000), status: 'stopped' })
    expect((await stand.house.records.record(id)).trail).toMatchObject([{ what: 'corrected', by: 'tester', requestId: 'r1', reason: 'misread', before: { idTag: 'TagA', meterStopWh: startWh + 4_000 }, after: { idTag: 'TagB', meterStopWh: startWh + 3_000 } }])
    expect(await (await stand.restart()).house.records.get(id)).toEqual(view)
  })

  test('of one that left memory long ago: found, corrected, listed in its place, and a late stop still finds it', async () => {
    const first = await stopped()
    const { id, startWh } = first
    const stand = await later(first.stand, 3 * dayMs)
    await stand.clock.advance(70_000)
    expect(stand.house.records.held()).toEqual([])
    expect(await stand.house.records.get(id)).toMatchObject({ id, energyWh: 4_000 })
    expect((await stand.house.records.list({ limit: 10 })).data.map((one) => one.id)).toEqual([id])
    expect(await Promise.all([1, 2].map(async (connectorId) => (await stand.house.records.list({ limit: 10, clientID: 'cp1', connectorId })).data.length))).toEqual([1, 0])
    await stand.house.records.correct(id, { meterStopWh: startWh + 1_000, reason: 'late' }, caller)
    expect((await stand.house.records.list({ limit: 10 })).data).toMatchObject([{ id, energyWh: 1_000 }])
    const again = await later(stand, 2 * dayMs)
    await again.clock.advance(70_000)
    expect([again.house.records.held(), (await again.house.records.list({ limit: 10, idTag: 'taga' })).data]).toMatchObject([[], [{ id, energyWh: 1_000 }]])
    const peer = await again.boot('CP1')
    expect(await again.call(peer, 'StartTransaction', first.start)).toMatchObject({ transactionId: id })
    expect(again.house.records.held()).toEqual([])
    await again.call(peer, 'StopTransaction', { transactionId: id, meterStop: startWh + 4_000, timestamp: iso(again) })
    expect(again.house.orphans.list({})).toEqual([])
    expect((await again.house.records.record(id)).conflicts).toHaveLength(1)
  })

  test('not one that runs, nothing, a stop before the start, a register that falls', async () => {
    const { stand, id } = await running()
    await expect(stand.house.records.correct(id, { meterStartWh: 1, reason: 'x' }, caller)).rejects.toMatchObject({ code: 'transaction-not-stopped' })
    const other = await stopped()
    const { correct } = { correct: other.stand.house.records.correct.bind(other.stand.house.records) }
    await expect(correct(other.id, { reason: 'x' }, caller)).rejects.toMatchObject({ code: 'nothing-to-correct' })
    const { meterStartWh } = await other.stand.house.records.get(other.id)
    await expect(correct(other.id, { meterStartWh, reason: 'x' }, caller)).rejects.toMatchObject({ code: 'nothing-to-correct' })
    await expect(correct(other.id, { stoppedAt: iso(other.stand, -2 * dayMs), reason: 'x' }, caller)).rejects.toMatchObject({ errors: [{ pointer: '/stoppedAt' }] })
    await expect(correct(other.id, { startedAt: iso(other.stand, dayMs), reason: 'x' }, caller)).rejects.toMatchObject({ errors: [{ pointer: '/startedAt' }] })
    await expect(correct(other.id, { meterStopWh: 1, meterStartWh: 2, reason: 'x' }, caller)).rejects.toMatchObject({ errors: [{ pointer: '/meterStopWh' }] })
    other.stand.trouble.store = true
    await expect(correct(other.id, { meterStopWh: other.startWh, reason: 'x' }, caller)).rejects.toMatchObject({ kind: 'store-down' })
    other.stand.trouble.store = false
    expect(await other.stand.house.records.get(other.id)).toMatchObject({ energyWh: 4_000 })
    expect((await other.stand.house.records.record(other.id)).trail).toEqual([])
  })
})

describe('gone from the world', () => {
  const zombies = (stand: HouseStand) => stand.house.alerts().filter(({ code, resolvedAt }) => code === 'zombie-transaction' && resolvedAt === null)

  test('its charge point away for as long as the setting says: unconfirmed, with a trail by kwota, told until somebody closes it', async () => {
    const { stand, peer, id } = await running({ zombieAfterS: 3_600 })
    gone(stand, peer)
    await stand.clock.advance(3_500_000)
    expect((await stand.house.records.get(id)).stoppedAt).toBeNull()
    const again = await stand.restart()
    await again.clock.advance(200_000)
    expect(await again.house.records.record(id)).toMatchObject({ status: 'unconfirmed', trail: [{ by: 'kwota', what: 'unconfirmed', reason: expect.stringContaining('away since') }] })
    await again.clock.advance(700_000)
    expect(zombies(again)).toMatchObject([{ clientID: 'CP1', connectorId: 1, message: expect.stringContaining(String(id)) }])
    await again.house.records.close(id, { stoppedAt: iso(again, -3_600_000), reason: 'removed' }, caller)
    await again.clock.advance(60_000)
    expect([zombies(again), (await again.house.records.get(id)).status]).toEqual([[], 'stopped'])
  })

  test('its connector Available for ten minutes without a stop', async () => {
    const { stand, peer, id } = await running()
    await stand.clock.advance(60_000)
    await stand.call(peer, 'StatusNotification', { connectorId: 1, status: 'Available', errorCode: 'NoError' })
    await stand.clock.advance(8 * 60_000)
    expect((await stand.house.records.get(id)).status).not.toBe('unconfirmed')
    await stand.clock.advance(3 * 60_000)
    expect(await stand.house.records.record(id)).toMatchObject({ status: 'unconfirmed', trail: [{ reason: expect.stringContaining('Available since') }] })
    await stand.call(peer, 'StopTransaction', { transactionId: id, meterStop: 9_000, timestamp: iso(stand, -600_000) })
    expect(await stand.house.records.get(id)).toMatchObject({ status: 'stopped', meterStopWh: 9_000 })
    await stand.clock.advance(1_200_000)
    expect(zombies(stand)).toEqual([])
  })

  test('never, where the setting says so', async () => {
    const { stand, peer, id } = await running({ zombieAfterS: 0 })
    gone(stand, peer)
    const again = await later(stand, 30 * dayMs)
    await again.clock.advance(70_000)
    expect((await again.house.records.get(id)).stoppedAt).toBeNull()
  })
})
