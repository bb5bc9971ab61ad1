// What the meters of a charge point say that cannot be: alerted once per cause with its numbers, and over after a while of right readings.
import { describe, expect, test } from 'vitest'
import { defaultMeterAlerts, type Settings } from '../../src/settings.ts'
import { meterValue, openStand, type Stand } from './family-stand.ts'
import { caller, openHouse } from './house-stand.ts'

type Values = Parameters<typeof meterValue>[1]

const said = (stand: Stand): string[] => [...stand.conditions.keys()].filter((key) => key.startsWith('meter-anomaly')).map((key) => key.replace('meter-anomaly ', ''))

async function open(meterAlerts: Settings['meterAlerts'] = {}) {
  const stand = await openStand({ settings: { meterAlerts: { ...defaultMeterAlerts, ...meterAlerts } } })
  await stand.boot()
  return stand
}

async function read(stand: Stand, values: Values, afterMs = 30_000, connectorId = 1): Promise<void> {
  await stand.clock.advance(afterMs)
  await stand.send('MeterValues', { connectorId, meterValue: [meterValue(stand.iso(), values)] })
}

async function charging(stand: Stand): Promise<number> {
  await stand.send('StatusNotification', { connectorId: 1, status: 'Charging', errorCode: 'NoError' })
  const { transactionId } = await stand.send('StartTransaction', { connectorId: 1, idTag: 'A', meterStart: 0, timestamp: stand.iso() })
  return transactionId
}

describe('an anomaly', () => {
  test('is told with what was said, once, and is over after three right readings and a minute', async () => {
    const stand = await open()
    await read(stand, { energyWh: 9_000 })
    expect(said(stand)).toEqual([])
    await read(stand, { energyWh: 100 })
    expect(said(stand)).toEqual(['1 register-backwards'])
    expect(stand.conditions.get('meter-anomaly 1 register-backwards')).toContain('fell from 9000 Wh to 100 Wh')
    await read(stand, { energyWh: 110 }, 10_000)
    await read(stand, { energyWh: 120 }, 10_000)
    await read(stand, { energyWh: 130 }, 10_000)
    expect(said(stand)).toEqual(['1 register-backwards'])
    await read(stand, { energyWh: 140 })
    expect(said(stand)).toEqual([])
    expect(stand.logged.filter((line) => line === 'a meter says what cannot be')).toHaveLength(1)
  })

  test('begins its time anew with each reading that is amiss', async () => {
    const stand = await open()
    for (const currentA of [45, 10, 10, 45, 10, 10]) await read(stand, { currentA })
    expect(said(stand)).toEqual(['1 current'])
    await read(stand, { currentA: 10 })
    expect(said(stand)).toEqual([])
  })

  test('of a connector says nothing of the other, nor of another cause', async () => {
    const stand = await open()
    await read(stand, { currentA: 45 }, 0, 2)
    await read(stand, { currentA: 10, energyWh: 5 }, 0, 1)
    await read(stand, { energyWh: 90_000 }, 1_000, 1)
    expect(said(stand).sort()).toEqual(['1 register-jump', '2 current'])
    for (let n = 0; n < 4; n++) await read(stand, { energyWh: 90_000 }, 30_000, 2)
    expect(said(stand).sort()).toEqual(['1 register-jump', '2 current'])
  })

  test('that a reading of an older time shows is none: it is late, not wrong', async () => {
    const stand = await open()
    await read(stand, { energyWh: 9_000 })
    await stand.send('MeterValues', { connectorId: 1, meterValue: [meterValue(stand.iso(-3_600_000), { energyWh: 10 })] })
    expect(said(stand)).toEqual([])
  })

  test('is whatever its threshold says, and none at 0; a change of the settings counts within seconds', async () => {
    const settings: Settings = { meterAlerts: { ...defaultMeterAlerts, powerAboveHardwarePercent: 0 } }
    const stand = await openStand({ settings })
    await stand.boot()
    await read(stand, { currentA: 45 })
    expect(said(stand)).toEqual([])
    settings.meterAlerts = { ...defaultMeterAlerts, powerAboveHardwarePercent: 30 }
    await read(stand, { currentA: 45 })
    expect(said(stand)).toEqual(['1 current'])
  })

  test('values that are no numbers, three messages in a row', async () => {
    const stand = await open()
    for (let n = 0; n < 3; n++) {
      expect(said(stand)).toEqual([])
      await stand.send('MeterValues', { connectorId: 1, meterValue: [{ timestamp: stand.iso(), sampledValue: [{ value: 'NaN', measurand: 'Voltage' }] }] })
    }
    expect(said(stand)).toEqual(['1 values'])
  })

  test('times that cannot be', async () => {
    const stand = await open()
    for (let n = 0; n < 3; n++) await stand.send('MeterValues', { connectorId: 1, meterValue: [meterValue('1970-01-01T00:00:00Z', { currentA: 1 })] })
    expect(said(stand)).toEqual(['1 clock'])
  })
})

