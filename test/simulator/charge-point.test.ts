// A simulated charge point speaks OCPP 1.6 as an honest one does: strictly, in order, through outages.
import { describe, expect, test } from 'vitest'
import { createBench, samplesOf } from './scripted-central.ts'

const car = { maxA: 32, phases: 3 as const, energyNeededWh: Infinity }

describe('conversation', () => {
  test('boots, reports every connector, then beats', async () => {
    const { chargePoint, central, run } = createBench({ connectors: [{ id: 1, maxA: 32, phases: 3 }, { id: 2, maxA: 16, phases: 1 }] })
    chargePoint.start()
    await run(10)
    expect(central.heard.map(({ action, payload }) => `${action} ${String(payload['connectorId'] ?? '')}`.trim())).toEqual(['BootNotification', 'StatusNotification 0', 'StatusNotification 1', 'StatusNotification 2'])
    await run(601)
    expect(central.of('Heartbeat')).toHaveLength(2)
  })

  test('says nothing else until the boot is accepted', async () => {
    const { chargePoint, central, run, clock } = createBench()
    central.script.set('BootNotification', () => ({ status: 'Pending', currentTime: new Date(clock.wall()).toISOString(), interval: 7 }))
    chargePoint.start()
    chargePoint.plugIn(1, car)
    await run(20)
    expect(new Set(central.heard.map(({ action }) => action))).toEqual(new Set(['BootNotification']))
    expect(central.of('BootNotification')).toHaveLength(3)
    central.script.delete('BootNotification')
    await run(10)
    expect(central.of('StartTransaction')).toHaveLength(1)
  })

  test('boots again when it is told that it is not accepted', async () => {
    const { chargePoint, central, run } = createBench()
    chargePoint.start()
    await run(5)
    let refusals = 1
    central.script.set('StartTransaction', () => refusals-- > 0 ? 'boot first' : { transactionId: 5, idTagInfo: { status: 'Accepted' } })
    chargePoint.plugIn(1, car)
    await run(10)
    expect(central.of('BootNotification')).toHaveLength(2)
    expect(central.of('StartTransaction')).toHaveLength(2)
  })

  test('a car: Preparing, Authorize, StartTransaction, Charging, samples, StopTransaction', async () => {
    const { chargePoint, central, run, look } = createBench()
    chargePoint.start()
    await run(5)
    central.heard.length = 0
    chargePoint.plugIn(1, car)
    await run(25)
    expect(look()).toMatchObject({ plugged: true, phases: 3, drawA: 32, permitA: 32, transactionId: 100, status: 'Charging' })
    chargePoint.unplug(1)
    await run(5)
    expect(central.heard.map(({ action, payload }) => action === 'StatusNotification' ? payload['status'] : action)).toEqual([
      'Preparing', 'Authorize', 'StartTransaction', 'Charging', 'MeterValues', 'MeterValues', 'StopTransaction', 'Available',
    ])
    const samples = samplesOf(central.of('MeterValues')[1])
    expect(samples.filter((each) => each.measurand === 'Current.Import').map((each) => each.value)).toEqual(['32.00', '32.00', '32.00'])
    expect(samples.find((each) => each.measurand === 'Power.Active.Import')).toMatchObject({ value: String(32 * 230 * 3), unit: 'W' })
    const stop = central.of('StopTransaction')[0]
    expect(stop).toMatchObject({ transactionId: 100, reason: 'EVDisconnected' })
    expect(Number(stop?.['meterStop']) - Number(central.of('StartTransaction')[0]?.['meterStart'])).toBeCloseTo(look().deliveredWh, -1)
  })

  test('a refused tag ends the transaction it began', async () => {
    const { chargePoint, central, run, look } = createBench()
    central.script.set('StartTransaction', () => ({ transactionId: 9, idTagInfo: { status: 'Blocked' } }))
    chargePoint.start()
    chargePoint.plugIn(1, car)
    await run(20)
    expect(central.of('StopTransaction')[0]).toMatchObject({ transactionId: 9, reason: 'DeAuthorized' })
    expect(look()).toMatchObject({ drawA: 0, status: 'Finishing' })
  })

  test('one CALL at a time', async () => {
    const { chargePoint, central, run } = createBench()
    central.script.set('BootNotification', () => null)
    chargePoint.start()
    await run(25)
    expect(central.heard).toHaveLength(1)
  })

  test('what happened in an outage is told afterwards, in order and with its own times', async () => {
    const { chargePoint, central, run, clock } = createBench()
    chargePoint.start()
    await run(5)
    chargePoint.goOffline()
    central.heard.length = 0
    chargePoint.plugIn(1, car)
    const plugged = clock.wall()
    await run(35)
    chargePoint.unplug(1)
    await run(60)
    expect(central.heard).toEqual([])
    chargePoint.goOnline()
    await run(10)
    const told = central.heard.filter(({ action }) => action !== 'StatusNotification')
    expect(told.map(({ action }) => action)).toEqual(['StartTransaction', 'MeterValues', 'MeterValues', 'MeterValues', 'StopTransaction'])
    expect(Date.parse(String(told[0]?.payload['timestamp'])) - plugged).toBeLessThan(1_000)
    expect(told.slice(1).map(({ payload }) => payload['transactionId'])).toEqual([100, 100, 100, 100])
  })

  test('a transaction message without an answer is sent again; after a lost line too', async () => {
    const { chargePoint, central, run } = createBench()
    let deaf = true
    central.script.set('StartTransaction', () => deaf ? null : { transactionId: 3, idTagInfo: { status: 'Accepted' } })
    chargePoint.start()
    chargePoint.plugIn(1, car)
    await run(10)
    central.drop()
    await run(5)
    expect(central.of('StartTransaction')).toHaveLength(2)
    deaf = false
    await run(60)
    expect(central.of('StartTransaction')).toHaveLength(3)
    expect(new Set(central.of('StartTransaction').map((each) => JSON.stringify(each))).size).toBe(1)
    expect(central.of('BootNotification')).toHaveLength(1)
  })

  test('dials until somebody listens, back within a second', async () => {
    const { chargePoint, central, run } = createBench()
    central.listening = false
    chargePoint.start()
    await run(10)
    expect(central.dials).toBeGreaterThan(9)
    central.listening = true
    await run(1)
    expect(chargePoint.online).toBe(true)
  })

  test('after a reboot it draws nothing for half a minute, boots, and goes on with its transaction', async () => {
    const { chargePoint, central, run, look } = createBench()
    chargePoint.start()
    chargePoint.plugIn(1, car)
    await run(20)
    chargePoint.reboot()
    await run(29)
    expect(look()).toMatchObject({ drawA: 0, plugged: true, transactionId: 100 })
    expect(chargePoint.online).toBe(false)
    await run(10)
    expect(central.of('BootNotification')).toHaveLength(2)
    expect(look()).toMatchObject({ drawA: 32, transactionId: 100 })
  })

  test('silent: takes calls, answers and applies nothing, sends nothing; online ends it', async () => {
    const { chargePoint, central, run, look, setProfile, facts } = createBench()
    chargePoint.start()
    chargePoint.plugIn(1, car)
    await run(15)
    chargePoint.goSilent()
    central.heard.length = 0
    const id = setProfile(1, 10)
    await run(60)
    expect(central.heard).toEqual([])
    expect(central.answers.has(id)).toBe(false)
    expect(look().permitA).toBe(32)
    expect(facts.filter((fact) => fact.type === 'profile')).toMatchObject([{ status: 'none', raises: false }])
    chargePoint.goOnline()
    await run(5)
    expect(central.of('MeterValues').length).toBeGreaterThan(4)
  })

  test('the car decides too: suspended, capped, full', async () => {
    const { chargePoint, run, look } = createBench()
    chargePoint.start()
    chargePoint.plugIn(1, { ...car, energyNeededWh: 2000 })
    await run(15)
    chargePoint.drawAtMost(1, 9.2)
    await run(5)
    expect(look().drawA).toBe(9.2)
    chargePoint.suspend(1, true)
    await run(5)
    expect(look()).toMatchObject({ drawA: 0, status: 'SuspendedEV' })
    chargePoint.suspend(1, false)
    chargePoint.drawAtMost(1, null)
    await run(600)
    expect(look()).toMatchObject({ drawA: 0, status: 'SuspendedEV' })
    expect(look().deliveredWh).toBeCloseTo(2000, 6)
  })
})

