// The transaction machine as a table, and its deadline across a restore.
import { describe, expect, test } from 'vitest'
import { createActor } from 'xstate'
import { alarmOn } from '../../src/actors/alarm.ts'
import { draws, transactionMachine, type TransactionEvent } from '../../src/actors/transaction.ts'
import { closeUnconfirmed, openRecord, stopRecord } from '../../src/sessions/record.ts'
import { VirtualClock } from '../virtual-clock.ts'

const record = openRecord({
  id: 7, siteID: 'depot', clientID: 'CP1', connectorId: 1, idTag: 'T', idTagInfo: { status: 'Accepted' },
  startedAtMs: 0, startedAtStation: '', receivedAtMs: 0, meterStartWh: 0, reservationId: null,
})
const stopped = stopRecord(record, { meterStopWh: 5, stoppedAtMs: 9, stoppedAtStation: '', receivedAtMs: 9, reason: 'Local', idTag: null })
const events = {
  chargingStatus: { type: 'STATUS_REPORTED', connectorId: 1, status: 'Charging', errorCode: 'NoError', info: null, vendorErrorCode: null, atMs: 0, stationMs: 0 },
  suspended: { type: 'STATUS_REPORTED', connectorId: 1, status: 'SuspendedEV', errorCode: 'NoError', info: null, vendorErrorCode: null, atMs: 0, stationMs: 0 },
  available: { type: 'STATUS_REPORTED', connectorId: 1, status: 'Available', errorCode: 'NoError', info: null, vendorErrorCode: null, atMs: 0, stationMs: 0 },
  flow: { type: 'FLOWED', transactionId: 7, flowing: true },
  rest: { type: 'FLOWED', transactionId: 7, flowing: false },
  stopOrdered: { type: 'STOP_ORDERED', transactionId: 7, dueAtMs: Date.UTC(2024, 4, 1, 10, 1) },
  due: { type: 'DUE' },
  restored: { type: 'RESTORED', atMs: 0 },
  stopped: { type: 'TRANSACTION_ENDED', record: stopped },
  unconfirmed: { type: 'TRANSACTION_ENDED', record: closeUnconfirmed(record, 3) },
} satisfies Record<string, TransactionEvent>

function machineOn(clock: VirtualClock) {
  return transactionMachine.provide({ actors: { alarm: alarmOn(clock) } })
}

const ways: Record<string, (keyof typeof events)[]> = {
  starting: [], charging: ['flow'], idle: ['rest'], stopping: ['flow', 'stopOrdered'], stopped: ['stopped'], unconfirmed: ['unconfirmed'],
}

function stateAfter(names: readonly (keyof typeof events)[]): string {
  const actor = createActor(machineOn(new VirtualClock()), { input: { record, bootsAtStart: 0 } }).start()
  for (const name of names) actor.send(events[name])
  return actor.getSnapshot().value
}

const table: Record<keyof typeof events, Record<string, string>> = {
  chargingStatus: { starting: 'charging', charging: 'charging', idle: 'charging', stopping: 'stopping', stopped: 'stopped', unconfirmed: 'unconfirmed' },
  suspended: { starting: 'idle', charging: 'idle', idle: 'idle', stopping: 'stopping', stopped: 'stopped', unconfirmed: 'unconfirmed' },
  // Status never ends a transaction.
  available: { starting: 'starting', charging: 'charging', idle: 'idle', stopping: 'stopping', stopped: 'stopped', unconfirmed: 'unconfirmed' },
  flow: { starting: 'charging', charging: 'charging', idle: 'charging', stopping: 'stopping', stopped: 'stopped', unconfirmed: 'unconfirmed' },
  rest: { starting: 'idle', charging: 'idle', idle: 'idle', stopping: 'stopping', stopped: 'stopped', unconfirmed: 'unconfirmed' },
  stopOrdered: { starting: 'stopping', charging: 'stopping', idle: 'stopping', stopping: 'stopping', stopped: 'stopped', unconfirmed: 'unconfirmed' },
  due: { starting: 'starting', charging: 'charging', idle: 'idle', stopping: 'charging', stopped: 'stopped', unconfirmed: 'unconfirmed' },
  restored: { starting: 'starting', charging: 'charging', idle: 'idle', stopping: 'stopping', stopped: 'stopped', unconfirmed: 'unconfirmed' },
  stopped: { starting: 'stopped', charging: 'stopped', idle: 'stopped', stopping: 'stopped', stopped: 'stopped', unconfirmed: 'stopped' },
  unconfirmed: { starting: 'unconfirmed', charging: 'unconfirmed', idle: 'unconfirmed', stopping: 'unconfirmed', stopped: 'stopped', unconfirmed: 'unconfirmed' },
}

describe.each(Object.entries(table))('%s', (event, row) => {
  test.each(Object.entries(row))('in %s → %s', (from, to) => {
    expect(stateAfter([...(ways[from] ?? []), event as keyof typeof events])).toBe(to)
  })
})

test.each([
  [{ currentA: { L1: 16 }, powerW: null }, true],
  [{ currentA: { L2: 0.6 }, powerW: 0 }, true],
  [{ currentA: { L1: 0.5, L2: 0, L3: 0.1 }, powerW: 5_000 }, false],
  [{ currentA: null, powerW: 101 }, true],
  [{ currentA: null, powerW: 100 }, false],
  [{ currentA: null, powerW: null }, null],
])('a reading shows a flow, none, or says nothing of it: %j → %s', (reading, flowing) => {
  expect(draws(reading)).toBe(flowing)
})

test('an ordered stop that never comes: back to what it was, also when the process was restarted in between', async () => {
  const clock = new VirtualClock()
  const before = createActor(machineOn(clock), { input: { record, bootsAtStart: 0 } }).start()
  before.send(events.flow)
  before.send({ type: 'STOP_ORDERED', transactionId: 7, dueAtMs: clock.wall() + 60_000 })
  await clock.advance(30_000)
  const kept: unknown = JSON.parse(JSON.stringify(before.getPersistedSnapshot()))
  before.stop()
  expect(clock.pending).toBe(0)
  const restored = createActor(machineOn(clock), { snapshot: kept as ReturnType<typeof before.getSnapshot>, input: { record, bootsAtStart: 0 } }).start()
  expect(restored.getSnapshot().value).toBe('stopping')
  await clock.advance(29_999)
  expect(restored.getSnapshot().value).toBe('stopping')
  await clock.advance(1)
  expect(restored.getSnapshot().value).toBe('charging')
})

test('an overdue deadline fires at once; a second order does not move it', async () => {
  const clock = new VirtualClock()
  const actor = createActor(machineOn(clock), { input: { record, bootsAtStart: 0 } }).start()
  actor.send({ type: 'STOP_ORDERED', transactionId: 7, dueAtMs: clock.wall() - 5 })
  actor.send({ type: 'STOP_ORDERED', transactionId: 7, dueAtMs: clock.wall() + 5_000_000 })
  await clock.advance(0)
  expect(actor.getSnapshot().value).toBe('starting')
})