describe('silence', () => {
  test('of a car that charges is told, and over with the next reading', async () => {
    const stand = await open({ silenceS: 300 })
    await charging(stand)
    await read(stand, { currentA: 10 })
    await stand.clock.advance(299_000)
    expect(said(stand)).toEqual([])
    await stand.clock.advance(10_000)
    expect(said(stand)).toEqual(['1 silence'])
    expect(stand.conditions.get('meter-anomaly 1 silence')).toMatch(/^CP1\/1 charges and has sent no reading for 30\d s\./)
    await read(stand, { currentA: 10 }, 0)
    expect(said(stand)).toEqual([])
    await stand.clock.advance(620_000)
    expect(said(stand)).toEqual(['1 silence'])
  })

  test('of one that has gone, rests, is away, or whose silence nobody minds, is none', async () => {
    const stand = await open({ silenceS: 300 })
    const transactionId = await charging(stand)
    await stand.send('StatusNotification', { connectorId: 1, status: 'SuspendedEV', errorCode: 'NoError' })
    await stand.clock.advance(3_600_000)
    expect(said(stand)).toEqual([])
    stand.family.disconnected(stand.session, 1006)
    await stand.clock.advance(3_600_000)
    expect(said(stand)).toEqual([])
    stand.connect()
    await stand.send('StatusNotification', { connectorId: 1, status: 'Charging', errorCode: 'NoError' })
    await stand.clock.advance(620_000)
    expect(said(stand)).toEqual(['1 silence'])
    await stand.send('StopTransaction', { transactionId, meterStop: 10, timestamp: stand.iso() })
    expect(said(stand)).toEqual([])
    await stand.clock.advance(3_600_000)
    expect(said(stand)).toEqual([])
    const other = await open({ silenceS: 0 })
    await charging(other)
    await other.clock.advance(3_600_000)
    expect(said(other)).toEqual([])
  })

  test('is waited for three times as long as its readings are apart', async () => {
    const stand = await open({ silenceS: 60 })
    await charging(stand)
    for (let n = 0; n < 4; n++) await read(stand, { currentA: 10 }, 200_000)
    await stand.clock.advance(599_000)
    expect(said(stand)).toEqual([])
    await stand.clock.advance(10_000)
    expect(said(stand)).toEqual(['1 silence'])
  })

  test('is found after a restart too', async () => {
    const before = await open({ silenceS: 300 })
    await charging(before)
    await before.scope.flush()
    const stand = await before.restart()
    stand.connect()
    await stand.clock.advance(620_000)
    expect(said(stand)).toEqual(['1 silence'])
  })
})

test('is shown as a warning of its connector, and by what the settings of the house say', async () => {
  const stand = await openHouse({ chargePoints: [{ id: 'CP1', settings: { meterAlerts: { powerAboveHardwarePercent: 50 } } }, { id: 'CP2' }] })
  for (const clientID of ['CP1', 'CP2']) {
    const peer = await stand.boot(clientID)
    await stand.call(peer, 'MeterValues', { connectorId: 1, meterValue: [meterValue(new Date(stand.clock.wall()).toISOString(), { currentA: 45 })] })
  }
  const anomalies = () => stand.house.alerts().filter(({ code }) => code === 'meter-anomaly')
  expect(anomalies()).toMatchObject([{ code: 'meter-anomaly', severity: 'warning', clientID: 'CP2', connectorId: 1, message: expect.stringContaining('45 A'), resolvedAt: null }])
  expect(stand.house.settings.get('CP1').value.effective).toMatchObject({ meterAlerts: { value: { ...defaultMeterAlerts, powerAboveHardwarePercent: 50 }, source: 'chargePoint' } })
  await stand.house.settings.put('CP2', { meterAlerts: { voltageMaxPercent: 0 } }, {}, caller)
  expect(stand.house.settings.get('CP2').value.effective).toMatchObject({ meterAlerts: { value: { ...defaultMeterAlerts, voltageMaxPercent: 0 }, source: 'chargePoint' } })
})
