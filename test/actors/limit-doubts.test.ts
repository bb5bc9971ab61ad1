// What a limit must not do on half a word: a car that may charge again goes on, one that is given nothing stays so over a restart, and nothing is told for ever.
import { expect, test } from 'vitest'
import { MeterHistory } from '../../src/actors/meter-history.ts'
import { noteStop } from '../../src/actors/stop-cause.ts'
import { watchLimits } from '../../src/actors/transaction-limits.ts'
import { idTagSchema } from '../../src/settings.ts'
import { tariffVersionSchema } from '../../src/sessions/tariff.ts'
import { openStand, meterValue, type Stand, type StandOptions } from './family-stand.ts'
import { caller, openHouse } from './house-stand.ts'
import { Peer } from './site-stand.ts'

let generation = 0

async function comes(stand: Stand, boot = true): Promise<Peer> {
  const peer = new Peer(stand.clock, 'CP1', ++generation)
  peer.script = () => ({ status: 'Accepted' })
  stand.family.connected(peer)
  if (boot) await stand.send('BootNotification', { chargePointVendor: 'Acme', chargePointModel: 'One' }, peer)
  await stand.clock.advance(1_000)
  return peer
}

function goes(stand: Stand, peer: Peer): void {
  peer.cut()
  stand.family.disconnected(peer, 1006)
}

async function start(stand: Stand, peer: Peer): Promise<number> {
  const { transactionId } = await stand.send('StartTransaction', { connectorId: 1, idTag: 'TAG', meterStart: 1_000, timestamp: stand.iso() }, peer)
  await stand.clock.advance(1_000)
  return transactionId
}

/** A reading every `everyS` for `forS`, the register from `fromWh` on. */
async function charges(stand: Stand, peer: Peer, transactionId: number, { fromWh, watts, forS, everyS }: { fromWh: number; watts: number; forS: number; everyS: number }): Promise<number> {
  let energyWh = fromWh
  for (let s = 0; s < forS; s += everyS) {
    await stand.clock.advance(everyS * 1000)
    energyWh += (watts * everyS) / 3600
    await stand.send('MeterValues', { connectorId: 1, transactionId, meterValue: [meterValue(stand.iso(), { energyWh })] }, peer)
  }
  return energyWh
}

type Word = 'Charging' | 'SuspendedEV' | 'SuspendedEVSE'
const says = (stand: Stand, peer: Peer, status: Word) => stand.send('StatusNotification', { connectorId: 1, errorCode: 'NoError', status, timestamp: stand.iso() }, peer)
const stops = (peer: Peer) => peer.calls.filter(({ action }) => action === 'RemoteStopTransaction').map(({ payload }) => (payload as { transactionId: number }).transactionId)
const told = (stand: Stand) => [...stand.conditions.keys()]
const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }

/** Idle for 1,000 s by its register, of 1,800 s that it may be. */
async function resting() {
  const stand = await openStand({ settings: { idleTimeoutS: 1_800 } })
  const peer = await comes(stand)
  const id = await start(stand, peer)
  await says(stand, peer, 'Charging')
  const energyWh = await charges(stand, peer, id, { fromWh: 1_000, watts: 7_000, forS: 1_800, everyS: 900 })
  await says(stand, peer, 'SuspendedEV')
  await charges(stand, peer, id, { fromWh: energyWh, watts: 0, forS: 1_000, everyS: 1_000 })
  await stand.clock.advance(60_000)
  return { stand, peer, id, energyWh }
}

test.each(['Charging', 'SuspendedEVSE'] as const)('who says %s after its newest reading is not stopped for being idle before the next one', async (word) => {
  const { stand, peer, id, energyWh } = await resting()
  await says(stand, peer, word)
  await stand.clock.advance(840_000)
  expect(stops(peer)).toEqual([])
  await says(stand, peer, 'SuspendedEV')
  await charges(stand, peer, id, { fromWh: energyWh, watts: 0, forS: 1_900, everyS: 100 })
  expect(stops(peer)[0]).toBe(id)
})

test('nor is who draws by a reading that says nothing of the register', async () => {
  const { stand, peer, id } = await resting()
  await stand.send('MeterValues', { connectorId: 1, transactionId: id, meterValue: [meterValue(stand.iso(), { currentA: 16 })] }, peer)
  await stand.clock.advance(840_000)
  expect(stops(peer)).toEqual([])
})

test('who only goes on resting is stopped', async () => {
  const { stand, peer, id } = await resting()
  await stand.clock.advance(840_000)
  expect(stops(peer)[0]).toBe(id)
})

test('one that is no more at its limit while it is about to stop: what was told of it is over when it ends', async () => {
  const settings = { transactionLimits: { durationS: 60 } }
  const stand = await openStand({ settings })
  const peer = await comes(stand)
  const id = await start(stand, peer)
  await stand.clock.advance(400_000)
  expect([...stand.site.withheld]).toEqual([['CP1/1', id]])
  goes(stand, peer)
  const back = await comes(stand, false)
  expect([stops(back), told(stand)]).toEqual([[id], [`transaction-not-stopped ${id}`]])
  settings.transactionLimits.durationS = 86_400
  watchLimits(stand.family.station)
  await stand.clock.advance(1_000)
  await stand.send('StopTransaction', { transactionId: id, meterStop: 1_100, timestamp: stand.iso() }, back)
  await stand.clock.advance(1_000)
  expect([[...stand.site.withheld], told(stand)]).toEqual([[['CP1/1', null]], []])
})

