// Schedules and the demand window on a living site, over restarts and steps of the clock.
import { describe, expect, test } from 'vitest'
import { CurtailmentDesk } from '../../src/actors/curtailment-desk.ts'
import { VirtualClock } from '../virtual-clock.ts'
import { charging, openRoom, siteOf, type RoomStand } from './site-stand.ts'

const minuteMs = 60_000
const effective = ({ room }: Pick<RoomStand, 'room'>) => room.gridLimit().value.effective
/** The stand begins on Wednesday 2024-05-01 at 10:00 UTC, and its cars charge 35 s later. */
const startsAt = '2024-05-01T10:05:00Z'

/** Time goes on from one look at it to the next, as it truly does. */
class TickingClock extends VirtualClock {
  ticking = false
  private looks = 0
  override mono(): number { return super.mono() + (this.ticking ? ++this.looks / 1_000 : 0) }
}

test('what is tried for now is tried for the now that it was asked in, with what is about to begin', async () => {
  const limitSchedules = [{ id: 'peak', startsAt, durationS: 300, limitW: 13_800 }]
  const clock = new TickingClock()
  const stand = await charging({ clock, site: { fuseA: 64, limitSchedules } })
  await clock.advance(5 * minuteMs - 35_000 - 3_000)
  const { limits } = stand.room
  const tried = () => [
    new CurtailmentDesk(limits).previewCreate({ currentA: 30, expiresAt: '2024-05-01T11:00:00Z' }, { name: 'ems', requestId: 'r1' }),
    limits.previewSchedule(siteOf({ fuseA: 64, limitSchedules }), { id: 'off', name: 'none', startsAt: '2024-04-01T00:00:00Z', durationS: 300, limitW: 13_800 }),
  ].map(({ connectors, effective: shown }) => ({ shown, connectors: connectors.map(({ beforeA, afterA, bindingAfter }) => [beforeA, afterA, bindingAfter]) }))
  const still = tried()
  expect(still.map(({ connectors }) => connectors)).toEqual([[[10, 10, 'schedule:peak'], [10, 10, 'schedule:peak']], [[10, 10, 'schedule:peak'], [10, 10, 'schedule:peak']]])
  clock.ticking = true
  expect(tried()).toEqual(still)
})

