// The root machine of a charge point as a table: connection, boot, update, quarantine; and one transaction per connector by construction.
import { describe, expect, test } from 'vitest'
import { createActor } from 'xstate'
import { givePorts } from '../../src/actors/actor-ports.ts'
import { connectorsOf, runningMachine, transactionsOf } from '../../src/actors/charge-point.ts'
import type { ChargePointEvent } from '../../src/actors/charge-point-facts.ts'
import { closeUnconfirmed, openRecord } from '../../src/sessions/record.ts'
import { VirtualClock } from '../virtual-clock.ts'

const record = (id: number, connectorId = 1) => openRecord({
  id, siteID: 'depot', clientID: 'CP1', connectorId, idTag: 'T', idTagInfo: { status: 'Accepted' },
  startedAtMs: 0, startedAtStation: '', receivedAtMs: 0, meterStartWh: 0, reservationId: null,
})
const started = (id: number, connectorId = 1): ChargePointEvent => ({ type: 'TRANSACTION_STARTED', record: record(id, connectorId), bootsAtStart: 0 })
const noticed = (status: string): ChargePointEvent => ({ type: 'NOTICED', topic: 'firmware', status, atMs: Date.UTC(2024, 4, 1, 10), requestId: null })

const events = {
  connected: { type: 'CONNECTED', session: { id: 'a', generation: 1, remoteAddress: '::1' }, atMs: 1 },
  replaced: { type: 'CONNECTED', session: { id: 'b', generation: 2, remoteAddress: '::1' }, atMs: 2 },
  gone: { type: 'DISCONNECTED', sessionId: 'a', atMs: 3, lastSeenAtMs: 3 },
  goneB: { type: 'DISCONNECTED', sessionId: 'b', atMs: 3, lastSeenAtMs: 3 },
  boot: { type: 'BOOT_ACCEPTED', boot: { chargePointVendor: 'Acme' }, atMs: 1 },
  installing: noticed('Installing'),
  installed: noticed('Installed'),
  due: { type: 'DUE' },
  quarantined: { type: 'QUARANTINED' },
  restored: { type: 'RESTORED', atMs: 4 },
} satisfies Record<string, ChargePointEvent>
type Name = keyof typeof events

function run(names: readonly (Name | ChargePointEvent)[], accepted = false) {
  const actor = givePorts(createActor(runningMachine, { input: { clientID: 'CP1', connectorIds: [1, 2], accepted } }), { clock: new VirtualClock(), told: { commandDue: () => undefined, reservationDue: () => undefined } })
  const errors: unknown[] = []
  actor.subscribe({ error: (error) => errors.push(error) })
  actor.start()
  for (const one of names) actor.send(typeof one === 'string' ? events[one] : one)
  expect(errors).toEqual([])
  return actor.getSnapshot()
}

describe('sequence', () => {
  const rows: [Name[], string, string?][] = [
    [[], 'offline'],
    [['connected'], 'booting'],
    [['boot'], 'offline', 'a boot without a connection is nobody\'s'],
    [['connected', 'boot'], 'online'],
    [['connected', 'boot', 'boot'], 'online'],
    [['connected', 'gone'], 'offline'],
    [['connected', 'boot', 'gone'], 'offline'],
    [['connected', 'boot', 'gone', 'replaced'], 'online', 'resumes without a boot'],
    [['connected', 'boot', 'replaced'], 'online'],
    [['connected', 'boot', 'replaced', 'gone'], 'online', 'a late close of the old connection does nothing'],
    [['replaced', 'boot', 'connected', 'gone'], 'online', 'an older connection does nothing'],
    [['connected', 'boot', 'replaced', 'goneB'], 'offline'],
    [['connected', 'boot', 'installing'], 'updating'],
    [['connected', 'boot', 'installing', 'installed'], 'online'],
    [['connected', 'boot', 'installing', 'gone'], 'updating', 'it restarts while it updates'],
    [['connected', 'boot', 'installing', 'gone', 'replaced', 'boot'], 'online', 'a boot ends it'],
    [['connected', 'boot', 'installing', 'gone', 'due'], 'offline'],
    [['connected', 'boot', 'installing', 'due'], 'online'],
    [['connected', 'installing'], 'booting'],
    [['connected', 'boot', 'due'], 'online'],
    [['connected', 'boot', 'restored'], 'offline'],
    [['connected', 'boot', 'quarantined'], 'quarantined'],
    [['connected', 'boot', 'quarantined', 'gone', 'replaced', 'boot', 'installing', 'due'], 'quarantined', 'nothing but a restart'],
    [['connected', 'boot', 'quarantined', 'restored'], 'offline'],
  ]
  test.each(rows)('%j → %s %s', (names, state) => {
    expect(run(names).value).toBe(state)
  })
  test('known from before: online at once', () => {
    expect(run(['connected'], true).value).toBe('online')
  })
})