describe('what it answers', () => {
  test.each<[string, unknown, unknown]>([
    ['GetConfiguration', { key: ['numberofconnectors', 'Nope'] }, { configurationKey: [{ key: 'NumberOfConnectors', readonly: true, value: '1' }], unknownKey: ['Nope'] }],
    ['ChangeConfiguration', { key: 'MeterValueSampleInterval', value: '60' }, { status: 'Accepted' }],
    ['ChangeConfiguration', { key: 'MeterValueSampleInterval', value: 'often' }, { status: 'Rejected' }],
    ['ChangeConfiguration', { key: 'NumberOfConnectors', value: '3' }, { status: 'Rejected' }],
    ['ChangeConfiguration', { key: 'Nope', value: '3' }, { status: 'NotSupported' }],
    ['ClearChargingProfile', {}, { status: 'Unknown' }],
    ['RemoteStopTransaction', { transactionId: 1 }, { status: 'Rejected' }],
    ['RemoteStartTransaction', { idTag: 'X', connectorId: 1 }, { status: 'Rejected' }],
    ['TriggerMessage', { requestedMessage: 'Heartbeat' }, { status: 'Accepted' }],
    ['TriggerMessage', { requestedMessage: 'StatusNotification', connectorId: 9 }, { status: 'Rejected' }],
    ['TriggerMessage', { requestedMessage: 'FirmwareStatusNotification' }, { status: 'NotImplemented' }],
    ['GetCompositeSchedule', { connectorId: 9, duration: 60 }, { status: 'Rejected' }],
    ['ClearCache', {}, { status: 'Accepted' }],
    ['DataTransfer', { vendorId: 'x' }, { status: 'UnknownVendorId' }],
    ['Reset', { type: 'Soft' }, { status: 'Accepted' }],
  ])('%s %j → %j, within a second', async (action, request, answer) => {
    const { chargePoint, central, run } = createBench()
    chargePoint.start()
    await run(5)
    const id = central.call(action, request)
    await run(1)
    expect(central.answers.get(id)?.payload).toEqual(answer)
  })

  test.each<[string, unknown, string]>([
    ['SetChargingProfile', { connectorId: 1 }, 'OccurenceConstraintViolation'],
    ['GetLog', { logType: 'DiagnosticsLog', requestId: 1, log: { remoteLocation: 'ftp://x' } }, 'NotSupported'],
    ['BootNotification', {}, 'NotSupported'],
    ['MakeCoffee', {}, 'NotImplemented'],
  ])('%s %j is an error: %s', async (action, request, code) => {
    const { chargePoint, central, run } = createBench()
    chargePoint.start()
    await run(5)
    const id = central.call(action, request)
    await run(1)
    expect(central.answers.get(id)?.errorCode).toBe(code)
  })

  test('RemoteStop ends the transaction, RemoteStart begins one with its profile', async () => {
    const { chargePoint, central, run, look, clock } = createBench()
    chargePoint.start()
    chargePoint.plugIn(1, car)
    await run(10)
    central.call('RemoteStopTransaction', { transactionId: 100 })
    await run(3)
    expect(look()).toMatchObject({ status: 'Finishing', drawA: 0 })
    expect(central.of('StopTransaction')[0]).toMatchObject({ reason: 'Remote' })
    central.call('RemoteStartTransaction', {
      idTag: 'B', connectorId: 1,
      chargingProfile: {
        chargingProfileId: 4, stackLevel: 1, chargingProfilePurpose: 'TxProfile', chargingProfileKind: 'Absolute',
        chargingSchedule: { startSchedule: new Date(clock.wall()).toISOString(), chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit: 11 }] },
      },
    })
    await run(10)
    expect(look()).toMatchObject({ drawA: 11, transactionId: 101 })
  })

  test('two connectors share the charge point maximum', async () => {
    const { chargePoint, run, setProfile } = createBench({ connectors: [{ id: 1, maxA: 32, phases: 3 }, { id: 2, maxA: 32, phases: 3 }] })
    chargePoint.start()
    chargePoint.plugIn(1, car)
    await run(5)
    setProfile(0, 40, { chargingProfilePurpose: 'ChargePointMaxProfile' })
    await run(10)
    expect(chargePoint.look().map((each) => each.drawA)).toEqual([32, 0])
    chargePoint.plugIn(2, car)
    await run(10)
    expect(chargePoint.look().map((each) => each.drawA)).toEqual([20, 20])
  })

  test('a message that allows more than all before it is a raising; a renewal is none', async () => {
    const { chargePoint, run, setProfile, facts } = createBench()
    chargePoint.start()
    chargePoint.plugIn(1, car)
    await run(5)
    for (const limit of [6, 16, 16, 10]) {
      setProfile(1, limit)
      await run(2)
    }
    setProfile(1, 12, { chargingProfilePurpose: 'TxProfile', transactionId: 100, chargingProfileId: 2 })
    await run(2)
    setProfile(1, 0, { chargingProfilePurpose: 'TxDefaultProfile' })
    await run(2)
    expect(facts.flatMap((fact) => fact.type === 'profile' ? [fact.raises] : [])).toEqual([false, true, false, false, true, false])
  })
})
