// What becomes of commands for files and firmware as their notifications come in, in a whole family: tables with rows where nothing happens.
import { describe, expect, test } from 'vitest'
import type { CentralAction, StationAction } from '../../src/protocol/messages/index.ts'
import { createAuthority } from '../tls-certificates.ts'
import { caller, openHouse, type HouseStand } from './house-stand.ts'
import type { Peer } from './site-stand.ts'

const where = 'https://files.example/f'
const atAll = '2030-01-01T00:00:00.000Z'
const bodies: Partial<Record<CentralAction, object>> = {
  GetDiagnostics: { location: where },
  UpdateFirmware: { location: where, retrieveDate: atAll },
  GetLog: { logType: 'SecurityLog', requestId: 7, log: { remoteLocation: where } },
}
const notices: Partial<Record<CentralAction, StationAction>> = {
  GetDiagnostics: 'DiagnosticsStatusNotification', UpdateFirmware: 'FirmwareStatusNotification', GetLog: 'LogStatusNotification', SignedUpdateFirmware: 'SignedFirmwareStatusNotification',
}

interface Ordered { readonly stand: HouseStand; readonly peer: Peer; readonly id: string }

async function order(stand: HouseStand, action: CentralAction, body: object): Promise<string> {
  const issued = stand.house.commands.issue('CP1', action, body, {}, caller)
  await stand.clock.advance(500)
  return (await issued).id
}

/** CP1 has booted with firmware 1.0 and was given the command. */
async function ordered(action: CentralAction, body: object = bodies[action] ?? {}, answer: Record<string, unknown> = { status: 'Accepted', fileName: 'd.zip' }): Promise<Ordered> {
  const stand = await openHouse({ chargePoints: [{ id: 'CP1' }] })
  const peer = await stand.boot('CP1')
  await stand.call(peer, 'BootNotification', { chargePointVendor: 'Acme', chargePointModel: 'One', firmwareVersion: '1.0' })
  await stand.clock.advance(30_000)
  peer.script = (called) => (called === action ? answer : { status: 'Accepted' })
  return { stand, peer, id: await order(stand, action, body) }
}

const progressOf = ({ stand, id }: Ordered): string[] => stand.house.commands.get(id).progress.map(({ status }) => status)
const openAlerts = ({ stand }: Ordered): string[] => stand.house.alerts().filter(({ code, resolvedAt }) => resolvedAt === null && (code === 'firmware-failed' || code === 'upload-failed')).map(({ code, severity }) => `${code} ${severity}`)

async function tell({ stand, peer }: Ordered, action: StationAction, ...statuses: readonly (string | readonly [string, number])[]): Promise<void> {
  for (const one of statuses) {
    const [status, requestId] = typeof one === 'string' ? [one] : one
    expect(await stand.call(peer, action, { status, ...(requestId === undefined ? {} : { requestId }) })).toEqual({})
  }
}

const F = 'firmware-failed warning'
const U = 'upload-failed warning'

describe('notifications without a request id', () => {
  test.each<[CentralAction, readonly string[], readonly string[], readonly string[]]>([
    ['UpdateFirmware', ['Downloading', 'Downloaded', 'Installing', 'Installed'], ['Downloading', 'Downloaded', 'Installing', 'Installed'], []],
    ['UpdateFirmware', ['Downloading', 'DownloadFailed'], ['Downloading', 'DownloadFailed'], [F]],
    ['UpdateFirmware', ['DownloadFailed', 'Downloading'], ['DownloadFailed', 'Downloading'], []],
    ['UpdateFirmware', ['InstallationFailed', 'Idle'], ['InstallationFailed', 'Idle'], [F]],
    ['UpdateFirmware', ['Idle'], ['Idle'], []],
    // The same again is no step, and after the end nothing is.
    ['UpdateFirmware', ['Downloading', 'Downloading', 'Installed', 'Installed', 'Idle'], ['Downloading', 'Installed'], []],
    // Without a request id a later failure may be another update: people see it, the command does not.
    ['UpdateFirmware', ['Installed', 'DownloadFailed'], ['Installed'], [F]],
    ['GetDiagnostics', ['Uploading', 'Uploaded'], ['Uploading', 'Uploaded'], []],
    ['GetDiagnostics', ['Uploading', 'UploadFailed'], ['Uploading', 'UploadFailed'], [U]],
    ['GetDiagnostics', ['UploadFailed', 'Uploading', 'Uploaded', 'Idle'], ['UploadFailed', 'Uploading', 'Uploaded'], []],
  ])('%s: %j → %j, alerts %j', async (action, statuses, progress, alerts) => {
    const done = await ordered(action)
    await tell(done, notices[action]!, ...statuses)
    expect(progressOf(done)).toEqual(progress)
    expect(openAlerts(done)).toEqual(alerts)
  })
})

