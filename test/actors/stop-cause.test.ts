// Who made a transaction stop stays in its record: people by name, kwota with its reason, and nobody where it was not carried out.
import { expect, test } from 'vitest'
import { asRecord, recordKey } from '../../src/sessions/record.ts'
import { meterValue } from './family-stand.ts'
import { caller, charging } from './house-stand.ts'
import { accept } from './site-stand.ts'

async function open() {
  const stand = await charging()
  const record = () => asRecord(stand.directory.estate.sites.get('main')!.scope.get(recordKey(stand.id)))!
  const stop = () => stand.call(stand.peer, 'StopTransaction', { transactionId: stand.id, meterStop: 1_000, timestamp: new Date(stand.clock.wall()).toISOString(), reason: 'Remote' })
  const ask = async (how: { expiresAt?: string } = {}) => {
    const issued = stand.house.commands.issue('CP1', 'RemoteStopTransaction', { transactionId: stand.id }, how, caller)
    await stand.clock.advance(1_000)
    return issued
  }
  return { ...stand, record, stop, ask }
}

test('a person by name, on record before it is sent', async () => {
  const { peer, record, stop, ask, house, id } = await open()
  let seen: unknown
  peer.script = (action, payload) => {
    if (action === 'RemoteStopTransaction') seen = record().stoppedBy
    return accept(action, payload)
  }
  await ask()
  expect(seen).toMatchObject({ cause: 'remote-stop', by: caller.name })
  await stop()
  expect((await house.records.get(id)).stoppedBy).toMatchObject({ cause: 'remote-stop', by: caller.name })
})

test('nobody, where the charge point rejects it', async () => {
  const { peer, record, ask } = await open()
  peer.script = (action, payload) => (action === 'RemoteStopTransaction' ? { status: 'Rejected' } : accept(action, payload))
  await ask()
  expect(record()).toMatchObject({ stoppedBy: null, trail: [{ what: 'stop-ordered', by: caller.name }, { what: 'stop-called-off' }] })
})

test('of one that may wait, once the charge point has accepted it', async () => {
  const { clock, desk, peer, boot, record, ask } = await open()
  peer.cut()
  desk.disconnected(peer, 1006, '')
  await ask({ expiresAt: new Date(clock.wall() + 600_000).toISOString() })
  expect(record().stoppedBy).toBeNull()
  await boot('CP1')
  await clock.advance(10_000)
  expect(record().stoppedBy).toMatchObject({ cause: 'remote-stop', by: caller.name })
})

test.each([['kwota, where a charger goes on disobeying', false], ['whoever asked for it before it was found to disobey', true]])('%s', async (_, isAsked) => {
  const { clock, house, peer, id, record, call, ask } = await open()
  if (isAsked) await ask()
  await house.setGridLimit('main', { currentA: 10 }, caller)
  await clock.advance(20_000)
  for (let s = 0; s < 120; s += 10) {
    await call(peer, 'MeterValues', { connectorId: 1, transactionId: id, meterValue: [meterValue(new Date(clock.wall()).toISOString(), { currentA: 32 })] })
    await clock.advance(9_990)
  }
  expect(record().stoppedBy).toMatchObject(isAsked ? { cause: 'remote-stop', by: caller.name } : { cause: 'disobeying', by: 'kwota' })
  expect(record().trail.filter(({ what }) => what === 'stop-ordered').map(({ by, after }) => [by, after])).toEqual([...(isAsked ? [[caller.name, { cause: 'remote-stop' }]] : []), ['kwota', { cause: 'disobeying' }]])
})
