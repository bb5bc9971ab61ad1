// The handlers that are neither boot, status nor transaction: meter values, tags, vendor messages, notifications.
import { describe, expect, test } from 'vitest'
import type { MeterValue } from '../../src/protocol/messages/index.ts'
import { meterValue, openStand, type StandOptions } from './family-stand.ts'

async function booted(options: StandOptions = {}) {
  const stand = await openStand(options)
  await stand.boot()
  return stand
}

describe('meter values', () => {
  test('the newest of a message becomes the sample, tied to the running transaction', async () => {
    const stand = await booted()
    const { transactionId } = await stand.send('StartTransaction', { connectorId: 1, idTag: 'T', meterStart: 100, timestamp: stand.iso() })
    await stand.clock.advance(10_000)
    await stand.send('MeterValues', { connectorId: 1, meterValue: [meterValue(stand.iso(), { currentA: 16, energyWh: 150, powerW: 11_000 }), meterValue(stand.iso(-5000), { currentA: 30, energyWh: 120 })] })
    expect(stand.site.samples).toEqual([{
      clientID: 'CP1', connectorId: 1, currentA: { L1: 16, L2: 16, L3: 16 }, powerW: 11_000, energyWh: 150, voltageV: null,
      measuredAtMs: stand.clock.wall(), receivedAtMs: stand.clock.wall(), live: true,
    }])
    expect(stand.family.transactions()).toMatchObject([{ id: transactionId, status: 'charging', energyWh: 50 }])
    expect(stand.events.at(-1)).toMatchObject({ type: 'meter.sample', connectorId: 1, data: { transactionId, powerW: 11_000, live: true, measuredAt: stand.iso() } })
  })
  test('elements of one instant are one reading', async () => {
    const stand = await booted()
    await stand.send('MeterValues', { connectorId: 1, meterValue: [meterValue(stand.iso(), { currentA: 6 }), meterValue(stand.iso(), { energyWh: 5 })] })
    expect(stand.site.samples).toMatchObject([{ currentA: { L1: 6 }, energyWh: 5 }])
  })
  test('what cannot be read is absent, counted, and confirmed', async () => {
    const stand = await booted()
    const bad: MeterValue = { timestamp: stand.iso(), sampledValue: [{ value: '1e999', measurand: 'Current.Import' }, { value: '', measurand: 'Power.Active.Import' }] }
    await expect(stand.send('MeterValues', { connectorId: 1, meterValue: [bad] })).resolves.toEqual({})
    expect(stand.site.samples).toMatchObject([{ currentA: null, powerW: null, energyWh: null }])
    expect(stand.family.view().quirks).toMatchObject({ badSamples: 2 })
    await expect(stand.send('MeterValues', { connectorId: 1001, meterValue: [meterValue(stand.iso(), { currentA: 1 })] })).resolves.toEqual({})
    expect(stand.site.samples).toHaveLength(1)
  })
  test('a sampled value with a unit nobody knows is let through by the table and left out here', async () => {
    const stand = await booted()
    const raw = { connectorId: 1, meterValue: [{ timestamp: stand.iso(), sampledValue: [{ value: '5', measurand: 'Current.Import', unit: 'furlong' }] }] }
    await stand.family.handle(stand.session, 'MeterValues', raw, ['meterValue/0/sampledValue/0/unit'])
    expect(stand.site.samples).toMatchObject([{ currentA: null }])
    expect(stand.family.view().quirks).toMatchObject({ softFaults: 1, badSamples: 1 })
  })
  test('the newest is kept beside the actors; late history does not cover it, a live one does', async () => {
    const stand = await booted()
    const newest = (): number | undefined => stand.family.station.readings.get(1)?.measuredAtMs
    await stand.send('MeterValues', { connectorId: 1, meterValue: [meterValue(stand.iso(-1000), { currentA: 6 })] })
    const first = newest()
    await stand.send('MeterValues', { connectorId: 1, meterValue: [meterValue(stand.iso(-600_000), { currentA: 7 })] })
    expect([newest(), stand.family.station.readings.get(1)?.currentA]).toEqual([first, { L1: 6, L2: 6, L3: 6 }])
    await stand.send('MeterValues', { connectorId: 1, meterValue: [meterValue(stand.iso(-2000), { currentA: 8 })] })
    expect(stand.family.station.readings.get(1)?.currentA).toEqual({ L1: 8, L2: 8, L3: 8 })
  })
  test('connector 0 is the main meter: kept apart', async () => {
    const stand = await booted()
    await stand.send('MeterValues', { connectorId: 0, meterValue: [meterValue(stand.iso(), { currentA: 60 })] })
    expect([stand.site.samples, stand.events.filter(({ type }) => type === 'meter.sample')]).toEqual([[], []])
    expect(stand.family.view().mainMeter).toMatchObject({ currentA: { L1: 60 } })
  })
  test('one-phase connectors and other nominal voltages are counted as they are wired', async () => {
    const stand = await booted({ config: { connectors: [{ id: 1, phases: ['L2'] }] } })
    const value: MeterValue = { timestamp: stand.iso(), sampledValue: [{ value: '2300', measurand: 'Power.Active.Import', unit: 'W' }] }
    await stand.send('MeterValues', { connectorId: 1, meterValue: [value] })
    expect(stand.site.samples).toMatchObject([{ currentA: { L1: 10 } }])
  })
  test('the number of another transaction ties it to none', async () => {
    const stand = await booted()
    await stand.send('StartTransaction', { connectorId: 1, idTag: 'T', meterStart: 100, timestamp: stand.iso() })
    await stand.send('MeterValues', { connectorId: 1, transactionId: 5, meterValue: [meterValue(stand.iso(), { currentA: 16, energyWh: 150 })] })
    expect(stand.family.transactions()).toMatchObject([{ status: 'starting', energyWh: 0 }])
    expect(stand.site.samples).toHaveLength(1)
  })
  test('what was measured before the running one is not its', async () => {
    const stand = await booted()
    await stand.send('StartTransaction', { connectorId: 1, idTag: 'T', meterStart: 100, timestamp: stand.iso() })
    await stand.send('MeterValues', { connectorId: 1, meterValue: [meterValue(stand.iso(-600_000), { energyWh: 5000 })] })
    expect(stand.family.transactions()).toMatchObject([{ energyWh: 0 }])
  })
  test('progress is told and written at most every 10 s, the last one included', async () => {
    const stand = await booted()
    const { transactionId } = await stand.send('StartTransaction', { connectorId: 1, idTag: 'T', meterStart: 0, timestamp: stand.iso() })
    for (let second = 0; second < 35; second++) {
      await stand.send('MeterValues', { connectorId: 1, meterValue: [meterValue(stand.iso(), { energyWh: second })] })
      await stand.clock.advance(1000)
    }
    await stand.clock.advance(60_000)
    const updates = stand.events.filter(({ type }) => type === 'transaction.updated')
    // At an instant of its own, then every 10 s.
    const said = updates.map(({ data }) => Number(data['energyWh']))
    const first = said[0] ?? -1
    expect(first).toBeLessThan(10)
    expect(said).toEqual([...[0, 10, 20, 30].map((more) => first + more).filter((second) => second < 34), 34])
    expect(await stand.store.read('depot').then((kept) => kept.get(`tx:${transactionId}`))).toMatchObject({ energyMWh: 34_000 })
  })
})

