// What the routes of commands are asked in the walk; nobody is connected there, so what is good is queued.
import type { CentralAction } from '../../../src/protocol/messages/index.ts'
import { commandNames } from '../../../src/api/command-names.ts'
import { createAuthority } from '../../tls-certificates.ts'
import type { Case, Cases } from './case.ts'

const later = { queue: true, expiresAt: new Date(Date.now() + 3_600_000).toISOString() }
const period = { startPeriod: 0, limit: 6 }
const profile = { chargingProfileId: 1, stackLevel: 0, chargingProfilePurpose: 'TxDefaultProfile', chargingProfileKind: 'Absolute', chargingSchedule: { chargingRateUnit: 'A', chargingSchedulePeriod: [period] } }
const hash = { hashAlgorithm: 'SHA256', issuerNameHash: 'a', issuerKeyHash: 'b', serialNumber: '1' }
const soon = later.expiresAt
const { cert } = await createAuthority()

/** A body that is taken, and one that is not with the field at fault. */
const bodies: Readonly<Record<CentralAction, { good: object; bad: object; says: string }>> = {
  CancelReservation: { good: { reservationId: 7 }, bad: { reservationId: '7' }, says: '/reservationId' },
  CertificateSigned: { good: { certificateChain: cert }, bad: {}, says: '/certificateChain' },
  ChangeAvailability: { good: { connectorId: 0, type: 'Operative' }, bad: { connectorId: 0, type: 'On' }, says: '/type' },
  ChangeConfiguration: { good: { key: 'HeartbeatInterval', value: '60' }, bad: { key: 'HeartbeatInterval', value: 60 }, says: '/value' },
  ClearCache: { good: {}, bad: { now: true }, says: '/now' },
  ClearChargingProfile: { good: { id: 5 }, bad: { id: 'five' }, says: '/id' },
  DataTransfer: { good: { vendorId: 'com.example', messageId: 'ping', data: 'hello' }, bad: { messageId: 'ping' }, says: '/vendorId' },
  DeleteCertificate: { good: { certificateHashData: hash }, bad: { certificateHashData: { ...hash, hashAlgorithm: 'MD5' } }, says: '/certificateHashData/hashAlgorithm' },
  ExtendedTriggerMessage: { good: { requestedMessage: 'Heartbeat' }, bad: { requestedMessage: 'Coffee' }, says: '/requestedMessage' },
  GetCompositeSchedule: { good: { connectorId: 1, duration: 600 }, bad: { connectorId: 1 }, says: '/duration' },
  GetConfiguration: { good: { key: ['HeartbeatInterval'] }, bad: { key: 'HeartbeatInterval' }, says: '/key' },
  GetDiagnostics: { good: { location: 'ftp://example.com/x' }, bad: { retries: -1 }, says: '/retries' },
  GetInstalledCertificateIds: { good: { certificateType: 'CentralSystemRootCertificate' }, bad: {}, says: '/certificateType' },
  GetLocalListVersion: { good: {}, bad: { x: 1 }, says: '/x' },
  GetLog: { good: { logType: 'SecurityLog', log: { remoteLocation: 'https://example.com/x' } }, bad: { logType: 'Novel', log: {} }, says: '/logType' },
  InstallCertificate: { good: { certificateType: 'ManufacturerRootCertificate', certificate: cert }, bad: { certificate: cert }, says: '/certificateType' },
  RemoteStartTransaction: { good: { connectorId: 1, idTag: 'TEST-001' }, bad: { connectorId: 1, idTag: 'x'.repeat(21) }, says: '/idTag' },
  RemoteStopTransaction: { good: { transactionId: 5 }, bad: { transactionId: 1.5 }, says: '/transactionId' },
  ReserveNow: { good: { connectorId: 1, idTag: 'TEST-001', expiryDate: soon }, bad: { connectorId: 1, idTag: 'TEST-001', expiryDate: 'soon' }, says: '/expiryDate' },
  Reset: { good: { type: 'Soft' }, bad: { type: 'Gentle' }, says: '/type' },
  SendLocalList: { good: { listVersion: 1, updateType: 'Full' }, bad: { listVersion: 1, updateType: 'Half' }, says: '/updateType' },
  SetChargingProfile: { good: { connectorId: 1, csChargingProfiles: profile }, bad: { connectorId: 1, csChargingProfiles: { ...profile, chargingSchedule: { chargingRateUnit: 'A', chargingSchedulePeriod: [] } } }, says: '/csChargingProfiles/chargingSchedule/chargingSchedulePeriod' },
  SignedUpdateFirmware: { good: {}, bad: { firmware: {} }, says: '/firmware' },
  TriggerMessage: { good: { requestedMessage: 'MeterValues', connectorId: 1 }, bad: { requestedMessage: 'MeterValues', connectorId: 0 }, says: '/connectorId' },
  UnlockConnector: { good: { connectorId: 1 }, bad: { connectorId: 0 }, says: '/connectorId' },
  UpdateFirmware: { good: { location: 'https://example.com/fw.bin', retrieveDate: soon }, bad: { location: 'not a uri', retrieveDate: soon }, says: '/location' },
}

