// Many transactions of a charge point that have ended, and what comes late for all of them at once: none is forgotten while its readings are read back.
import { expect, test } from 'vitest'
import { PastOnes } from '../../src/actors/past-ones.ts'
import { meterValue, type Stand } from './family-stand.ts'
import { bootedWithMeters, hourMs, killed, minuteMs, reading, recordIn, start, status, stop, written } from './metered-stand.ts'

const many = 12
const config = { connectors: Array.from({ length: many }, (_, at) => ({ id: at + 1 })) }
const beganMs = (nth: number): number => (nth - 20) * hourMs

/** One after the other, half an hour each; `doubtful` = their stops cannot be, so their readings count. */
async function ended(stand: Stand, { doubtful }: { doubtful: boolean }): Promise<number[]> {
  const ids: number[] = []
  for (let nth = 0; nth < many; nth++) {
    const id = await start(stand, beganMs(nth))
    if (!doubtful) {
      await reading(stand, 3_000, beganMs(nth) + 10 * minuteMs)
      await reading(stand, 3_000, beganMs(nth) + 25 * minuteMs)
    }
    await stop(stand, id, doubtful ? 10 : 3_000, beganMs(nth) + 30 * minuteMs)
    ids.push(id)
  }
  await written(stand)
  return ids
}

test.each([false, true])('one message with a reading of each is counted with each (killed before: %s)', async (isKilled) => {
  let stand = await bootedWithMeters()
  const ids = await ended(stand, { doubtful: true })
  if (isKilled) stand = await killed(stand)
  await stand.send('MeterValues', { connectorId: 1, meterValue: ids.map((_, nth) => meterValue(stand.iso(beganMs(nth) + 15 * minuteMs), { energyWh: 2_500 })) })
  await stand.clock.advance(5_000)
  expect(ids.map((id) => recordIn(stand, id).energyMWh)).toEqual(ids.map(() => 1_500_000))
})

test('late statuses of the first of them after a kill', async () => {
  const before = await bootedWithMeters()
  const [id = 0] = await ended(before, { doubtful: false })
  const stand = await killed(before)
  await status(stand, 'SuspendedEVSE', beganMs(0) + 12 * minuteMs)
  await status(stand, 'Charging', beganMs(0) + 24 * minuteMs)
  await stand.clock.advance(5_000)
  expect(recordIn(stand, id).statuses.map(([, what]) => what)).toEqual(['SuspendedEVSE', 'Charging'])
})

test('connectors that are all free after a boot of both: what was at rest stays at rest', async () => {
  const before = await bootedWithMeters({ config })
  const ids: number[] = []
  for (let connectorId = 1; connectorId <= many; connectorId++) {
    ids.push(await start(before, -hourMs, connectorId))
    await reading(before, 3_000, -50 * minuteMs, undefined, connectorId)
    await reading(before, 3_000, -10 * minuteMs, undefined, connectorId)
  }
  const stand = await killed(before)
  await stand.boot()
  for (let connectorId = 1; connectorId <= many; connectorId++) {
    void stand.family.handle(stand.session, 'StatusNotification', { connectorId, errorCode: 'NoError', status: 'Available', timestamp: stand.iso() }, [])
  }
  await stand.clock.advance(15_000)
  const seen = ids.map((id) => recordIn(stand, id)).map(({ status: how, energyMWh, idleMs }) => ({ how, energyMWh, idleMs }))
  expect(seen).toEqual(ids.map(() => ({ how: 'unconfirmed', energyMWh: 2_000_000, idleMs: 40 * minuteMs })))
})

/** All taken to be over: it booted, and its connectors are free. */
async function givenUp(free: readonly number[]): Promise<{ stand: Stand; ids: number[] }> {
  const stand = await bootedWithMeters({ config })
  const ids: number[] = []
  for (let connectorId = 1; connectorId <= many; connectorId++) ids.push(await start(stand, -hourMs, connectorId))
  await stand.boot()
  for (const connectorId of free) await status(stand, 'Available', 0, connectorId)
  expect(free.map((connectorId) => recordIn(stand, ids[connectorId - 1] ?? 0).status)).toEqual(free.map(() => 'unconfirmed'))
  return { stand: await killed(stand), ids }
}

test('their stops, all at once after a kill', async () => {
  const { stand, ids } = await givenUp(config.connectors.map(({ id }) => id))
  const answers = ids.map((transactionId) => stand.family.handle(stand.session, 'StopTransaction', { transactionId, meterStop: 3_000, timestamp: stand.iso() }, []))
  await stand.clock.advance(15_000)
  expect(await Promise.all(answers)).toEqual(ids.map(() => ({})))
  expect(ids.map((id) => recordIn(stand, id)).map(({ status: how, energyMWh }) => `${how} ${energyMWh}`)).toEqual(ids.map(() => 'stopped 2000000'))
})