describe('notifications with a request id', () => {
  test.each<[readonly (string | readonly [string, number])[], readonly string[], readonly string[]]>([
    [[['Uploading', 7], ['Uploaded', 7]], ['Uploading', 'Uploaded'], []],
    [[['Uploading', 7], ['UploadFailure', 7]], ['Uploading', 'UploadFailure'], [U]],
    [[['PermissionDenied', 7], ['Uploading', 7]], ['PermissionDenied', 'Uploading'], []],
    [[['BadMessage', 7]], ['BadMessage'], [U]],
    [[['NotSupportedOperation', 7]], ['NotSupportedOperation'], [U]],
    // Of somebody else's request, and of one that is over.
    [[['UploadFailure', 8]], [], []],
    [[['Uploaded', 7], ['UploadFailure', 7]], ['Uploaded'], []],
    [['Idle'], ['Idle'], []],
  ])('log: %j → %j, alerts %j', async (statuses, progress, alerts) => {
    const done = await ordered('GetLog')
    await tell(done, 'LogStatusNotification', ...statuses)
    expect(progressOf(done)).toEqual(progress)
    expect(openAlerts(done)).toEqual(alerts)
  })

  test.each<[readonly (string | readonly [string, number])[], readonly string[], readonly string[]]>([
    [[['DownloadScheduled', 3], ['Downloading', 3], ['Downloaded', 3], ['SignatureVerified', 3], ['Installing', 3], ['Installed', 3]], ['DownloadScheduled', 'Downloading', 'Downloaded', 'SignatureVerified', 'Installing', 'Installed'], []],
    [[['Downloaded', 3], ['InvalidSignature', 3]], ['Downloaded', 'InvalidSignature'], [F]],
    [[['InstallVerificationFailed', 3]], ['InstallVerificationFailed'], [F]],
    [[['InstallationFailed', 4]], [], []],
  ])('signed firmware: %j → %j, alerts %j', async (statuses, progress, alerts) => {
    const { cert } = await createAuthority()
    const done = await ordered('SignedUpdateFirmware', { requestId: 3, firmware: { location: where, retrieveDateTime: atAll, signingCertificate: cert, signature: 'c2ln' } })
    await tell(done, 'SignedFirmwareStatusNotification', ...statuses)
    expect(progressOf(done)).toEqual(progress)
    expect(openAlerts(done)).toEqual(alerts)
  })
})

test('a failure is resolved by the next order, before anything is heard of it', async () => {
  const failed = await ordered('UpdateFirmware')
  await tell(failed, 'FirmwareStatusNotification', 'DownloadFailed')
  expect(openAlerts(failed)).toEqual([F])
  await order(failed.stand, 'UpdateFirmware', bodies.UpdateFirmware!)
  expect(openAlerts(failed)).toEqual([])
})

test('a notification belongs to the newest command that arrived, not to one that was refused', async () => {
  const first = await ordered('GetLog')
  first.peer.script = () => ({ status: 'Rejected' })
  const second = { ...first, id: await order(first.stand, 'GetLog', { ...bodies.GetLog, requestId: 8 }) }
  await tell(first, 'LogStatusNotification', ['Uploading', 7], ['Uploading', 8])
  expect([progressOf(first), progressOf(second)]).toEqual([['Uploading'], []])
})

test('AcceptedCanceled: the one before is over, and what is said of it later changes nothing', async () => {
  const first = await ordered('GetLog')
  await tell(first, 'LogStatusNotification', ['Uploading', 7])
  first.peer.script = () => ({ status: 'AcceptedCanceled' })
  const second = { ...first, id: await order(first.stand, 'GetLog', { ...bodies.GetLog, requestId: 8 }) }
  await tell(first, 'LogStatusNotification', ['UploadFailure', 7], ['Uploading', 8])
  expect([progressOf(first), progressOf(second)]).toEqual([['Uploading', 'Canceled'], ['Uploading']])
  expect(openAlerts(first)).toEqual([])
})

test('no file name in the answer: there is nothing to upload', async () => {
  expect(progressOf(await ordered('GetDiagnostics', bodies.GetDiagnostics, {}))).toEqual(['NothingToUpload'])
})

describe('a boot', () => {
  async function bootWith(one: Ordered, firmwareVersion: string): Promise<void> {
    await one.stand.call(one.peer, 'BootNotification', { chargePointVendor: 'Acme', chargePointModel: 'One', firmwareVersion })
    await one.stand.clock.advance(1_000)
  }

  test('with another firmware ends the update, resolves its alert, and gives way to what the charge point says itself', async () => {
    const done = await ordered('UpdateFirmware')
    await tell(done, 'FirmwareStatusNotification', 'Downloading', 'DownloadFailed')
    await bootWith(done, '2.0')
    expect(progressOf(done)).toEqual(['Downloading', 'DownloadFailed', 'Booted 2.0'])
    expect(openAlerts(done)).toEqual([])
    await bootWith(done, '3.0')
    await tell(done, 'FirmwareStatusNotification', 'Installed')
    expect(progressOf(done)).toEqual(['Downloading', 'DownloadFailed', 'Installed'])
  })

  test('with the same firmware, or after the end, says nothing', async () => {
    const done = await ordered('UpdateFirmware')
    await tell(done, 'FirmwareStatusNotification', 'Downloading')
    await bootWith(done, '1.0')
    expect(progressOf(done)).toEqual(['Downloading'])
    await tell(done, 'FirmwareStatusNotification', 'Installed')
    await bootWith(done, '2.0')
    expect(progressOf(done)).toEqual(['Downloading', 'Installed'])
  })

  test('is recognised after a restart of ours', async () => {
    const before = await ordered('UpdateFirmware')
    await tell(before, 'FirmwareStatusNotification', 'Installing')
    const stand = await before.stand.restart()
    const peer = await stand.boot('CP1')
    await bootWith({ ...before, stand, peer }, '2.0')
    expect(progressOf({ ...before, stand })).toEqual(['Installing', 'Booted 2.0'])
  })
})

test('while the store is down a notification is confirmed all the same', async () => {
  const done = await ordered('UpdateFirmware')
  done.stand.trouble.store = true
  await tell(done, 'FirmwareStatusNotification', 'Downloading')
  expect(progressOf(done)).toEqual(['Downloading'])
})
