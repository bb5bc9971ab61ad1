// What each setting is called for people: its name, its unit, and in one line what it does.
import type { SettingKey } from '../../../../src/settings.ts'

export interface SettingName { readonly label: string; readonly unit?: string; readonly meaning: string }

export interface SettingGroup { readonly title: string; readonly keys: readonly SettingKey[] }

/** In the order in which people ask for them; every setting is in one. */
export const settingGroups: readonly SettingGroup[] = [
  { title: 'Who may charge, and what it costs', keys: ['authorisation', 'authorisationUnreachable', 'authorisationCacheTtlS', 'localList', 'tariffId'] },
  { title: 'Sessions', keys: ['transactionLimits', 'idleTimeoutS', 'zombieAfterS'] },
  { title: 'Readings', keys: ['meterSampleIntervalS', 'measurands', 'clockAlignedIntervalS', 'alignedMeasurands', 'stopMeasurands', 'meterAlerts'] },
  { title: 'Contact with the charge point', keys: ['heartbeatIntervalS', 'callTimeoutS', 'bootPolicy', 'messagesPerSecond', 'strict', 'withoutSubprotocol', 'clockSkewAlertS'] },
  { title: 'Limits and configuration', keys: ['foreignProfiles', 'profileCheckIntervalS', 'configuration'] },
]

export const settingNames: Readonly<Record<SettingKey, SettingName>> = {
  authorisation: { label: 'Who decides about an id tag', meaning: 'Asked in this order; the first that knows the tag decides.' },
  authorisationUnreachable: { label: 'While the service for id tags is silent', meaning: 'Its last answer holds, everybody may charge, or nobody.' },
  authorisationCacheTtlS: { label: 'Use its answer again for', unit: 's', meaning: 'How long an answer about an id tag need not be asked for again.' },
  localList: { label: 'Keep its own list of id tags in step', meaning: 'So that a charge point decides alike while it is offline.' },
  tariffId: { label: 'Tariff', meaning: 'What sessions cost; the tariff of an id tag stands before it.' },
  transactionLimits: { label: 'A session ends at', meaning: 'So much energy (Wh), time (s) or cost (in minor units).' },
  idleTimeoutS: { label: 'Stop a session that does not charge for', unit: 's', meaning: 'A full car frees its connector; 0 = never.' },
  zombieAfterS: { label: 'A session is over when nothing is heard for', unit: 's', meaning: 'Its charge point has been away for so long; 0 = never.' },
  meterSampleIntervalS: { label: 'A reading every', unit: 's', meaning: 'While a car charges. Short ones let freed power be found soon.' },
  measurands: { label: 'What is read while charging', meaning: 'Current and energy are what limits and sessions are counted from.' },
  clockAlignedIntervalS: { label: 'A reading by the clock every', unit: 's', meaning: 'Also when nobody charges; 0 = never.' },
  alignedMeasurands: { label: 'What is read by the clock', meaning: 'Of the readings that come by the clock.' },
  stopMeasurands: { label: 'What comes with the end of a session', meaning: 'Readings that the charge point has kept and sends when it stops.' },
  meterAlerts: { label: 'A reading is suspicious from', meaning: 'Bounds beyond which it is told as an anomaly, key by key.' },
  heartbeatIntervalS: { label: 'A sign of life every', unit: 's', meaning: 'Also sets its clock. What hangs is found after that time.' },
  callTimeoutS: { label: 'An answer is waited for', unit: 's', meaning: 'Then what it was asked counts as timed out.' },
  bootPolicy: { label: 'When it introduces itself', meaning: 'It is accepted, told to wait, or told to stay away.' },
  messagesPerSecond: { label: 'Most messages it may send', unit: 'per second', meaning: 'What comes faster is held back; 0 = any number.' },
  strict: { label: 'Refuse messages with small faults', meaning: 'Otherwise they are read as they are meant, and counted.' },
  withoutSubprotocol: { label: 'Let it in without an OCPP subprotocol', meaning: 'For charge points that forget to name it when they connect.' },
  clockSkewAlertS: { label: 'Warn when its clock is off by', unit: 's', meaning: 'Times are corrected by what it is off either way.' },
  foreignProfiles: { label: 'Charging profiles of others', meaning: 'Found at the first contact: cleared, so that kwota\'s hold, or kept.' },
  profileCheckIntervalS: { label: 'Ask what its profiles come to every', unit: 's', meaning: 'Finds a charge point that has forgotten its limits; 0 = never.' },
  configuration: { label: 'Further configuration keys', meaning: 'Set at every charge point that knows them.' },
}
