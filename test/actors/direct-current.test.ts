// DC connectors between OCPP and the grid: told in watts that they give, measured by their power, counted in amps of the grid.
import { describe, expect, test } from 'vitest'
import { highestA } from '../../src/actors/overruling.ts'
import { hardwareOf } from '../../src/actors/station-lore.ts'
import { entryRequest, phasesProven, sampleOnSite } from '../../src/actors/translate.ts'
import type { ConnectorSample } from '../../src/actors/site-desk.ts'
import type { Entry } from '../../src/power/ledger.ts'
import { usualQuirks } from '../../src/power/quirks.ts'
import { buildTree } from '../../src/power/tree.ts'
import { messages } from '../../src/protocol/messages/index.ts'
import { pointOf, siteOf } from './site-stand.ts'

const nowMs = Date.UTC(2026, 0, 1, 12)
const tree = buildTree(siteOf(), [pointOf({ id: 'DC1', connectors: [{ id: 1, current: 'DC', maxW: 50_000, efficiency: 0.95 }, { id: 2 }] })])
const outlet = tree.outlets.get('DC1/1')!
const other = tree.outlets.get('DC1/2')!
const entry = (over: Partial<Entry>): Entry => ({ seq: 1, slot: 'tx', limitA: 20, fallbackA: 6, leaseEndsAtMs: nowMs + 900_000, bookedAtMs: nowMs, state: 'booked', ...over })
const sample = (over: Partial<ConnectorSample>): ConnectorSample => ({ clientID: 'DC1', connectorId: 1, currentA: null, powerW: null, energyWh: null, voltageV: null, measuredAtMs: nowMs, receivedAtMs: nowMs, live: true, ...over })

test('what it takes from the grid follows from what it gives', () => {
  // 50,000 W / 0.95 / (3 × 230 V)
  expect(outlet.maxA).toBe(76.28)
  expect(outlet.phases).toEqual(['L1', 'L2', 'L3'])
  expect(buildTree(siteOf(), [pointOf({ id: 'DC1', connectors: [{ id: 1, current: 'DC', maxW: 50_000 }] })]).outlets.get('DC1/1')!.maxA).toBeGreaterThan(outlet.maxA)
})

describe('profiles', () => {
  test.each([
    ['of a car, with the step down when the lease ends', entry({}), usualQuirks, [13_110, 3_933]],
    ['of the fallback', entry({ slot: 'default', limitA: 6, leaseEndsAtMs: null }), usualQuirks, [3_933]],
    ['whatever phases were booked', entry({ leaseEndsAtMs: null, phases: 3 }), { ...usualQuirks, unit: 'W' as const }, [13_110]],
    ['rounded down', entry({ leaseEndsAtMs: null, limitA: 7.003 }), usualQuirks, [4_590.4]],
    ['a pause', entry({ leaseEndsAtMs: null, limitA: 0 }), usualQuirks, [0]],
  ])('%s are watts that it gives', (_, one, quirks, limits) => {
    const request = entryRequest(outlet, one, 77, 9, { nowMs, wallMs: nowMs }, quirks, 230)
    messages.SetChargingProfile.request.parse(request)
    expect(request.csChargingProfiles.chargingSchedule.chargingRateUnit).toBe('W')
    expect(request.csChargingProfiles.chargingSchedule.chargingSchedulePeriod.map(({ limit }) => limit)).toEqual(limits)
  })

  test.each([
    ['connector-0', 'A', {}, 2_300], ['max-0', 'W', {}, 2_300], ['connector-0', 'W', { phases: 3 }, 6_555], ['default', 'W', {}, 6_555],
  ] as const)('where one profile by %s in %s holds for it and an AC connector, each amp is the watts that suit both', (ladder, unit, over, watts) => {
    const one = entry({ slot: 'default', limitA: 10, leaseEndsAtMs: null, ...over })
    const told = (to: typeof outlet) => entryRequest(to, one, null, 9, { nowMs, wallMs: nowMs }, { ...usualQuirks, ladder, unit }, 230, [outlet, other]).csChargingProfiles.chargingSchedule
    expect(told(outlet)).toMatchObject({ chargingRateUnit: 'W', chargingSchedulePeriod: [{ limit: watts }] })
    if (ladder !== 'default') expect(told(other)).toEqual(told(outlet))
  })

  test('its AC neighbour goes on with amps', () => {
    expect(entryRequest(other, entry({}), 77, 9, { nowMs, wallMs: nowMs }).csChargingProfiles.chargingSchedule).toMatchObject({ chargingRateUnit: 'A', chargingSchedulePeriod: [{ limit: 20 }, { limit: 6 }] })
  })

  test('the whole charge point is told watts as soon as one connector is DC', () => {
    expect(hardwareOf([outlet, other], 230)).toEqual([outlet.maxA + 32, 50_000 + 32 * 3 * 230, true])
    expect(hardwareOf([other], 230)).toEqual([32, 32 * 3 * 230, false])
  })

  test("people's watts are what it gives; their amps say nothing about the grid", () => {
    const profile = (chargingRateUnit: 'A' | 'W', limit: number) => ({
      chargingProfileId: 5, stackLevel: 0, chargingProfilePurpose: 'TxDefaultProfile' as const, chargingProfileKind: 'Relative' as const,
      chargingSchedule: { chargingRateUnit, chargingSchedulePeriod: [{ startPeriod: 0, limit }] },
    })
    expect(highestA(profile('W', 13_110), 230, outlet)).toBeCloseTo(20, 9)
    expect(highestA(profile('A', 20), 230, outlet)).toBe(outlet.maxA)
    expect(highestA(profile('A', 0), 230, outlet)).toBe(0)
    expect(highestA(profile('A', 20), 230, other)).toBe(20)
    expect(highestA(profile('W', 4_600), 230, other)).toBe(20)
  })
})

describe('a sample', () => {
  test('in power lies on all three phases of the grid', () => {
    const siteA = sampleOnSite(outlet, sample({ powerW: 13_110, currentA: { L1: 19 }, spread: true }))
    expect(siteA).toEqual({ L1: 20, L2: 20, L3: 20 })
    expect(phasesProven(outlet, sample({ powerW: 13_110, currentA: { L1: 20, L2: 20, L3: 20 } }), siteA!)).toBe(0)
  })

  test('in amps of its cable says nothing', () => {
    expect(sampleOnSite(outlet, sample({ currentA: { L1: 120 } }))).toBeNull()
  })
})
