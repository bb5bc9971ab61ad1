// Many transactions of a charge point that have ended, and what comes late for all of them at once: none is forgotten while its readings are read back.
import { expect, test } from 'vitest'
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
