// Curtailments on a living site: they leave at once, the lowest wins, and each undoes itself, over restarts and steps of the clock.
import { describe, expect, test } from 'vitest'
import { CurtailmentDesk } from '../../src/actors/curtailment-desk.ts'
import { charging, openRoom, type RoomStand } from './site-stand.ts'

const caller = { name: 'ems', requestId: 'r1' }
const minuteMs = 60_000
const desk = ({ room }: Pick<RoomStand, 'room'>) => new CurtailmentDesk(room.limits)
const after = ({ clock }: Pick<RoomStand, 'clock'>, ms: number) => new Date(clock.wall() + ms).toISOString()
const effective = ({ room }: Pick<RoomStand, 'room'>) => room.gridLimit().value.effective

describe('a curtailment', () => {
  test('leaves at once, binds, and undoes itself', async () => {
    const stand = await charging()
    const set = desk(stand).create('cur_1', { currentA: 20, expiresAt: after(stand, 10 * minuteMs), reason: 'transformer', source: 'grid operator' }, caller)
    expect([stand.fresh(stand.one), stand.fresh(stand.two)]).toEqual([['TxProfile 1 10'], ['TxProfile 1 10']])
    const { value, version } = await set
    expect({ version, ...value }).toMatchObject({ version: 1, id: 'cur_1', state: 'active', currentA: 20, limit: { currentA: 20, powerW: 13_800 }, changedBy: 'ems', endedAt: null })
    await stand.clock.advance(20_000)
    expect(stand.room.gridLimit().value).toMatchObject({ currentA: null, effective: { currentA: 20, binding: 'curtailment:cur_1' }, next: { at: value.expiresAt, currentA: 64 }, state: 'enforced', propagation: { targets: 2, confirmed: 2, waiting: [] } })
    expect(stand.room.power()).toMatchObject({ effective: { currentA: 20 }, connectors: [{ allocatedA: 10, binding: 'curtailment:cur_1' }, { allocatedA: 10 }] })
    expect(stand.open('limit-active').map(({ message }) => message)).toEqual(['The curtailment to 20 A until 10:10:35 (grid operator, transformer) is in force.'])
    await stand.clock.advance(11 * minuteMs)
    expect(effective(stand)).toMatchObject({ currentA: 64, binding: 'fuse' })
    expect(stand.fresh(stand.one).at(-1)).toBe('TxProfile 1 32')
    expect(desk(stand).get('cur_1').value).toMatchObject({ state: 'ended', endedAt: value.expiresAt })
    expect(stand.events.filter(({ type }) => type.startsWith('limit.')).map(({ type, data }) => [type, data['source']])).toEqual([['limit.changed', 'curtailment:cur_1'], ['limit.expired', 'curtailment:cur_1']])
    expect([stand.open('limit-active').length, stand.open('limit-changed').length, stand.open('limit-expired').length]).toEqual([0, 0, 1])
    await stand.clock.advance(11 * minuteMs)
    expect(stand.open('limit-expired')).toEqual([])
  })

  test('begins by itself, and the lowest of all wins', async () => {
    const stand = await charging()
    await stand.room.setGridLimit({ currentA: 40 }, 'ems')
    await desk(stand).create('cur_1', { currentA: 20, startsAt: after(stand, minuteMs), expiresAt: after(stand, 3 * minuteMs) }, caller)
    await desk(stand).create('cur_2', { powerW: 20_700, expiresAt: after(stand, 2 * minuteMs) }, caller)
    expect(effective(stand)).toMatchObject({ currentA: 30, powerW: 20_700, binding: 'curtailment:cur_2' })
    expect(stand.room.gridLimit().value.next).toMatchObject({ currentA: 20 })
    await stand.clock.advance(minuteMs)
    expect(effective(stand).binding).toBe('curtailment:cur_1')
    expect(stand.two.profiles().at(-1)).toBe('TxProfile 1 10')
    await stand.clock.advance(2 * minuteMs)
    expect(effective(stand)).toMatchObject({ currentA: 40, binding: 'grid-limit' })
  })

  test('changed and cancelled by people; what has ended is not changed any more', async () => {
    const stand = await charging()
    const mine = desk(stand)
    await mine.create('cur_1', { currentA: 20, expiresAt: after(stand, 10 * minuteMs), reason: 'works' }, caller)
    const { value, version } = await mine.change('cur_1', { percent: 25, source: 'me' }, { name: 'someone', requestId: 'r2' })
    expect({ version, ...value }).toMatchObject({ version: 2, percent: 25, limit: { currentA: 16 }, reason: 'works', source: 'me', changedBy: 'someone' })
    expect(value).not.toHaveProperty('currentA')
    expect(effective(stand).currentA).toBe(16)
    expect(() => mine.change('cur_1', { startsAt: after(stand, minuteMs) }, caller)).toThrow(expect.objectContaining({ kind: 'conflict', code: 'curtailment-started' }))
    await mine.cancel('cur_1', caller)
    expect(effective(stand).binding).toBe('fuse')
    expect(mine.get('cur_1').value.state).toBe('cancelled')
    await expect(mine.cancel('cur_1', caller)).rejects.toMatchObject({ kind: 'conflict', code: 'curtailment-ended' })
    expect(() => mine.change('cur_1', { currentA: 1 }, caller)).toThrow(expect.objectContaining({ code: 'curtailment-ended' }))
    expect(() => mine.get('cur_2')).toThrow(expect.objectContaining({ kind: 'not-found', code: 'unknown-curtailment' }))
    await stand.clock.advance(5_000)
    expect(stand.events.filter(({ type }) => type === 'limit.expired')).toEqual([])
  })

  test('holds over a kill and ends at its time, also when that came meanwhile', async () => {
    const stand = await charging()
    await desk(stand).create('cur_1', { currentA: 20, expiresAt: after(stand, 10 * minuteMs) }, caller)
    await desk(stand).create('cur_2', { currentA: 12, startsAt: after(stand, 5 * minuteMs), expiresAt: after(stand, 6 * minuteMs) }, caller)
    const again = await stand.restart()
    expect(effective(again).binding).toBe('curtailment:cur_1')
    await again.clock.advance(5 * minuteMs)
    expect(effective(again)).toMatchObject({ currentA: 12, binding: 'curtailment:cur_2' })
    again.scope.abandon()
    again.room.stop()
    await again.clock.advance(20 * minuteMs)
    const late = await again.restart()
    expect(effective(late).binding).toBe('fuse')
    expect(desk(late).list().map(({ value }) => [value.id, value.state])).toEqual([['cur_2', 'ended'], ['cur_1', 'ended']])
  })

  test('a step of the wall clock moves no deadline, now or after a restart', async () => {
    const stand = await charging()
    await desk(stand).create('cur_1', { currentA: 20, expiresAt: after(stand, 10 * minuteMs) }, caller)
    stand.clock.jumpWall(3_600_000)
    await stand.clock.advance(4 * minuteMs)
    expect(effective(stand).currentA).toBe(20)
    const again = await stand.restart()
    await again.clock.advance(5 * minuteMs)
    expect(effective(again).currentA).toBe(20)
    await again.clock.advance(minuteMs)
    expect(effective(again).currentA).toBe(64)
  })
})

