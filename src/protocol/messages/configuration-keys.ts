// The standard configuration keys of OCPP 1.6 and its security whitepaper: what each holds and who may change it.
import { sampledValue, type Profile } from './types.ts'

export interface StandardKey {
  readonly name: string
  readonly profile: Profile
  /** Every charge point with that profile has it. */
  readonly required: boolean
  /** `R` read only, `RW` both, `W` written and never shown. */
  readonly access: 'R' | 'RW' | 'W'
  /** `csl` = a list separated by commas. */
  readonly type: 'bool' | 'int' | 'csl' | 'string'
  readonly unit?: 's' | 'Wh' | '%'
  /** Bounds of an int; 0 and 2,147,483,647 where nothing else is said. */
  readonly min?: number
  readonly max?: number
  /** What an item of a list may be; absent = anything. */
  readonly items?: RegExp
  /** The items in words. */
  readonly itemsAre?: string
  /** The key that says how many items the list may have. */
  readonly maxLengthKey?: string
  readonly description: string
}

type Rest = Partial<Omit<StandardKey, 'name' | 'profile' | 'access' | 'type' | 'description'>>

function key(profile: Profile, name: string, access: StandardKey['access'], type: StandardKey['type'], description: string, rest: Rest = {}): StandardKey {
  return { name, profile, required: false, access, type, description, ...rest }
}

const must = { required: true }
const measurandNames = sampledValue.shape.measurand.unwrap().options
const phaseNames = sampledValue.shape.phase.unwrap().options
const either = (names: readonly string[]) => names.map((name) => name.replaceAll('.', '\\.')).join('|')
const measurands = { items: new RegExp(`^(?:${either(measurandNames)})(?:\\.(?:${either(phaseNames)}))?$`), itemsAre: 'measurands of OCPP 1.6, each perhaps with a phase, like Current.Import or Voltage.L1' }
const rotations = { items: /^\d{1,4}\.(?:NotApplicable|Unknown|RST|RTS|SRT|STR|TRS|TSR)$/, itemsAre: 'connector.rotation, like 0.RST or 1.NotApplicable' }
const features = ['Core', 'FirmwareManagement', 'LocalAuthListManagement', 'Reservation', 'SmartCharging', 'RemoteTrigger']
const named = (names: readonly string[]) => ({ items: new RegExp(`^(?:${either(names)})$`), itemsAre: names.join(', ') })
const lengthOf = (name: string, profile: Profile = 'Core') => key(profile, `${name}MaxLength`, 'R', 'int', `How many items ${name} may have.`)

const core: readonly StandardKey[] = [
  key('Core', 'AllowOfflineTxForUnknownId', 'RW', 'bool', 'While offline, also tags it does not know may charge.'),
  key('Core', 'AuthorizationCacheEnabled', 'RW', 'bool', 'It remembers which tags were accepted.'),
  key('Core', 'AuthorizeRemoteTxRequests', 'RW', 'bool', 'It asks for authorisation before a remote start; some charge points cannot change it.', must),
  key('Core', 'BlinkRepeat', 'RW', 'int', 'How often its lights blink when they signal.'),
  key('Core', 'ClockAlignedDataInterval', 'RW', 'int', 'Seconds between meter values aligned with the clock; 0 = none.', { ...must, unit: 's' }),
  key('Core', 'ConnectionTimeOut', 'RW', 'int', 'How long it waits for the plug after an authorisation.', { ...must, unit: 's' }),
  key('Core', 'ConnectorPhaseRotation', 'RW', 'csl', 'How the phases of each connector are wired.', { ...must, ...rotations, maxLengthKey: 'ConnectorPhaseRotationMaxLength' }),
  lengthOf('ConnectorPhaseRotation'),
  key('Core', 'GetConfigurationMaxKeys', 'R', 'int', 'How many keys one GetConfiguration may name.', must),
  key('Core', 'HeartbeatInterval', 'RW', 'int', 'Seconds of silence after which it sends a heartbeat.', { ...must, unit: 's' }),
  key('Core', 'LightIntensity', 'RW', 'int', 'How bright its lights are.', { unit: '%', max: 100 }),
  key('Core', 'LocalAuthorizeOffline', 'RW', 'bool', 'While offline, tags of its list and cache may charge.', must),
  key('Core', 'LocalPreAuthorize', 'RW', 'bool', 'Tags of its list and cache charge before they are asked about.', must),
  key('Core', 'MaxEnergyOnInvalidId', 'RW', 'int', 'How much is delivered after a tag turned out to be invalid.', { unit: 'Wh' }),
  key('Core', 'MeterValuesAlignedData', 'RW', 'csl', 'What is measured at the intervals aligned with the clock.', { ...must, ...measurands, maxLengthKey: 'MeterValuesAlignedDataMaxLength' }),
  lengthOf('MeterValuesAlignedData'),
  key('Core', 'MeterValuesSampledData', 'RW', 'csl', 'What is measured during a transaction.', { ...must, ...measurands, maxLengthKey: 'MeterValuesSampledDataMaxLength' }),
  lengthOf('MeterValuesSampledData'),
  key('Core', 'MeterValueSampleInterval', 'RW', 'int', 'Seconds between meter values of a transaction; 0 = none.', { ...must, unit: 's' }),
  key('Core', 'MinimumStatusDuration', 'RW', 'int', 'How long a status lasts before it is reported.', { unit: 's' }),
  key('Core', 'NumberOfConnectors', 'R', 'int', 'How many connectors it has.', { ...must, min: 1 }),
  key('Core', 'ResetRetries', 'RW', 'int', 'How often it tries again to reset.', must),
  key('Core', 'StopTransactionOnEVSideDisconnect', 'RW', 'bool', 'Unplugging at the car ends the transaction.', must),
  key('Core', 'StopTransactionOnInvalidId', 'RW', 'bool', 'A tag that turned out to be invalid ends the transaction.', must),
  key('Core', 'StopTxnAlignedData', 'RW', 'csl', 'What of the clock-aligned values comes with the end of a transaction.', { ...must, ...measurands, maxLengthKey: 'StopTxnAlignedDataMaxLength' }),
  lengthOf('StopTxnAlignedData'),
  key('Core', 'StopTxnSampledData', 'RW', 'csl', 'What of the sampled values comes with the end of a transaction.', { ...must, ...measurands, maxLengthKey: 'StopTxnSampledDataMaxLength' }),
  lengthOf('StopTxnSampledData'),
  key('Core', 'SupportedFeatureProfiles', 'R', 'csl', 'The feature profiles it has.', { ...must, ...named(features), maxLengthKey: 'SupportedFeatureProfilesMaxLength' }),
  lengthOf('SupportedFeatureProfiles'),
  key('Core', 'TransactionMessageAttempts', 'RW', 'int', 'How often it sends a message of a transaction that failed.', must),
  key('Core', 'TransactionMessageRetryInterval', 'RW', 'int', 'How long it waits before it sends one again, times the tries so far.', { ...must, unit: 's' }),
  key('Core', 'UnlockConnectorOnEVSideDisconnect', 'RW', 'bool', 'Unplugging at the car unlocks the connector.', must),
  key('Core', 'WebSocketPingInterval', 'RW', 'int', 'Seconds between its own pings; 0 = none.', { unit: 's' }),
]

