// The messages of the Firmware Management profile: firmware updates and diagnostics.
import { z } from 'zod'
import { amount, dateTime, empty, message, text, uri } from './types.ts'

export const firmware = {
  DiagnosticsStatusNotification: message({
    direction: 'station', profile: 'FirmwareManagement', summary: 'How the upload of diagnostics goes.',
    request: z.strictObject({ status: z.enum(['Idle', 'Uploaded', 'UploadFailed', 'Uploading']) }),
    response: empty,
  }),
  FirmwareStatusNotification: message({
    direction: 'station', profile: 'FirmwareManagement', summary: 'How the firmware update goes.',
    request: z.strictObject({
      status: z.enum(['Downloaded', 'DownloadFailed', 'Downloading', 'Idle', 'InstallationFailed', 'Installing', 'Installed']),
    }),
    response: empty,
  }),
  GetDiagnostics: message({
    direction: 'central', profile: 'FirmwareManagement', summary: 'Upload diagnostics to an address.',
    request: z.strictObject({
      location: uri,
      retries: amount.optional(),
      retryInterval: amount.optional(),
      startTime: dateTime.optional(),
      stopTime: dateTime.optional(),
    }),
    response: z.strictObject({ fileName: text(255).optional() }),
  }),
  UpdateFirmware: message({
    direction: 'central', profile: 'FirmwareManagement', summary: 'Download and install firmware.',
    request: z.strictObject({
      location: uri,
      retries: amount.optional(),
      retrieveDate: dateTime,
      retryInterval: amount.optional(),
    }),
    response: empty,
  }),
}
