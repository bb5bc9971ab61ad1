// Certification cases of firmware updates and of diagnostics.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { RequestOf } from '../../src/protocol/messages/index.ts'
import { boot, expectShown, startCentral, stopCentral, type Central } from './central.ts'
import type { Station } from './station.ts'

let central: Central
beforeAll(async () => { central = await startCentral() }, 150_000)
afterEach(() => central.farewell())
afterAll(stopCentral)

const update = { location: 'https://firmware.example/kwota/2.0.0.bin', retrieveDate: '2030-01-01T00:00:00.000Z' }
type Progress = RequestOf<'FirmwareStatusNotification'>['status']

async function tell(station: Station, ...progress: readonly Progress[]): Promise<void> {
  for (const status of progress) expect(await station.send('FirmwareStatusNotification', { status })).toEqual({})
}

/** The operator asks for the update; gives the command's address. */
async function ask(station: Station): Promise<string> {
  const { request, command } = await central.operate(station, 'update-firmware', update, { action: 'UpdateFirmware', answer: {} })
  expect(request.location).toBe(update.location)
  expect(Date.parse(request.retrieveDate)).toBe(Date.parse(update.retrieveDate))
  expect(command).toMatchObject({ status: 'accepted', response: {} })
  return `/commands/${command.id}`
}
const progressed = (...progress: readonly string[]) => ({ progress: progress.map((status) => ({ status })) })

test('TC_044_1_CSMS firmware, downloaded and installed: every step is on the command, and the new version is known after the boot', async () => {
  const before = await central.booted('TC-044-1')
  const command = await ask(before)
  await tell(before, 'Downloading', 'Downloaded', 'Installing')
  await before.vanish()
  const station = await central.connect('TC-044-1')
  const answer = await station.send('BootNotification', { chargePointVendor: 'Conformance', chargePointModel: 'Scripted', firmwareVersion: '2.0.0' })
  expect(answer.status).toBe('Accepted')
  await tell(station, 'Installed')
  await expectShown(central, command, progressed('Downloading', 'Downloaded', 'Installing', 'Installed'))
  await expectShown(central, '/chargepoints/TC-044-1', { boot: { firmwareVersion: '2.0.0' } })
})

test('TC_044_2_CSMS firmware, download failed: shown on the command', async () => {
  const station = await central.booted('TC-044-2')
  const command = await ask(station)
  await tell(station, 'Downloading', 'DownloadFailed')
  await expectShown(central, command, progressed('Downloading', 'DownloadFailed'))
})

test('TC_044_3_CSMS firmware, installation failed: shown on the command, also after a boot', async () => {
  const before = await central.booted('TC-044-3')
  const command = await ask(before)
  await tell(before, 'Downloading', 'Downloaded', 'Installing')
  await before.vanish()
  const station = await central.connect('TC-044-3')
  await boot(station)
  await tell(station, 'InstallationFailed')
  await expectShown(central, command, progressed('Downloading', 'Downloaded', 'Installing', 'InstallationFailed'))
})

test('TC_045_1_CSMS diagnostics: uploaded to the address that was named, listed, and the same when downloaded', async () => {
  const station = await central.booted('TC-045-1')
  const { request, command } = await central.operate(station, 'get-diagnostics', {}, { action: 'GetDiagnostics', answer: { fileName: 'diagnostics.txt' } })
  expect(command).toMatchObject({ status: 'accepted', response: { fileName: 'diagnostics.txt' } })
  expect(await station.send('DiagnosticsStatusNotification', { status: 'Uploading' })).toEqual({})
  const content = 'what happened\n'
  expect((await fetch(request.location, { method: 'PUT', body: content })).ok).toBe(true)
  expect(await station.send('DiagnosticsStatusNotification', { status: 'Uploaded' })).toEqual({})
  await expectShown(central, `/commands/${command.id}`, progressed('Uploading', 'Uploaded'))
  const { data: [file] } = await central.get<{ data: { id: string; bytes: number }[] }>('/chargepoints/TC-045-1/diagnostics')
  expect(file).toMatchObject({ bytes: Buffer.byteLength(content) })
  expect((await central.request<string>('GET', `/chargepoints/TC-045-1/diagnostics/${file?.id}`)).body).toBe(content)
  // One upload per address.
  expect((await fetch(request.location, { method: 'PUT', body: 'again' })).ok).toBe(false)
})

test('TC_045_2_CSMS diagnostics, upload failed: shown on the command, nothing is listed', async () => {
  const station = await central.booted('TC-045-2')
  const { request, command } = await central.operate(station, 'get-diagnostics', { location: 'ftp://files.example/logs', retries: 2, retryInterval: 10 }, { action: 'GetDiagnostics', answer: { fileName: 'diagnostics.txt' } })
  expect(request).toEqual({ location: 'ftp://files.example/logs', retries: 2, retryInterval: 10 })
  for (const status of ['Uploading', 'UploadFailed'] as const) expect(await station.send('DiagnosticsStatusNotification', { status })).toEqual({})
  await expectShown(central, `/commands/${command.id}`, progressed('Uploading', 'UploadFailed'))
  expect(await central.get('/chargepoints/TC-045-2/diagnostics')).toMatchObject({ data: [] })
})