describe('when the store fails', () => {
  test('a lowering leaves and is told not to be stored; it is stored once the store is back', async () => {
    const stand = await charging()
    stand.trouble.store = true
    const set = desk(stand).create('cur_1', { currentA: 20, expiresAt: after(stand, 10 * minuteMs) }, caller)
    await expect(set).rejects.toMatchObject({ kind: 'store-down', code: 'store-down' })
    expect(stand.fresh(stand.one)).toEqual(['TxProfile 1 10'])
    stand.trouble.store = false
    await stand.clock.advance(5_000)
    expect(effective(await stand.restart()).currentA).toBe(20)
  })

  test('what would loosen it is taken back', async () => {
    const stand = await charging()
    await desk(stand).create('cur_1', { currentA: 20, expiresAt: after(stand, 10 * minuteMs) }, caller)
    stand.trouble.store = true
    await expect(desk(stand).cancel('cur_1', caller)).rejects.toMatchObject({ code: 'store-down', message: expect.stringContaining('Nothing was changed') })
    await expect(desk(stand).change('cur_1', { currentA: 30 }, caller)).rejects.toMatchObject({ code: 'store-down' })
    expect(effective(stand).currentA).toBe(20)
    await expect(desk(stand).change('cur_1', { currentA: 12 }, caller)).rejects.toMatchObject({ message: expect.stringContaining('holds in memory') })
    expect(effective(stand).currentA).toBe(12)
    expect(desk(stand).get('cur_1')).toMatchObject({ version: 2, value: { state: 'active' } })
  })
})

