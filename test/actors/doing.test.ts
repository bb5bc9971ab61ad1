// What a car does is decided once: by what it draws, what it was given and told, and whether anybody hears it.
import { expect, test } from 'vitest'
import { carWords, countDoing, doingOf, type DoingFacts } from '../../src/actors/doing.ts'
import { openRoom } from './site-stand.ts'

const drawing: DoingFacts = { transactionId: 7, online: true, status: 'Charging', requestedA: 32, allocatedA: 16, confirmedA: 16, measuredA: 15.8, changedSince: false }

const caller = 'local'

test.each<[string, Partial<DoingFacts>, string | null]>([
  ['it draws', {}, 'charging'], ['it draws, whatever its status', { status: 'SuspendedEV' }, 'charging'], ['it draws although it is granted nothing', { allocatedA: 0, confirmedA: 10, measuredA: 25 }, 'charging'],
  ['it says so, and no reading says otherwise', { measuredA: null }, 'charging'], ['it says so since its limit changed', { measuredA: 0, changedSince: true }, 'charging'],
  ['granted nothing', { allocatedA: 0, confirmedA: 0, measuredA: 0 }, 'waiting'], ['granted nothing, still said to charge', { allocatedA: 0, measuredA: null }, 'waiting'],
  ['granted, and not told yet', { allocatedA: 9, confirmedA: 0, measuredA: 0, status: 'SuspendedEVSE' }, 'waiting'], ['told just now', { measuredA: 0, changedSince: true, status: 'SuspendedEVSE' }, 'waiting'],
  ['takes nothing of what it has', { measuredA: 0.2 }, 'paused'], ['says that its car takes nothing', { measuredA: null, status: 'SuspendedEV' }, 'paused'], ['full', { requestedA: 0, allocatedA: 0, measuredA: 0 }, 'paused'],
  ['out of reach', { online: false }, 'offline'], ['no car', { transactionId: null, measuredA: null }, null], ['no transaction, but it draws', { transactionId: null }, 'charging'],
])('%s', (_, facts, doing) => expect(doingOf({ ...drawing, ...facts })).toBe(doing))

test('in words', () => {
  expect(carWords(countDoing([{ doing: null }]))).toBe('no car is charging')
  expect(carWords(countDoing((['charging', 'waiting', 'offline', 'paused', 'paused'] as const).map((doing) => ({ doing }))))).toBe('1 car charging, 1 waiting, 2 paused or full, 1 offline')
  expect(carWords({ charging: 0, waiting: 1, paused: 0, offline: 0 })).toBe('no car charging, 1 waiting')
})

test('a car that was paused by a limit waits for what it is granted, and its sentence says when it is told', async () => {
  const { room, connect, clock, plugIn, sample } = await openRoom({ site: { fuseA: 63 }, chargePoints: [{ id: 'CP1' }] })
  connect('CP1')
  await clock.advance(15_000)
  plugIn('CP1', 7)
  await clock.advance(20_000)
  await room.setGridLimit({ currentA: 0 }, caller)
  sample('CP1', 0)
  await clock.advance(15_000)
  sample('CP1', 0)
  expect(room.connectorPower('CP1/1')).toMatchObject({ doing: 'waiting', allocatedA: 0 })
  expect(room.connectorPower('CP1/1')).not.toHaveProperty('raising')
  await room.setGridLimit({ currentA: 9 }, caller)
  sample('CP1', 0)
  const power = room.connectorPower('CP1/1')
  expect(power).toMatchObject({ doing: 'waiting', allocatedA: 9, confirmedA: 0, raising: { toldA: 0, at: new Date(clock.wall() + 60_000).toISOString() } })
  expect(room.allocation('CP1/1').summary).toMatch(/^9 A: the grid limit of 9 A leaves no more\. Until now it was told 0 A; 9 A are told at \d\d:\d\d(:\d\d)?, once the room has lasted for 60 s after its pause\.$/)
  await clock.advance(65_000)
  expect(room.connectorPower('CP1/1')).toMatchObject({ confirmedA: 9 })
  expect(room.connectorPower('CP1/1')).not.toHaveProperty('raising')
})

test('what was measured long ago, or of a car that is gone, is not drawn now; when it was measured stays', async () => {
  const { room, connect, clock, plugIn, sample } = await openRoom({ site: { fuseA: 63 }, chargePoints: [{ id: 'CP1' }] })
  connect('CP1')
  await clock.advance(15_000)
  plugIn('CP1', 7)
  await clock.advance(20_000)
  sample('CP1', 16)
  const measuredAt = new Date(clock.wall()).toISOString()
  expect(room.connectorPower('CP1/1')).toMatchObject({ measuredA: 16, measuredAt })
  await clock.advance(59_000)
  expect(room.connectorPower('CP1/1')).toMatchObject({ measuredA: 16, doing: 'charging' })
  await clock.advance(2_000)
  expect(room.connectorPower('CP1/1')).toMatchObject({ measuredA: null, measuredAt })
  sample('CP1', 16)
  room.transactionStopped({ clientID: 'CP1', connectorId: 1, transactionId: 7 })
  expect(room.connectorPower('CP1/1')).toMatchObject({ measuredA: null, doing: null })
  sample('CP1', 16)
  expect(room.connectorPower('CP1/1')).toMatchObject({ measuredA: 16, doing: 'charging' })
})
