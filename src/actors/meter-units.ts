// What a sampled value is of and how much, in whole thousandths of one unit for each measurand, so that sums are exact.
import type { SampledValue } from '../protocol/messages/index.ts'
import { locations, measurands, phaseNames } from './meter-row.ts'

export type Measurand = NonNullable<SampledValue['measurand']>
export const usualMeasurand: Measurand = 'Energy.Active.Import.Register'

/** What a value is of: measurand, phase ('' = all together), location. */
export interface Kind { readonly measurand: Measurand; readonly phase: string; readonly location: string }

/** One character for each; `.` = no phase. */
export type KindCode = string

interface Scale { readonly unit: string; readonly factors: Readonly<Record<string, number>> }

const energy: Scale = { unit: 'Wh', factors: { Wh: 1, kWh: 1000 } }
const reactiveEnergy: Scale = { unit: 'varh', factors: { varh: 1, kvarh: 1000 } }
const power: Scale = { unit: 'W', factors: { W: 1, kW: 1000 } }
const reactivePower: Scale = { unit: 'var', factors: { var: 1, kvar: 1000 } }
const scales: readonly (readonly [prefix: string, scale: Scale])[] = [
  ['Energy.Active', energy], ['Energy.Reactive', reactiveEnergy], ['Power.Active', power], ['Power.Offered', power], ['Power.Reactive', reactivePower], ['Power.Factor', { unit: '', factors: {} }],
  ['Current', { unit: 'A', factors: { A: 1 } }], ['Voltage', { unit: 'V', factors: { V: 1 } }], ['SoC', { unit: 'Percent', factors: { Percent: 1 } }],
  ['Temperature', { unit: 'Celsius', factors: { Celsius: 1, Celcius: 1 } }], ['Frequency', { unit: 'Hz', factors: {} }], ['RPM', { unit: 'rpm', factors: {} }],
]
const scaleOf = new Map(measurands.map((measurand) => [measurand, scales.find(([prefix]) => measurand.startsWith(prefix))![1]]))
/** However they are written. */
const usualUnits = new Map(scales.flatMap(([, { factors }]) => Object.keys(factors)).map((unit) => [unit.toLowerCase(), unit]))
const allPhases = '.'
const decimal = /^[+-]?\d{1,20}(?:\.\d{1,20})?$/

export function unitOf(measurand: Measurand): string { return scaleOf.get(measurand)!.unit }
/** Counts up for ever: differences of it mean something. */
export function isRegister(measurand: Measurand): boolean { return measurand.endsWith('.Register') }
/** Its phases together are their sum. */
export function isAdditive(measurand: Measurand): boolean { return measurand.startsWith('Energy.') || (measurand.startsWith('Power.') && measurand !== 'Power.Factor') }

export function codeOf({ measurand, phase, location }: Kind): KindCode {
  return measurands.indexOf(measurand).toString(36) + (phase === '' ? allPhases : phaseNames.findIndex((name) => name === phase).toString(36)) + locations.findIndex((name) => name === location).toString(36)
}

/** Null for what no code is. */
export function kindOf(code: KindCode): Kind | null {
  const measurand = measurands[parseInt(code.charAt(0), 36)]
  const phase = code.charAt(1) === allPhases ? '' : phaseNames[parseInt(code.charAt(1), 36)]
  const location = locations[parseInt(code.charAt(2), 36)]
  return measurand === undefined || phase === undefined || location === undefined ? null : { measurand, phase, location }
}

/** The same of all phases together. */
export function totalOf(code: KindCode): KindCode { return code.charAt(0) + allPhases + code.charAt(2) }

const placesOf = (names: readonly string[]): ReadonlyMap<string, number> => new Map(names.map((name, at) => [name, at]))
const [measurandAt, phaseAt, locationAt] = [placesOf(measurands), placesOf(phaseNames), placesOf(locations)]
/** By the places of what a value is of, phase 0 = all: they come by the thousand. */
const codes = Array.from<KindCode | null>({ length: measurands.length * 128 }).fill(null)

/** Null for signed values, those without a number, in a unit that is not of the measurand, registers below 0, and what is beyond 9 × 10¹². */
export function readValue({ value, format, measurand = usualMeasurand, phase, location, unit }: SampledValue): { readonly code: KindCode; readonly thousandths: number } | null {
  const scale = scaleOf.get(measurand)
  const ofMeasurand = measurandAt.get(measurand)
  const ofPhase = phase === undefined ? -1 : phaseAt.get(phase)
  const ofLocation = location === undefined ? 0 : locationAt.get(location)
  // Charge points also say what no list has.
  if (format === 'SignedData' || scale === undefined || ofMeasurand === undefined || ofPhase === undefined || ofLocation === undefined) return null
  const thousandths = measurand === 'Temperature' && (unit === 'K' || unit === 'Fahrenheit') ? readDegrees(value, unit) : readThousandths(value, unit === undefined ? 1 : scale.factors[unit] ?? scale.factors[usualUnits.get(unit.toLowerCase()) ?? ''])
  if (thousandths === null || (thousandths < 0 && isRegister(measurand))) return null
  const code = codes[(ofMeasurand * 16 + ofPhase + 1) * 8 + ofLocation] ??= codeOf({ measurand, phase: phase === undefined ? '' : phase.endsWith('-N') ? phase.slice(0, -2) : phase, location: location ?? 'Outlet' })
  return { code, thousandths }
}

/** Rounded half away from zero. */
function readThousandths(text: string, factor: number | undefined): number | null {
  if (factor === undefined || !decimal.test(text)) return null
  const places = factor === 1000 ? 6 : 3
  const dot = text.indexOf('.')
  // What is whole in thousandths comes out exactly.
  if (dot === -1 || text.length - dot - 1 <= places) return safe(Math.round(Number(text) * factor * 1000))
  const [whole = '', fraction = ''] = text.replace(/^[+-]/, '').split('.')
  const size = Number(whole + fraction.slice(0, places)) + (fraction.charAt(places) >= '5' ? 1 : 0)
  return safe(text.startsWith('-') ? -size : size)
}

function readDegrees(text: string, unit: 'K' | 'Fahrenheit'): number | null {
  const thousandths = readThousandths(text, 1)
  return thousandths === null ? null : safe(Math.round(unit === 'K' ? thousandths - 273_150 : ((thousandths - 32_000) * 5) / 9))
}

function safe(thousandths: number): number | null {
  return Number.isSafeInteger(thousandths) ? thousandths + 0 : null
}
