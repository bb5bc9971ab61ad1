// What those who run kwota see of it: how much there is, at which epoch, and alerts that somebody has taken on.
import { expect, test } from 'vitest'
import { caller, charging } from './house-stand.ts'

test('counts what is there, and a restart takes the sites at a newer epoch', async () => {
  const stand = await charging()
  const { house } = stand
  const before = house.inventory()
  expect(before).toMatchObject({ chargePoints: 2, connections: 2, transactions: 1, sites: [{ id: 'annex' }, { id: 'main' }] })
  expect(before.alerts).toBe(house.alerts().length)
  const { house: again } = await stand.restart()
  expect(again.inventory()).toMatchObject({ chargePoints: 2, connections: 0, transactions: 1, sites: before.sites.map(({ id, epoch }) => ({ id, epoch: epoch + 1 })) })
})

test('an alert is acknowledged by who asks, without an event; an unknown one is refused', async () => {
  const { house, call, peer, events } = await charging()
  await call(peer, 'StopTransaction', { transactionId: 4_711, meterStop: 1, timestamp: '2026-01-01T00:00:00Z' })
  const alert = house.alerts().find(({ code }) => code === 'orphaned-stop')
  const told = events.length
  expect(house.ackAlert(alert?.id ?? '', caller)).toMatchObject({ id: alert?.id, ackedBy: 'tester', ackedAt: expect.stringMatching(/Z$/) })
  expect(house.alerts().find(({ id }) => id === alert?.id)).toMatchObject({ ackedBy: 'tester' })
  expect(events.length).toBe(told)
  expect(() => house.ackAlert('alr_999', caller)).toThrow(expect.objectContaining({ kind: 'not-found', code: 'unknown-alert' }))
})
