// Why a profile rules or does not, as it is told to people.
import { expect, test } from 'vitest'
import { explainAt } from '../../src/profiles/explain.ts'
import type { Ground, Installed, Stack } from '../../src/profiles/stack.ts'
import type { ChargingProfile } from '../../src/protocol/messages/index.ts'

const noon = Date.parse('2026-11-22T12:00:00Z')
const ground: Ground = { connectors: [1, 2], transactions: [{ connectorId: 1, transactionId: 7, startedAtMs: noon - 60_000 }], voltage: 230, phases: 3 }

function entry(connectorId: number, chargingProfileId: number, limit: number, patch: Partial<ChargingProfile> = {}, schedule: Partial<ChargingProfile['chargingSchedule']> = {}): Installed {
  return { connectorId, installedAtMs: noon - 3_600_000, profile: {
    chargingProfileId, stackLevel: 0, chargingProfilePurpose: 'TxDefaultProfile', chargingProfileKind: 'Absolute', ...patch,
    chargingSchedule: { chargingRateUnit: 'A', startSchedule: '2026-11-22T11:00:00Z', chargingSchedulePeriod: [{ startPeriod: 0, limit }], ...schedule },
  } }
}
const tx = { chargingProfilePurpose: 'TxProfile', transactionId: 7 } as const
const max = { chargingProfilePurpose: 'ChargePointMaxProfile' } as const
const told = (stack: Stack, connectorId = 1) => explainAt(stack, ground, connectorId, 'A', noon).profiles.map(({ chargingProfileId, limit, reason }) => `${chargingProfileId}: ${limit} ${reason}`)

test.each<[string, Stack, string[], number?]>([
  ['validity', [entry(1, 1, 6, { validFrom: '2026-11-22T12:00:01Z' }), entry(1, 2, 6, { stackLevel: 1, validTo: '2026-11-22T12:00:00Z' })],
    ['1: null not valid before 2026-11-22T12:00:01.000Z', '2: null not valid any more since 2026-11-22T12:00:00.000Z']],
  ['schedules', [entry(1, 1, 6, {}, { startSchedule: '2026-11-22T13:00:00Z' }), entry(1, 2, 6, { stackLevel: 1 }, { duration: 1_800 }), entry(1, 3, 6, { stackLevel: 2, chargingProfileKind: 'Recurring', recurrencyKind: 'Daily' }, { duration: 1_800 })],
    ['1: null its schedule begins at 2026-11-22T13:00:00.000Z', '2: null its schedule was over at 2026-11-22T11:30:00.000Z', '3: null its schedule rests until 2026-11-23T11:00:00.000Z']],
  ['levels', [entry(1, 1, 6), entry(1, 2, 32, { stackLevel: 3 })], ['1: 6 a higher stack level rules: profile 2 with 3', '2: 32 rules: the default of connector 1']],
  ['a TxProfile', [entry(1, 1, 6), entry(1, 2, 32, { ...tx, stackLevel: 5 })], ['1: 6 TxProfile 2 rules: it is for this very transaction', '2: 32 rules: for transaction 7, stack level 5']],
  ['another transaction', [entry(1, 1, 6, { ...tx, transactionId: 12 })], ['1: null belongs to transaction 12, which does not run here']],
  ['no transaction', [entry(2, 1, 6, { ...tx, transactionId: 12 })], ['1: null belongs to transaction 12, and none runs here'], 2],
  ['one of its own', [entry(0, 1, 6, { stackLevel: 9 }), entry(1, 2, 10)], ['1: 6 TxDefaultProfile 2 rules: it is for connector 1 alone', '2: 10 rules: the default of connector 1']],
  ['for the next transaction', [entry(0, 1, 6)], ['1: 6 rules: the default of every connector, for the next transaction'], 2],
  ['a maximum that bounds', [entry(0, 1, 10, max), entry(1, 2, 16)], ['1: 10 rules: the most that the charge point may draw', '2: 16 ChargePointMaxProfile 1 allows less']],
  ['a maximum that does not', [entry(0, 1, 20, max), entry(1, 2, 16)], ['1: 20 TxDefaultProfile 2 allows no more than this anyway', '2: 16 rules: the default of connector 1']],
  ['a maximum below another', [entry(0, 1, 20, max), entry(0, 2, 32, { ...max, stackLevel: 1 })], ['1: 20 a higher stack level rules: profile 2 with 1', '2: 32 rules: the most that the charge point may draw']],
  ['all connectors', [entry(0, 1, 6), entry(1, 2, 16, tx), entry(0, 3, 32, max)],
    ['1: 6 rules: the default of every connector, for the next transaction (connector 2)', '2: 16 rules: for transaction 7, stack level 0', '3: 32 the connectors together are allowed no more than this anyway'], 0],
  ['not of another connector', [entry(2, 1, 6), entry(1, 2, 7)], ['2: 7 rules: the default of connector 1']],
  ['one after the other at one level', [entry(1, 1, 6), entry(1, 2, 7)], ['1: 6 TxDefaultProfile 2 rules: it came later at the same stack level', '2: 7 rules: the default of connector 1']],
])('%s', (_, stack, expected, connectorId) => expect(told(stack, connectorId)).toEqual(expected))

test('what rules is told with it', () => {
  const { ruled, profiles } = explainAt([entry(1, 1, 11_040, {}, { chargingRateUnit: 'W' })], ground, 1, 'A', noon)
  expect(ruled).toEqual({ limit: 16, source: { purpose: 'TxDefaultProfile', chargingProfileId: 1, stackLevel: 0 } })
  expect(profiles).toEqual([{ connectorId: 1, chargingProfileId: 1, purpose: 'TxDefaultProfile', stackLevel: 0, rules: true, limit: 16, reason: 'rules: the default of connector 1' }])
})