test('one that is no more at its limit and does not stop: it goes on by itself, and is given power again', async () => {
  const settings = { transactionLimits: { durationS: 60 } }
  const stand = await openStand({ settings })
  const peer = await comes(stand)
  await start(stand, peer)
  await stand.clock.advance(400_000)
  goes(stand, peer)
  await comes(stand, false)
  settings.transactionLimits.durationS = 86_400
  watchLimits(stand.family.station)
  await stand.clock.advance(130_000)
  expect([[...stand.site.withheld], told(stand)]).toEqual([[['CP1/1', null]], []])
})

test('who is given nothing at its energy limit is given nothing while its readings are read back, and is asked without a new one', async () => {
  let history: MeterHistory | undefined
  const before = await openStand({
    settings: { transactionLimits: { energyWh: 2_000 } },
    history: (store, clock) => (history = new MeterHistory({ siteID: 'depot', store, clock, log: silent, keepMs: () => 86_400_000 })),
  })
  const peer = await comes(before)
  const id = await start(before, peer)
  await charges(before, peer, id, { fromWh: 1_000, watts: 10_000, forS: 1_500, everyS: 60 })
  expect([...before.site.withheld]).toEqual([['CP1/1', id]])
  await history?.flush()
  goes(before, peer)
  const stand = await before.restart()
  await stand.clock.advance(0)
  expect([...stand.site.withheld]).toEqual([['CP1/1', id]])
  const back = await comes(stand, false)
  await stand.clock.advance(1_000)
  expect([stops(back), [...stand.site.withheld]]).toEqual([[id], [['CP1/1', id]]])
})

test('an id tag that is given a limit while its car charges and says nothing: it counts', async () => {
  const stand = await openHouse({ chargePoints: [{ id: 'CP1' }], idTags: [idTagSchema.parse({ id: 'TAG' })] })
  const id = await stand.start(await stand.boot('CP1'))
  await stand.clock.advance(60_000)
  await stand.house.idTags.put(idTagSchema.parse({ id: 'TAG', limits: { durationS: 3_600 } }), caller)
  await stand.clock.advance(3_500_000)
  expect((await stand.house.records.record(id)).stoppedBy).toBeNull()
  await stand.clock.advance(60_000)
  expect((await stand.house.records.record(id)).stoppedBy).toMatchObject({ cause: 'duration-limit' })
})

/** Started now, by a clock that is an hour slow as nobody knows yet; a reading a minute. */
async function slow(settings: NonNullable<StandOptions['settings']>, minutes: number) {
  const tariff = tariffVersionSchema.parse({ id: 'any', currency: 'EUR', perMinuteMinor: 10, version: 1 })
  const stand = await openStand({ settings, billing: () => ({ timezone: 'UTC', tariff }) })
  const peer = await comes(stand)
  const { transactionId } = await stand.send('StartTransaction', { connectorId: 1, idTag: 'TAG', meterStart: 0, timestamp: stand.iso(-3_600_000) }, peer)
  for (let minute = 1; minute <= minutes; minute++) {
    await stand.clock.advance(60_000)
    await stand.send('MeterValues', { connectorId: 1, transactionId, meterValue: [meterValue(stand.iso(-3_600_000), { energyWh: minute * 100 })] }, peer)
  }
  return { stand, peer, transactionId }
}

test.each([{ durationS: 1_800 }, { costMinor: 300 }])('a slow clock that is not measured yet lets nobody have run for an hour: %o', async (transactionLimits) => {
  const { stand, peer, transactionId } = await slow({ transactionLimits }, 28)
  expect([stops(peer), stand.events.filter(({ type, data }) => type === 'transaction.warning' && Number(data['remainingS'] ?? 0) < 0)]).toEqual([[], []])
  expect(stand.family.transactions()).toMatchObject([{ cost: { amountMinor: 280 } }])
  await stand.clock.advance(180_000)
  expect(stops(peer)[0]).toBe(transactionId)
})

test('a start that is told when its time is over is stopped all the same', async () => {
  const stand = await openStand({ settings: { transactionLimits: { durationS: 1_800 } } })
  const peer = await comes(stand)
  const { transactionId } = await stand.send('StartTransaction', { connectorId: 1, idTag: 'TAG', meterStart: 0, timestamp: stand.iso(-3_600_000) }, peer)
  await stand.clock.advance(180_000)
  expect(stops(peer)[0]).toBe(transactionId)
})

test('who is given nothing is given nothing after a restart too, whoever else has stopped it since; and what is called off stays so', async () => {
  const settings = { transactionLimits: { durationS: 60 } }
  const before = await openStand({ settings })
  const peer = await comes(before)
  const id = await start(before, peer)
  await before.clock.advance(400_000)
  noteStop(before.family.station, id, { cause: 'disobeying', by: 'kwota', atMs: before.clock.wall() })
  await before.scope.flush()
  const between = await before.restart()
  await between.clock.advance(0)
  expect([...between.site.withheld]).toEqual([['CP1/1', id]])
  // At its limit still, it is that which stops it again.
  await comes(between, false)
  await between.clock.advance(120_000)
  await between.scope.flush()
  const stand = await between.restart()
  await stand.clock.advance(0)
  expect([...stand.site.withheld]).toEqual([['CP1/1', id]])
  noteStop(stand.family.station, id, { cause: 'disobeying', by: 'kwota', atMs: stand.clock.wall() })
  settings.transactionLimits.durationS = 86_400
  await stand.clock.advance(600_000)
  expect([...stand.site.withheld]).toEqual([['CP1/1', null]])
  await stand.scope.flush()
  const last = await stand.restart()
  await last.clock.advance(1_000)
  expect([[...last.site.withheld], told(last)]).toEqual([[], []])
})
