// What is asked of a site that is deleted meanwhile is refused, not a fault of the program.
import { expect, test } from 'vitest'
import { pointsOf, samplesOf } from '../../src/actors/session-readings.ts'
import { caller, openHouse, twoSites } from './house-stand.ts'

test('the readings of a session at a site that is no more', async () => {
  const stand = await openHouse({ ...twoSites, chargePoints: [{ id: 'CP1', site: 'annex' }] })
  const peer = await stand.boot('CP1')
  const id = await stand.start(peer)
  await stand.clock.advance(600_000)
  await stand.call(peer, 'StopTransaction', { transactionId: id, meterStop: 1_000, timestamp: new Date(stand.clock.wall()).toISOString() })
  const record = await stand.house.records.record(id)
  await stand.house.deleteChargePoint('CP1', caller)
  await stand.house.deleteSite('annex', caller)
  const gone = { kind: 'not-found', code: 'unknown-site' }
  await expect(pointsOf(stand.directory.estate, record)).rejects.toMatchObject(gone)
  await expect(samplesOf(stand.directory.estate, record)).rejects.toMatchObject(gone)
  expect(() => stand.directory.estate.meters.of('annex')).toThrow(expect.objectContaining(gone))
})
