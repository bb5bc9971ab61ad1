// What of a limit is not shared, worked out from a living site; and a limit that what is reserved exceeds says so.
import { expect, test } from 'vitest'
import { openRoom } from './site-stand.ts'

test('the building and what is held for one that is out of reach are taken from what the others share; the limit above says by how much it is exceeded', async () => {
  const { room, connect, clock, plugIn, gone } = await openRoom({ site: { fuseA: 63 }, chargePoints: [{ id: 'CP1' }, { id: 'CP2' }, { id: 'CP3', connectors: [{ id: 1, maxA: 16 }] }] })
  connect('CP1')
  connect('CP2')
  const lost = connect('CP3')
  await clock.advance(15_000)
  for (const [index, id] of ['CP1', 'CP2', 'CP3'].entries()) plugIn(id, 7 + index)
  await clock.advance(60_000)
  gone(lost)
  room.readBaseLoad({ L1: 9, L2: 9, L3: 9 }, 0)
  await clock.advance(11_000)
  const shared = room.allocation('CP1/1')
  expect(shared.summary).toBe('19 A: the fuse of 63 A, less 9 A for the building and 16 A held for CP3/1, is shared equally by 2 cars.')
  expect(shared.constraints.find(({ id }) => id === 'fuse')).not.toHaveProperty('overA')
  await room.setGridLimit({ currentA: 10 }, 'local')
  await clock.advance(30_000)
  const [limit] = room.allocation('CP3/1').constraints.filter(({ id }) => id === 'grid-limit')
  expect(limit?.overA).toBe(6)
  expect(limit?.state).not.toBe('ok')
})