test('a stop that waits for its readings while the others are taken to be over', async () => {
  const { stand, ids } = await givenUp([1])
  await stand.boot()
  const answer = stand.family.handle(stand.session, 'StopTransaction', { transactionId: ids[0], meterStop: 3_000, timestamp: stand.iso() }, [])
  for (let connectorId = 2; connectorId <= many; connectorId++) {
    void stand.family.handle(stand.session, 'StatusNotification', { connectorId, errorCode: 'NoError', status: 'Available', timestamp: stand.iso() }, [])
  }
  await stand.clock.advance(15_000)
  expect(await answer).toEqual({})
  expect(recordIn(stand, ids[0] ?? 0)).toMatchObject({ status: 'stopped', energyMWh: 2_000_000 })
})

test('nothing waits for one that has ended', async () => {
  const stand = await bootedWithMeters()
  const id = await start(stand, -hourMs)
  await stand.boot()
  await status(stand, 'Available', 0)
  let ran = false
  stand.family.station.pace.runSoon(id, () => { ran = true })
  expect([recordIn(stand, id).status, ran]).toEqual(['unconfirmed', true])
})

test.each([false, true])('a reading that is 20 s old, of one that ended 10 s ago (killed between: %s)', async (isKilled) => {
  let stand = await bootedWithMeters()
  const id = await start(stand, -hourMs)
  await stop(stand, id, 10, -10_000)
  if (isKilled) stand = await killed(stand)
  await reading(stand, 2_500, -20_000)
  await stand.clock.advance(5_000)
  expect(recordIn(stand, id).energyMWh).toBe(1_500_000)
})

test.each([undefined, 1])('a late reading of one whose readings are kept no more changes nothing of it (named: %s)', async (named) => {
  const before = await bootedWithMeters()
  const id = await start(before, -10 * hourMs)
  await reading(before, 3_000, -9 * hourMs, id)
  await reading(before, 5_000, -8 * hourMs, id)
  await stop(before, id, 10, -7 * hourMs)
  expect(recordIn(before, id).energyMWh).toBe(4_000_000)
  const stand = await killed(before)
  await stand.store.expire('depot', 'meter:CP1/1', Date.UTC(2030, 1, 1))
  await stand.clock.advance(1_000)
  for (let nth = 0; nth < 2; nth++) {
    await reading(stand, 4_000, -8.5 * hourMs, named === undefined ? undefined : id)
    await stand.clock.advance(5_000)
  }
  expect(recordIn(stand, id)).toMatchObject({ energyMWh: 4_000_000, trail: [] })
})

test('the records of a site are looked through once, not again for whatever comes late', async () => {
  const stand = await killed(await bootedWithMeters())
  let looks = 0
  const { entries } = stand.scope
  Object.assign(stand.scope, { entries: (prefix: string) => (prefix === 'tx:' && looks++, entries(prefix)) })
  const ids: number[] = []
  for (let nth = 0; nth < 3; nth++) {
    ids.push(await start(stand, -hourMs))
    await stop(stand, ids[nth] ?? 0, 10, -hourMs / 2)
    await stand.clock.advance(hourMs)
    await reading(stand, 2_500, -2 * hourMs + hourMs / 4)
  }
  expect([looks, ids.map((id) => recordIn(stand, id).energyMWh)]).toEqual([0, ids.map(() => 1_500_000)])
})

test('those that have left the memory of a site are not remembered, and of the others no more than two thousand', async () => {
  const stand = await bootedWithMeters()
  const record = recordIn(stand, await start(stand, -hourMs))
  const ended = (id: number) => ({ ...record, id, status: 'stopped' as const, stoppedAtMs: record.startedAtMs + id })
  const few = new PastOnes((id) => id > 990)
  const all = new PastOnes(() => true)
  for (let id = 1; id <= 1_000; id++) few.note(ended(id))
  for (let id = 1; id <= 5_000; id++) all.note(ended(id))
  expect(few.of(1).length).toBeLessThan(100)
  expect(all.of(1).map(({ id }) => id)).toEqual(Array.from({ length: 2_000 }, (_, nth) => 3_001 + nth))
  expect([all.newestStopMs(1), all.newestStopMs(2)]).toEqual([record.startedAtMs + 5_000, -Infinity])
})
