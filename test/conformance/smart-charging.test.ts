// Certification cases of smart charging: default profiles, profiles of a transaction, composite schedules, clearing.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { ChargingProfile, RequestOf } from '../../src/protocol/messages/index.ts'
import { charge, expectShown, startCentral, stopCentral, tags, type Central } from './central.ts'
import type { Station } from './station.ts'

let central: Central
beforeAll(async () => { central = await startCentral() }, 150_000)
afterEach(() => central.farewell())
afterAll(stopCentral)

// The operator sets every profile here; what the engine does beside others is tested elsewhere.
const byHand = { control: 'none' }
const hour = 3_600_000
const iso = (ms: number) => new Date(ms).toISOString()

function profile(id: number, chargingProfilePurpose: ChargingProfile['chargingProfilePurpose'], more: Partial<ChargingProfile> = {}): ChargingProfile {
  const nowMs = Date.now()
  return {
    chargingProfileId: id, stackLevel: 0, chargingProfilePurpose, chargingProfileKind: 'Absolute', validFrom: iso(nowMs - hour), validTo: iso(nowMs + 24 * hour),
    chargingSchedule: { duration: 7_200, startSchedule: iso(nowMs), chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit: 16 }, { startPeriod: 3_600, limit: 8.1 }] },
    ...more,
  }
}

/** The operator sets a profile; gives what the charge point was told, and how the command ended. */
function set(station: Station, connectorId: number, chargingProfile: ChargingProfile, status: 'Accepted' | 'Rejected' | 'NotSupported' = 'Accepted') {
  return central.operate(station, `connectors/${connectorId}/set-charging-profile`, { chargingProfile }, {
    action: 'SetChargingProfile', answer: { status }, matches: ({ csChargingProfiles }) => csChargingProfiles.chargingProfileId === chargingProfile.chargingProfileId,
  })
}

/** Word for word as the operator wrote it, times compared as times. */
function expectSame(told: ChargingProfile, asked: ChargingProfile): void {
  const asTimes = ({ validFrom, validTo, chargingSchedule: { startSchedule, ...schedule }, ...rest }: ChargingProfile) => ({
    ...rest, ...schedule, times: [validFrom, validTo, startSchedule].map((time) => (time === undefined ? null : Date.parse(time))),
  })
  expect(asTimes(told)).toEqual(asTimes(asked))
}

test('TC_056_CSMS a default profile for transactions to come: sent as it was written, without transaction and recurrence; a refusal is shown as one', async () => {
  const station = await central.booted('TC-056', byHand)
  const asked = profile(561, 'TxDefaultProfile')
  const { request, command } = await set(station, 1, asked)
  expect(request.connectorId).toBe(1)
  expectSame(request.csChargingProfiles, asked)
  expect(request.csChargingProfiles).not.toHaveProperty('transactionId')
  expect(request.csChargingProfiles).not.toHaveProperty('recurrencyKind')
  expect(command).toMatchObject({ status: 'accepted', response: { status: 'Accepted' } })
  for (const status of ['Rejected', 'NotSupported'] as const) {
    const refused = await set(station, 1, profile(562, 'TxDefaultProfile', { stackLevel: 1 }), status)
    expect(refused.command).toMatchObject({ status: 'rejected', response: { status } })
  }
})

test('TC_057_CSMS a profile for the running transaction: absolute and relative, with its transaction id', async () => {
  const station = await central.booted('TC-057', byHand)
  const transactionId = await charge(station)
  const absolute = profile(571, 'TxProfile', { transactionId })
  const { chargingSchedule: { startSchedule: _, ...schedule } } = absolute
  const { validFrom: _from, validTo: _to, ...rest } = absolute
  const relative: ChargingProfile = { ...rest, chargingProfileId: 572, stackLevel: 1, chargingProfileKind: 'Relative', chargingSchedule: schedule }
  for (const asked of [absolute, relative]) {
    const { request, command } = await set(station, 1, asked)
    expectSame(request.csChargingProfiles, asked)
    expect(request.csChargingProfiles.transactionId).toBe(transactionId)
    expect(command).toMatchObject({ status: 'accepted', response: { status: 'Accepted' } })
  }
})

test('TC_059_CSMS remote start with a profile: the profile names no transaction yet, then the session runs', async () => {
  const station = await central.booted('TC-059', byHand)
  const chargingProfile = profile(591, 'TxProfile')
  const { request, command } = await central.operate(station, 'remote-start', { connectorId: 1, idTag: tags.valid, chargingProfile }, { action: 'RemoteStartTransaction', answer: { status: 'Accepted' } })
  if (request.chargingProfile === undefined) throw new Error('the profile is missing')
  expectSame(request.chargingProfile, chargingProfile)
  expect(request.chargingProfile).not.toHaveProperty('transactionId')
  expect(request.chargingProfile.chargingSchedule.chargingSchedulePeriod[0]?.startPeriod).toBe(0)
  expect(command).toMatchObject({ status: 'accepted', response: { status: 'Accepted' } })
  const id = await charge(station)
  await expectShown(central, `/transactions/${id}`, { status: 'charging' })
})

test('TC_066_CSMS composite schedule: asked for the connector, the duration and the unit, and shown as it was reported', async () => {
  const station = await central.booted('TC-066', byHand)
  const chargingSchedule = { duration: 300, chargingRateUnit: 'A' as const, chargingSchedulePeriod: [{ startPeriod: 0, limit: 16 }] }
  const wanted = { connectorId: 1, duration: 300, chargingRateUnit: 'A' as const }
  const answer = { status: 'Accepted' as const, connectorId: 1, scheduleStart: iso(Date.now()), chargingSchedule }
  const { request, command } = await central.operate(station, 'get-composite-schedule', wanted, { action: 'GetCompositeSchedule', answer })
  expect(request).toEqual(wanted)
  expect(command).toMatchObject({ status: 'accepted', response: answer })
})

test('TC_067_CSMS clear profiles: by id, by criteria, and all that remain', async () => {
  const station = await central.booted('TC-067', byHand)
  const transactionId = await charge(station)
  await set(station, 0, profile(671, 'ChargePointMaxProfile'))
  await set(station, 1, profile(672, 'TxDefaultProfile'))
  await set(station, 1, profile(673, 'TxProfile', { transactionId }))
  const criteria: readonly RequestOf<'ClearChargingProfile'>[] = [{ id: 671 }, { connectorId: 1, chargingProfilePurpose: 'TxDefaultProfile', stackLevel: 0 }, {}]
  for (const asked of criteria) {
    const { request, command } = await central.operate(station, 'clear-charging-profile', asked, { action: 'ClearChargingProfile', answer: { status: 'Accepted' }, matches: (each) => each.id === asked.id && each.stackLevel === asked.stackLevel })
    expect(request).toEqual(asked)
    expect(command).toMatchObject({ status: 'accepted', response: { status: 'Accepted' } })
  }
})
