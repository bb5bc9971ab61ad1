// How samples are read, said the long way: what the fast way in src/sessions/readings.ts is held against.
import { readDecimal } from '../../src/sessions/decimals.ts'
import type { Phase, RawSample, Reading, Wiring } from '../../src/sessions/readings.ts'

interface Kind { readonly units: ReadonlyMap<string, number>; readonly defaultUnit: string; readonly max: number }

const kinds: ReadonlyMap<string, Kind> = new Map([
  ['Current.Import', { units: new Map([['a', 1]]), defaultUnit: 'a', max: 100_000 }],
  ['Power.Active.Import', { units: new Map([['w', 1], ['kw', 1000]]), defaultUnit: 'w', max: 1e9 }],
  ['Energy.Active.Import.Register', { units: new Map([['wh', 1], ['kwh', 1000]]), defaultUnit: 'wh', max: 1e12 }],
  ['Voltage', { units: new Map([['v', 1]]), defaultUnit: 'v', max: 2000 }],
  ['SoC', { units: new Map([['percent', 1]]), defaultUnit: 'percent', max: 100 }],
])
const ranks: ReadonlyMap<string, number> = new Map([['Outlet', 0], ['Cable', 1], ['Inlet', 2], ['Body', 3]])
const phasesOf: readonly Phase[] = ['L1', 'L2', 'L3']
const linePairs = ['L1-L2', 'L2-L3', 'L3-L1']
/** What is paid for flows at the outlet; what the device takes besides is none of it. */
const paid = 'Energy.Active.Import.Register'

/** A plain decimal number times 1 or 1000, in thousandths, half up: what is billed is not rounded on the way. Null as in `readDecimal`, or where it is negative. */
function readThousandths(text: string, factor: number): number | null {
  const number = readDecimal(text)
  if (number === null || number < 0) return null
  const places = factor === 1000 ? 6 : 3
  const [whole = '', fraction = ''] = text.replace(/^[+-]/, '').split('.')
  return Number(whole + fraction.slice(0, places).padEnd(places, '0')) + (fraction.charAt(places) >= '5' ? 1 : 0)
}

/** Reads the samples of one timestamp. Unusable ones are counted in `bad`; measurands kwota has no use for are passed over. */
export function readSamples(samples: readonly RawSample[], wiring: Wiring): Reading {
  const best = new Map<string, { value: number; rank: number }>()
  let bad = 0
  for (const sample of samples) {
    const measurand = sample.measurand ?? 'Energy.Active.Import.Register'
    const kind = kinds.get(measurand)
    if (kind === undefined || sample.format === 'SignedData') continue
    // The car's own readings say nothing about the outlet, except for its battery.
    const rank = measurand === 'SoC' ? 0 : ranks.get(sample.location ?? 'Outlet')
    if (rank === undefined || (measurand === paid && rank > 0)) continue
    const factor = kind.units.get((sample.unit ?? kind.defaultUnit).toLowerCase())
    const thousandths = factor === undefined ? null : readThousandths(sample.value, factor)
    const value = thousandths === null ? null : thousandths / 1000
    if (value === null || value > kind.max) {
      bad++
      continue
    }
    const key = `${measurand} ${sample.phase?.replace(/-N$/, '') ?? ''}`
    const held = best.get(key)
    // Said twice at one instant: the larger counts, so that doubt never makes headroom.
    if (held === undefined || rank < held.rank || (rank === held.rank && value > held.value)) best.set(key, { value, rank })
  }
  const at = (measurand: string, phase = ''): number | null => best.get(`${measurand} ${phase}`)?.value ?? null
  const voltageV = readVoltage(at, wiring.nominalV)
  const voltages = phasesOf.map((phase) => at('Voltage', phase)).filter((value) => value !== null)
  return {
    currentA: readCurrent(at, voltageV, wiring),
    ...(isSpread(at) ? { spread: true as const } : {}),
    powerW: at('Power.Active.Import') ?? sumOf(at, 'Power.Active.Import'),
    energyWh: at(paid) ?? sumOf(at, paid),
    voltageV,
    ...(voltages.length < 2 ? {} : { voltageRangeV: [Math.min(...voltages), Math.max(...voltages)] as const }),
    socPercent: at('SoC'),
    bad,
  }
}

type At = (measurand: string, phase?: string) => number | null

function sumOf(at: At, measurand: string): number | null {
  const values = phasesOf.map((phase) => at(measurand, phase)).filter((value) => value !== null)
  return values.length === 0 ? null : Math.round(values.reduce((sum, value) => sum + value, 0) * 1000) / 1000
}

function readVoltage(at: At, nominalV: number): number | null {
  const mean = (keys: readonly string[], divisor: number): number | null => {
    const values = keys.map((key) => at('Voltage', key)).filter((value) => value !== null)
    return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length / divisor
  }
  const single = at('Voltage')
  // Without a phase, what is far above nominal is measured between two lines.
  const plain = single !== null && single > 1.5 * nominalV ? single / Math.sqrt(3) : single
  const value = mean(phasesOf, 1) ?? plain ?? mean(linePairs, Math.sqrt(3))
  return value === null ? null : Math.round(value * 10) / 10
}

/** Nothing names a phase, and something is said about all of them together. */
function isSpread(at: At): boolean {
  const named = phasesOf.some((phase) => at('Current.Import', phase) !== null) || (at('Current.Import') === null && phasesOf.some((phase) => at('Power.Active.Import', phase) !== null))
  return !named && (at('Current.Import') ?? at('Power.Active.Import')) !== null
}

function readCurrent(at: At, voltageV: number | null, wiring: Wiring): Partial<Record<Phase, number>> | null {
  const used = phasesOf.slice(0, Math.min(Math.max(wiring.phaseCount, 1), 3))
  const perPhase = (value: (phase: Phase) => number | null): Partial<Record<Phase, number>> | null => {
    const amps: Partial<Record<Phase, number>> = {}
    for (const phase of phasesOf) {
      const valueA = value(phase)
      if (valueA !== null) amps[phase] = valueA
    }
    return Object.keys(amps).length === 0 ? null : amps
  }
  const measured = perPhase((phase) => at('Current.Import', phase))
  if (measured !== null) return measured
  const each = at('Current.Import')
  if (each !== null) return perPhase((phase) => (used.includes(phase) ? each : null))
  const volts = (measuredV: number | null): number => (measuredV !== null && measuredV >= wiring.nominalV / 2 ? measuredV : wiring.nominalV)
  const fromPhases = perPhase((phase) => {
    const watts = at('Power.Active.Import', phase)
    return watts === null ? null : roundA(watts / volts(at('Voltage', phase) ?? voltageV))
  })
  if (fromPhases !== null) return fromPhases
  const watts = at('Power.Active.Import')
  return watts === null ? null : perPhase((phase) => (used.includes(phase) ? roundA(watts / volts(voltageV) / used.length) : null))
}

function roundA(amps: number): number {
  return Math.round(amps * 1000) / 1000
}
