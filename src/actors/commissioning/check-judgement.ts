// What each step of a commissioning check has found, and what to do about it. Pure.
import type { Skew } from '../../sessions/skew.ts'
import type { Finding } from './check-record.ts'

const passed = (summary: string, details: Finding['details'] = {}): Finding => ({ state: 'passed', summary, fix: null, details })
const mostSkewMs = 30_000
const slowestSampleS = 60

export function judgeBoot({ boot, accepted }: { readonly boot: Readonly<Record<string, unknown>> | null; readonly accepted: boolean }): Finding {
  const said = (key: string): string | null => (typeof boot?.[key] === 'string' ? boot[key] : null)
  const details = { vendor: said('chargePointVendor'), model: said('chargePointModel'), firmware: said('firmwareVersion') }
  if (boot === null) return { state: 'warning', summary: 'It is connected, and has not introduced itself since it was configured here.', fix: 'Restart it once, so that its BootNotification is seen.', details }
  if (!accepted) return { state: 'failed', summary: 'Its boot was not accepted.', fix: 'Accept it in the lobby.', details }
  return passed(`${details.vendor ?? 'Unknown vendor'} ${details.model ?? ''}${details.firmware === null ? ', which does not say its firmware' : `, firmware ${details.firmware}`}.`.replace(/ +,/, ','), details)
}

export function judgeSkew({ offsetMs, window }: Skew): Finding {
  const seemsMs = window !== null && window.minMs > mostSkewMs ? window.minMs : offsetMs
  const offS = Math.round(Math.abs(seemsMs) / 1000)
  const words = `Its clock is ${offS} s ${seemsMs > 0 ? 'behind' : 'ahead'}`
  const details = { offsetS: Math.round(seemsMs / 1000) }
  if (Math.abs(offsetMs) > mostSkewMs) return { state: 'failed', summary: `${words}; its times are corrected by that, and leases of limits are not trusted.`, fix: 'Set its time source (NTP), or let it take the time from the answer to its heartbeat.', details }
  if (seemsMs !== offsetMs) return { state: 'warning', summary: `${words}, or it sends what it had kept back.`, fix: 'Run the check again in a minute; if it says the same, set its time source (NTP).', details }
  return passed(offS === 0 ? 'Its clock is right.' : `${words}, which is well.`, details)
}

export function judgeSecurity({ profile, hasPassword, encrypted }: { readonly profile: number; readonly hasPassword: boolean; readonly encrypted: boolean }): Finding {
  const details = { securityProfile: profile, password: hasPassword, encrypted }
  if (profile >= 2 && !encrypted) return { state: 'failed', summary: `It is to come over TLS (security profile ${profile}), and came without.`, fix: 'Give it a wss:// address.', details }
  if (!hasPassword && profile < 3) return { state: 'warning', summary: 'It has no password: whoever knows its name can connect in its place.', fix: 'Set a password here and in the charge point (AuthorizationKey).', details }
  return passed(profile === 3 ? 'It proves itself with a certificate of its own.' : encrypted ? 'It has a password, and comes over TLS.' : 'It has a password. Nothing is encrypted: keep it in a network of your own.', details)
}

/** `keys` = what it said its keys are, by their names in lower case. */
export function judgeConfiguration(keys: ReadonlyMap<string, string | null>): Finding {
  const value = (name: string): string | null => keys.get(name.toLowerCase()) ?? null
  const list = (name: string): readonly string[] => (value(name) ?? '').split(',').map((item) => item.trim().toLowerCase()).filter((item) => item !== '')
  const found: Omit<Finding, 'details'>[] = []
  const find = (state: Finding['state'], summary: string, fix: string): void => void found.push({ state, summary, fix })
  const profiles = list('SupportedFeatureProfiles')
  if (profiles.length === 0) find('warning', 'It does not say which feature profiles it supports.', 'Update its firmware, if limits are not followed.')
  else if (!profiles.includes('smartcharging')) find('failed', 'It does not offer SmartCharging, so that it cannot be limited: all that its hardware takes counts always.', 'Switch smart charging on in the charge point, update its firmware, or set control: none for it.')
  const measurands = list('MeterValuesSampledData')
  const measures = (name: string): boolean => measurands.some((item) => item.startsWith(name.toLowerCase()))
  if (measurands.length === 0) find('warning', 'It does not say what it measures.', 'Set MeterValuesSampledData to Current.Import,Power.Active.Import,Energy.Active.Import.Register.')
  else {
    if (!measures('Current.Import') && !measures('Power.Active.Import')) find('warning', 'It measures neither current nor power, so that nobody sees whether it follows its limits.', 'Add Current.Import or Power.Active.Import to MeterValuesSampledData.')
    if (!measures('Energy.Active.Import.Register')) find('warning', 'It does not send its register, which energy and cost are counted from.', 'Add Energy.Active.Import.Register to MeterValuesSampledData.')
  }
  const intervalS = Number(value('MeterValueSampleInterval') ?? NaN)
  if (intervalS === 0) find('failed', 'It sends no readings while it charges.', 'Set MeterValueSampleInterval to 10.')
  else if (intervalS > slowestSampleS) find('warning', `It sends a reading every ${intervalS} s, so that freed amps are found late.`, 'Set MeterValueSampleInterval to 10.')
  const units = list('ChargingScheduleAllowedChargingRateUnit')
  if (profiles.includes('smartcharging') && units.length === 0) find('warning', 'It does not say whether it takes limits in amps or watts.', 'Nothing, if its limits are followed: kwota tries amps first.')
  const levels = Number(value('ChargeProfileMaxStackLevel') ?? NaN)
  if (levels < 1) find('warning', 'It knows one stack level only, so that profiles of people cannot stand beside those of kwota.', 'Nothing, if nobody else sends it charging profiles.')
  const details = Object.fromEntries(['SupportedFeatureProfiles', 'MeterValuesSampledData', 'MeterValueSampleInterval', 'ChargingScheduleAllowedChargingRateUnit', 'ChargeProfileMaxStackLevel', 'ChargingScheduleMaxPeriods', 'MaxChargingProfilesInstalled'].map((name) => [name, value(name)]))
  if (found.length === 0) return passed(`It can be limited, and sends a reading every ${Number.isNaN(intervalS) ? 'so many' : intervalS} s.`, details)
  return { state: found.some(({ state }) => state === 'failed') ? 'failed' : 'warning', summary: found.map(({ summary }) => summary).join(' '), fix: found.map(({ fix }) => fix).join(' '), details }
}

