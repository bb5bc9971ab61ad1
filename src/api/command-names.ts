// What commands are called in addresses: one kebab-case name for every action that kwota may send.
import type { CentralAction } from '../protocol/messages/index.ts'

export const commandNames = {
  'cancel-reservation': 'CancelReservation',
  'certificate-signed': 'CertificateSigned',
  'change-availability': 'ChangeAvailability',
  'change-configuration': 'ChangeConfiguration',
  'clear-cache': 'ClearCache',
  'clear-charging-profile': 'ClearChargingProfile',
  'data-transfer': 'DataTransfer',
  'delete-certificate': 'DeleteCertificate',
  'extended-trigger-message': 'ExtendedTriggerMessage',
  'get-composite-schedule': 'GetCompositeSchedule',
  'get-configuration': 'GetConfiguration',
  'get-diagnostics': 'GetDiagnostics',
  'get-installed-certificate-ids': 'GetInstalledCertificateIds',
  'get-local-list-version': 'GetLocalListVersion',
  'get-log': 'GetLog',
  'install-certificate': 'InstallCertificate',
  'remote-start': 'RemoteStartTransaction',
  'remote-stop': 'RemoteStopTransaction',
  'reserve-now': 'ReserveNow',
  'reset': 'Reset',
  'send-local-list': 'SendLocalList',
  'set-charging-profile': 'SetChargingProfile',
  'signed-update-firmware': 'SignedUpdateFirmware',
  'trigger-message': 'TriggerMessage',
  'unlock-connector': 'UnlockConnector',
  'update-firmware': 'UpdateFirmware',
} as const satisfies Record<string, CentralAction>

export type CommandName = keyof typeof commandNames