describe('what is refused changes nothing', () => {
  test.each([
    ['above the fuse', { currentA: 65 }, 'above-fuse'], ['in the past', { currentA: 1, expiresAt: -1 }, 'expiry-in-the-past'], ['before it begins', { currentA: 1, startsAt: 20, expiresAt: 10 }, 'expiry-before-start'],
    ['more than a week', { currentA: 1, expiresAt: 7 * 1440 + 1 }, 'expiry-too-far'], ['dimming below what is guaranteed', { kind: 'dimming', powerW: 7559 }, 'below-dimming-minimum'], ['dimming to 0', { kind: 'dimming', percent: 0 }, 'below-dimming-minimum'],
  ] as const)('%s', async (_, wanted, code) => {
    const stand = await charging()
    const { expiresAt = 10, startsAt, ...rest } = { startsAt: undefined, ...wanted } as { expiresAt?: number; startsAt?: number }
    expect(() => desk(stand).create('cur_1', { ...rest, ...(startsAt === undefined ? {} : { startsAt: after(stand, startsAt * minuteMs) }), expiresAt: after(stand, expiresAt * minuteMs) }, caller)).toThrow(expect.objectContaining({ kind: 'invalid', code }))
    expect(desk(stand).list()).toEqual([])
    expect(stand.fresh(stand.one)).toEqual([])
  })

  test('more than 100 that have not ended; ended ones are kept, at most 200', async () => {
    const stand = await openRoom()
    const mine = desk(stand)
    const make = (index: number) => mine.create(`cur_${index}`, { currentA: 20, expiresAt: after(stand, minuteMs) }, caller)
    for (let index = 0; index < 100; index++) await make(index)
    expect(() => make(100)).toThrow(expect.objectContaining({ kind: 'conflict', code: 'too-many-curtailments' }))
    for (let round = 1; round <= 3; round++) {
      await stand.clock.advance(2 * minuteMs)
      for (let index = 0; index < 100; index++) await make(round * 100 + index)
    }
    await stand.clock.advance(2 * minuteMs)
    await make(400)
    expect(mine.list().length).toBe(201)
    expect(stand.scope.entries('curtailment:').length).toBe(201)
    expect(mine.list()[0]?.value.id).toBe('cur_400')
  })
})

test('dimming leaves the charge points so much together, whatever the building draws, and never less than guaranteed', async () => {
  const stand = await charging({ site: { fuseA: 74, baseLoad: { worstCaseA: 10 } } })
  await desk(stand).create('cur_1', { kind: 'dimming', powerW: 8280, expiresAt: after(stand, 10 * minuteMs) }, caller)
  await stand.clock.advance(20_000)
  expect(stand.room.power().connectors.map(({ allocatedA }) => allocatedA)).toEqual([6, 6])
  expect(effective(stand)).toMatchObject({ powerW: 8280 + 6900, binding: 'curtailment:cur_1' })
  expect(desk(stand).get('cur_1').value).toMatchObject({ kind: 'dimming', limit: { powerW: 8280, currentA: 12 } })
})

