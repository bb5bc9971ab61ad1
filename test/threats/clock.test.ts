// Row 30: no profile begins in the future of the charge point that gets it, with a clock an hour behind, or any time ahead.
import { expect, test } from 'vitest'
import { caller, openHouse } from '../actors/house-stand.ts'

interface Told { readonly validFrom?: string; readonly chargingSchedule: { readonly startSchedule?: string; readonly chargingSchedulePeriod: readonly { readonly startPeriod: number; readonly limit: number }[] } }

const hourMs = 3_600_000

test.each([0, hourMs, -hourMs, 13 * hourMs])('threat 30: a clock that is %d ms ahead: every profile has begun by it, and what holds by it now is never more than what is counted', async (aheadMs) => {
  const stand = await openHouse({ chargePoints: [{ id: 'CP1' }] })
  const peer = await stand.boot('CP1')
  const iso = () => new Date(stand.clock.wall() + aheadMs).toISOString()
  // Its clock shows in what it says.
  for (let nth = 0; nth < 5; nth++) {
    await stand.call(peer, 'StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Preparing', timestamp: iso() })
    await stand.clock.advance(20_000)
  }
  const from = peer.calls.length
  await stand.call(peer, 'StartTransaction', { connectorId: 1, idTag: 'TAG', meterStart: 0, timestamp: iso() })
  await stand.clock.advance(20_000)
  await stand.house.setGridLimit('main', { currentA: 10 }, caller)
  await stand.clock.advance(20_000)
  await stand.house.setGridLimit('main', { currentA: 20 }, caller)
  await stand.clock.advance(60_000)
  const told = peer.calls.slice(from).flatMap(({ atMs, payload }) => (payload.csChargingProfiles === undefined ? [] : [{ atMs, profile: payload.csChargingProfiles as Told }]))
  expect(told.length).toBeGreaterThanOrEqual(3)
  const wallAtZeroMs = stand.clock.wall() - stand.clock.mono()
  for (const { atMs, profile: { validFrom, chargingSchedule: { startSchedule, chargingSchedulePeriod: periods } } } of told) {
    const stationNowMs = wallAtZeroMs + atMs + aheadMs
    const beganMs = startSchedule === undefined ? stationNowMs : Date.parse(startSchedule)
    expect(beganMs).toBeLessThanOrEqual(stationNowMs)
    if (validFrom !== undefined) expect(Date.parse(validFrom)).toBeLessThanOrEqual(stationNowMs)
    const now = periods.findLast(({ startPeriod }) => startPeriod * 1_000 <= stationNowMs - beganMs)
    expect(now?.limit).toBeLessThanOrEqual(periods[0]!.limit)
  }
  expect(stand.house.power('main').connectors[0]).toMatchObject({ confirmedA: 20, reservedA: 20 })
})
