// People hear of a limit in order: that the end is near, then that it is there, and of each once; and of a stop that is refused it stays on record.
import { expect, test } from 'vitest'
import { asRecord, recordKey } from '../../src/sessions/record.ts'
import { tariffVersionSchema } from '../../src/sessions/tariff.ts'
import type { Settings } from '../../src/settings.ts'
import { openStand, meterValue, type Stand, type StandOptions } from './family-stand.ts'
import { Peer } from './site-stand.ts'

async function charging(settings: Settings, more: StandOptions = {}, script: Peer['script'] = () => ({ status: 'Accepted' })) {
  const stand = await openStand({ settings, ...more })
  const peer = new Peer(stand.clock, 'CP1', 1)
  peer.script = script
  stand.family.connected(peer)
  await stand.send('BootNotification', { chargePointVendor: 'Acme', chargePointModel: 'One' }, peer)
  const { transactionId: id } = await stand.send('StartTransaction', { connectorId: 1, idTag: 'TAG', meterStart: 1_000, timestamp: stand.iso() }, peer)
  await stand.clock.advance(1_000)
  let registerWh = 1_000
  /** A reading every `everyS` for `forS`. */
  const charges = async (watts: number, forS: number, everyS: number): Promise<void> => {
    for (let s = 0; s < forS; s += everyS) {
      await stand.clock.advance(everyS * 1_000)
      registerWh += (watts * everyS) / 3600
      await stand.send('MeterValues', { connectorId: 1, transactionId: id, meterValue: [meterValue(stand.iso(), { energyWh: registerWh })] }, peer)
    }
    await stand.clock.advance(10)
  }
  const says = (status: 'Charging' | 'SuspendedEV') => stand.send('StatusNotification', { connectorId: 1, errorCode: 'NoError', status, timestamp: stand.iso() }, peer)
  const trail = () => asRecord(stand.scope.get(recordKey(id)))?.trail ?? []
  return { stand, peer, id, charges, says, trail }
}
/** What was told of limits, in order. */
const heard = ({ events }: Stand) => events.flatMap(({ type, data }) => (type === 'transaction.warning' ? [`near ${String(data['limit'])}`] : type === 'transaction.updated' && 'limitReached' in data ? [`at ${String(data['limitReached'])}`] : []))
const tariff = tariffVersionSchema.parse({ id: 'kwh', currency: 'EUR', perKWhMinor: 40, perMinuteMinor: 1, version: 1 })
const billing = () => ({ timezone: 'UTC', tariff })

test.each<[string, Settings, number]>([
  ['energyWh', { transactionLimits: { energyWh: 2_000 } }, 60],
  ['durationS', { transactionLimits: { durationS: 1_200 } }, 60],
  ['costMinor', { transactionLimits: { costMinor: 120 } }, 60],
  ['energyWh', { transactionLimits: { energyWh: 5_000 } }, 900],
  ['costMinor', { transactionLimits: { costMinor: 240 } }, 900],
])('%s of %o, a reading every %s s: near, then there', async (limit, settings, everyS) => {
  const { stand, charges } = await charging(settings, { billing })
  await charges(9_000, 3_600, everyS)
  expect(heard(stand)).toEqual([`near ${limit}`, `at ${limit}`])
})

test.each<[string, Settings, Record<string, unknown>]>([
  ['energyWh', { transactionLimits: { energyWh: 1_500 } }, { remainingWh: 0, at: null }],
  ['costMinor', { transactionLimits: { costMinor: 70 } }, { remainingMinor: 0, currency: 'EUR', at: null }],
])('%s: a reading that leads from far below to beyond it', async (limit, settings, left) => {
  const { stand, charges } = await charging(settings, { billing })
  await charges(0, 700, 700)
  expect(heard(stand)).toEqual([])
  await charges(9_000, 700, 700)
  expect(heard(stand)).toEqual([`near ${limit}`, `at ${limit}`])
  expect(stand.events.find(({ type }) => type === 'transaction.warning')?.data).toMatchObject({ limit, ...left })
})

test('idle time that is over by the reading that shows it', async () => {
  const { stand, charges, says } = await charging({ idleTimeoutS: 600 })
  await says('Charging')
  await charges(9_000, 900, 900)
  await says('SuspendedEV')
  await charges(0, 900, 900)
  await stand.clock.advance(15_000)
  expect(heard(stand)).toEqual(['near idleTimeoutS', 'at idleTimeoutS'])
})

