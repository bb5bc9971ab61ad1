// Between OCPP and electricity: what the grants look like on the wire, and where a sample lands on the site.
import { describe, expect, test } from 'vitest'
import { engineProfileIds, entryRequest, maxProfileRequest, phasesProven, sampleOnSite } from '../../src/actors/translate.ts'
import type { ConnectorSample } from '../../src/actors/site-desk.ts'
import type { Entry } from '../../src/power/ledger.ts'
import { usualQuirks, type Quirks } from '../../src/power/quirks.ts'
import type { Phase } from '../../src/power/site.ts'
import { buildTree, type Outlet } from '../../src/power/tree.ts'
import { messages } from '../../src/protocol/messages/index.ts'
import { pointOf, siteOf } from './site-stand.ts'

const nowMs = Date.UTC(2026, 0, 1, 12)
const hourAgo = '2026-01-01T11:00:00.000Z'
const dayAgo = '2025-12-31T12:00:00.000Z'

function outletWith(phases?: Phase[], id = 1): Outlet {
  const tree = buildTree(siteOf(), [pointOf({ id: 'CP1', connectors: [{ id, ...(phases === undefined ? {} : { phases }) }] })])
  return tree.outlets.get(`CP1/${id}`)!
}

const entry = (over: Partial<Entry> = {}): Entry => ({ seq: 1, slot: 'tx', limitA: 16, fallbackA: 0, leaseEndsAtMs: null, bookedAtMs: nowMs, state: 'booked', ...over })

describe('profiles', () => {
  test('ChargePointMaxProfile: connector 0, absolute, from a day ago, the first of our ids', () => {
    const request = maxProfileRequest(64, 5, nowMs)
    expect(request).toEqual({
      connectorId: 0,
      csChargingProfiles: {
        chargingProfileId: engineProfileIds, stackLevel: 5, chargingProfilePurpose: 'ChargePointMaxProfile', chargingProfileKind: 'Absolute',
        chargingSchedule: { startSchedule: dayAgo, chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit: 64 }] },
      },
    })
    messages.SetChargingProfile.request.parse(request)
  })

  test.each([
    { name: 'the fallback', over: { slot: 'default' as const, limitA: 6 }, transactionId: null, connector: 1, purpose: 'TxDefaultProfile', id: 11, periods: [[0, 6]] },
    { name: 'the fallback while a transaction runs', over: { slot: 'default' as const, limitA: 6 }, transactionId: 77, connector: 1, purpose: 'TxDefaultProfile', id: 11, periods: [[0, 6]] },
    { name: 'a grant without a lease', over: { limitA: 0 }, transactionId: 77, connector: 1, purpose: 'TxProfile', id: 12, periods: [[0, 0]] },
    { name: 'a grant with a lease of 15 min', over: { leaseEndsAtMs: nowMs + 900_000, fallbackA: 6 }, transactionId: 77, connector: 1, purpose: 'TxProfile', id: 12, periods: [[0, 16], [4_500, 6]] },
    { name: 'connector 12', over: {}, transactionId: 77, connector: 12, purpose: 'TxProfile', id: 122, periods: [[0, 16]] },
    { name: 'tenths, always down', over: { limitA: 10.19, fallbackA: 6.99, leaseEndsAtMs: nowMs + 60_000 }, transactionId: 77, connector: 1, purpose: 'TxProfile', id: 12, periods: [[0, 10.1], [3_660, 6.9]] },
    { name: 'a tenth that binary cannot hold', over: { limitA: 0.1 + 0.2 + 8 }, transactionId: 77, connector: 1, purpose: 'TxProfile', id: 12, periods: [[0, 8.3]] },
  ])('$name', ({ over, transactionId, connector, purpose, id, periods }) => {
    const request = entryRequest(outletWith(undefined, connector), entry(over), transactionId, 9, { nowMs, wallMs: nowMs })
    expect(request.connectorId).toBe(connector)
    expect(request.csChargingProfiles).toMatchObject({ chargingProfileId: engineProfileIds + id, stackLevel: 9, chargingProfilePurpose: purpose, chargingProfileKind: 'Absolute' })
    expect(request.csChargingProfiles.transactionId).toBe(purpose === 'TxProfile' ? transactionId : undefined)
    expect(request.csChargingProfiles.chargingSchedule).toEqual({ startSchedule: purpose === 'TxProfile' ? hourAgo : dayAgo, chargingRateUnit: 'A', chargingSchedulePeriod: periods.map(([startPeriod, limit]) => ({ startPeriod, limit })) })
    messages.SetChargingProfile.request.parse(request)
  })

  describe('in the shape a charge point takes', () => {
    const leased = entry({ limitA: 16, fallbackA: 6, leaseEndsAtMs: nowMs + 900_000 })
    const grant: Entry = { ...leased, slot: 'default' }
    const sent = (one: Entry, quirks: Partial<Quirks>, connector = 2) => {
      const request = entryRequest(outletWith(undefined, connector), one, 77, 9, { nowMs, wallMs: nowMs }, { ...usualQuirks, ...quirks }, 240)
      messages.SetChargingProfile.request.parse(request)
      const { chargingProfileId, chargingProfilePurpose, transactionId, chargingSchedule: { startSchedule, chargingRateUnit, chargingSchedulePeriod } } = request.csChargingProfiles
      return [request.connectorId, chargingProfileId - engineProfileIds, chargingProfilePurpose, transactionId, startSchedule, chargingRateUnit, chargingSchedulePeriod.map(({ startPeriod, limit }) => [startPeriod, limit])]
    }

    test.each([
      ['as usual', leased, {}, [2, 22, 'TxProfile', 77, hourAgo, 'A', [[0, 16], [4_500, 6]]]],
      ['one period only', leased, { lease: false }, [2, 22, 'TxProfile', 77, hourAgo, 'A', [[0, 16]]]],
      ['a grant as TxDefaultProfile, with its lease', grant, { ladder: 'default' }, [2, 21, 'TxDefaultProfile', undefined, hourAgo, 'A', [[0, 16], [4_500, 6]]]],
      ['on connector 0', grant, { ladder: 'connector-0' }, [0, 1, 'TxDefaultProfile', undefined, hourAgo, 'A', [[0, 16], [4_500, 6]]]],
      ['as ChargePointMaxProfile', { ...grant, leaseEndsAtMs: null }, { ladder: 'max-0' }, [0, 0, 'ChargePointMaxProfile', undefined, dayAgo, 'A', [[0, 16]]]],
      ['what was booked for a transaction stays a TxProfile', leased, { ladder: 'connector-0', lease: false }, [2, 22, 'TxProfile', 77, hourAgo, 'A', [[0, 16]]]],
      ['watts of one phase', leased, { unit: 'W' }, [2, 22, 'TxProfile', 77, hourAgo, 'W', [[0, 3_840], [4_500, 1_440]]]],
      ['watts of the phases it was booked for; of the fallback, of one', { ...leased, phases: 3 }, { unit: 'W' }, [2, 22, 'TxProfile', 77, hourAgo, 'W', [[0, 11_520], [4_500, 1_440]]]],
      ['amps whatever it was booked for', { ...leased, phases: 3 }, { unit: 'A', lease: false }, [2, 22, 'TxProfile', 77, hourAgo, 'A', [[0, 16]]]],
    ] satisfies [string, Entry, Partial<Quirks>, unknown[]][])('%s', (_, one, quirks, expected) => {
      expect(sent(one, quirks)).toEqual(expected)
    })

    test('on connector 0 it is one and the same profile, whichever connector it is for', () => {
      for (const ladder of ['connector-0', 'max-0'] as const) expect(sent(grant, { ladder }, 1)).toEqual(sent(grant, { ladder }, 7))
    })
  })

  test('no two connectors of a charge point share an id', () => {
    const ids = [1, 2, 3, 10, 100, 1_000].flatMap((id) => (['default', 'tx'] as const).map((slot) => entryRequest(outletWith(undefined, id), entry({ slot }), 1, 0, { nowMs, wallMs: nowMs }).csChargingProfiles.chargingProfileId))
    expect(new Set([...ids, engineProfileIds]).size).toBe(ids.length + 1)
  })
})