function casesOf(name: string, action: CentralAction): Case[] {
  const { good, bad, says } = bodies[action]
  const path = `/chargepoints/CP1/${name}`
  return [
    // A certificate that is one needs more than a walk: signed firmware has tests of its own.
    ...(action === 'SignedUpdateFirmware' ? [] : [
      { path, json: { ...good, ...later }, status: 202, says: `"action":"${action}"` },
      { path, json: good, status: 409, code: 'charge-point-offline' },
      { path: `/chargepoints/CP9/${name}`, json: good, status: 404, code: 'unknown-charge-point' },
    ]),
    { path, json: bad, status: 422, code: 'invalid', says },
    ...('idTag' in good ? [{ path, json: { ...good, idTag: '' }, status: 422, code: 'invalid', says: '/idTag' }] : []),
    { path, json: { ...good, nonsense: 1 }, status: 422, code: 'invalid', says: '/nonsense' },
    { path, body: '{', headers: { 'Content-Type': 'application/json' }, status: 400, code: 'not-json' },
  ]
}

const setting = '/chargepoints/CP1/set-charging-profile'
const clearing = '/chargepoints/CP1/clear-charging-profile'
const onConnector = '/chargepoints/CP1/connectors/1/set-charging-profile'

export const commandCases: Cases = {
  ...Object.fromEntries(Object.entries(commandNames).map(([name, action]) => [`command${action}`, casesOf(name, action)])),
  commandSetChargingProfile: [
    ...casesOf('set-charging-profile', 'SetChargingProfile'),
    { path: `${setting}?dryRun=true`, json: { connectorId: 1, chargingProfile: profile }, status: 409, code: 'engine-stack-level' }, { path: setting, json: { connectorId: 1, chargingProfile: profile, ...later }, status: 202 },
    { path: setting, json: { connectorId: 1, chargingProfile: profile, csChargingProfiles: profile }, status: 422, says: 'exactly one of' }, { path: setting, json: { connectorId: 1 }, status: 422, says: '/csChargingProfiles' },
    { path: setting, json: { connectorId: 1, templateId: 'nowhere' }, status: 422, code: 'unknown-profile-template' },
  ],
  commandClearChargingProfile: [
    ...casesOf('clear-charging-profile', 'ClearChargingProfile'),
    { path: `${clearing}?dryRun=true&unit=W&durationS=60`, json: { id: 5 }, status: 200, says: '"removed":[]' }, { path: `${clearing}?dryRun=true`, json: {}, status: 409, code: 'engine-profiles' }, { path: `${clearing}?dryRun=1`, json: { id: 5 }, status: 422, says: '/dryRun' },
  ],
  setConnectorChargingProfile: [
    { path: `${onConnector}?dryRun=true`, json: { chargingProfile: profile }, status: 409, code: 'engine-stack-level' }, { path: onConnector, json: {}, status: 422, says: '/chargingProfile' },
    { path: onConnector, json: { chargingProfile: profile, ...later }, status: 202, says: '"connectorId":1' }, { path: onConnector, json: { chargingProfile: profile }, status: 409, code: 'charge-point-offline' },
    { path: onConnector, json: { chargingProfile: { ...profile, stackLevel: -1 } }, status: 422, says: '/chargingProfile/stackLevel' }, { path: '/chargepoints/CP1/connectors/x/set-charging-profile', json: {}, status: 422, says: '/connectorID' },
    { path: '/chargepoints/CP9/connectors/1/set-charging-profile', json: { chargingProfile: profile }, status: 404, code: 'unknown-charge-point' },
  ],
  listCommands: [
    { path: '/commands?status=pending&clientID=cp1&action=Reset', status: 200, says: '"status":"queued"' }, { path: '/commands?status=lost', status: 422, says: '/status' },
    { path: '/commands?siteID=main&limit=1', status: 200, says: '"nextCursor":"' }, { path: '/commands?action=Dance', status: 422, says: '/action' },
  ],
  getCommand: [{ path: '/commands/cmd_0', status: 404, code: 'unknown-command' }, { path: '/commands/x', status: 422, says: '/commandID' }],
  cancelCommand: [{ path: '/commands/cmd_0/cancel', status: 404, code: 'unknown-command' }, { path: '/commands/x/cancel', status: 422, says: '/commandID' }],
}