describe('facts', () => {
  test('the newest session and who it was', () => {
    expect(run(['connected', 'boot', 'replaced', 'gone']).context).toMatchObject({ session: { id: 'b', generation: 2 }, boots: 1, boot: { chargePointVendor: 'Acme' }, connectionSinceMs: 2 })
  })
  test('security events are bounded', () => {
    const many = Array.from({ length: 30 }, (_, at): ChargePointEvent => ({ type: 'SECURITY_EVENT', event: { type: `e${at}`, timestamp: '', techInfo: null, atMs: at } }))
    const kept = run(many).context.securityEvents
    expect([kept.length, kept.at(-1)?.type]).toEqual([20, 'e29'])
  })
  test('a connector is added once', () => {
    const added: ChargePointEvent = { type: 'CONNECTOR_ADDED', connectorId: 5 }
    expect(connectorsOf(run([added, added, { type: 'CONNECTOR_ADDED', connectorId: 1 }])).map(({ connectorId }) => connectorId)).toEqual([1, 2, 5])
  })
})

describe('transactions', () => {
  const ids = (names: readonly ChargePointEvent[]) => transactionsOf(run(names)).map(({ record: { id } }) => id)
  const ended = (id: number): ChargePointEvent => ({ type: 'TRANSACTION_ENDED', record: closeUnconfirmed(record(id), 1) })
  test.each<[string, ChargePointEvent[], number[]]>([
    ['one', [started(7)], [7]],
    ['a second one on the same connector: nothing happens', [started(7), started(8)], [7]],
    ['one on each connector', [started(7), started(8, 2)], [7, 8]],
    ['ended', [started(7), ended(7)], []],
    ['ended twice: nothing happens', [started(7), ended(7), ended(7)], []],
    ['another one ended: nothing happens', [started(7), ended(8)], [7]],
    ['next one', [started(7), ended(7), started(8)], [8]],
    ['one that has ended does not start', [{ type: 'TRANSACTION_STARTED', record: closeUnconfirmed(record(7), 1), bootsAtStart: 0 }], []],
  ])('%s', (_, sequence, left) => {
    expect(ids(sequence)).toEqual(left)
  })
  test('status reaches the connector and its transaction, and no other', () => {
    const snapshot = run([started(7), started(8, 2), { type: 'STATUS_REPORTED', connectorId: 2, status: 'Charging', errorCode: 'NoError', info: null, vendorErrorCode: null, atMs: 1, stationMs: 1 }])
    expect(connectorsOf(snapshot).map(({ status }) => status)).toEqual(['Unknown', 'Charging'])
    expect(transactionsOf(snapshot).map(({ record: { status } }) => status)).toEqual(['starting', 'charging'])
  })
})

describe('what is said to a child that is gone, or never was, concerns nobody', () => {
  const issued: ChargePointEvent = { type: 'COMMAND_ISSUED', command: { id: 'c1', action: 'Reset', expiresAtMs: null } }
  const over: ChargePointEvent = { type: 'COMMAND_ENDED', commandId: 'c1', end: 'failed' }
  const over7: ChargePointEvent = { type: 'TRANSACTION_ENDED', record: closeUnconfirmed(record(7), 1) }
  test.each<[string, ChargePointEvent[]]>([
    ['a command that ended', [issued, over, over]],
    ['a command that was sent after it ended', [issued, over, { type: 'COMMAND_SENT', commandId: 'c1' }]],
    ['a command nobody issued', [over]],
    ['a transaction that ended', [started(7), over7, { type: 'TRANSACTION_TOLD', transactionId: 7 }]],
    ['a stop that was ordered too late', [started(7), over7, { type: 'STOP_ORDERED', transactionId: 7, dueAtMs: 5 }]],
    ['a flow after the end', [started(7), over7, { type: 'FLOWED', transactionId: 7, flowing: true }]],
    ['a reservation nobody made', [{ type: 'RESERVATION_ENDED', reservationId: 3, end: 'cancelled' }]],
  ])('%s', (_, sequence) => {
    expect(run(sequence).value).toBe('offline')
  })
})
