// What pages of sessions work out: sums over charge points, and what a connector was allotted.
import { describe, expect, it } from 'vitest'
import type { ChargePointReport } from '../../src/actors/analytics-views.ts'
import type { DecisionView, Standing } from '../../src/actors/decision-record.ts'
import { allocatedA, wattsPerA } from '../../web/src/pages/session/allocated.ts'
import { sumsOf } from '../../web/src/pages/sessions/sums.ts'

const row = (clientID: string, costs: ChargePointReport['costs']): ChargePointReport => ({ siteID: 'main', clientID, sessions: 2, energyWh: 1500, durationS: 60, idleS: 10, averageW: 1, peakW: 1, anomalies: 0, costs, lost: [{ reason: 'fuse', seconds: 20, energyWh: 1 }] })

describe('the sums of sessions', () => {
  it('add charge points up, and never two currencies', () => {
    const rows = [row('A', [{ currency: 'EUR', amountMinor: 100 }]), row('B', [{ currency: 'EUR', amountMinor: 50 }, { currency: 'CHF', amountMinor: 7 }])]
    expect(sumsOf(rows, '')).toEqual({ sessions: 4, energyWh: 3000, idleS: 20, limitedS: 40, costs: [{ currency: 'CHF', amountMinor: 7 }, { currency: 'EUR', amountMinor: 150 }] })
    expect(sumsOf(rows, 'a').costs).toEqual([{ currency: 'EUR', amountMinor: 100 }])
  })
})

const standing = (allocatedA: number): Standing => ({ allocatedA, binding: 'fuse', boundBy: null, queuePlace: null })
function decision(at: number, clientID: string, before: number | null, after: number | null): DecisionView {
  return {
    id: `dec_1_${at}`, at: new Date(at).toISOString(), siteID: 'main', trigger: { cause: 'due' }, state: 'enforced', deficitA: 0, lowerings: [], raisings: [], nextReviewAt: new Date(at).toISOString(),
    inputs: { effective: { currentA: 1, powerW: 1, binding: 'fuse' }, baseLoad: { status: 'fresh', countedA: { L1: 0, L2: 0, L3: 0 } }, tight: [] },
    changes: [{ clientID, connectorId: 1, before: before === null ? null : standing(before), after: after === null ? null : standing(after) }],
  }
}

describe('what a session was allotted', () => {
  const whose = { clientID: 'A', connectorId: 1, fromMs: 1000, toMs: 9000 }

  it('begins with what held as it began, and holds until it ended', () => {
    expect(allocatedA([decision(6000, 'A', 10, 6), decision(5000, 'B', 1, 2), decision(3000, 'A', 0, 10), decision(500, 'A', 4, 0)], whose)).toEqual([[1000, 0], [3000, 10], [6000, 6], [9000, 6]])
    expect(allocatedA([decision(3000, 'A', 8, 10)], whose)[0]).toEqual([1000, 8])
    expect(allocatedA([decision(500, 'A', 4, 7)], whose)).toEqual([[1000, 7], [9000, 7]])
    expect(allocatedA([], whose)).toEqual([])
  })

  it('is watts by the wires it has', () => {
    expect([wattsPerA(230, undefined), wattsPerA(230, { phases: ['L1'] }), wattsPerA(230, { current: 'DC', efficiency: 0.9 })]).toEqual([690, 230, 621])
  })
})