describe('a schedule', () => {
  const limitSchedules = [{ id: 'peak', startsAt, durationS: 300, limitW: 13_800 }]

  test('begins and ends by itself, told and shown', async () => {
    const stand = await charging({ site: { fuseA: 64, limitSchedules } })
    expect(stand.room.gridLimit().value.next).toEqual({ at: '2024-05-01T10:05:00.000Z', currentA: 20 })
    await stand.clock.advance(5 * minuteMs - 35_000 - 16_000)
    expect(stand.fresh(stand.one)).toEqual([])
    await stand.clock.advance(16_000 - 1)
    // Cars are told beforehand, so that it holds from its first moment.
    expect(effective(stand).binding).toBe('fuse')
    expect(stand.room.power().connectors.map(({ confirmedA }) => confirmedA)).toEqual([10, 10])
    expect(stand.room.allocation('CP1/1')).toMatchObject({
      allocatedA: 10, binding: 'schedule:peak', summary: '10 A: the scheduled limit of 13.8 kW (20 A per phase) is shared equally by 2 cars from 10:05 until 10:10, then 32 A. 32 A stay reserved until the lowering is proven.',
      constraints: [{ id: 'fuse', state: 'ok' }, { id: 'schedule:peak', limitA: 20, shareA: 10, state: 'binding', until: '2024-05-01T10:10:00.000Z' }, { id: 'hardware' }],
    })
    await stand.clock.advance(2_000)
    expect(stand.fresh(stand.one)).toEqual(['TxProfile 1 10'])
    expect(effective(stand)).toEqual({ currentA: 20, powerW: 13_800, binding: 'schedule:peak' })
    expect(stand.open('limit-active').map(({ message }) => message)).toEqual(['The schedule peak to 13800 W until 10:10 is in force.'])
    await stand.clock.advance(7 * minuteMs)
    expect(stand.fresh(stand.one).at(-1)).toBe('TxProfile 1 32')
    expect(stand.events.filter(({ type }) => type.startsWith('limit.')).map(({ type, data }) => [type, data['source']])).toEqual([['limit.changed', 'schedule:peak'], ['limit.expired', 'schedule:peak']])
    expect(['limit-active', 'limit-changed', 'limit-expired'].flatMap((code) => stand.open(code))).toEqual([])
  })

  test('that cannot be kept is alarmed from its own beginning, not before, and its 10 s begin there', async () => {
    const stand = await openRoom({ site: { fuseA: 64, limitSchedules: [{ id: 'peak', startsAt, durationS: 300, currentA: 10 }] }, chargePoints: [{ id: 'N1', control: 'none', connectors: [{ id: 1, maxA: 16 }] }] })
    stand.connect('N1')
    await stand.clock.advance(5 * minuteMs - 1)
    const [before] = stand.room.power().circuits
    expect(stand.room.power()).toMatchObject({ state: 'enforced', effective: { binding: 'fuse' } })
    expect(before).toMatchObject({ limitA: { L1: 64 }, binding: { L1: 'fuse' }, headroomA: { L1: 48 }, shedding: false })
    expect([stand.open('unenforceable'), stand.open('over-limit')]).toEqual([[], []])
    await stand.clock.advance(1)
    expect(stand.room.power()).toMatchObject({ state: 'unenforceable', deficitA: 6, circuits: [{ limitA: { L1: 10 }, shedding: true }] })
    expect(stand.open('unenforceable').length).toBe(1)
    await stand.clock.advance(9_999)
    expect(stand.open('over-limit')).toEqual([])
    await stand.clock.advance(5_001)
    expect(stand.open('over-limit').length).toBe(1)
  })

  test('follows the wall clock when that is set right, and a change of the site at once', async () => {
    const stand = await charging({ site: { fuseA: 64, limitSchedules } })
    stand.clock.jumpWall(6 * minuteMs)
    await stand.clock.advance(6_000)
    expect(effective(stand).binding).toBe('schedule:peak')
    stand.clock.jumpWall(-30 * minuteMs)
    await stand.clock.advance(6_000)
    expect(effective(stand).binding).toBe('fuse')
    stand.room.reconfigure(siteOf({ fuseA: 64, limitSchedules: [{ weekly: [{ days: ['wed'], from: '00:00', to: '24:00', currentA: 16 }] }] }), [{ id: 'CP1' }, { id: 'CP2' }].map((one) => ({ ...stand.room.engine.books.chargePoints[0]!, ...one })))
    expect(effective(stand)).toMatchObject({ currentA: 16, binding: 'schedule:1' })
  })
})

test('a dry run of a schedule or a curtailment that begins later: the cars of now under what holds then, in words', async () => {
  const stand = await charging({ site: { fuseA: 64 } })
  const { limits } = stand.room
  const next = { id: 'peak', name: 'evening', startsAt: '2024-05-04T18:00:00Z', durationS: 7200, currentA: 20 }
  const tried = limits.previewSchedule(siteOf({ fuseA: 64, limitSchedules: [next] }), next)
  expect(tried).toMatchObject({ at: '2024-05-04T18:00:00.000Z', counts: { lowered: 2 }, connectors: [{ beforeA: 32, afterA: 10, changed: true, why: '10 A: the scheduled limit of 20 A (evening) is shared equally by 2 cars until 4 May, 20:00.' }, {}] })
  expect(limits.previewSchedule(siteOf({ fuseA: 64, limitSchedules: [next] }), { ...next, startsAt: '2024-04-01T00:00:00Z' })).toMatchObject({ at: new Date(stand.clock.wall()).toISOString(), counts: { changed: 0 } })
  const cut = new CurtailmentDesk(limits).previewCreate({ currentA: 24, startsAt: '2024-05-03T10:00:00Z', expiresAt: '2024-05-03T11:00:00Z', source: 'grid operator', reason: 'works' }, { name: 'ems', requestId: 'r1' })
  expect(cut.connectors[0]!.why).toBe('12 A: the curtailment to 24 A (grid operator, works) is shared equally by 2 cars until 3 May, 11:00.')
})

