// Profiles of people beside those of the engine: which are let through, which are refused with the numbers, what is kept of them.
import { describe, expect, test } from 'vitest'
import { Refusal } from '../../src/actors/house.ts'
import { usualQuirks, type Quirks } from '../../src/power/quirks.ts'
import type { ChargingProfile } from '../../src/protocol/messages/index.ts'
import { caller, openHouse } from './house-stand.ts'
import { accept, type Script } from './site-stand.ts'

interface Wish { readonly id?: number; readonly level?: number; readonly purpose?: ChargingProfile['chargingProfilePurpose']; readonly limit?: number; readonly unit?: 'A' | 'W'; readonly phases?: number; readonly transactionId?: number; readonly later?: number; readonly validFrom?: string }

function profile({ id = 5, level = 0, purpose = 'TxDefaultProfile', limit = 6, unit = 'A', phases, transactionId, later, validFrom }: Wish = {}): ChargingProfile {
  return {
    chargingProfileId: id, stackLevel: level, chargingProfilePurpose: purpose, chargingProfileKind: 'Relative', ...(transactionId === undefined ? {} : { transactionId }), ...(validFrom === undefined ? {} : { validFrom }),
    chargingSchedule: { chargingRateUnit: unit, chargingSchedulePeriod: [{ startPeriod: 0, limit, ...(phases === undefined ? {} : { numberPhases: phases }) }, ...(later === undefined ? [] : [{ startPeriod: 3_600, limit: later }])] },
  }
}

/** Fallback 6 A, stack level 8 as the charge point says; settled. */
async function depot(config: object = {}, script: Script = accept) {
  const stand = await openHouse({ chargePoints: [{ id: 'CP1', fallbackA: 6, connectors: [{ id: 1 }], ...config }] })
  const peer = await stand.boot('CP1')
  await stand.clock.advance(40_000)
  peer.script = script
  async function ask(action: 'SetChargingProfile' | 'ClearChargingProfile' | 'RemoteStartTransaction', body: object) {
    const asked = stand.house.commands.issue('CP1', action, body, { waitMs: 2_000 }, caller).then((command) => ({ code: command.status as string, detail: '', command }), (error: unknown) => ({ code: error instanceof Refusal ? error.code : String(error), detail: error instanceof Error ? error.message : '', command: null }))
    await stand.clock.advance(3_000)
    return asked
  }
  const set = (wish: Wish, connectorId = 1) => ask('SetChargingProfile', { connectorId, csChargingProfiles: profile(wish) })
  return { stand, peer, ask, set }
}