test('what charge points that kwota does not steer may draw comes on top of dimming, like the building: it takes nothing of what is guaranteed', async () => {
  const stand = await openRoom({ site: { fuseA: 80 }, chargePoints: [{ id: 'E1' }, { id: 'N1', control: 'none', connectors: [{ id: 1, maxA: 16 }, { id: 2, maxA: 10, phases: ['L1'] }] }] })
  for (const id of ['E1', 'N1']) stand.connect(id)
  await stand.clock.advance(15_000)
  stand.plugIn('E1', 101)
  await stand.clock.advance(20_000)
  const expiresAt = after(stand, 10 * minuteMs)
  expect(() => desk(stand).create('cur_0', { kind: 'dimming', powerW: 4199, expiresAt }, caller)).toThrow(expect.objectContaining({ code: 'below-dimming-minimum' }))
  await desk(stand).create('cur_1', { kind: 'dimming', powerW: 4200, expiresAt }, caller)
  await stand.clock.advance(20_000)
  expect(stand.room.power()).toMatchObject({ state: 'enforced', effective: { powerW: 4200 + 230 * (3 * 16 + 10), binding: 'curtailment:cur_1' } })
  expect(stand.room.connectorPower('E1/1')).toMatchObject({ allocatedA: 6, binding: 'curtailment:cur_1' })
  expect(stand.open('unenforceable')).toEqual([])
})

test('the failsafe holds until a fresh limit is set, whatever else is said meanwhile', async () => {
  const stand = await charging({ site: { fuseA: 64, failsafeA: 14 } })
  await stand.room.setGridLimit({ currentA: 40, ttlS: 60 }, 'ems')
  await desk(stand).create('cur_1', { currentA: 20, expiresAt: after(stand, 2 * minuteMs) }, caller)
  await stand.clock.advance(minuteMs)
  expect(effective(stand)).toMatchObject({ currentA: 14, binding: 'failsafe' })
  expect(stand.open('limit-expired').map(({ message }) => message)).toEqual(['The grid limit was not renewed in time: the failsafe limit of 14 A holds until a new one is set.'])
  await desk(stand).create('cur_2', { currentA: 30, expiresAt: after(stand, 5 * minuteMs) }, caller)
  await stand.clock.advance(10 * minuteMs)
  expect(effective(stand)).toMatchObject({ currentA: 14, binding: 'failsafe' })
  expect(stand.room.gridLimit().value.next).toBeNull()
  const calls = stand.one.calls.length
  await expect(stand.room.setGridLimit(null, 'ems')).rejects.toMatchObject({ kind: 'conflict', code: 'failsafe-holds', hint: 'PUT a limit; the fuse of 64 A is the most.' })
  await stand.clock.advance(10_000)
  expect([effective(stand).binding, stand.one.calls.length]).toEqual(['failsafe', calls])
  await stand.room.setGridLimit({ currentA: 50 }, 'ems')
  expect(effective(stand)).toMatchObject({ currentA: 50, binding: 'grid-limit' })
  expect(stand.open('limit-expired').filter(({ message }) => message.includes('grid limit'))).toEqual([])
  expect(stand.events.filter(({ type, data }) => type === 'limit.expired' && data['source'] === 'grid-limit').length).toBe(1)
})

test('each who sets the grid limit hears of its own version, also where another came before it was stored', async () => {
  const stand = await charging({ site: { fuseA: 64, failsafeA: 14 } })
  const [mine, theirs, lifted] = await Promise.all([stand.room.setGridLimit({ currentA: 40 }, 'page'), stand.room.setGridLimit({ currentA: 50 }, 'ems'), stand.room.setGridLimit(null, 'page')])
  expect([mine.changedBy, theirs.changedBy, theirs.version - mine.version, lifted.version - theirs.version]).toEqual(['page', 'ems', 1, 1])
})

test('that a limit has lapsed is remembered over a restart, whatever the clock says then', async () => {
  const stand = await charging({ site: { fuseA: 64, failsafeA: 14 } })
  await stand.room.setGridLimit({ currentA: 40, ttlS: 60 }, 'ems')
  const { expiresAt, next } = stand.room.gridLimit().value
  expect(next?.at).toBe(expiresAt)
  await stand.clock.advance(2 * minuteMs)
  stand.clock.jumpWall(-60 * minuteMs)
  const again = await stand.restart()
  expect(effective(again)).toMatchObject({ currentA: 14, binding: 'failsafe' })
  await expect(again.room.setGridLimit(null, 'ems')).rejects.toMatchObject({ code: 'failsafe-holds' })
  await again.room.setGridLimit({ currentA: 64 }, 'ems')
  await again.room.setGridLimit(null, 'ems')
  expect(effective(again)).toMatchObject({ currentA: 64, binding: 'fuse' })
  again.room.stop()
})