describe('tags and vendors', () => {
  test('authorize', async () => {
    const stand = await booted({ policy: ['local'], idTags: [{ id: 'Tag', status: 'Accepted', parentIdTag: 'P' }] })
    expect(await stand.send('Authorize', { idTag: 'TAG' })).toEqual({ idTagInfo: { parentIdTag: 'P', status: 'Accepted' } })
    expect(await stand.send('Authorize', { idTag: 'x' })).toEqual({ idTagInfo: { status: 'Invalid' } })
  })
  test('data transfer answers as the specification says', async () => {
    const stand = await booted({ vendors: { vendors: { Acme: { messages: { ping: { handler: 'accept', data: 'pong' } } } } } })
    expect(await stand.send('DataTransfer', { vendorId: 'other', messageId: 'ping' })).toEqual({ status: 'UnknownVendorId' })
    expect(await stand.send('DataTransfer', { vendorId: 'acme', messageId: 'pong' })).toEqual({ status: 'UnknownMessageId' })
    expect(await stand.send('DataTransfer', { vendorId: 'acme' })).toEqual({ status: 'UnknownMessageId' })
    expect(await stand.send('DataTransfer', { vendorId: 'acme', messageId: 'ping', data: 'hi' })).toEqual({ status: 'Accepted', data: 'pong' })
    expect(await (await booted()).send('DataTransfer', { vendorId: 'acme', messageId: 'ping' })).toEqual({ status: 'UnknownVendorId' })
  })
})

describe('notifications', () => {
  test('the last of each is kept, and confirmed', async () => {
    const stand = await booted()
    await expect(stand.send('DiagnosticsStatusNotification', { status: 'Uploading' })).resolves.toEqual({})
    await expect(stand.send('DiagnosticsStatusNotification', { status: 'Uploaded' })).resolves.toEqual({})
    await expect(stand.send('LogStatusNotification', { status: 'Uploaded', requestId: 5 })).resolves.toEqual({})
    await expect(stand.send('FirmwareStatusNotification', { status: 'Idle' })).resolves.toEqual({})
    await expect(stand.send('SignedFirmwareStatusNotification', { status: 'InstallVerificationFailed', requestId: 6 })).resolves.toEqual({})
    await expect(stand.send('SecurityEventNotification', { type: 'ResetOrReboot', timestamp: stand.iso() })).resolves.toEqual({})
    expect(stand.family.view().quirks).toMatchObject({
      notices: { diagnostics: { status: 'Uploaded' }, log: { status: 'Uploaded', requestId: 5 }, firmware: { status: 'Idle' }, signedFirmware: { status: 'InstallVerificationFailed', requestId: 6 } },
      securityEvents: [{ type: 'ResetOrReboot', timestamp: stand.iso() }],
    })
  })
  test('a certificate request is refused: there is no authority', async () => {
    expect(await (await booted()).send('SignCertificate', { csr: 'x' })).toEqual({ status: 'Rejected' })
  })
  test('what has no handler is not supported', async () => {
    const stand = await booted()
    for (const action of ['Reset', 'constructor', '__proto__']) await expect(stand.family.handle(stand.session, action, {}, [])).rejects.toMatchObject({ code: 'NotSupported' })
  })
})