describe('a profile for a charge point that the engine steers', () => {
  test.each<[string, Wish, number, string]>([
    ['at the fallback', { limit: 6 }, 1, 'accepted'],
    ['below it', { limit: 4 }, 1, 'accepted'],
    ['above the fallback, where the engine\'s own stands above it', { limit: 16 }, 1, 'accepted'],
    ['all that the connector can give', { limit: 32 }, 1, 'accepted'],
    ['above that', { limit: 32.1 }, 1, 'above-reservation'],
    ['in watts', { limit: 22_080, unit: 'W' }, 1, 'accepted'],
    ['in watts, above it on the phases that are wired', { limit: 22_500, unit: 'W' }, 1, 'above-reservation'],
    ['on a connector that nobody has configured', { limit: 4 }, 2, 'unknown-connector'],
    ['in watts, whatever its number of phases says', { limit: 22_500, unit: 'W', phases: 1 }, 1, 'above-reservation'],
    ['for all connectors', { limit: 10 }, 0, 'accepted'],
    ['for all connectors, above it', { limit: 33 }, 0, 'above-reservation'],
    ['a cap for the whole charge point only lowers', { purpose: 'ChargePointMaxProfile', limit: 500 }, 0, 'accepted'],
    ['a cap on one connector', { purpose: 'ChargePointMaxProfile' }, 1, 'not-on-connector-0'],
    ['the engine\'s stack level', { level: 8 }, 1, 'engine-stack-level'],
    ['above it, which it does not have', { level: 9 }, 1, 'invalid-profile'],
    ['just below it', { level: 7 }, 1, 'accepted'],
    ['an id of the engine', { id: 1_000_000_000 }, 1, 'engine-profile-id'],
    ['for a transaction that does not run', { purpose: 'TxProfile', transactionId: 4 }, 1, 'no-such-transaction'],
    ['for no transaction', { purpose: 'TxProfile' }, 1, 'no-such-transaction'],
    ['a TxProfile for all', { purpose: 'TxProfile', transactionId: 4 }, 0, 'tx-profile-on-connector-0'],
  ])('%s', async (_title, wish, connectorId, code) => {
    const { set, peer } = await depot()
    const before = peer.calls.length
    const answer = await set(wish, connectorId)
    expect(answer.code).toBe(code)
    const sent = peer.calls.slice(before).filter(({ payload }) => payload.csChargingProfiles !== undefined && payload.csChargingProfiles.chargingProfileId < 1_000_000_000)
    expect(sent).toHaveLength(code === 'accepted' ? 1 : 0)
  })
  test('the refusal says the numbers', async () => {
    const { set } = await depot()
    expect((await set({ limit: 40 })).detail).toBe('The profile allows 40 A now on connector 1 of CP1; 32 A are the most it can give, so it would limit nothing.')
  })
  test('what a circuit leaves is the most, not what others ask of it now', async () => {
    const stand = await openHouse({ sites: [{ circuits: [{ id: 'hall', limitA: 20 }] }], chargePoints: [{ id: 'CP1', circuit: 'hall' }] })
    await stand.boot('CP1')
    await stand.clock.advance(40_000)
    const ask = (wish: Wish, connectorId = 1) => {
      const asked = stand.house.commands.issue('CP1', 'SetChargingProfile', { connectorId, csChargingProfiles: profile(wish) }, { waitMs: 2_000 }, caller).then(({ status }) => status as string, (error: unknown) => (error instanceof Error ? error.message : ''))
      return stand.clock.advance(3_000).then(() => asked)
    }
    expect(await ask({ id: 9, purpose: 'ChargePointMaxProfile', limit: 8 }, 0)).toBe('accepted')
    expect(await ask({ limit: 21 })).toContain('20 A are the most that circuit:hall leaves it')
    expect(await ask({ limit: 20 })).toBe('accepted')
  })
  test('while a car charges what is reserved for it counts, now and not later', async () => {
    const { set, stand, peer } = await depot()
    await stand.house.patchConnector('CP1', 1, { vehicleMaxA: 16 }, caller)
    const transactionId = await stand.start(peer)
    await stand.clock.advance(20_000)
    expect(await set({ limit: 17 })).toMatchObject({ code: 'above-reservation', detail: `The profile allows 17 A now on connector 1 of CP1; 16 A are what is reserved for transaction ${transactionId}, so it would limit nothing.` })
    expect((await set({ limit: 16, later: 32 })).code).toBe('accepted')
    expect((await set({ limit: 10 })).code).toBe('accepted')
    await stand.clock.advance(30_000)
    // It has 10 A only because that profile says so: another may say more.
    expect((await set({ limit: 14 })).code).toBe('accepted')
    expect((await set({ limit: 33 })).code).toBe('above-reservation')
  })
  test('one that says nothing now is let through, whatever it says later', async () => {
    const { set } = await depot()
    expect((await set({ limit: 80, validFrom: '2099-01-01T00:00:00Z' })).code).toBe('accepted')
  })
  test('without the engine\'s own above it all that it ever says counts', async () => {
    const hold: Script = (action, payload) => ((payload.csChargingProfiles?.chargingProfileId ?? 0) >= 1_000_000_000 ? 'hold' : accept(action, payload))
    const stand = await openHouse({ chargePoints: [{ id: 'CP1', fallbackA: 6 }] })
    const peer = await stand.boot('CP1')
    peer.script = hold
    await stand.clock.advance(5_000)
    const asked = stand.house.commands.issue('CP1', 'SetChargingProfile', { connectorId: 1, csChargingProfiles: profile({ limit: 6, later: 16 }) }, {}, caller)
    await expect(asked).rejects.toMatchObject({ code: 'above-reservation', message: 'The profile allows 16 A on connector 1 of CP1; 6 A are reserved for it (fallback 6 A).' })
  })
  test.each<[Quirks['ladder'], Wish, number, string]>([
    ['default', { purpose: 'TxProfile', limit: 6 }, 1, 'tx-profiles-not-taken'],
    ['max-0', { purpose: 'TxProfile', limit: 6 }, 1, 'tx-profiles-not-taken'],
    ['default', { limit: 16 }, 1, 'accepted'],
    ['connector-0', { limit: 4 }, 1, 'engine-on-connector-0'],
    ['max-0', { limit: 4 }, 1, 'engine-on-connector-0'],
    ['connector-0', { limit: 4 }, 0, 'accepted'],
    ['connector-0', { limit: 16 }, 0, 'above-reservation'],
    ['connector-0', { purpose: 'ChargePointMaxProfile', limit: 16 }, 0, 'accepted'],
  ])('where the engine is on the rung %s: %o on connector %i', async (ladder, wish, connectorId, code) => {
    const { ask, stand, peer } = await depot()
    const transactionId = await stand.start(peer)
    if (wish.purpose !== 'TxProfile') await stand.call(peer, 'StopTransaction', { transactionId, meterStop: 10, timestamp: new Date(stand.clock.wall()).toISOString() })
    await stand.clock.advance(20_000)
    stand.directory.estate.sites.get('main')!.room.engine.books.setQuirks('CP1', { ...usualQuirks, ladder })
    expect((await ask('SetChargingProfile', { connectorId, csChargingProfiles: profile(wish.purpose === 'TxProfile' ? { ...wish, transactionId } : wish) })).code).toBe(code)
  })
  test('one that did not say its stack level has none below the engine\'s', async () => {
    const stand = await openHouse({ chargePoints: [{ id: 'CP1', fallbackA: 6 }] })
    const asked = stand.house.commands.issue('CP1', 'SetChargingProfile', { connectorId: 1, csChargingProfiles: profile() }, { expiresAt: new Date(stand.clock.wall() + 60_000).toISOString() }, caller)
    await stand.clock.advance(10)
    const { id } = await asked
    const peer = await stand.boot('CP1')
    peer.script = (action) => (action === 'GetConfiguration' ? { configurationKey: [], unknownKey: ['ChargeProfileMaxStackLevel'] } : { status: 'Accepted' })
    await stand.clock.advance(20_000)
    expect(stand.house.commands.get(id)).toMatchObject({ status: 'failed', error: { code: 'engine-stack-level' } })
  })
  test('with control: none everything goes', async () => {
    const { set, ask } = await depot({ control: 'none' })
    expect((await set({ limit: 32, level: 9 })).code).toBe('accepted')
    expect((await ask('ClearChargingProfile', {})).code).toBe('accepted')
  })
})

