// What holds a connector down and what was learnt of a charge point, as people say it.
import type { AllocationView, ChargePointView } from '../../../../src/actors/views.ts'

export type Constraint = AllocationView['constraints'][number]

const names: Readonly<Record<string, string>> = {
  'fuse': 'the fuse of the site', 'grid-limit': 'the grid limit', 'vehicle': 'what the car can take', 'hardware': 'what the charge point can give', 'failsafe': 'the failsafe limit', 'demand-window': 'the demand window',
}
const families: Readonly<Record<string, string>> = { circuit: 'circuit', curtailment: 'curtailment', dimming: 'dimming', imbalance: 'imbalance limit of', schedule: 'limit schedule', profile: 'charging profile' }

/** `circuit:row-a` → `circuit row-a`; what nobody has named is said as it is. */
export function constraintName(id: string): string {
  const known = names[id]
  if (known !== undefined) return known
  const [family = '', ...rest] = id.split(':')
  const word = families[family]
  return word === undefined || rest.length === 0 ? id : `${word} ${rest.join(':')}`
}

export const constraintStates: Readonly<Record<Constraint['state'], string>> = {
  binding: 'decides', limiting: 'would hold it down too', ok: 'leaves enough', inactive: 'does not hold now',
}

/** What differs from the specification comes first; a sentence each. */
export function quirksInWords(quirks: ChargePointView['quirks']): readonly string[] {
  const said: string[] = []
  const number = (name: string): number => (typeof quirks[name] === 'number' ? quirks[name] : 0)
  if (quirks['unit'] === 'W') said.push('It takes limits in watts, not in amps.')
  const ladder = ladders[String(quirks['ladder'])]
  if (ladder !== undefined) said.push(ladder)
  if (number('pauseA') > 0) said.push(`It refuses a limit of 0: a pause is sent to it as ${number('pauseA')} A, and the others give way for that.`)
  if (quirks['lease'] === false) said.push('It takes one period per profile: a grant does not run out by itself when it loses kwota.')
  const skewS = Math.round(number('clockOffsetMs') / 1000)
  if (Math.abs(skewS) >= 2) said.push(`Its clock is ${Math.abs(skewS)} s ${skewS > 0 ? 'ahead' : 'behind'}; kwota counts with that.`)
  if (number('badSamples') > 0) said.push(`${number('badSamples')} of its meter readings could not be used.`)
  if (number('softFaults') > 0) said.push(`${number('softFaults')} of its messages departed from the specification and were read all the same.`)
  if (said.length === 0) said.push('It takes charging profiles as the specification says.')
  if (number('stackLevel') > 0) said.push(`kwota's profiles stand at stack level ${number('stackLevel')}; lower ones are free for others.`)
  if (number('maxPeriods') > 0) said.push(`It takes up to ${number('maxPeriods')} periods in a schedule.`)
  if (quirks['clearedForeign'] === true) said.push('Charging profiles of others that stood there were cleared at the first contact.')
  if (quirks['from'] === 'model') said.push('This is what others of its model have taught.')
  return said
}

const ladders: Readonly<Record<string, string>> = {
  'default': 'It refuses a TxProfile: the limit of a car is sent as its TxDefaultProfile.',
  'connector-0': 'It takes profiles on connector 0 only: one limit for all its connectors alike.',
  'max-0': 'It takes a ChargePointMaxProfile only: one limit for all its connectors alike.',
}

/** Vendor, model, firmware and the rest of a BootNotification, named; what is empty is left out. */
export function bootFacts(boot: ChargePointView['boot']): readonly (readonly [string, string])[] {
  return Object.entries(boot ?? {}).flatMap(([key, value]) => (typeof value === 'string' && value !== '' ? [[bootNames[key] ?? key, value] as const] : []))
}

const bootNames: Readonly<Record<string, string>> = {
  chargePointVendor: 'Vendor', chargePointModel: 'Model', chargePointSerialNumber: 'Serial number', chargeBoxSerialNumber: 'Box serial number', firmwareVersion: 'Firmware', iccid: 'SIM card (ICCID)', imsi: 'SIM card (IMSI)', meterType: 'Meter', meterSerialNumber: 'Meter serial number',
}
