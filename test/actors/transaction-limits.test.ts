// Transactions end at their limits, whatever happens on the way; and a clock that is off is told.
import { expect, test } from 'vitest'
import type { Settings } from '../../src/settings.ts'
import { asRecord, recordKey } from '../../src/sessions/record.ts'
import { tariffVersionSchema } from '../../src/sessions/tariff.ts'
import { openStand, meterValue, type Stand, type StandOptions } from './family-stand.ts'
import { Peer } from './site-stand.ts'

let generation = 0

async function comes(stand: Stand, boot = true, script: Peer['script'] = () => ({ status: 'Accepted' })): Promise<Peer> {
  const peer = new Peer(stand.clock, 'CP1', ++generation)
  peer.script = script
  stand.family.connected(peer)
  if (boot) await stand.send('BootNotification', { chargePointVendor: 'Acme', chargePointModel: 'One' }, peer)
  await stand.clock.advance(1_000)
  return peer
}

function goes(stand: Stand, peer: Peer): void {
  peer.cut()
  stand.family.disconnected(peer, 1006)
}

const start = async (stand: Stand, peer: Peer, connectorId = 1) => {
  const { transactionId } = await stand.send('StartTransaction', { connectorId, idTag: 'TAG', meterStart: 1_000, timestamp: stand.iso() }, peer)
  await stand.clock.advance(1_000)
  return transactionId
}
const meter = (stand: Stand, peer: Peer, transactionId: number, energyWh: number, connectorId = 1) =>
  stand.send('MeterValues', { connectorId, transactionId, meterValue: [meterValue(stand.iso(), { energyWh })] }, peer)
const stops = (peer: Peer) => peer.calls.filter(({ action }) => action === 'RemoteStopTransaction').map(({ payload }) => (payload as { transactionId: number }).transactionId)
const open = (settings: Settings, more: StandOptions = {}) => openStand({ settings, ...more })
const warnings = (stand: Stand) => stand.events.filter(({ type }) => type === 'transaction.warning').map(({ data }) => data)
const recordOf = (stand: Stand, id: number) => asRecord(stand.scope.get(recordKey(id)))!
const euros = tariffVersionSchema.parse({ id: 'day', currency: 'EUR', perKWhMinor: 30, perMinuteMinor: 1, version: 3 })
const billing = () => ({ timezone: 'UTC', tariff: euros })
/** A reading every `everyS` for `forS`, the register from `fromWh` on. */
async function charges(stand: Stand, peer: Peer, id: number, { fromWh, watts, forS, everyS = 60 }: { fromWh: number; watts: number; forS: number; everyS?: number }): Promise<number> {
  let energyWh = fromWh
  for (let s = 0; s < forS; s += everyS) {
    await stand.clock.advance(everyS * 1000)
    energyWh += (watts * everyS) / 3600
    await meter(stand, peer, id, energyWh)
  }
  return energyWh
}

test('at its energy: once, with the reason told', async () => {
  const stand = await open({ transactionLimits: { energyWh: 2_000 } })
  const peer = await comes(stand)
  const id = await start(stand, peer)
  for (const energyWh of [1_500, 2_900]) {
    await stand.clock.advance(600_000)
    await meter(stand, peer, id, energyWh)
  }
  await stand.clock.advance(15_000)
  expect(stops(peer)).toEqual([])
  await stand.clock.advance(600_000)
  await meter(stand, peer, id, 3_000)
  await stand.clock.advance(15_000)
  expect(stops(peer)).toEqual([id])
  expect(stand.logged).toContain('a transaction has reached its limit and is stopped')
  expect(stand.events).toContainEqual(expect.objectContaining({ type: 'transaction.updated', connectorId: 1, data: expect.objectContaining({ id, limitReached: 'energyWh' }) }))
})

test('at its time, although nobody says anything', async () => {
  const stand = await open({ transactionLimits: { durationS: 3_600 } })
  const peer = await comes(stand)
  const id = await start(stand, peer)
  await stand.clock.advance(3_590_000)
  expect(stops(peer)).toEqual([])
  await stand.clock.advance(15_000)
  expect(stops(peer)).toEqual([id])
})

test('no limit, no stop', async () => {
  const stand = await open({})
  const peer = await comes(stand)
  await start(stand, peer)
  await stand.clock.advance(90 * 86_400_000)
  expect(stops(peer)).toEqual([])
})

