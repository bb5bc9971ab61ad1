// Which shape is tried after a refusal: every order of trials as a table, bounded whatever is refused.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { facetsOf, leastPauseA, nextShape, shapeKey, type Facet, type Known, type ProfileRequest, type Refused, type Shape } from '../../src/actors/negotiation.ts'
import { usualQuirks, type Quirks } from '../../src/power/quirks.ts'

interface Given { purpose?: 'TxProfile' | 'TxDefaultProfile' | 'ChargePointMaxProfile'; connectorId?: number; limit?: number; periods?: 1 | 2; unit?: 'A' | 'W' }

function request({ purpose = 'TxDefaultProfile', connectorId = 1, limit = 10, periods = 1, unit = 'A' }: Given = {}): ProfileRequest {
  return {
    connectorId,
    csChargingProfiles: {
      chargingProfileId: 1, stackLevel: 8, chargingProfilePurpose: purpose, chargingProfileKind: 'Absolute', ...(purpose === 'TxProfile' ? { transactionId: 7 } : {}),
      chargingSchedule: { chargingRateUnit: unit, chargingSchedulePeriod: [{ startPeriod: 0, limit }, { startPeriod: 900, limit: 0 }].slice(0, periods) },
    },
  }
}

const shape = (quirks: Partial<Quirks> = {}, level = 8): Shape => ({ quirks: { ...usualQuirks, ...quirks }, level })
const nothing: Known = { took: [], lowestLevel: 0, knowsTransaction: false }
const all: Known = { took: ['A', 'periods', 'zero', 'connector', 'TxDefaultProfile', 'ChargePointMaxProfile'], lowestLevel: 9, knowsTransaction: true }

/** All that is tried, one after the other, each being refused. */
function trials(given: Given, known: Partial<Known> = {}, first = shape(), answer: Refused = 'rejected'): string[] {
  const tried = new Set<string>()
  const found: string[] = []
  for (let count = 0; count < 100; count++) {
    const next = nextShape(request(given), first, tried, answer, { ...nothing, ...known })
    if (next === null) return found
    tried.add(shapeKey(next))
    const { unit, ladder, pauseA, lease } = next.quirks
    found.push([unit, ladder, ...(pauseA > 0 ? [`pause ${pauseA}`] : []), ...(lease ? [] : ['no lease']), ...(next.level === first.level ? [] : [`level ${next.level}`])].join(' '))
  }
  throw new Error('it never ends')
}

