// Commands through the living house: recorded first, sent in order, one end each, whatever the connection and the store do.
import { describe, expect, test } from 'vitest'
import type { CommandView } from '../../src/actors/command-record.ts'
import { Refusal } from '../../src/actors/house.ts'
import type { MemoryStore } from '../../src/store/memory.ts'
import { StoreUnavailable, type Store } from '../../src/store/port.ts'
import { caller, openHouse, type HouseStand } from './house-stand.ts'
import { accept, type Peer } from './site-stand.ts'

/** Without settling: what waits for a timer of the virtual clock gets its time. */
async function passing<T>(stand: HouseStand, asked: Promise<T>, ms = 1_000): Promise<T> {
  asked.catch(() => undefined)
  await stand.clock.advance(ms)
  return asked
}

async function booted(script: Peer['script'] = accept) {
  const stand = await openHouse({ chargePoints: [{ id: 'CP1' }] })
  const peer = await stand.boot('CP1')
  await stand.clock.advance(30_000)
  peer.script = script
  return { stand, peer }
}

const reset = { type: 'Soft' }
const issue = (stand: HouseStand, how: { waitMs?: number; expiresAt?: string } = {}, action: 'Reset' | 'ClearCache' | 'UnlockConnector' = 'Reset', body: object = reset) => stand.house.commands.issue('CP1', action, body, how, caller)
const inFuture = (stand: HouseStand, ms: number): string => new Date(stand.clock.wall() + ms).toISOString()
const refusal = async (asked: Promise<unknown>): Promise<string> => asked.then(() => 'none', (error: unknown) => (error instanceof Refusal ? error.code : String(error)))
const brief = ({ status, response, error }: CommandView) => ({ status, response, error: error?.code ?? null })

describe('the answer decides', () => {
  test.each([
    ['Accepted', { status: 'Accepted' }, 'accepted'], ['Rejected', { status: 'Rejected' }, 'rejected'],
  ])('%s', async (_title, response, status) => {
    const { stand, peer } = await booted(() => response)
    const command = await passing(stand, issue(stand, { waitMs: 5_000 }))
    expect(brief(command)).toEqual({ status, response, error: null })
    expect(command).toMatchObject({ action: 'Reset', request: reset, createdBy: 'tester', requestId: 'r1', latencyMs: 100, clientID: 'CP1', siteID: 'main' })
    expect(peer.last()).toMatchObject({ action: 'Reset', payload: reset })
    expect(stand.events.filter(({ type }) => type === 'command.finished')).toMatchObject([{ clientID: 'CP1', data: { id: command.id, status } }])
  })
  test('a CALLERROR is a failure with its code', async () => {
    const { stand } = await booted(() => ({ error: 'NotSupported' }))
    expect(brief(await passing(stand, issue(stand, { waitMs: 5_000 })))).toEqual({ status: 'failed', response: null, error: 'NotSupported' })
  })
  test('UnlockFailed and NotSupported are a no', async () => {
    const { stand, peer } = await booted(() => ({ status: 'UnlockFailed' }))
    expect((await passing(stand, issue(stand, { waitMs: 5_000 }, 'UnlockConnector', { connectorId: 1 }))).status).toBe('rejected')
    peer.script = () => ({ status: 'Unlocked' })
    expect((await passing(stand, issue(stand, { waitMs: 5_000 }, 'UnlockConnector', { connectorId: 1 }))).status).toBe('accepted')
  })
  test('without a wait it is answered as soon as it is durable', async () => {
    const { stand } = await booted(() => 'hold')
    expect(['queued', 'sent']).toContain((await passing(stand, issue(stand), 0)).status)
  })
  test('silence: timed out, and a late answer is kept without changing the end', async () => {
    const { stand, peer } = await booted(() => 'hold')
    const { id } = await passing(stand, issue(stand))
    await stand.clock.advance(30_000)
    expect(brief(stand.house.commands.get(id))).toEqual({ status: 'timed-out', response: null, error: 'timed-out' })
    peer.answer(peer.last())
    await stand.clock.advance(10)
    expect(brief(stand.house.commands.get(id))).toEqual({ status: 'timed-out', response: { status: 'Accepted' }, error: 'timed-out' })
  })
})

test('one after the other, in the order in which they came', async () => {
  const { stand, peer } = await booted(() => 'hold')
  const before = peer.calls.length
  await passing(stand, Promise.all([issue(stand), issue(stand, {}, 'ClearCache', {}), issue(stand)]))
  expect(peer.calls.slice(before).map(({ action }) => action)).toEqual(['Reset'])
  peer.answer(peer.last())
  await stand.clock.advance(10)
  peer.answer(peer.last())
  await stand.clock.advance(10)
  expect(peer.calls.slice(before).map(({ action }) => action)).toEqual(['Reset', 'ClearCache', 'Reset'])
})

