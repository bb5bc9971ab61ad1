// Row 52: charge points that come and go for ever leave nothing behind: no timer, no listener, no record but those of their transactions (whose starts are known by a mark until they are archived).
import { expect, test } from 'vitest'
import { openHouse } from '../actors/house-stand.ts'

test('threat 52: after a hundred connections, starts, stops and restarts of a charge point as much waits and is kept as after ten', async () => {
  const stand = await openHouse({ chargePoints: [{ id: 'CP1' }, { id: 'CP2' }] })
  const other = await stand.boot('CP2')
  const round = async (): Promise<void> => {
    const peer = await stand.boot('CP1')
    await stand.call(peer, 'StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Preparing' })
    const id = await stand.start(peer)
    await stand.clock.advance(20_000)
    await stand.call(peer, 'StopTransaction', { transactionId: id, meterStop: 10, timestamp: new Date(stand.clock.wall()).toISOString() })
    await stand.call(peer, 'StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Available' })
    peer.cut()
    stand.desk.disconnected(peer, 1006, 'gone')
    await stand.clock.advance(10_000)
    await stand.call(other, 'Heartbeat', {})
  }
  const kept = async () => ({ timers: stand.clock.pending, records: [...(await stand.store.read('main')).keys()].filter((key) => !/^(?:tx|start):/.test(key)).length })
  for (let at = 0; at < 10; at++) await round()
  const before = await kept()
  for (let at = 0; at < 90; at++) await round()
  const after = await kept()
  expect(after.records).toBe(before.records)
  expect(after.timers).toBeLessThanOrEqual(before.timers + 2)
  expect(stand.directory.estate.points.size).toBe(2)
  stand.directory.crash()
})