describe('a remote start with a profile inside', () => {
  test.each<[string, Wish, string]>([
    ['within the fallback', { purpose: 'TxProfile', limit: 6 }, 'accepted'],
    ['above it', { purpose: 'TxProfile', limit: 16 }, 'above-reservation'],
    ['no TxProfile', { limit: 6 }, 'not-a-tx-profile'],
    ['with a transaction', { purpose: 'TxProfile', transactionId: 3 }, 'transaction-id-in-remote-start'],
  ])('%s', async (_title, wish, code) => {
    const { ask } = await depot()
    expect((await ask('RemoteStartTransaction', { connectorId: 1, idTag: 'TAG', chargingProfile: profile(wish) })).code).toBe(code)
  })
})

test('a remote start with a profile names its connector, one that is configured', async () => {
  const { ask } = await depot()
  const chargingProfile = profile({ purpose: 'TxProfile', limit: 4 })
  expect((await ask('RemoteStartTransaction', { idTag: 'TAG', chargingProfile })).code).toBe('connector-needed')
  expect((await ask('RemoteStartTransaction', { connectorId: 2, idTag: 'TAG', chargingProfile })).code).toBe('unknown-connector')
})

test.each<[string, (profile: ChargingProfile) => object]>([
  ['a first period that is not first', (one) => ({ ...one, chargingSchedule: { ...one.chargingSchedule, chargingSchedulePeriod: [{ startPeriod: 60, limit: 6 }] } })],
  ['a negative limit', (one) => ({ ...one, chargingSchedule: { ...one.chargingSchedule, chargingSchedulePeriod: [{ startPeriod: 0, limit: -1 }] } })],
  ['recurrency without Recurring', (one) => ({ ...one, recurrencyKind: 'Daily' })],
])('%s is invalid, offline too', async (_title, change) => {
  const { stand } = await depot()
  await expect(stand.house.commands.issue('CP1', 'SetChargingProfile', { connectorId: 1, csChargingProfiles: change(profile()) }, {}, caller)).rejects.toMatchObject({ kind: 'invalid', code: 'invalid-profile' })
})