test('over a restart, and for one that was away when its time came: when it is back', async () => {
  const before = await open({ transactionLimits: { durationS: 3_600 } })
  const away = await comes(before)
  const id = await start(before, away)
  goes(before, away)
  const stand = await before.restart({ crash: false })
  await stand.clock.advance(7_200_000)
  const peer = await comes(stand)
  await stand.clock.advance(1_000)
  expect(stops(peer)).toEqual([id])
})

test('one that refuses is asked again, three times and not for ever; one that has stopped is left alone', async () => {
  const stand = await open({ transactionLimits: { durationS: 60 } })
  const peer = await comes(stand, true, () => ({ status: 'Rejected' }))
  const id = await start(stand, peer)
  await stand.clock.advance(3_600_000)
  expect(stops(peer)).toEqual([id, id, id, id])
  await stand.send('StopTransaction', { transactionId: id, meterStop: 1_100, timestamp: stand.iso() }, peer)
  const next = await start(stand, peer)
  await stand.clock.advance(90_000)
  await stand.send('StopTransaction', { transactionId: next, meterStop: 1_200, timestamp: stand.iso() }, peer)
  await stand.clock.advance(3_600_000)
  expect(stops(peer).slice(4)).toEqual([next])
})

test('a clock further off than it may be is told, and no longer once it is right', async () => {
  const stand = await open({ clockSkewAlertS: 20 })
  const peer = await comes(stand)
  const status = (aheadMs: number) => stand.send('StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Available', timestamp: stand.iso(aheadMs) }, peer)
  await status(15_000)
  expect([...stand.conditions]).toEqual([])
  await status(45_000)
  expect([...stand.conditions]).toEqual([['clock-skew', 'The clock of CP1 is 45 s ahead; its times are corrected by that. Check its time source.']])
  for (let turn = 0; turn < 10; turn++) {
    await stand.clock.advance(30_000)
    await status(0)
  }
  expect([...stand.conditions]).toEqual([])
})

test('one reading that says nonsense stops nobody', async () => {
  const stand = await open({ transactionLimits: { energyWh: 20_000, costMinor: 700 } }, { billing })
  const peer = await comes(stand)
  const id = await start(stand, peer)
  const energyWh = await charges(stand, peer, id, { fromWh: 1_000, watts: 7_000, forS: 3_600 })
  await stand.clock.advance(3_600_000)
  await meter(stand, peer, id, energyWh + 22_000)
  await stand.clock.advance(60_000)
  await meter(stand, peer, id, energyWh + 7_000)
  await stand.clock.advance(60_000)
  expect(stops(peer)).toEqual([])
  expect(warnings(stand).map((data) => data['limit'])).toEqual([])
})

test('people are warned once before the end, also over a restart', async () => {
  const before = await open({ transactionLimits: { energyWh: 10_000, durationS: 7_200, costMinor: 1_000 } }, { billing })
  const peer = await comes(before)
  const id = await start(before, peer)
  const energyWh = await charges(before, peer, id, { fromWh: 1_000, watts: 9_000, forS: 3_700 })
  expect(warnings(before)).toEqual([expect.objectContaining({ transactionId: id, limit: 'energyWh', value: 10_000, at: null, remainingWh: expect.any(Number) as number })])
  goes(before, peer)
  const stand = await before.restart({ crash: false })
  const back = await comes(stand)
  await charges(stand, back, id, { fromWh: energyWh, watts: 0, forS: 3_300 })
  expect(warnings(stand)).toEqual([expect.objectContaining({ limit: 'durationS', value: 7_200, at: new Date(recordOf(stand, id).startedAtMs + 7_200_000).toISOString(), remainingS: expect.any(Number) as number })])
  expect(stops(back)).toEqual([])
})

test('at its cost, by energy and by time alone', async () => {
  const stand = await open({ transactionLimits: { costMinor: 200 } }, { billing })
  const peer = await comes(stand)
  const id = await start(stand, peer)
  // 60 minutes and 2 kWh: 120.
  const energyWh = await charges(stand, peer, id, { fromWh: 1_000, watts: 2_000, forS: 3_600 })
  await charges(stand, peer, id, { fromWh: energyWh, watts: 0, forS: 3_600, everyS: 900 })
  expect(stops(peer)).toEqual([])
  await stand.clock.advance(1_210_000)
  expect(stops(peer)).toEqual([id])
  expect(warnings(stand)).toEqual([expect.objectContaining({ limit: 'costMinor', value: 200, currency: 'EUR' })])
  expect(recordOf(stand, id).stoppedBy).toMatchObject({ cause: 'cost-limit', by: 'kwota' })
})

