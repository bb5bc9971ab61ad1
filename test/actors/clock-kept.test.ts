// A clock that is off or was put right, and a kill between: what counts is what would have counted without it.
import { describe, expect, test } from 'vitest'
import { tariffSchema } from '../../src/sessions/tariff.ts'
import { bootedWithMeters, hourMs, killed, measured, minuteMs, reading, recordIn, start, status, stop } from './metered-stand.ts'

describe.each([-hourMs, hourMs])('put right by %d ms while a car charges', (byMs) => {
  async function run(isKilled: boolean) {
    let stand = await bootedWithMeters()
    await measured(stand, 0)
    const id = await start(stand, 0)
    await stand.clock.advance(10 * minuteMs)
    for (let half = 1; half <= 6; half++) {
      await stand.clock.advance(minuteMs / 2)
      await reading(stand, 1_000 + half, byMs, id)
    }
    await status(stand, 'SuspendedEVSE', byMs)
    await stand.clock.advance(10 * minuteMs)
    await status(stand, 'SuspendedEV', byMs)
    await stand.clock.advance(minuteMs)
    await reading(stand, 1_010, byMs, id)
    if (isKilled) stand = await killed(stand)
    for (let nth = 1; nth <= 30; nth++) {
      await stand.clock.advance(5 * minuteMs)
      await reading(stand, 1_010, byMs, id)
    }
    await stop(stand, id, 1_010, byMs)
    const { statuses, idleMs, startedAtMs, stoppedAtMs } = recordIn(stand, id)
    return { statuses: statuses.map(([atMs, what]) => [Math.round((atMs - startedAtMs) / 1_000), what]), idleMs, lastedMs: (stoppedAtMs ?? 0) - startedAtMs }
  }
  test('its statuses stand in the record once', async () => {
    const without = await run(false)
    expect(await run(true)).toEqual(without)
    expect(without.statuses.map(([, what]) => what)).toEqual(['SuspendedEVSE', 'SuspendedEV'])
  })
})

test.each([-2 * hourMs, 2 * hourMs])('readings from before a clock was measured that is ahead by %d ms', async (aheadMs) => {
  async function run(isKilled: boolean) {
    let stand = await bootedWithMeters()
    for (const [energyWh, ms] of [[900, -hourMs - 1], [3_000, -hourMs / 2], [5_000, -hourMs / 4]] as const) await reading(stand, energyWh, aheadMs + ms)
    if (isKilled) stand = await killed(stand)
    await measured(stand, aheadMs)
    const id = await start(stand, aheadMs - hourMs)
    await stop(stand, id, 10, aheadMs)
    return recordIn(stand, id).energyMWh
  }
  expect([await run(false), await run(true)]).toEqual([4_000_000, 4_000_000])
})

test.each([false, true])('one that was taken to be over, its clock put right meanwhile: what it says live counts by the new one (killed between: %s)', async (isKilled) => {
  let stand = await bootedWithMeters()
  await measured(stand, -hourMs)
  const id = await start(stand, -hourMs)
  await stand.clock.advance(minuteMs)
  await reading(stand, 1_100, -hourMs, id)
  await stand.boot()
  await status(stand, 'Available', -hourMs)
  expect(recordIn(stand, id).status).toBe('unconfirmed')
  for (let nth = 0; nth < 6; nth++) {
    await stand.clock.advance(20_000)
    await status(stand, 'Available', 0, 2)
  }
  if (isKilled) stand = await killed(stand)
  await stand.clock.advance(10 * minuteMs)
  await reading(stand, 4_000, 0, id)
  const { tallies } = stand.family.station
  const points = tallies.pointsOf(tallies.running.get(id) ?? expect.fail('it runs again'))
  expect(points.map(({ atMs }) => (atMs - recordIn(stand, id).startedAtMs) / minuteMs)).toEqual([1, 13])
  await stop(stand, id, 10, 0)
  const { startedAtMs, stoppedAtMs, energyMWh } = recordIn(stand, id)
  expect([((stoppedAtMs ?? 0) - startedAtMs) / minuteMs, energyMWh]).toEqual([13, 3_000_000])
})

test.each([-hourMs, hourMs])('our own was turned by %d ms while a car charges: nobody pays for it after a restart either', async (turnedMs) => {
  const tariff = { version: 1, ...tariffSchema.parse({ id: 'time', currency: 'EUR', perMinuteMinor: 10 }) }
  let stand = await bootedWithMeters({ billing: () => ({ timezone: 'UTC', tariff }) })
  await measured(stand, hourMs)
  const id = await start(stand, hourMs)
  for (let half = 1; half <= 90; half++) {
    await stand.clock.advance(minuteMs / 2)
    if (half === 31) stand.clock.jumpWall(turnedMs)
    if (half === 61 || half === 71) stand = await killed(stand)
    await reading(stand, 1_000 + half * 50, half <= 30 ? hourMs : hourMs - turnedMs, id)
  }
  expect(stand.scope.get('turned:CP1')).toBe(turnedMs)
  await stop(stand, id, 5_500, hourMs - turnedMs)
  const { startedAtMs, stoppedAtMs, cost, energyMWh } = recordIn(stand, id)
  expect({ minutes: ((stoppedAtMs ?? 0) - startedAtMs) / minuteMs, cost: cost?.amountMinor, energyMWh }).toEqual({ minutes: 45, cost: 450, energyMWh: 4_500_000 })
  expect(stand.scope.get('turned:CP1')).toBeUndefined()
})