describe('samples', () => {
  const sample = (currentA: ConnectorSample['currentA']): ConnectorSample => ({ clientID: 'CP1', connectorId: 1, currentA, powerW: null, energyWh: null, voltageV: null, measuredAtMs: 0, receivedAtMs: 0, live: true })
  test.each<{ name: string; phases?: Phase[]; own: ConnectorSample['currentA']; site: Record<Phase, number> | null }>([
    { name: 'wired straight', own: { L1: 1, L2: 2, L3: 3 }, site: { L1: 1, L2: 2, L3: 3 } },
    { name: 'wired L2-L3-L1', phases: ['L2', 'L3', 'L1'], own: { L1: 1, L2: 2, L3: 3 }, site: { L1: 3, L2: 1, L3: 2 } },
    { name: 'one phase, on the site it is L3', phases: ['L3'], own: { L1: 9 }, site: { L1: 0, L2: 0, L3: 9 } },
    { name: 'a car on one phase of three', phases: ['L2', 'L3', 'L1'], own: { L1: 9 }, site: { L1: 0, L2: 9, L3: 0 } },
    { name: 'one phase, named by the site', phases: ['L2'], own: { L2: 32 }, site: { L1: 0, L2: 32, L3: 0 } },
    { name: 'one phase, named as neither: still its current', phases: ['L2'], own: { L3: 32 }, site: { L1: 0, L2: 32, L3: 0 } },
    { name: 'more phases than it has: nothing of what it has is missed', phases: ['L2'], own: { L1: 1, L2: 2, L3: 3 }, site: { L1: 0, L2: 3, L3: 0 } },
    { name: 'nothing about current', own: null, site: null },
  ])('$name', ({ phases, own, site }) => {
    expect(sampleOnSite(outletWith(phases), sample(own))).toEqual(site)
  })

  test.each<[string, ConnectorSample['currentA'], true | undefined, Phase[] | undefined, number]>([
    ['three that carry current', { L1: 10, L2: 9.8, L3: 10 }, undefined, undefined, 3],
    ['one of three', { L1: 10, L2: 0.2, L3: 0 }, undefined, undefined, 1],
    ['noise says nothing', { L1: 0.9, L2: 0, L3: 0 }, undefined, undefined, 0],
    ['not every phase named', { L1: 10 }, undefined, undefined, 0],
    ['the only phase there is', { L1: 10 }, undefined, ['L2'], 1],
    ['worked out from a total', { L1: 10, L2: 10, L3: 10 }, true, undefined, 0],
    ['nothing about current', null, undefined, undefined, 0],
  ])('phases that are proven: %s', (_, own, spread, phases, expected) => {
    const outlet = outletWith(phases)
    const one = { ...sample(own), ...(spread === undefined ? {} : { spread }) }
    expect(phasesProven(outlet, one, sampleOnSite(outlet, one) ?? { L1: 0, L2: 0, L3: 0 })).toBe(expected)
  })
})
