// The record of orders: one for every message we may send; a missing one does not compile.
import type { z } from 'zod'
import { messages, type CentralAction } from '../../protocol/messages/index.ts'
import type { Order } from './order.ts'
import { clearChargingProfile, setChargingProfile } from './profiles.ts'
import { remoteStart, remoteStop } from './remote.ts'
import { cancelReservation, reserveNow } from './reservation.ts'
import { extendedTrigger, trigger } from './trigger.ts'

/** Nothing to know beyond the message itself. */
const plain = {}

export const orders: { readonly [A in CentralAction]: Order<A> } = {
  CancelReservation: cancelReservation,
  CertificateSigned: plain,
  ChangeAvailability: plain,
  ChangeConfiguration: plain,
  ClearCache: plain,
  ClearChargingProfile: clearChargingProfile,
  DataTransfer: plain,
  DeleteCertificate: plain,
  ExtendedTriggerMessage: extendedTrigger,
  GetCompositeSchedule: plain,
  GetConfiguration: plain,
  GetDiagnostics: plain,
  GetInstalledCertificateIds: plain,
  GetLocalListVersion: plain,
  GetLog: plain,
  InstallCertificate: plain,
  RemoteStartTransaction: remoteStart,
  RemoteStopTransaction: remoteStop,
  ReserveNow: reserveNow,
  Reset: plain,
  SendLocalList: plain,
  SetChargingProfile: setChargingProfile,
  SignedUpdateFirmware: plain,
  TriggerMessage: trigger,
  UnlockConnector: plain,
  UpdateFirmware: plain,
}

export const centralActions = Object.keys(orders) as readonly CentralAction[]

/** What REST takes for an action. */
export function bodyOf(action: CentralAction): z.ZodType {
  return orders[action].body ?? messages[action].request
}
