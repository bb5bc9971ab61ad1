// What the witnesses of a seed hold against kwota besides its fuse: curtailments, the calendar, tilts between phases; and which alert speaks of which limit.
import { describe, expect, test } from 'vitest'
import type { House } from '../../src/actors/house.ts'
import { siteSchema } from '../../src/power/site.ts'
import { speaksOf } from '../../src/simulator/swarm/alarms.ts'
import { createFindings } from '../../src/simulator/swarm/finding.ts'
import { balances, bears } from '../../src/simulator/swarm/grid-witness.ts'
import { createImposed } from '../../src/simulator/swarm/imposed.ts'
import { startWallMs } from '../../src/simulator/swarm/world.ts'
import { createVirtualClock } from '../../src/simulator/virtual-clock.ts'

const site = siteSchema.parse({ id: 'main', fuseA: 100, limitSchedules: [{ weekly: [{ days: ['thu'], from: '00:03', to: '00:05', currentA: 50 }] }] })

function account() {
  const clock = createVirtualClock({ wallAtZero: startWallMs })
  const findings = createFindings(() => clock.mono())
  const imposed = createImposed({ site, clock, standing: () => ({ powerW: 20_000 }), findings, untilMs: 600_000 })
  /** A house that knows these curtailments. */
  const houseWith = (...ids: string[]) => ({ limits: { curtailments: () => ids.map((id) => ({ value: { id } })) } }) as Pick<House, never> as House
  return { clock, findings, imposed, houseWith }
}

describe('what is imposed', () => {
  test('the standing limit always, a curtailment for its time, a block of the week for its own', async () => {
    const { clock, imposed } = account()
    expect(imposed.beginsMs).toEqual([180_000])
    imposed.curtail({ currentA: 30 }, 60_000)
    expect(imposed.now()).toEqual([{ powerW: 20_000 }, { currentA: 30 }])
    await clock.runUntil(61_000)
    expect(imposed.now()).toEqual([{ powerW: 20_000 }])
    await clock.runUntil(200_000)
    expect(imposed.now()).toEqual([{ powerW: 20_000 }, { currentA: 50 }])
    await clock.runUntil(300_000)
    expect(imposed.now()).toEqual([{ powerW: 20_000 }])
  })

  test('one that was refused or lifted holds nobody; one that only memory holds goes with the process', () => {
    const { imposed, houseWith, findings } = account()
    imposed.curtail({ currentA: 30 }, 60_000).refused(false)
    imposed.curtail({ currentA: 31 }, 60_000).refused(true)
    const known = imposed.curtail({ currentA: 32 }, 60_000)
    known.acknowledged('cur_1')
    expect(imposed.now()).toEqual([{ powerW: 20_000 }, { currentA: 31 }, { currentA: 32 }])
    imposed.restarted(houseWith('cur_1'))
    expect(imposed.now()).toEqual([{ powerW: 20_000 }, { currentA: 32 }])
    known.lifted()
    expect(imposed.now()).toEqual([{ powerW: 20_000 }])
    expect(findings.list).toEqual([])
  })

  test('one that was acknowledged and is gone after a restart is a finding', () => {
    const { imposed, houseWith, findings } = account()
    imposed.curtail({ currentA: 32 }, 60_000).acknowledged('cur_1')
    imposed.restarted(houseWith())
    expect(findings.list.map(({ invariant }) => invariant)).toEqual(['durable'])
  })
})

describe('a tilt', () => {
  const node = { id: 'main', parent: null, feeds: ['L1', 'L2', 'L3'] as const, limitA: null, limitW: null, imbalanceLimitA: 20 }
  const on = (phases: readonly ('L1' | 'L2' | 'L3')[], worthA: number) => ({ path: ['main'], phases, worthA })

  test('counts whoever loads one phase and not the other, and the building', () => {
    const found = balances([node], 230, { baseA: { L1: 0, L2: 0, L3: 0 }, tiltA: (one, other) => (one === 'L1' && other === 'L2' ? 5 : 0), limits: [] }, [on(['L1'], 16), on(['L1', 'L2', 'L3'], 32)])
    expect(found.find((each) => each.on === 'L1-L2')).toMatchObject({ loadA: 21, limitA: 20 })
    expect(found.find((each) => each.on === 'L2-L1')).toMatchObject({ loadA: 0 })
    expect([bears(on(['L1'], 1), 'L1-L2'), bears(on(['L1', 'L2'], 1), 'L1-L2'), bears(on(['L2'], 1), 'L1-L2')]).toEqual([true, false, false])
  })
})

test('an alert speaks of its own limit and its own charge point', () => {
  const open = (alert: { code: string; message: string; clientID?: string; connectorId?: number }) => ({ alerts: () => [{ resolvedAt: null, clientID: null, connectorId: null, ...alert }] }) as Pick<House, never> as House
  const over = open({ code: 'over-limit', message: 'main L1 could be 4 A over its limit (fuse) for more than 10 s.' })
  expect([speaksOf(over, 'main', 'L1', []), speaksOf(over, 'main', 'W', []), speaksOf(over, 'main', 'L2', []), speaksOf(over, 'c0', 'L1', [])]).toEqual([true, true, false, false])
  const all = open({ code: 'over-limit', message: 'main L1 and L3 could be 4 A over its limit (fuse); main L2 could be 3 A over its limit (fuse) for more than 10 s.' })
  expect([speaksOf(all, 'main', 'L1', []), speaksOf(all, 'main', 'L2', []), speaksOf(all, 'main', 'L3', []), speaksOf(all, 'main', 'W', []), speaksOf(all, 'c0', 'L1', [])]).toEqual([true, true, true, true, false])
  const tilt = open({ code: 'over-limit', message: 'c0 L1 over L2 could be 4 A over its limit (imbalance:c0) for more than 10 s.' })
  expect([speaksOf(tilt, 'c0', 'L1-L2', []), speaksOf(tilt, 'c0', 'L1', []), speaksOf(tilt, 'c0', 'L2-L1', [])]).toEqual([true, false, false])
  const unruly = open({ code: 'disobeying', message: '', clientID: 'CP1', connectorId: 1 })
  expect([speaksOf(unruly, 'c0', 'L1', ['CP1/1']), speaksOf(unruly, 'c0', 'L1', ['CP2/1'])]).toEqual([true, false])
})
