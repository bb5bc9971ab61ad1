// The record of orders: one for every message we may send; a missing one does not compile.
import type { z } from 'zod'
import { messages, type CentralAction } from '../../protocol/messages/index.ts'
import { certificateSigned, deleteCertificate, getInstalledCertificateIds, installCertificate } from './certificates.ts'
import { getDiagnostics } from './diagnostics.ts'
import { updateFirmware } from './firmware.ts'
import { getLog } from './get-log.ts'
import { changeConfiguration, getConfiguration } from './configuration.ts'
import { dataTransfer } from './data-transfer.ts'
import type { Order } from './order.ts'
import { sendLocalList } from './local-list.ts'
import { clearChargingProfile, setChargingProfile } from './profiles.ts'
import { remoteStart, remoteStop } from './remote.ts'
import { cancelReservation, reserveNow } from './reservation.ts'
import { signedUpdateFirmware } from './signed-firmware.ts'
import { extendedTrigger, trigger } from './trigger.ts'

/** Nothing to know beyond the message itself. */
const plain = {}

export const orders: { readonly [A in CentralAction]: Order<A> } = {
  CancelReservation: cancelReservation,
  CertificateSigned: certificateSigned,
  ChangeAvailability: plain,
  ChangeConfiguration: changeConfiguration,
  ClearCache: plain,
  ClearChargingProfile: clearChargingProfile,
  DataTransfer: dataTransfer,
  DeleteCertificate: deleteCertificate,
  ExtendedTriggerMessage: extendedTrigger,
  GetCompositeSchedule: plain,
  GetConfiguration: getConfiguration,
  GetDiagnostics: getDiagnostics,
  GetInstalledCertificateIds: getInstalledCertificateIds,
  GetLocalListVersion: plain,
  GetLog: getLog,
  InstallCertificate: installCertificate,
  RemoteStartTransaction: remoteStart,
  RemoteStopTransaction: remoteStop,
  ReserveNow: reserveNow,
  Reset: plain,
  SendLocalList: sendLocalList,
  SetChargingProfile: setChargingProfile,
  SignedUpdateFirmware: signedUpdateFirmware,
  TriggerMessage: trigger,
  UnlockConnector: plain,
  UpdateFirmware: updateFirmware,
}

/** What REST takes for an action. */
export function bodyOf(action: CentralAction): z.ZodType {
  return orders[action].body ?? messages[action].request
}
