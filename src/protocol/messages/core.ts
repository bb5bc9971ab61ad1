// The messages of the Core profile.
import { z } from 'zod'
import { accepted, amount, chargingProfile, connector, connectorOrAll, dateTime, empty, idTagInfo, integer, message, meterValue, text } from './types.ts'

export const core = {
  Authorize: message({
    direction: 'station', profile: 'Core', summary: 'May this id tag charge?',
    request: z.strictObject({ idTag: text(20) }),
    response: z.strictObject({ idTagInfo }),
  }),
  BootNotification: message({
    direction: 'station', profile: 'Core', summary: 'The charge point has started and says what it is.',
    request: z.strictObject({
      chargePointVendor: text(20),
      chargePointModel: text(20),
      chargePointSerialNumber: text(25).optional(),
      chargeBoxSerialNumber: text(25).optional(),
      firmwareVersion: text(50).optional(),
      iccid: text(20).optional(),
      imsi: text(20).optional(),
      meterType: text(25).optional(),
      meterSerialNumber: text(25).optional(),
    }),
    response: z.strictObject({ status: z.enum(['Accepted', 'Pending', 'Rejected']), currentTime: dateTime, interval: amount }),
  }),
  ChangeAvailability: message({
    direction: 'central', profile: 'Core', summary: 'Take a connector (0 = the whole charge point) into or out of service.',
    request: z.strictObject({ connectorId: connectorOrAll, type: z.enum(['Inoperative', 'Operative']) }),
    response: z.strictObject({ status: z.enum(['Accepted', 'Rejected', 'Scheduled']) }),
  }),
  ChangeConfiguration: message({
    direction: 'central', profile: 'Core', summary: 'Set one configuration key.',
    request: z.strictObject({ key: text(50), value: text(500) }),
    response: z.strictObject({ status: z.enum(['Accepted', 'Rejected', 'RebootRequired', 'NotSupported']) }),
  }),
  ClearCache: message({
    direction: 'central', profile: 'Core', summary: 'Forget the authorisation cache.',
    request: empty,
    response: accepted,
  }),
  DataTransfer: message({
    direction: 'both', profile: 'Core', summary: 'A vendor\'s own message.',
    request: z.strictObject({ vendorId: text(255), messageId: text(50).optional(), data: z.string().optional() }),
    response: z.strictObject({ status: z.enum(['Accepted', 'Rejected', 'UnknownMessageId', 'UnknownVendorId']), data: z.string().optional() }),
  }),
  GetConfiguration: message({
    direction: 'central', profile: 'Core', summary: 'Read configuration keys (none named = all).',
    request: z.strictObject({ key: z.array(text(50)).optional() }),
    response: z.strictObject({
      configurationKey: z.array(z.strictObject({ key: text(50), readonly: z.boolean(), value: text(500).optional() })).optional(),
      unknownKey: z.array(text(50)).optional(),
    }),
  }),
  Heartbeat: message({
    direction: 'station', profile: 'Core', summary: 'The charge point is alive and asks for the time.',
    request: empty,
    response: z.strictObject({ currentTime: dateTime }),
  }),
  MeterValues: message({
    direction: 'station', profile: 'Core', summary: 'Readings of a connector, or of the main meter (connector 0).',
    request: z.strictObject({ connectorId: connectorOrAll, transactionId: integer.optional(), meterValue: z.array(meterValue).min(1) }),
    response: empty,
  }),
  RemoteStartTransaction: message({
    direction: 'central', profile: 'Core', summary: 'Start charging for an id tag, with a profile if wanted.',
    request: z.strictObject({ connectorId: connector.optional(), idTag: text(20), chargingProfile: chargingProfile.optional() }),
    response: accepted,
  }),
  RemoteStopTransaction: message({
    direction: 'central', profile: 'Core', summary: 'Stop a running transaction.',
    request: z.strictObject({ transactionId: integer }),
    response: accepted,
  }),
  Reset: message({
    direction: 'central', profile: 'Core', summary: 'Restart the charge point, softly or hard.',
    request: z.strictObject({ type: z.enum(['Hard', 'Soft']) }),
    response: accepted,
  }),
  StartTransaction: message({
    direction: 'station', profile: 'Core', summary: 'A transaction has begun.',
    request: z.strictObject({
      // The text wants > 0; refusing 0 would lose a transaction.
      connectorId: connectorOrAll,
      idTag: text(20),
      meterStart: integer,
      reservationId: integer.optional(),
      timestamp: dateTime,
    }),
    response: z.strictObject({ idTagInfo, transactionId: integer }),
  }),
  StatusNotification: message({
    direction: 'station', profile: 'Core', summary: 'A connector (0 = the whole charge point) has a new status or fault.',
    request: z.strictObject({
      connectorId: connectorOrAll,
      errorCode: z.enum([
        'ConnectorLockFailure', 'EVCommunicationError', 'GroundFailure', 'HighTemperature', 'InternalError', 'LocalListConflict', 'NoError', 'OtherError',
        'OverCurrentFailure', 'OverVoltage', 'PowerMeterFailure', 'PowerSwitchFailure', 'ReaderFailure', 'ResetFailure', 'UnderVoltage', 'WeakSignal',
      ]),
      info: text(50).optional(),
      status: z.enum([
        'Available', 'Preparing', 'Charging', 'SuspendedEVSE', 'SuspendedEV', 'Finishing', 'Reserved', 'Unavailable', 'Faulted',
      ]),
      timestamp: dateTime.optional(),
      vendorId: text(255).optional(),
      vendorErrorCode: text(50).optional(),
    }),
    response: empty,
  }),
  StopTransaction: message({
    direction: 'station', profile: 'Core', summary: 'A transaction has ended.',
    request: z.strictObject({
      idTag: text(20).optional(),
      meterStop: integer,
      timestamp: dateTime,
      transactionId: integer,
      reason: z.enum([
        'EmergencyStop', 'EVDisconnected', 'HardReset', 'Local', 'Other', 'PowerLoss', 'Reboot', 'Remote', 'SoftReset', 'UnlockCommand', 'DeAuthorized',
      ]).optional(),
      transactionData: z.array(meterValue).optional(),
    }),
    response: z.strictObject({ idTagInfo: idTagInfo.optional() }),
  }),
  UnlockConnector: message({
    direction: 'central', profile: 'Core', summary: 'Release a stuck cable.',
    request: z.strictObject({ connectorId: connector }),
    response: z.strictObject({ status: z.enum(['Unlocked', 'UnlockFailed', 'NotSupported']) }),
  }),
}
