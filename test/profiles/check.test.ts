// What OCPP allows of a charging profile, and what a charge point has said it takes.
import { expect, test } from 'vitest'
import { profileFault, type Abilities } from '../../src/profiles/check.ts'
import type { ChargingProfile } from '../../src/protocol/messages/index.ts'

const good: ChargingProfile = {
  chargingProfileId: 1, stackLevel: 2, chargingProfilePurpose: 'TxDefaultProfile', chargingProfileKind: 'Absolute',
  chargingSchedule: { chargingRateUnit: 'A', duration: 3_600, startSchedule: '2026-11-22T00:00:00Z', chargingSchedulePeriod: [{ startPeriod: 0, limit: 16 }, { startPeriod: 600, limit: 0, numberPhases: 3 }] },
}
const periods = (...chargingSchedulePeriod: ChargingProfile['chargingSchedule']['chargingSchedulePeriod']) => ({ chargingSchedule: { ...good.chargingSchedule, chargingSchedulePeriod } })
const at = '/chargingSchedule/chargingSchedulePeriod'

test.each<[string, Partial<ChargingProfile>, string | null, Abilities?]>([
  ['a good one', {}, null],
  ['a good one within what it takes', {}, null, { maxPeriods: 2, maxStackLevel: 2, units: ['A'] }],
  ['a daily one', { chargingProfileKind: 'Recurring', recurrencyKind: 'Daily' }, null],
  ['first period not at 0', periods({ startPeriod: 60, limit: 6 }), `${at}/0/startPeriod: first startPeriod is 60, must be 0`],
  ['periods that go back', periods({ startPeriod: 0, limit: 6 }, { startPeriod: 60, limit: 6 }, { startPeriod: 30, limit: 6 }), `${at}/2/startPeriod: 30 does not come after 60`],
  ['a period twice', periods({ startPeriod: 0, limit: 6 }, { startPeriod: 0, limit: 7 }), `${at}/1/startPeriod: 0 does not come after 0`],
  ['a negative limit', periods({ startPeriod: 0, limit: -1 }), `${at}/0/limit: must not be negative`],
  ['four phases', periods({ startPeriod: 0, limit: 6, numberPhases: 4 }), `${at}/0/numberPhases: 1, 2 or 3`],
  ['no duration at all', { chargingSchedule: { ...good.chargingSchedule, duration: 0 } }, '/chargingSchedule/duration: 0; must be above 0'],
  ['a negative least rate', { chargingSchedule: { ...good.chargingSchedule, minChargingRate: -0.1 } }, '/chargingSchedule/minChargingRate: must not be negative'],
  ['Recurring without a kind', { chargingProfileKind: 'Recurring' }, '/recurrencyKind: a Recurring profile says Daily or Weekly'],
  ['a kind without Recurring', { recurrencyKind: 'Weekly' }, '/recurrencyKind: only a Recurring profile has one'],
  ['Recurring without a beginning', { chargingProfileKind: 'Recurring', recurrencyKind: 'Daily', chargingSchedule: { chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit: 6 }] } }, '/chargingSchedule/startSchedule: a Recurring profile says when it began'],
  ['an end before its beginning', { validFrom: '2026-11-22T10:00:00Z', validTo: '2026-11-22T10:00:00+01:00' }, '/validTo: must come after validFrom'],
  ['a transaction that is named without a TxProfile', { transactionId: 7 }, '/transactionId: only a TxProfile names a transaction'],
  ['a TxProfile for its transaction', { chargingProfilePurpose: 'TxProfile', transactionId: 7 }, null],
  ['too many periods for it', {}, `${at}: 2 periods; the charge point takes at most 1 (ChargingScheduleMaxPeriods)`, { maxPeriods: 1 }],
  ['a unit it does not take', {}, '/chargingSchedule/chargingRateUnit: the charge point takes W only (ChargingScheduleAllowedChargingRateUnit)', { units: ['W'] }],
  ['a level it does not have', {}, '/stackLevel: the charge point takes at most 1 (ChargeProfileMaxStackLevel)', { maxStackLevel: 1 }],
])('%s', (_title, change, expected, abilities) => {
  const fault = profileFault({ ...good, ...change }, abilities)
  expect(fault === null ? null : `${fault.pointer}: ${fault.message}`).toBe(expected)
})
