// The messages of the security whitepaper: certificates, logs, signed firmware, security events.
import { z } from 'zod'
import { accepted, amount, connector, dateTime, empty, integer, message, text } from './types.ts'

const certificateHashData = z.strictObject({
  hashAlgorithm: z.enum(['SHA256', 'SHA384', 'SHA512']),
  issuerNameHash: text(128),
  issuerKeyHash: text(128),
  serialNumber: text(40),
})
const certificateType = z.enum(['CentralSystemRootCertificate', 'ManufacturerRootCertificate'])

export const security = {
  CertificateSigned: message({
    direction: 'central', profile: 'Security', summary: 'Here is the certificate that was asked for.',
    request: z.strictObject({ certificateChain: text(10_000) }),
    response: accepted,
  }),
  DeleteCertificate: message({
    direction: 'central', profile: 'Security', summary: 'Remove an installed root certificate.',
    request: z.strictObject({ certificateHashData }),
    response: z.strictObject({ status: z.enum(['Accepted', 'Failed', 'NotFound']) }),
  }),
  ExtendedTriggerMessage: message({
    direction: 'central', profile: 'Security', summary: 'Ask for a message to be sent now, those of the whitepaper included.',
    request: z.strictObject({
      requestedMessage: z.enum([
        'BootNotification', 'LogStatusNotification', 'FirmwareStatusNotification', 'Heartbeat', 'MeterValues', 'SignChargePointCertificate',
        'StatusNotification',
      ]),
      connectorId: connector.optional(),
    }),
    response: z.strictObject({ status: z.enum(['Accepted', 'Rejected', 'NotImplemented']) }),
  }),
  GetInstalledCertificateIds: message({
    direction: 'central', profile: 'Security', summary: 'Which root certificates are installed?',
    request: z.strictObject({ certificateType }),
    response: z.strictObject({
      certificateHashData: z.array(certificateHashData).min(1).optional(),
      status: z.enum(['Accepted', 'NotFound']),
    }),
  }),
  GetLog: message({
    direction: 'central', profile: 'Security', summary: 'Upload a diagnostics or security log.',
    request: z.strictObject({
      log: z.strictObject({
        remoteLocation: text(512),
        oldestTimestamp: dateTime.optional(),
        latestTimestamp: dateTime.optional(),
      }),
      logType: z.enum(['DiagnosticsLog', 'SecurityLog']),
      requestId: integer,
      retries: amount.optional(),
      retryInterval: amount.optional(),
    }),
    response: z.strictObject({ status: z.enum(['Accepted', 'Rejected', 'AcceptedCanceled']), filename: text(255).optional() }),
  }),
  InstallCertificate: message({
    direction: 'central', profile: 'Security', summary: 'Install a root certificate.',
    request: z.strictObject({ certificateType, certificate: text(5500) }),
    response: z.strictObject({ status: z.enum(['Accepted', 'Failed', 'Rejected']) }),
  }),
  LogStatusNotification: message({
    direction: 'station', profile: 'Security', summary: 'How the upload of a log goes.',
    request: z.strictObject({
      status: z.enum(['BadMessage', 'Idle', 'NotSupportedOperation', 'PermissionDenied', 'Uploaded', 'UploadFailure', 'Uploading']),
      requestId: integer.optional(),
    }),
    response: empty,
  }),
  SecurityEventNotification: message({
    direction: 'station', profile: 'Security', summary: 'Something touched the security of the charge point.',
    request: z.strictObject({ type: text(50), timestamp: dateTime, techInfo: text(255).optional() }),
    response: empty,
  }),
  SignCertificate: message({
    direction: 'station', profile: 'Security', summary: 'Please have this certificate request signed.',
    request: z.strictObject({ csr: text(5500) }),
    response: accepted,
  }),
  SignedFirmwareStatusNotification: message({
    direction: 'station', profile: 'Security', summary: 'How the signed firmware update goes.',
    request: z.strictObject({
      status: z.enum([
        'Downloaded', 'DownloadFailed', 'Downloading', 'DownloadScheduled', 'DownloadPaused', 'Idle', 'InstallationFailed', 'Installing', 'Installed',
        'InstallRebooting', 'InstallScheduled', 'InstallVerificationFailed', 'InvalidSignature', 'SignatureVerified',
      ]),
      requestId: integer.optional(),
    }),
    response: empty,
  }),
  SignedUpdateFirmware: message({
    direction: 'central', profile: 'Security', summary: 'Download and install signed firmware.',
    request: z.strictObject({
      retries: amount.optional(),
      retryInterval: amount.optional(),
      requestId: integer,
      firmware: z.strictObject({
        location: text(512),
        retrieveDateTime: dateTime,
        installDateTime: dateTime.optional(),
        signingCertificate: text(5500),
        signature: text(800),
      }),
    }),
    response: z.strictObject({
      status: z.enum(['Accepted', 'Rejected', 'AcceptedCanceled', 'InvalidCertificate', 'RevokedCertificate']),
    }),
  }),
}
