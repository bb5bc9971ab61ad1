// The table of standard configuration keys: complete, consistent, found however a key is spelt.
import { expect, test } from 'vitest'
import { configurationKeys, standardKey } from '../../src/protocol/messages/configuration-keys.ts'

/** As the specification and the security whitepaper list them. */
const required = [
  'AuthorizeRemoteTxRequests', 'ChargeProfileMaxStackLevel', 'ChargingScheduleAllowedChargingRateUnit', 'ChargingScheduleMaxPeriods', 'ClockAlignedDataInterval', 'ConnectionTimeOut',
  'ConnectorPhaseRotation', 'GetConfigurationMaxKeys', 'HeartbeatInterval', 'LocalAuthListEnabled', 'LocalAuthListMaxLength', 'LocalAuthorizeOffline', 'LocalPreAuthorize',
  'MaxChargingProfilesInstalled', 'MeterValueSampleInterval', 'MeterValuesAlignedData', 'MeterValuesSampledData', 'NumberOfConnectors', 'ResetRetries', 'SendLocalListMaxLength',
  'StopTransactionOnEVSideDisconnect', 'StopTransactionOnInvalidId', 'StopTxnAlignedData', 'StopTxnSampledData', 'SupportedFeatureProfiles', 'TransactionMessageAttempts',
  'TransactionMessageRetryInterval', 'UnlockConnectorOnEVSideDisconnect',
]
const optional = [
  'AdditionalRootCertificateCheck', 'AllowOfflineTxForUnknownId', 'AuthorizationCacheEnabled', 'AuthorizationKey', 'BlinkRepeat', 'CertificateSignedMaxChainSize', 'CertificateStoreMaxLength',
  'ConnectorPhaseRotationMaxLength', 'ConnectorSwitch3to1PhaseSupported', 'CpoName', 'LightIntensity', 'MaxEnergyOnInvalidId', 'MeterValuesAlignedDataMaxLength', 'MeterValuesSampledDataMaxLength',
  'MinimumStatusDuration', 'ReserveConnectorZeroSupported', 'SecurityProfile', 'StopTxnAlignedDataMaxLength', 'StopTxnSampledDataMaxLength', 'SupportedFeatureProfilesMaxLength',
  'SupportedFileTransferProtocols', 'WebSocketPingInterval',
]

test('holds every key of the specification and the whitepaper, each once', () => {
  expect(configurationKeys.filter((key) => key.required).map(({ name }) => name).sort()).toEqual(required)
  expect(configurationKeys.filter((key) => !key.required).map(({ name }) => name).sort()).toEqual(optional)
})

test('finds a key however it is spelt, and no vendor key', () => {
  for (const key of configurationKeys) expect(standardKey(key.name.toUpperCase())).toBe(key)
  expect(standardKey('VendorKey')).toBeUndefined()
})

test('only lists have items, and who says how long a list may be is a number that is read', () => {
  for (const { type, items, itemsAre, maxLengthKey } of configurationKeys) {
    expect(items === undefined || type === 'csl').toBe(true)
    expect(items === undefined).toBe(itemsAre === undefined)
    if (maxLengthKey !== undefined) expect(standardKey(maxLengthKey)).toMatchObject({ type: 'int', access: 'R' })
  }
})
