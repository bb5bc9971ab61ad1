// What a simulated charge point answers to each CALL of the central system: one function per message, none missing.
import type { CentralAction, RequestOf, ResponseOf } from '../protocol/messages/index.ts'
import type { Configuration } from './configuration.ts'
import type { Outlet } from './outlet.ts'
import type { ProfileDesk } from './profile-desk.ts'

export interface Refused { readonly errorCode: string; readonly description: string }

export type Answers = { readonly [A in CentralAction]: (request: RequestOf<A>) => ResponseOf<A> | Refused }

/** What an answer may set in motion; everything here happens after the answer has left. */
export interface Orders {
  readonly outlets: readonly Outlet[]
  readonly profiles: ProfileDesk
  readonly configuration: Configuration
  /** False when the connector has no car or is busy. */
  startTransaction(outlet: Outlet, idTag: string, profile: RequestOf<'RemoteStartTransaction'>['chargingProfile']): void
  stopTransaction(outlet: Outlet, reason: 'Remote' | 'UnlockCommand'): void
  reboot(reason: 'HardReset' | 'SoftReset'): void
  reportBoot(): void
  reportHeartbeat(): void
  reportStatus(connectorId: number | undefined): void
  reportMeter(connectorId: number | undefined): void
}

const unsupported = (): Refused => ({ errorCode: 'NotSupported', description: '' })

/** `later` runs a consequence once the answer is on its way. */
export function createAnswers(orders: Orders, later: (fn: () => void) => void): Answers {
  const { outlets, profiles, configuration } = orders
  const outletAt = (connectorId: number): Outlet | undefined => outlets.find((each) => each.id === connectorId)

  function trigger(message: string, connectorId: number | undefined): 'Accepted' | 'Rejected' | 'NotImplemented' {
    if (connectorId !== undefined && connectorId !== 0 && outletAt(connectorId) === undefined) return 'Rejected'
    switch (message) {
      case 'BootNotification': later(orders.reportBoot); return 'Accepted'
      case 'Heartbeat': later(orders.reportHeartbeat); return 'Accepted'
      case 'StatusNotification': later(() => orders.reportStatus(connectorId)); return 'Accepted'
      case 'MeterValues': later(() => orders.reportMeter(connectorId)); return 'Accepted'
      default: return 'NotImplemented'
    }
  }

  return {
    CancelReservation: () => ({ status: 'Rejected' }),
    CertificateSigned: unsupported,
    ChangeAvailability(request) {
      const chosen = request.connectorId === 0 ? outlets : outlets.filter((each) => each.id === request.connectorId)
      if (chosen.length === 0) return { status: 'Rejected' }
      for (const outlet of chosen) outlet.operative = request.type === 'Operative'
      later(() => orders.reportStatus(undefined))
      return { status: chosen.some((outlet) => outlet.transaction !== null) ? 'Scheduled' : 'Accepted' }
    },
    ChangeConfiguration: (request) => configuration.change(request),
    ClearCache: () => ({ status: 'Accepted' }),
    ClearChargingProfile: (request) => profiles.clear(request),
    DataTransfer: () => ({ status: 'UnknownVendorId' }),
    DeleteCertificate: unsupported,
    ExtendedTriggerMessage: (request) => ({ status: trigger(request.requestedMessage, request.connectorId) }),
    GetCompositeSchedule: (request) => profiles.composite(request),
    GetConfiguration: (request) => configuration.read(request),
    GetDiagnostics: () => ({}),
    GetInstalledCertificateIds: unsupported,
    GetLocalListVersion: () => ({ listVersion: -1 }),
    GetLog: unsupported,
    InstallCertificate: unsupported,
    RemoteStartTransaction(request) {
      const free = outlets.find((each) => (request.connectorId === undefined || each.id === request.connectorId) && each.transaction === null && each.car !== null && each.operative)
      if (free === undefined) return { status: 'Rejected' }
      later(() => orders.startTransaction(free, request.idTag, request.chargingProfile))
      return { status: 'Accepted' }
    },
    RemoteStopTransaction(request) {
      const outlet = outlets.find((each) => each.transaction !== null && each.transaction.id === request.transactionId)
      if (outlet === undefined) return { status: 'Rejected' }
      later(() => orders.stopTransaction(outlet, 'Remote'))
      return { status: 'Accepted' }
    },
    ReserveNow: () => ({ status: 'Rejected' }),
    Reset(request) {
      later(() => orders.reboot(request.type === 'Hard' ? 'HardReset' : 'SoftReset'))
      return { status: 'Accepted' }
    },
    SendLocalList: () => ({ status: 'NotSupported' }),
    SetChargingProfile(request) {
      if (request.connectorId < 0 || (request.connectorId > 0 && outletAt(request.connectorId) === undefined)) {
        return { errorCode: 'PropertyConstraintViolation', description: 'no such connector' }
      }
      return { status: profiles.set(request.connectorId, request.csChargingProfiles) }
    },
    SignedUpdateFirmware: unsupported,
    TriggerMessage: (request) => ({ status: trigger(request.requestedMessage, request.connectorId) }),
    UnlockConnector(request) {
      const outlet = outletAt(request.connectorId)
      if (outlet === undefined) return { status: 'NotSupported' }
      later(() => orders.stopTransaction(outlet, 'UnlockCommand'))
      return { status: 'Unlocked' }
    },
    UpdateFirmware: () => ({}),
  }
}
