// What a charge point takes, what it gives up for it, and what a clear removes.
import { describe, expect, test } from 'vitest'
import type { Abilities } from '../../src/profiles/check.ts'
import { compositeSchedule } from '../../src/profiles/composite.ts'
import { clear, endTransaction, install, type Ground, type Stack } from '../../src/profiles/stack.ts'
import type { ChargingProfile, RequestOf } from '../../src/protocol/messages/index.ts'

const startMs = Date.parse('2026-11-22T12:00:00Z')
const ground: Ground = { connectors: [1, 2], transactions: [{ connectorId: 1, transactionId: 7, startedAtMs: startMs }], voltage: 230, phases: 3 }

function profile(chargingProfileId: number, patch: Partial<ChargingProfile> = {}): ChargingProfile {
  return { chargingProfileId, stackLevel: 0, chargingProfilePurpose: 'TxDefaultProfile', chargingProfileKind: 'Relative', chargingSchedule: { chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit: chargingProfileId }] }, ...patch }
}
const max = (id: number, patch: Partial<ChargingProfile> = {}) => profile(id, { chargingProfilePurpose: 'ChargePointMaxProfile', ...patch })
const tx = (id: number, patch: Partial<ChargingProfile> = {}) => profile(id, { chargingProfilePurpose: 'TxProfile', transactionId: 7, ...patch })
type Offer = readonly [connectorId: number, profile: ChargingProfile]
const take = (stack: Stack, [connectorId, one]: Offer, abilities?: Abilities) => install(stack, ground, connectorId, one, startMs, abilities)
function standing(...offers: Offer[]): Stack {
  return offers.reduce<Stack>((stack, offer) => {
    const installation = take(stack, offer)
    expect(installation.status).toBe('Accepted')
    return installation.stack
  }, [])
}
const ids = (stack: Stack) => stack.map(({ connectorId, profile: { chargingProfileId } }) => `${connectorId}/${chargingProfileId}`)

describe('refused, with the reason', () => {
  const begun: ChargingProfile['chargingSchedule'] = { chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit: 6 }] }
  test.each<[string, Offer, string, Abilities?]>([
    ['a connector that is not there', [3, profile(1)], 'there is no connector 3'],
    ['a maximum on a connector', [1, max(1)], 'a ChargePointMaxProfile belongs on connector 0, not on 1'],
    ['a TxProfile on 0', [0, tx(1)], 'a TxProfile belongs on the connector of its transaction, not on 0'],
    ['a TxProfile where nothing runs', [2, tx(1)], 'a TxProfile needs a running transaction, and none runs on connector 2'],
    ['a TxProfile of another transaction', [1, tx(1, { transactionId: 8 })], 'it is for transaction 8, but transaction 7 runs on connector 1'],
    ['a first period after 0', [1, profile(1, { chargingSchedule: { ...begun, chargingSchedulePeriod: [{ startPeriod: 60, limit: 6 }] } })], 'first startPeriod is 60, must be 0'],
    ['a negative limit', [1, profile(1, { chargingSchedule: { ...begun, chargingSchedulePeriod: [{ startPeriod: 0, limit: 6 }, { startPeriod: 9, limit: -1 }] } })], 'limit of period 2: must not be negative'],
    ['periods that do not ascend', [1, profile(1, { chargingSchedule: { ...begun, chargingSchedulePeriod: [{ startPeriod: 0, limit: 6 }, { startPeriod: 0, limit: 7 }] } })], 'startPeriod of period 2: 0 does not come after 0'],
    ['no duration', [1, profile(1, { chargingSchedule: { ...begun, duration: 0 } })], 'duration: 0; must be above 0'],
    ['Recurring without a kind', [1, profile(1, { chargingProfileKind: 'Recurring' })], 'recurrencyKind: a Recurring profile says Daily or Weekly'],
    ['a kind without Recurring', [1, profile(1, { recurrencyKind: 'Daily' })], 'recurrencyKind: only a Recurring profile has one'],
    ['Recurring without a start', [1, profile(1, { chargingProfileKind: 'Recurring', recurrencyKind: 'Daily' })], 'startSchedule: a Recurring profile says when it began'],
    ['an end before its beginning', [1, profile(1, { validFrom: '2026-11-22T12:00:00', validTo: '2026-11-22T13:00:00+01:00' })], 'validTo: must come after validFrom'],
    ['a day that is none', [1, profile(1, { validFrom: '2027-02-29T00:00:00Z' })], 'validFrom: 2027-02-29T00:00:00Z is no date-time'],
    ['too high a stack level', [1, profile(1, { stackLevel: 4 })], 'stackLevel: the charge point takes at most 3 (ChargeProfileMaxStackLevel)', { maxStackLevel: 3 }],
    ['too many periods', [1, profile(1, { chargingSchedule: { ...begun, chargingSchedulePeriod: [{ startPeriod: 0, limit: 6 }, { startPeriod: 9, limit: 7 }] } })], 'chargingSchedulePeriod: 2 periods; the charge point takes at most 1 (ChargingScheduleMaxPeriods)', { maxPeriods: 1 }],
    ['a unit it does not take', [1, profile(1)], 'chargingRateUnit: the charge point takes W only (ChargingScheduleAllowedChargingRateUnit)', { units: ['W'] }],
    ['one too many', [1, profile(1, { stackLevel: 1 })], '2 profiles stand there; the charge point takes at most 2 (MaxChargingProfilesInstalled)', { maxInstalled: 2 }],
  ])('%s', (_, offer, reason, abilities) => {
    const stack = standing([0, max(30)], [2, profile(31)])
    expect(take(stack, offer, abilities)).toEqual({ status: 'Rejected', reason, stack })
    expect(take(stack, offer, abilities).stack).toBe(stack)
  })
  test('all of them where there is no smart charging', () => {
    expect(take([], [1, profile(1)], { smartCharging: false })).toEqual({ status: 'NotSupported', reason: 'the charge point has no smart charging (SupportedFeatureProfiles)', stack: [] })
  })
  test('nothing, where it takes the place of another in a full one', () => {
    expect(take(standing([0, max(30)], [2, profile(31)]), [2, profile(5)], { maxInstalled: 2, smartCharging: true }).status).toBe('Accepted')
  })
})

