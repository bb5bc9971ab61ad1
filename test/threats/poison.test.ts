// A message that breaks the actor it is for, again and again (row 51 of the threat table).
import { expect, test } from 'vitest'
import { caller, openHouse } from '../actors/house-stand.ts'
import { VirtualClock } from '../virtual-clock.ts'

/** What FirmwareStatusNotification arms throws. */
class PoisonedClock extends VirtualClock {
  override after(delayMs: number, fn: () => void): () => void {
    if (delayMs === 30 * 60_000) throw new Error('poison')
    return super.after(delayMs, fn)
  }
}

test('threat 51: a poison message restarts its charge point three times in a minute, then it is quarantined: its ledger rows and transaction stay, and the site goes on', async () => {
  const stand = await openHouse({ chargePoints: [{ id: 'CP1' }, { id: 'CP2' }], clock: new PoisonedClock() })
  const { house, clock } = stand
  const [bad, good] = [await stand.boot('CP1'), await stand.boot('CP2')]
  await clock.advance(15_000)
  const [id] = [await stand.start(bad), await stand.start(good)]
  await clock.advance(15_000)
  const reservedA = house.allocation('CP1', 1).reservedA
  expect(reservedA).toBeGreaterThan(0)
  const quarantined = () => house.alerts().filter(({ code, clientID }) => code === 'quarantined' && clientID === 'CP1').length
  for (let nth = 1; nth <= 4; nth += 1) {
    expect(quarantined()).toBe(0)
    await expect(stand.call(bad, 'Heartbeat', {})).resolves.toMatchObject({})
    await expect(stand.call(bad, 'FirmwareStatusNotification', { status: 'Downloading' })).rejects.toBeInstanceOf(Error)
    await expect(stand.call(good, 'Heartbeat', {})).resolves.toMatchObject({})
  }
  expect(quarantined()).toBe(1)
  await expect(stand.call(bad, 'Heartbeat', {})).rejects.toMatchObject({ code: 'InternalError' })
  expect(house.allocation('CP1', 1).reservedA).toBeGreaterThanOrEqual(reservedA)
  expect(stand.directory.estate.point('CP1')!.family!.transactions()).toMatchObject([{ id }])
  const before = good.calls.length
  const cut = house.setGridLimit('main', { currentA: 40 }, caller)
  await clock.advance(15_000)
  await cut
  expect(good.profiles(before).length).toBeGreaterThan(0)
  expect(house.allocation('CP1', 1).reservedA + house.allocation('CP2', 1).reservedA).toBeLessThanOrEqual(40 + 1e-9)
  stand.directory.crash()
})