describe('offline', () => {
  test('is refused with what to do, and nothing is kept', async () => {
    const stand = await openHouse({ chargePoints: [{ id: 'CP1' }] })
    expect(await refusal(issue(stand))).toBe('charge-point-offline')
    expect(stand.house.commands.list()).toEqual([])
    expect(await refusal(stand.house.commands.issue('CP9', 'Reset', reset, {}, caller))).toBe('unknown-charge-point')
  })
  test('may wait: sent when it comes back, after its boot was accepted', async () => {
    const stand = await openHouse({ chargePoints: [{ id: 'CP1' }] })
    const { id } = await passing(stand, issue(stand, { expiresAt: inFuture(stand, 600_000) }))
    expect(stand.house.commands.get(id).status).toBe('queued')
    await stand.boot('CP1')
    await stand.clock.advance(5_000)
    expect(stand.house.commands.get(id)).toMatchObject({ status: 'accepted' })
  })
  test('waits no longer than it may', async () => {
    const stand = await openHouse({ chargePoints: [{ id: 'CP1' }] })
    const { id } = await passing(stand, issue(stand, { expiresAt: inFuture(stand, 60_000) }))
    await stand.clock.advance(61_000)
    expect(brief(stand.house.commands.get(id))).toEqual({ status: 'expired', response: null, error: 'expired' })
    const peer = await stand.boot('CP1')
    await stand.clock.advance(5_000)
    expect(peer.calls.map(({ action }) => action)).not.toContain('Reset')
  })
  test.each([['the past', -1], ['next month', 31 * 86_400_000]])('a deadline in %s is invalid', async (_title, ms) => {
    const stand = await openHouse({ chargePoints: [{ id: 'CP1' }] })
    expect(await refusal(issue(stand, { expiresAt: inFuture(stand, ms) }))).toBe('expires-at')
  })
  test('at most 100 wait for one charge point', async () => {
    const stand = await openHouse({ chargePoints: [{ id: 'CP1' }] })
    const expiresAt = inFuture(stand, 600_000)
    for (let count = 0; count < 100; count++) await passing(stand, issue(stand, { expiresAt }), 0)
    expect(await refusal(passing(stand, issue(stand, { expiresAt }), 0))).toBe('too-many-commands')
  })
  test('the connection ends before the answer: failed, perhaps done', async () => {
    const { stand, peer } = await booted(() => 'hold')
    const { id } = await passing(stand, issue(stand))
    peer.cut()
    stand.desk.disconnected(peer, 1006, '')
    await stand.clock.advance(10)
    expect(brief(stand.house.commands.get(id))).toEqual({ status: 'failed', response: null, error: 'disconnected' })
  })
  test('what was still queued behind it and does not wait fails with it; what may wait goes on waiting', async () => {
    const { stand, peer } = await booted(() => 'hold')
    await passing(stand, issue(stand))
    const { id: second } = await passing(stand, issue(stand))
    const { id: third } = await passing(stand, issue(stand, { expiresAt: inFuture(stand, 600_000) }))
    peer.cut()
    stand.desk.disconnected(peer, 1006, '')
    await stand.clock.advance(10)
    expect([second, third].map((id) => stand.house.commands.get(id).status)).toEqual(['failed', 'queued'])
    await stand.boot('CP1')
    await stand.clock.advance(5_000)
    expect(stand.house.commands.get(third).status).toBe('accepted')
  })
})

describe('cancel', () => {
  test('what waits is cancelled and never sent', async () => {
    const stand = await openHouse({ chargePoints: [{ id: 'CP1' }] })
    const { id } = await passing(stand, issue(stand, { expiresAt: inFuture(stand, 600_000) }))
    expect((await passing(stand, stand.house.commands.cancel(id))).status).toBe('cancelled')
    const peer = await stand.boot('CP1')
    await stand.clock.advance(5_000)
    expect(peer.calls.map(({ action }) => action)).not.toContain('Reset')
    expect(await refusal(stand.house.commands.cancel(id))).toBe('command-finished')
  })
  test('what was sent cannot be taken back', async () => {
    const { stand } = await booted(() => 'hold')
    const { id } = await passing(stand, issue(stand))
    expect(await refusal(stand.house.commands.cancel(id))).toBe('command-sent')
    expect(stand.house.commands.get(id).status).toBe('sent')
  })
})