describe('what is tried', () => {
  test('a fallback of which nothing is known: once more as it is, then unit, then the level, then connector 0', () => {
    expect(trials({})).toEqual(['A tx', 'W tx', 'A tx level 7', 'W tx level 7', 'A tx level 0', 'W tx level 0', 'A connector-0', 'W connector-0', 'A max-0', 'W max-0'])
  })
  test('a pause: 6 A before anything that costs siblings their own limit', () => {
    expect(trials({ limit: 0 }, { took: ['A', 'ChargePointMaxProfile'], lowestLevel: 9 })).toEqual(['A tx', 'A tx pause 6', 'A connector-0', 'A connector-0 pause 6', 'A max-0', 'A max-0 pause 6'])
    expect(leastPauseA).toBe(6)
  })
  test('a TxProfile: once more as it is, without its second period, and never anywhere else', () => {
    expect(trials({ purpose: 'TxProfile', periods: 2 }, { took: ['A', 'zero', 'connector', 'TxDefaultProfile'], lowestLevel: 9 })).toEqual(['A tx', 'A tx no lease'])
  })
  test('a transaction that it knows is not the reason', () => {
    expect(trials({ purpose: 'TxProfile', periods: 2 }, all)).toEqual([])
  })
  test('a grant with a lease on the second rung', () => {
    expect(trials({ periods: 2 }, { took: ['A', 'connector', 'TxDefaultProfile'], lowestLevel: 9 }, shape({ ladder: 'default' }))).toEqual(['A default', 'A default no lease'])
  })
  test('what was accepted before is not the reason', () => {
    expect(trials({}, all)).toEqual(['A tx'])
    expect(trials({ limit: 0, periods: 2 }, all)).toEqual(['A tx'])
  })
  test('on connector 0 it goes up to the maximum, not back to a connector', () => {
    expect(trials({ connectorId: 0 }, { took: ['A'], lowestLevel: 9 }, shape({ ladder: 'connector-0' }))).toEqual(['A connector-0', 'A max-0'])
    expect(trials({ connectorId: 0, purpose: 'ChargePointMaxProfile' }, { took: ['A'], lowestLevel: 9 }, shape({ ladder: 'max-0' }))).toEqual(['A max-0'])
  })
  test('a level stays above what stands, and 0 is the lowest', () => {
    expect(trials({}, { took: ['A', 'connector', 'TxDefaultProfile'], lowestLevel: 3 })).toEqual(['A tx', 'A tx level 7'])
    expect(trials({}, { took: ['A', 'connector', 'TxDefaultProfile'], lowestLevel: 8 })).toEqual(['A tx'])
    expect(trials({}, { took: ['A', 'connector', 'TxDefaultProfile'] }, shape({}, 1))).toEqual(['A tx', 'A tx level 0'])
    expect(trials({}, { took: ['A', 'connector', 'TxDefaultProfile'] }, shape({}, 0))).toEqual(['A tx'])
  })
  test('watts that do not fit may be amps', () => {
    expect(trials({ unit: 'W' }, { took: ['connector', 'TxDefaultProfile'], lowestLevel: 9 }, shape({ unit: 'W' }))).toEqual(['W tx', 'A tx'])
  })
  test.each<[string, Refused, Facet[], Given, number]>([
    ['who does nothing of the kind is left alone', 'unsupported', [], {}, 0],
    ['who takes a maximum may take more', 'unsupported', ['A', 'ChargePointMaxProfile'], {}, 1],
    ['a purpose that is not supported is not supported', 'unsupported', ['A', 'TxDefaultProfile'], { purpose: 'TxProfile', periods: 2 }, 0],
    ['who may not is not asked again', 'forbidden', ['A'], {}, 0],
  ])('%s', (_, answer, took, given, least) => {
    expect(Math.min(trials(given, { took, lowestLevel: 9 }, shape(), answer).length, 1)).toBe(least)
  })
})

test('it ends, never repeats itself, and keeps what was proven', () => {
  const facet = fc.constantFrom<Facet>('A', 'W', 'periods', 'zero', 'connector', 'TxProfile', 'TxDefaultProfile', 'ChargePointMaxProfile')
  fc.assert(fc.property(
    fc.record({ purpose: fc.constantFrom('TxProfile' as const, 'TxDefaultProfile' as const), limit: fc.constantFrom(0, 6, 16), periods: fc.constantFrom(1 as const, 2 as const) }),
    fc.record({ unit: fc.constantFrom('A' as const, 'W' as const), ladder: fc.constantFrom('tx' as const, 'default' as const), pauseA: fc.constantFrom(0, 6), lease: fc.boolean() }),
    fc.uniqueArray(facet), fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 9 }),
    (given, quirks, took, lowestLevel, level) => {
      const found = trials({ ...given, unit: quirks.unit }, { took, lowestLevel }, { quirks, level })
      expect(new Set(found).size).toBe(found.length)
      expect(found.length).toBeLessThanOrEqual(40)
      if (took.includes(quirks.unit)) expect(found.every((one) => one.startsWith(quirks.unit))).toBe(true)
      if (given.purpose === 'TxProfile') expect(found.some((one) => one.includes('-0'))).toBe(false)
      for (const one of found) expect(Number(/level (\d+)/.exec(one)?.[1] ?? lowestLevel)).toBeGreaterThanOrEqual(lowestLevel)
    },
  ))
})

test('what an accepted request proves', () => {
  expect(facetsOf(request({ limit: 0, periods: 2 })).toSorted()).toEqual(['A', 'TxDefaultProfile', 'connector', 'periods', 'zero'])
  expect(facetsOf(request({ purpose: 'ChargePointMaxProfile', connectorId: 0, limit: 32, unit: 'W' })).toSorted()).toEqual(['ChargePointMaxProfile', 'W'])
})