describe('clearing', () => {
  test.each([
    ['everything', {}, 'engine-profiles'], ['a purpose', { chargingProfilePurpose: 'TxDefaultProfile' }, 'engine-profiles'], ['the engine\'s level', { stackLevel: 8 }, 'engine-profiles'],
    ['one of the engine', { id: 1_000_000_011 }, 'engine-profile-id'], ['an id', { id: 5 }, 'accepted'], ['a level below', { stackLevel: 3 }, 'accepted'],
  ])('%s', async (_title, criteria, code) => {
    const { ask } = await depot()
    expect((await ask('ClearChargingProfile', criteria)).code).toBe(code)
  })
  test('says which went', async () => {
    const { ask, set } = await depot()
    await set({ id: 5, level: 1 })
    await set({ id: 6, level: 2 })
    expect((await ask('ClearChargingProfile', { stackLevel: 2 })).command).toMatchObject({ response: { status: 'Accepted' }, removed: [6], count: 1 })
    expect((await ask('ClearChargingProfile', { id: 99 })).command).toMatchObject({ removed: [], count: 0 })
  })
  test('Unknown removes nothing, and what is not there is not kept', async () => {
    const { ask, set, peer, stand } = await depot()
    await set({ id: 5 })
    peer.script = () => ({ status: 'Unknown' })
    expect((await ask('ClearChargingProfile', { id: 5 })).command).toMatchObject({ status: 'rejected', removed: [], count: 0 })
    expect(stand.house.profiles.list('CP1').filter(({ owner }) => owner === 'user')).toEqual([])
  })
})

describe('what is kept', () => {
  const users = (stand: Awaited<ReturnType<typeof depot>>['stand']) => stand.house.profiles.list('CP1').filter(({ owner }) => owner === 'user').map(({ chargingProfile, status }) => `${chargingProfile.chargingProfileId} ${status}`)
  test('the answer; the same id and the same place replace', async () => {
    const { set, stand, peer } = await depot()
    await set({ id: 5, level: 1 })
    await set({ id: 6, level: 1 })
    await set({ id: 7, level: 2 })
    expect(users(stand)).toEqual(['7 Accepted', '6 Accepted'])
    peer.script = () => ({ status: 'Rejected' })
    await set({ id: 7, level: 3 })
    expect(users(stand).toSorted()).toEqual(['6 Accepted', '7 Accepted', '7 Rejected'])
    peer.script = accept
    await set({ id: 7, level: 4 })
    expect(users(stand).toSorted()).toEqual(['6 Accepted', '7 Accepted'])
  })
  test('the answer to one leaves those that are still on their way', async () => {
    const { set, ask, stand, peer } = await depot()
    await set({ id: 4, level: 2 })
    peer.script = () => 'hold'
    await set({ id: 5, level: 1 })
    await set({ id: 6, level: 1 })
    const cleared = ask('ClearChargingProfile', { stackLevel: 2 })
    await set({ id: 7, level: 2 })
    for (const [answered, left] of [['5', ['4 Accepted', '5 Accepted', '6 Sent', '7 Sent']], ['6', ['4 Accepted', '6 Accepted', '7 Sent']], ['clear', ['6 Accepted', '7 Sent']], ['7', ['6 Accepted', '7 Accepted']]] as const) {
      peer.answer(peer.calls.at(-1)!)
      await stand.clock.advance(200)
      expect([answered, users(stand).toSorted()]).toEqual([answered, left])
    }
    await cleared
  })
  test('nobody knows whether one stands that an unanswered one may have replaced, when that one is gone', async () => {
    const { set, stand, peer } = await depot()
    await set({ id: 5, level: 2 })
    peer.script = (_, payload) => (payload.csChargingProfiles?.chargingProfileId === 5 ? 'hold' : { status: 'Accepted' })
    await set({ id: 5, level: 1 })
    await stand.clock.advance(60_000)
    expect(users(stand)).toEqual(['5 Accepted', '5 Unknown'])
    await set({ id: 6, level: 1 })
    expect(users(stand)).toEqual(['5 Unknown', '6 Accepted'])
  })
  test('a TxProfile goes with its transaction, all of it over a restart', async () => {
    const { set, stand, peer } = await depot()
    const transactionId = await stand.start(peer)
    await stand.clock.advance(20_000)
    expect((await set({ id: 9, purpose: 'TxProfile', transactionId, limit: 6 })).code).toBe('accepted')
    const again = await stand.restart()
    expect(users(again)).toEqual(['9 Accepted'])
    const back = await again.boot('CP1')
    await again.call(back, 'StopTransaction', { transactionId, meterStop: 10, timestamp: new Date(again.clock.wall()).toISOString() })
    expect(users(again)).toEqual([])
  })
  test('the engine\'s are shown as its own', async () => {
    const { stand } = await depot()
    expect(stand.house.profiles.list('CP1')).toMatchObject([{ connectorId: 0, owner: 'engine', chargingProfile: { chargingProfilePurpose: 'ChargePointMaxProfile' } }, { connectorId: 1, owner: 'engine', status: 'Accepted', chargingProfile: { chargingProfileId: 1_000_000_011, stackLevel: 8 } }])
  })
})