describe('kill -9', () => {
  test('what waited goes on waiting, deadline included; what was sent is not sent again', async () => {
    const { stand } = await booted(() => 'hold')
    const { id: gone } = await passing(stand, issue(stand))
    const { id: waits } = await passing(stand, issue(stand, { expiresAt: inFuture(stand, 600_000) }))
    const { id: lapses } = await passing(stand, issue(stand, { expiresAt: inFuture(stand, 5_000) }))
    const again = await stand.restart()
    await again.clock.advance(6_000)
    const peer = await again.boot('CP1')
    await again.clock.advance(5_000)
    expect([gone, waits, lapses].map((id) => again.house.commands.get(id).status)).toEqual(['failed', 'accepted', 'expired'])
    expect(again.house.commands.get(gone).error?.code).toBe('restarted')
    expect(peer.calls.filter(({ action }) => action === 'Reset')).toHaveLength(1)
  })
  test('an end that was told is kept', async () => {
    const { stand } = await booted()
    const { id } = await passing(stand, issue(stand, { waitMs: 5_000 }))
    const again = await stand.restart()
    expect(again.house.commands.get(id)).toMatchObject({ status: 'accepted', response: { status: 'Accepted' } })
  })
})

test('while the store is down nothing is sent and nothing is kept', async () => {
  const { stand, peer } = await booted()
  const before = peer.calls.length
  stand.trouble.store = true
  expect(await refusal(passing(stand, issue(stand)))).toBe('store-down')
  stand.trouble.store = false
  await stand.clock.advance(10_000)
  expect([peer.calls.slice(before).map(({ action }) => action).includes('Reset'), stand.house.commands.list()]).toEqual([false, []])
})

test('the connection ends while the store takes its time and then fails: it never was, and the charge point goes on', async () => {
  const state = { held: false, fail: (): void => undefined }
  const through = (memory: MemoryStore): Store => ({
    ...memory,
    commit: (scope, epoch, batch) => (state.held ? new Promise((_, reject) => { state.fail = () => reject(new StoreUnavailable('the disk is full')) }) : memory.commit(scope, epoch, batch)),
  })
  const stand = await openHouse({ chargePoints: [{ id: 'CP1' }], through })
  const peer = await stand.boot('CP1')
  await stand.clock.advance(30_000)
  state.held = true
  const asked = refusal(passing(stand, issue(stand), 100))
  await stand.clock.advance(10)
  stand.desk.disconnected(peer, 1006, '')
  await stand.clock.advance(10)
  state.held = false
  state.fail()
  expect(await asked).toBe('store-down')
  await stand.clock.advance(10_000)
  expect([stand.logged.filter((line) => /restarted|could not be told/.test(line)), stand.house.commands.list()]).toEqual([[], []])
  expect(stand.events.filter(({ type }) => type === 'command.finished')).toEqual([])
})

describe('what the specification forbids is refused by us', () => {
  test('TriggerMessage(BootNotification) after the boot was accepted', async () => {
    const { stand } = await booted()
    for (const action of ['TriggerMessage', 'ExtendedTriggerMessage'] as const) {
      expect(await refusal(stand.house.commands.issue('CP1', action, { requestedMessage: 'BootNotification' }, {}, caller))).toBe('boot-already-accepted')
    }
  })
  test('remote start and stop while its boot is pending; reading and triggering are allowed', async () => {
    const stand = await openHouse({ chargePoints: [{ id: 'CP1', settings: { bootPolicy: 'pending' } }] })
    const peer = await stand.boot('CP1')
    await stand.clock.advance(10_000)
    expect(await refusal(stand.house.commands.issue('CP1', 'RemoteStartTransaction', { idTag: 'A' }, {}, caller))).toBe('charge-point-pending')
    expect(await refusal(stand.house.commands.issue('CP1', 'RemoteStopTransaction', { transactionId: 1 }, {}, caller))).toBe('charge-point-pending')
    expect((await passing(stand, stand.house.commands.issue('CP1', 'TriggerMessage', { requestedMessage: 'StatusNotification' }, { waitMs: 1_000 }, caller))).status).toBe('accepted')
    await expect(stand.call(peer, 'StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Available' })).resolves.toEqual({})
    await expect(stand.call(peer, 'Heartbeat', {})).rejects.toMatchObject({ code: 'SecurityError' })
  })
  test('anything at all once it was rejected', async () => {
    const stand = await openHouse({ chargePoints: [{ id: 'CP1', settings: { bootPolicy: 'reject' } }] })
    const peer = await stand.boot('CP1')
    await stand.clock.advance(10_000)
    expect(await refusal(issue(stand))).toBe('charge-point-rejected')
    expect(peer.calls).toEqual([])
    await expect(stand.call(peer, 'Heartbeat', {})).rejects.toMatchObject({ code: 'SecurityError' })
  })
})