const others: readonly StandardKey[] = [
  key('FirmwareManagement', 'SupportedFileTransferProtocols', 'R', 'csl', 'How it can fetch and send files.', named(['FTP', 'FTPS', 'HTTP', 'HTTPS', 'SFTP'])),
  key('LocalAuthListManagement', 'LocalAuthListEnabled', 'RW', 'bool', 'Its local authorisation list is used.', must),
  key('LocalAuthListManagement', 'LocalAuthListMaxLength', 'R', 'int', 'How many tags its list may have.', must),
  key('LocalAuthListManagement', 'SendLocalListMaxLength', 'R', 'int', 'How many tags one SendLocalList may have.', must),
  key('Reservation', 'ReserveConnectorZeroSupported', 'R', 'bool', 'A reservation may leave the connector open.'),
  key('SmartCharging', 'ChargeProfileMaxStackLevel', 'R', 'int', 'The highest stack level of a charging profile.', must),
  key('SmartCharging', 'ChargingScheduleAllowedChargingRateUnit', 'R', 'csl', 'The units of limits it understands.', { ...must, ...named(['Current', 'Power']) }),
  key('SmartCharging', 'ChargingScheduleMaxPeriods', 'R', 'int', 'How many periods a schedule may have.', must),
  key('SmartCharging', 'ConnectorSwitch3to1PhaseSupported', 'R', 'bool', 'It can change from three phases to one while charging.'),
  key('SmartCharging', 'MaxChargingProfilesInstalled', 'R', 'int', 'How many charging profiles it keeps.', must),
  key('Security', 'AdditionalRootCertificateCheck', 'R', 'bool', 'A new root certificate must be signed by the one before.'),
  key('Security', 'AuthorizationKey', 'W', 'string', 'Its password: 16 to 20 bytes, written as 32 to 40 hexadecimal digits; never shown.'),
  key('Security', 'CertificateSignedMaxChainSize', 'R', 'int', 'How many bytes a certificate chain may have.', { max: 10_000 }),
  key('Security', 'CertificateStoreMaxLength', 'R', 'int', 'How many certificates it keeps.'),
  key('Security', 'CpoName', 'RW', 'string', 'Who operates it, as its certificate names the organisation.'),
  key('Security', 'SecurityProfile', 'RW', 'int', 'How it proves who it is, 0 to 3; only ever raised.', { max: 3 }),
]

export const configurationKeys: readonly StandardKey[] = [...core, ...others]

const byName = new Map(configurationKeys.map((one) => [one.name.toLowerCase(), one]))

/** The row of a key, however it is spelt; undefined for a vendor's own. */
export function standardKey(name: string): StandardKey | undefined {
  return byName.get(name.toLowerCase())
}
