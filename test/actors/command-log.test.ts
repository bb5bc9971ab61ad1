// Who waits for a command is always told: by its end, or because nothing is known of it any more.
import { expect, test } from 'vitest'
import { CommandLog } from '../../src/actors/command-log.ts'
import { beginRecord, requestKey, type CommandRecord } from '../../src/actors/command-record.ts'
import { Refusal } from '../../src/actors/house.ts'
import { openScope } from '../../src/actors/scope.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { VirtualClock } from '../virtual-clock.ts'
import { caller, openHouse } from './house-stand.ts'
import { accept } from './site-stand.ts'

async function openLog() {
  const clock = new VirtualClock()
  const store = createMemoryStore()
  const scope = await openScope({ store, name: 'main', clock })
  const log = new CommandLog({ clock, emit: () => undefined })
  const issue = (id: string, changes: Partial<CommandRecord> = {}): CommandRecord => {
    const record = { ...beginRecord({ id, siteID: 'main', clientID: 'CP1', action: 'Reset', createdAtMs: clock.wall(), createdBy: 'tester', requestId: 'r', batchId: null, expiresAtMs: null, request: {} }), ...changes }
    log.put(record, scope)
    return record
  }
  const told = (id: string): (() => boolean) => {
    let yes = false
    void log.wait(id, 60_000).then(() => { yes = true })
    return () => yes
  }
  return { clock, store, scope, log, issue, told }
}

test.each([
  ['withdrawn', (log: CommandLog) => log.withdraw('cmd_1')],
  ['of a site that is no more', (log: CommandLog, scope: Parameters<CommandLog['drop']>[0]) => log.drop(scope)],
] as const)('%s: who waits goes on, and no timer stays', async (_title, forget) => {
  const { clock, scope, log, issue, told } = await openLog()
  issue('cmd_1')
  const isTold = told('cmd_1')
  forget(log, scope)
  await clock.advance(0)
  expect([isTold(), log.get('cmd_1'), clock.pending]).toEqual([true, undefined, 0])
})

test('the oldest finished one that makes room: who waits for its end to be durable goes on', async () => {
  const { clock, scope, log, issue, told } = await openLog()
  const first = issue('cmd_0')
  const isTold = told('cmd_0')
  log.put({ ...first, status: 'accepted' }, scope)
  for (let count = 1; count <= 5_000; count++) issue(`cmd_${count}`, { status: 'accepted' })
  await clock.advance(0)
  expect([isTold(), log.get('cmd_0')]).toEqual([true, undefined])
})

test('a change of one that belongs to another site stays in the records of that site', async () => {
  const { clock, store, log, issue } = await openLog()
  const record = issue('cmd_1', { status: 'accepted' })
  const elsewhere = await openScope({ store, name: 'annex', clock })
  log.put({ ...record, progress: [{ status: 'Installed', atMs: 1 }] }, elsewhere)
  await clock.advance(0)
  expect(elsewhere.entries('command:')).toEqual([])
  expect((await store.read('main')).get('command:cmd_1')).toMatchObject({ progress: [{ status: 'Installed' }] })
})

test('a request that is kept without a command that waits is forgotten at the start', async () => {
  const { clock, store, scope, issue } = await openLog()
  for (const [id, status] of [['cmd_1', 'queued'], ['cmd_2', 'accepted']] as const) {
    issue(id, { status })
    scope.put(requestKey(id), {})
  }
  scope.put(requestKey('cmd_3'), {})
  await scope.close()
  const again = await openScope({ store, name: 'main', clock })
  new CommandLog({ clock, emit: () => undefined }).restore(again)
  expect(again.entries('request:').map(([key]) => key)).toEqual([requestKey('cmd_1')])
})

test('what kwota waits for by itself is refused when nothing is known of it any more', async () => {
  const { directory, clock, boot } = await openHouse({ chargePoints: [{ id: 'CP1' }] })
  const peer = await boot('CP1')
  await clock.advance(30_000)
  peer.script = (action, payload) => (action === 'ClearCache' ? 'hold' : accept(action, payload))
  const ordered = directory.estate.point('CP1')!.family!.station.order('ClearCache', {}).then(() => 'ended', (error: unknown) => error)
  await clock.advance(100)
  const [command] = directory.estate.commands.liveOf('CP1')
  directory.estate.commands.withdraw(command!.id)
  await clock.advance(100)
  const refused = await ordered
  expect(refused).toBeInstanceOf(Refusal)
  expect(refused).toMatchObject({ kind: 'not-found', code: 'unknown-command' })
})

test('the site of a charge point is deleted while a stop at its limit is on its way: nothing is left unhandled', async () => {
  const stand = await openHouse({ sites: [{ id: 'main' }, { id: 'annex' }], chargePoints: [{ id: 'CP1', site: 'annex', settings: { transactionLimits: { durationS: 60 } } }] })
  const peer = await stand.boot('CP1')
  await stand.clock.advance(15_000)
  peer.script = (action, payload) => (action === 'RemoteStopTransaction' ? 'hold' : accept(action, payload))
  const transactionId = await stand.start(peer)
  await stand.clock.advance(65_000)
  await stand.call(peer, 'StopTransaction', { transactionId, meterStop: 10, timestamp: new Date(stand.clock.wall()).toISOString() })
  const [stop] = stand.directory.estate.commands.liveOf('CP1')
  for (const go of [() => stand.house.deleteChargePoint('CP1', caller), () => stand.house.deleteSite('annex', caller)]) {
    const going = go()
    await stand.clock.advance(100)
    await going
  }
  await stand.clock.advance(3_600_000)
  expect(stop).toMatchObject({ action: 'RemoteStopTransaction' })
  expect(stand.logged.filter((line) => line === 'a transaction at its limit was not stopped; it is asked again')).toHaveLength(1)
})
