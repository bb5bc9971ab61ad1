// The record of handlers: one for every message a charge point may send; a missing one does not compile.
import type { RequestOf, ResponseOf, StationAction } from '../../protocol/messages/index.ts'
import { authorize } from './authorize.ts'
import { bootNotification } from './boot-notification.ts'
import { dataTransfer } from './data-transfer.ts'
import { heartbeat } from './heartbeat.ts'
import { meterValues } from './meter-values.ts'
import { diagnosticsStatus, firmwareStatus, logStatus, signedFirmwareStatus } from './notices.ts'
import { securityEvent } from './security-event.ts'
import { signCertificate } from './sign-certificate.ts'
import { startTransaction } from './start-transaction.ts'
import type { Handle, Station } from './station.ts'
import { statusNotification } from './status-notification.ts'
import { stopTransaction } from './stop-transaction.ts'

const handlers: { readonly [A in StationAction]: Handle<A> } = {
  Authorize: authorize,
  BootNotification: bootNotification,
  DataTransfer: dataTransfer,
  DiagnosticsStatusNotification: diagnosticsStatus,
  FirmwareStatusNotification: firmwareStatus,
  Heartbeat: heartbeat,
  LogStatusNotification: logStatus,
  MeterValues: meterValues,
  SecurityEventNotification: securityEvent,
  SignCertificate: signCertificate,
  SignedFirmwareStatusNotification: signedFirmwareStatus,
  StartTransaction: startTransaction,
  StatusNotification: statusNotification,
  StopTransaction: stopTransaction,
}

export function isHandled(action: string): action is StationAction {
  return Object.hasOwn(handlers, action)
}

/** Answers a request that has passed the message table. */
export function answer<A extends StationAction>(station: Station, action: A, payload: unknown): ResponseOf<A> | Promise<ResponseOf<A>> {
  const handle: Handle<A> = handlers[action]
  return handle(station, payload as RequestOf<A>)
}
