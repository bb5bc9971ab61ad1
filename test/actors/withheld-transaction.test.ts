// A transaction that has reached its limit and does not end is given nothing; what it draws all the same stays reserved.
import { expect, test } from 'vitest'
import { charging } from './site-stand.ts'

test('it is lowered to nothing, others get what it had, and people are told why', async () => {
  const { room, clock, fresh, one, two } = await charging()
  await room.setGridLimit({ currentA: 32 }, 'local')
  await clock.advance(60_000)
  expect([fresh(one).at(-1), fresh(two).at(-1)]).toEqual(['TxProfile 1 16', 'TxProfile 1 16'])
  room.withhold('CP1/1', 101)
  await clock.advance(120_000)
  expect([fresh(one).at(-1), fresh(two).at(-1)]).toEqual(['TxProfile 1 0', 'TxProfile 1 32'])
  expect(room.allocation('CP1/1')).toMatchObject({
    allocatedA: 0, binding: 'transaction-limit', summary: expect.stringContaining('its transaction has reached its limit and does not end') as string,
    constraints: expect.arrayContaining([{ id: 'transaction-limit', limitA: 0, state: 'binding' }]) as unknown,
  })
  room.withhold('CP1/1', null)
  await clock.advance(120_000)
  expect(room.allocation('CP1/1')).toMatchObject({ allocatedA: 16, binding: 'grid-limit' })
})

test('what it draws all the same is reserved, as physics says', async () => {
  const { room, clock, sample } = await charging()
  room.withhold('CP1/1', 101)
  for (let tick = 0; tick < 30; tick++) {
    sample('CP1', 20)
    await clock.advance(10_000)
  }
  expect(room.allocation('CP1/1')).toMatchObject({ allocatedA: 0 })
  expect(room.allocation('CP1/1').reservedA).toBeGreaterThanOrEqual(20)
})

test('another transaction there is not meant', async () => {
  const { room, clock, plugIn } = await charging()
  room.withhold('CP1/1', 101)
  await clock.advance(60_000)
  room.transactionStopped({ clientID: 'CP1', connectorId: 1, transactionId: 101 })
  await clock.advance(60_000)
  plugIn('CP1', 103)
  await clock.advance(60_000)
  expect(room.allocation('CP1/1').allocatedA).toBeGreaterThan(6)
})