describe('a demand window', () => {
  const site = { fuseA: 80, demandWindow: { targetW: 22_080 }, baseLoad: { worstCaseA: 0, staleAfterS: 15 } }
  /** Every 5 s what the cars draw and the meter with them. */
  async function draw(stand: RoomStand, ms: number, amps: () => number): Promise<void> {
    for (let at = 0; at < ms; at += 5_000) {
      const each = amps()
      for (const clientID of ['CP1', 'CP2']) stand.sample(clientID, each)
      stand.room.readBaseLoad({ L1: 2 * each, L2: 2 * each, L3: 2 * each }, 0)
      await stand.clock.advance(5_000)
    }
  }
  async function open(): Promise<RoomStand> {
    const stand = await openRoom({ site, chargePoints: [{ id: 'CP1' }, { id: 'CP2' }] })
    for (const id of ['CP1', 'CP2']) stand.connect(id)
    await stand.clock.advance(15_000)
    stand.plugIn('CP1', 101)
    stand.plugIn('CP2', 102)
    await stand.clock.advance(5_000)
    return stand
  }
  const allocated = ({ room }: RoomStand) => room.power().connectors.map(({ allocatedA }) => allocatedA)

  test('what was not drawn may be drawn later, and what was drawn too much is missing', async () => {
    const stand = await open()
    await draw(stand, 7 * minuteMs, () => 8)
    const { currentA, binding } = effective(stand)
    expect(binding).toBe('demand-window')
    // Half the target for nearly half of the window leaves nearly 1.5 times the target.
    expect(currentA).toBeGreaterThan(44)
    expect(currentA).toBeLessThan(48)
    await draw(stand, 6 * minuteMs, () => 34)
    expect(effective(stand).currentA).toBeLessThan(4)
    expect(allocated(stand)).toEqual([0, 0])
    expect(stand.room.gridLimit().value.next).toEqual({ at: '2024-05-01T10:15:00.000Z', currentA: 32 })
    expect(stand.open('over-limit')).toEqual([])
  })

  test('the target holds as a mean when the cars follow', async () => {
    const stand = await open()
    let joules = 0
    await stand.clock.advance(14 * minuteMs + 40_000)
    await draw(stand, 15 * minuteMs, () => {
      const amps = Math.max(...allocated(stand))
      joules += 2 * amps * 690 * 5
      return amps
    })
    expect(joules / 900).toBeLessThanOrEqual(22_080)
    expect(joules / 900).toBeGreaterThan(20_000)
  })

  test('survives a restart: the gap counts at what was reserved, at most', async () => {
    const stand = await open()
    await draw(stand, 7 * minuteMs, () => 8)
    const kept = ({ scope }: RoomStand) => scope.get('demand-window') as { readonly energyWs: number; readonly uptoMs: number }
    const before = kept(stand)
    stand.scope.abandon()
    stand.room.stop()
    await stand.clock.advance(40_000)
    const again = await stand.restart()
    for (const id of ['CP1', 'CP2']) again.connect(id, false)
    again.room.readBaseLoad({ L1: 16, L2: 16, L3: 16 }, 0)
    await again.clock.advance(35_000)
    again.room.readBaseLoad({ L1: 16, L2: 16, L3: 16 }, 0)
    await again.clock.advance(1_000)
    const after = kept(again)
    const seconds = (after.uptoMs - before.uptoMs) / 1000
    expect(seconds).toBeGreaterThanOrEqual(60)
    expect(after.energyWs - before.energyWs).toBeGreaterThanOrEqual(seconds * 16 * 690)
    expect(after.energyWs - before.energyWs).toBeLessThan(seconds * 80 * 690)
  })

  test('goes with its description, and leaves no record behind', async () => {
    const stand = await open()
    expect(stand.scope.get('demand-window')).toMatchObject({ v: 1 })
    const { demandWindow: _, ...rest } = site
    stand.room.reconfigure(siteOf(rest), stand.room.engine.books.chargePoints)
    expect(stand.scope.get('demand-window')).toBeUndefined()
    expect(effective(stand).binding).toBe('fuse')
  })
})
