// The connector machine as a table: what each fact does in each state, nothing included.
import { describe, expect, test } from 'vitest'
import { createActor } from 'xstate'
import { connectorMachine, limitStates, type ConnectorEvent } from '../../src/actors/connector.ts'

const reported = (status: string): ConnectorEvent => ({ type: 'STATUS_REPORTED', connectorId: 1, status, errorCode: 'NoError', info: null, vendorErrorCode: null, atMs: 5, stationMs: 7 })

function after(...events: ConnectorEvent[]) {
  const actor = createActor(connectorMachine, { input: { connectorId: 1 } }).start()
  for (const event of events) actor.send(event)
  return actor.getSnapshot()
}

const table: [string, string][] = [
  ['Available', 'available'], ['Preparing', 'preparing'], ['Charging', 'charging'], ['SuspendedEV', 'suspended'], ['SuspendedEVSE', 'suspended'],
  ['Finishing', 'finishing'], ['Reserved', 'reserved'], ['Unavailable', 'unavailable'], ['Faulted', 'faulted'],
]

describe('status', () => {
  test('unheard of until it speaks', () => {
    expect(after()).toMatchObject({ value: { status: 'unavailable', limit: 'none' }, context: { status: 'Unknown', statusAtMs: null } })
  })
  test.each(table)('%s from anywhere → %s', (status, state) => {
    for (const [from] of table) {
      expect(after(reported(from), reported(status))).toMatchObject({ value: { status: state, limit: 'none' }, context: { status, statusAtMs: 5, statusStationMs: 7 } })
    }
  })
  test('a status nobody knows is kept and moves nothing', () => {
    expect(after(reported('Charging'), reported('Dreaming'))).toMatchObject({ value: { status: 'charging' }, context: { status: 'Dreaming' } })
  })
})

describe('the mirror of the ledger row', () => {
  test.each(limitStates)('%s from anywhere, without touching the status', (limit) => {
    for (const from of limitStates) {
      const events: ConnectorEvent[] = [reported('Charging'), { type: 'LIMIT_MIRRORED', connectorId: 1, limit: from }, { type: 'LIMIT_MIRRORED', connectorId: 1, limit }]
      expect(after(...events).value).toEqual({ status: 'charging', limit })
    }
  })
  test('a status does not touch the mirror', () => {
    expect(after({ type: 'LIMIT_MIRRORED', connectorId: 1, limit: 'settled' }, reported('Charging')).value).toEqual({ status: 'charging', limit: 'settled' })
  })
  test('it holds no amps', () => {
    expect(Object.keys(after().context)).not.toContain('limitA')
  })
})