test.each([300, 420, 600])('a time-out of %s s is warned of before it is there', async (idleTimeoutS) => {
  const { stand, charges, says } = await charging({ idleTimeoutS })
  await says('Charging')
  await charges(9_000, 1_200, 30)
  await says('SuspendedEV')
  await charges(0, idleTimeoutS / 2 - 60, 30)
  expect(heard(stand)).toEqual([])
  await charges(0, 90, 30)
  expect(heard(stand)).toEqual(['near idleTimeoutS'])
  const { remainingS } = stand.events.findLast(({ type }) => type === 'transaction.warning')!.data as { remainingS: number }
  expect(remainingS).toBeGreaterThanOrEqual(idleTimeoutS / 2 - 60)
  expect(remainingS).toBeLessThanOrEqual(idleTimeoutS / 2)
  await charges(0, idleTimeoutS / 2 - 90, 30)
  expect(heard(stand)).toEqual(['near idleTimeoutS'])
  await charges(0, 90, 30)
  expect(heard(stand)).toEqual(['near idleTimeoutS', 'at idleTimeoutS'])
})

test('who was warned and charges on is not stopped, and warned again the next time', async () => {
  const { stand, charges, says } = await charging({ idleTimeoutS: 300 })
  await says('Charging')
  for (const turn of [1, 2]) {
    await charges(9_000, 1_200, 30)
    await charges(0, 240, 30)
    expect(heard(stand)).toEqual(Array<string>(turn).fill('near idleTimeoutS'))
  }
  await charges(9_000, 600, 30)
  expect(heard(stand)).toEqual(['near idleTimeoutS', 'near idleTimeoutS'])
})

test('who is idle, charges again and is idle once more is warned of that too', async () => {
  const { stand, charges, says } = await charging({ idleTimeoutS: 1_800 })
  for (let turn = 0; turn < 2; turn++) {
    await says('Charging')
    await charges(9_000, 1_200, 60)
    await says('SuspendedEV')
    await charges(0, 1_680, 60)
    expect(heard(stand).length).toBe(turn + 1)
  }
  await charges(0, 180, 60)
  expect(heard(stand)).toEqual(['near idleTimeoutS', 'near idleTimeoutS', 'at idleTimeoutS'])
})

test('a kwota that was away while it came near says so when it is back, and no other time', async () => {
  const { stand: before, charges } = await charging({ transactionLimits: { durationS: 3_600 } })
  await charges(9_000, 600, 60)
  expect(heard(before)).toEqual([])
  await before.scope.flush()
  before.family.stop({ save: false })
  await before.clock.advance(3_600_000)
  const stand = await before.restart()
  await stand.clock.advance(1_000)
  expect(heard(stand)).toEqual(['near durationS', 'at durationS'])
  await stand.scope.flush()
  const last = await stand.restart()
  await last.clock.advance(60_000)
  expect(heard(last)).toEqual([])
})

test.each<[Record<string, string>, string]>([
  [{ status: 'Rejected' }, 'the charge point rejected the stop'],
  [{ error: 'InternalError' }, 'the charge point answered the stop with an error'],
])('a stop that is answered %o is on record, once for all in a row', async (answer, reason) => {
  const { stand, peer, id, trail } = await charging({ transactionLimits: { durationS: 60 } }, {}, () => answer)
  await stand.clock.advance(90_000)
  expect(trail()).toMatchObject([{ what: 'limit-warning' }, { what: 'stop-ordered', after: { cause: 'duration-limit' } }, { what: 'stop-refused', by: 'kwota', reason }])
  await stand.clock.advance(600_000)
  expect(peer.calls.filter(({ action }) => action === 'RemoteStopTransaction').length).toBe(4)
  expect(trail().map(({ what }) => what)).toEqual(['limit-warning', 'stop-ordered', 'stop-refused', 'not-stopped'])
  expect(stand.family.transactions()).toMatchObject([{ id, status: 'starting', stoppedBy: { cause: 'duration-limit' } }])
})

test('one that the charge point accepts: that it is stopping is told at once', async () => {
  const { stand, id } = await charging({ transactionLimits: { durationS: 60 } })
  await stand.clock.advance(59_500)
  expect(stand.events.filter(({ type }) => type === 'transaction.updated').at(-1)?.data).toMatchObject({ id, status: 'stopping' })
})