describe('replaced', () => {
  const before: Offer[] = [[0, max(1)], [0, profile(2)], [1, profile(3)], [1, profile(4, { stackLevel: 1 })], [1, tx(5)], [2, profile(6)]]
  test.each<[string, Offer, string[]]>([
    ['nothing by a new level', [1, profile(9, { stackLevel: 2 })], []],
    ['the same purpose and level there', [1, profile(9, { stackLevel: 1 })], ['1/4']],
    ['not on another connector', [2, profile(9, { stackLevel: 1 })], []],
    ['not of another purpose', [1, tx(9, { stackLevel: 1 })], []],
    ['the same id', [1, profile(3, { stackLevel: 7 })], ['1/3']],
    ['the same id of another purpose on another connector', [2, profile(5, { stackLevel: 7 })], ['1/5']],
    ['the same id of connector 0', [1, profile(2)], ['0/2', '1/3']],
    ['by id and by place at once', [1, profile(4)], ['1/3', '1/4']],
    ['the same id serves two connectors', [2, profile(3)], ['2/6']],
  ])('%s', (_, offer, replaced) => {
    const stack = standing(...before)
    const installation = take(stack, offer)
    if (installation.status !== 'Accepted') throw new Error(installation.reason)
    expect(ids(installation.replaced)).toEqual(replaced)
    expect(ids(installation.stack)).toEqual([...ids(stack).filter((id) => !replaced.includes(id)), `${offer[0]}/${offer[1].chargingProfileId}`])
    expect(installation.stack.at(-1)).toEqual({ connectorId: offer[0], profile: offer[1], installedAtMs: startMs })
  })
  test('a TxProfile that names no transaction belongs to the one that runs', () => {
    const { transactionId, ...nameless } = tx(1)
    const stack = standing([1, nameless])
    expect(stack[0]?.profile.transactionId).toBe(transactionId)
    expect(nameless).not.toHaveProperty('transactionId')
  })
})

describe('cleared', () => {
  const stack = standing([0, max(1)], [0, profile(2)], [1, profile(3)], [1, profile(4, { stackLevel: 1 })], [1, tx(5, { stackLevel: 1 })], [2, profile(6)])
  test.each<[RequestOf<'ClearChargingProfile'>, string[]]>([
    [{}, ['0/1', '0/2', '1/3', '1/4', '1/5', '2/6']],
    [{ id: 4 }, ['1/4']],
    [{ id: 4, connectorId: 2, stackLevel: 9, chargingProfilePurpose: 'TxProfile' }, ['1/4']],
    [{ id: 9 }, []],
    [{ connectorId: 0 }, ['0/1', '0/2']],
    [{ connectorId: 1, stackLevel: 1 }, ['1/4', '1/5']],
    [{ chargingProfilePurpose: 'TxDefaultProfile' }, ['0/2', '1/3', '1/4', '2/6']],
    [{ chargingProfilePurpose: 'TxDefaultProfile', connectorId: 1, stackLevel: 0 }, ['1/3']],
    [{ chargingProfilePurpose: 'TxProfile', connectorId: 2 }, []],
  ])('%j', (criteria, removed) => {
    const cleared = clear(stack, criteria)
    expect(ids(cleared.removed)).toEqual(removed)
    expect(ids(cleared.stack)).toEqual(ids(stack).filter((id) => !removed.includes(id)))
    if (removed.length === 0) expect(cleared.stack).toBe(stack)
  })
  test('with its transaction', () => {
    expect(ids(endTransaction(stack, 7))).toEqual(['0/1', '0/2', '1/3', '1/4', '2/6'])
    expect(endTransaction(stack, 8)).toBe(stack)
  })
  test('and composed: what was covered shows, what was replaced does not come back', () => {
    const limits = (of: Stack) => compositeSchedule(of, ground, { connectorId: 1, durationS: 60, unit: 'A', startMs }).periods.map(({ limit }) => limit)
    const two = standing([1, profile(6)], [1, profile(10, { stackLevel: 1 })], [1, profile(16, { stackLevel: 1 })])
    expect(limits(two)).toEqual([16])
    expect(limits(clear(two, { id: 16 }).stack)).toEqual([6])
    expect(limits(clear(two, {}).stack)).toEqual([null])
    expect(limits(clear(two, { id: 10 }).stack)).toEqual([16])
  })
})