test('at the end of its idle time, and not while it is paused by us', async () => {
  const stand = await open({ idleTimeoutS: 1_800 })
  const peer = await comes(stand)
  const id = await start(stand, peer)
  const status = (word: 'Charging' | 'SuspendedEV' | 'SuspendedEVSE') => stand.send('StatusNotification', { connectorId: 1, errorCode: 'NoError', status: word, timestamp: stand.iso() }, peer)
  await status('Charging')
  const energyWh = await charges(stand, peer, id, { fromWh: 1_000, watts: 7_000, forS: 1_200 })
  await status('SuspendedEVSE')
  await charges(stand, peer, id, { fromWh: energyWh, watts: 0, forS: 7_200 })
  expect(stops(peer)).toEqual([])
  await status('SuspendedEV')
  await charges(stand, peer, id, { fromWh: energyWh, watts: 0, forS: 1_680 })
  expect(stops(peer)).toEqual([])
  expect(warnings(stand)).toEqual([expect.objectContaining({ limit: 'idleTimeoutS', value: 1_800, at: expect.any(String) as string })])
  await charges(stand, peer, id, { fromWh: energyWh, watts: 0, forS: 120 })
  expect(stops(peer)).toEqual([id])
  expect(recordOf(stand, id).stoppedBy).toMatchObject({ cause: 'idle-timeout', by: 'kwota' })
})

test('why it is stopped is on record before it is asked, and stays there', async () => {
  const stand = await open({ transactionLimits: { durationS: 60 } })
  let seen: unknown
  const peer = await comes(stand, true, (action) => {
    if (action === 'RemoteStopTransaction') seen = recordOf(stand, id).stoppedBy
    return { status: 'Accepted' }
  })
  const id = await start(stand, peer)
  await stand.clock.advance(75_000)
  expect(seen).toMatchObject({ cause: 'duration-limit', by: 'kwota' })
  await stand.send('StopTransaction', { transactionId: id, meterStop: 1_100, timestamp: stand.iso(), reason: 'Remote' }, peer)
  expect(recordOf(stand, id)).toMatchObject({ status: 'stopped', stopReason: 'Remote', stoppedBy: { cause: 'duration-limit', by: 'kwota' } })
})

test('one that does not stop is given nothing more and people are told, until it has ended; over a restart too', async () => {
  const before = await open({ transactionLimits: { durationS: 60 } })
  const peer = await comes(before)
  const id = await start(before, peer)
  await before.clock.advance(200_000)
  expect([...before.site.withheld]).toEqual([])
  await before.clock.advance(200_000)
  expect(stops(peer)).toEqual([id, id, id, id])
  expect([...before.site.withheld]).toEqual([['CP1/1', id]])
  expect([...before.conditions.keys()]).toEqual([`transaction-not-stopped ${id}`])
  goes(before, peer)
  const stand = await before.restart()
  await stand.clock.advance(1_000)
  expect([...stand.site.withheld]).toEqual([['CP1/1', id]])
  expect([...stand.conditions.keys()]).toEqual([`transaction-not-stopped ${id}`])
  const back = await comes(stand, false)
  await stand.clock.advance(1_000)
  expect(stops(back)).toEqual([id])
  await stand.send('StopTransaction', { transactionId: id, meterStop: 1_100, timestamp: stand.iso() }, back)
  await stand.clock.advance(1_000)
  expect([...stand.site.withheld]).toEqual([['CP1/1', null]])
  expect([...stand.conditions.keys()]).toEqual([])
})

test('the lowest of its settings, its id tag and its own counts', async () => {
  const stand = await openStand({ settings: { transactionLimits: { durationS: 7_200 } }, policy: ['local'], idTags: [{ id: 'TAG', status: 'Accepted', limits: { durationS: 3_600 } }] })
  const peer = await comes(stand)
  const id = await start(stand, peer)
  await stand.clock.advance(3_590_000)
  expect(stops(peer)).toEqual([])
  await stand.clock.advance(30_000)
  expect(stops(peer)).toEqual([id])
})