export interface ProfileFacts {
  readonly steered: boolean
  /** What its TxDefaultProfile allows that it has accepted; null = it has accepted none. */
  readonly confirmedA: number | null
  /** Its last answer to a profile of ours was a refusal. */
  readonly refused: boolean
  readonly composite: 'matches' | 'differs' | 'unjudged' | 'refused'
  /** Why it could not be judged, or what differs. */
  readonly compositeWords: string
  readonly clear: 'answered' | 'refused'
}

export function judgeProfiles({ steered, confirmedA, refused, composite, compositeWords, clear }: ProfileFacts): Finding {
  const details = { confirmedA, composite, clear }
  if (!steered) return { state: 'skipped', summary: 'kwota does not steer this charge point (control: none): it is sent no charging profiles.', fix: null, details }
  if (confirmedA === null) return { state: 'failed', summary: refused ? 'It refuses charging profiles.' : 'It has accepted no charging profile yet.', fix: refused ? 'Switch smart charging on in the charge point, or update its firmware; until then set control: none for it.' : 'Wait a moment and run the check again; if it stays so, look at its messages.', details }
  if (composite === 'differs') return { state: 'failed', summary: `It accepts charging profiles and means to do something else: ${compositeWords}.`, fix: 'Clear profiles that others have left, restart it, and run the check again.', details }
  const doubts = [...(composite === 'refused' ? ['does not answer what its profiles come to (GetCompositeSchedule)'] : composite === 'unjudged' ? [`could not be asked what its profiles come to: ${compositeWords}`] : []), ...(clear === 'refused' ? ['does not take profiles away (ClearChargingProfile)'] : [])]
  if (doubts.length > 0) return { state: 'warning', summary: `It has accepted ${confirmedA} A as its fallback, and ${doubts.join(', and ')}.`, fix: 'Nothing, if the limit test passes.', details }
  return passed(`It has accepted ${confirmedA} A as its fallback, and says the same itself.`, details)
}

export interface LimitFacts {
  readonly end: 'not-wanted' | 'not-steered' | 'no-car' | 'draws-little' | 'car-left' | 'not-accepted' | 'obeyed' | 'not-obeyed' | 'no-reading'
  readonly connectorId: number | null
  readonly beforeA: number | null
  readonly limitA: number | null
  readonly measuredA: number | null
  readonly tookS: number | null
}

export function judgeLimit(facts: LimitFacts): Finding {
  const { end, connectorId, beforeA, limitA, measuredA, tookS } = facts
  const details = { connectorId, beforeA, limitA, measuredA, tookS }
  const skipped = (summary: string, fix: string | null): Finding => ({ state: 'skipped', summary, fix, details })
  switch (end) {
    case 'not-wanted': return skipped('The limit test was not asked for.', null)
    case 'not-steered': return skipped('kwota does not steer this charge point (control: none).', null)
    case 'no-car': return skipped('No car is drawing current, so that nothing can be lowered.', 'Plug in a car and run the check again.')
    case 'draws-little': return skipped(`The car draws ${beforeA} A, which is too little to be lowered without a pause.`, 'Run the check again while a car draws more.')
    case 'car-left': return skipped('The car stopped charging during the test.', 'Run the check again with a car that goes on charging.')
    case 'not-accepted': return { state: 'failed', summary: `It did not accept a limit of ${limitA} A.`, fix: 'Look at its messages: SetChargingProfile says why. Switch smart charging on in the charge point, or update its firmware.', details }
    case 'no-reading': return { state: 'failed', summary: `It accepted a limit of ${limitA} A, and sent no reading by which that could be seen.`, fix: 'Set MeterValueSampleInterval to 10, and Current.Import in MeterValuesSampledData.', details }
    case 'not-obeyed': return { state: 'failed', summary: `It accepted a limit of ${limitA} A, and draws ${measuredA} A.`, fix: 'It accepts limits and does not follow them: update its firmware, or look for a setting that gives its local limit precedence. Until then set control: none for it.', details }
    case 'obeyed': return passed(`From ${beforeA} A it came down to ${measuredA} A ${tookS} s after it accepted ${limitA} A.`, details)
  }
}
