// What a charge point's sampled values say about now: strict numbers, known units, amps on the connector's own phases.

export type Phase = 'L1' | 'L2' | 'L3'

/** A sampled value as it came; only `value` is sure to be a string, the rest may hold anything. */
export interface RawSample {
  readonly value: string
  readonly format?: string | undefined
  readonly measurand?: string | undefined
  readonly phase?: string | undefined
  readonly location?: string | undefined
  readonly unit?: string | undefined
}

export interface Reading {
  /** Import per phase; null when nothing was said about current or power. */
  readonly currentA: Partial<Record<Phase, number>> | null
  /** It was worked out from a total: on which phases the current flows is not known. */
  readonly spread?: true
  readonly powerW: number | null
  /** The import register, not a difference. */
  readonly energyWh: number | null
  /** Phase to neutral. */
  readonly voltageV: number | null
  /** The lowest and the highest of its phases, where they are said one by one. */
  readonly voltageRangeV?: readonly [lowestV: number, highestV: number]
  readonly socPercent: number | null
  /** Samples that could not be used: absent, never 0. */
  readonly bad: number
}

export interface Wiring {
  /** Phases in use: what is said without a phase holds for L1 … Ln. */
  readonly phaseCount: number
  readonly nominalV: number
}

interface Kind { readonly units: ReadonlyMap<string, number>; readonly max: number; readonly slot: number }

/** So many phases and pairs of lines something can be said of, without any included. */
const perKind = 7
const [currentAt, powerAt, energyAt, voltageAt, socAt] = [0, perKind, 2 * perKind, 3 * perKind, 4 * perKind] as const

const kinds: ReadonlyMap<string, Kind> = new Map([
  ['Current.Import', { units: new Map([['A', 1], ['a', 1]]), max: 100_000, slot: currentAt }],
  ['Power.Active.Import', { units: new Map([['W', 1], ['kW', 1000], ['w', 1], ['kw', 1000]]), max: 1e9, slot: powerAt }],
  ['Energy.Active.Import.Register', { units: new Map([['Wh', 1], ['kWh', 1000], ['wh', 1], ['kwh', 1000]]), max: 1e12, slot: energyAt }],
  ['Voltage', { units: new Map([['V', 1], ['v', 1]]), max: 2000, slot: voltageAt }],
  ['SoC', { units: new Map([['Percent', 1], ['percent', 1]]), max: 100, slot: socAt }],
])
const ranks: ReadonlyMap<string, number> = new Map([['Outlet', 0], ['Cable', 1], ['Inlet', 2], ['Body', 3]])
const places: ReadonlyMap<string, number> = new Map([['', 0], ['L1', 1], ['L2', 2], ['L3', 3], ['L1-N', 1], ['L2-N', 2], ['L3-N', 3], ['L1-L2', 4], ['L2-L3', 5], ['L3-L1', 6]])
const phasesOf: readonly Phase[] = ['L1', 'L2', 'L3']
/** What is paid for flows at the outlet; what the device takes besides is none of it. */
const paid = 'Energy.Active.Import.Register'
const decimal = /^[+-]?\d{1,20}(?:\.\d{1,20})?$/

/** A plain decimal number, or null: no hex, no exponent, no blanks, no comma. */
export function readDecimal(text: string): number | null {
  return decimal.test(text) ? Number(text) : null
}

const exactDigits = 15
const [zero, nine, point] = ['0', '9', '.'].map((char) => char.charCodeAt(0)) as [number, number, number]

/** A plain decimal number times 1 or 1000, in thousandths, half up: what is billed is not rounded on the way. Null as in `readDecimal`, or where it is negative. */
function readThousandths(text: string, factor: number): number | null {
  const decimals = factor === 1000 ? 6 : 3
  let thousandths = 0
  let at = 0
  for (; at < text.length; at++) {
    const char = text.charCodeAt(at)
    if (char < zero || char > nine) break
    thousandths = thousandths * 10 + char - zero
  }
  // With a sign, or longer than what a number holds exactly.
  if (at === 0 || at + decimals > exactDigits) return readLong(text, decimals)
  let found = 0
  let roundsUp = false
  if (at < text.length) {
    if (text.charCodeAt(at) !== point || text.length - at > 21 || text.length === at + 1) return null
    for (at++; at < text.length; at++, found++) {
      const char = text.charCodeAt(at)
      if (char < zero || char > nine) return null
      if (found < decimals) thousandths = thousandths * 10 + char - zero
      else if (found === decimals) roundsUp = char >= zero + 5
    }
  }
  for (; found < decimals; found++) thousandths *= 10
  return thousandths + (roundsUp ? 1 : 0)
}

function readLong(text: string, decimals: number): number | null {
  const number = readDecimal(text)
  if (number === null || number < 0) return null
  const [whole = '', fraction = ''] = text.replace(/^[+-]/, '').split('.')
  return Number(whole + fraction.slice(0, decimals).padEnd(decimals, '0')) + (fraction.charAt(decimals) >= '5' ? 1 : 0)
}

/** What the samples of one timestamp say of each kind and phase, while they are read: they come by the thousand. NaN = nothing. */
const best = new Float64Array(5 * perKind)
const bestRank = new Int8Array(5 * perKind)

/** Reads the samples of one timestamp. Unusable ones are counted in `bad`; measurands kwota has no use for are passed over. */
export function readSamples(samples: readonly RawSample[], wiring: Wiring): Reading {
  best.fill(NaN)
  let bad = 0
  for (let index = 0; index < samples.length; index++) {
    const sample = samples[index]!
    const kind = kinds.get(sample.measurand ?? paid)
    if (kind === undefined || sample.format === 'SignedData') continue
    // The car's own readings say nothing about the outlet, except for its battery.
    const rank = kind.slot === socAt ? 0 : ranks.get(sample.location ?? 'Outlet')
    if (rank === undefined || (kind.slot === energyAt && rank > 0)) continue
    const { unit, phase } = sample
    const factor = typeof unit !== 'string' ? 1 : kind.units.get(unit) ?? kind.units.get(unit.toLowerCase())
    const thousandths = factor === undefined ? null : readThousandths(sample.value, factor)
    if (thousandths === null || thousandths / 1000 > kind.max) {
      bad++
      continue
    }
    const place = typeof phase !== 'string' ? 0 : places.get(phase) ?? places.get(phase.replace(/-N$/, ''))
    if (place === undefined) continue
    const slot = kind.slot + place
    const held = best[slot]!
    const value = thousandths / 1000
    // Said twice at one instant: the larger counts, so that doubt never makes headroom.
    if (Number.isNaN(held) || rank < bestRank[slot]! || (rank === bestRank[slot] && value > held)) {
      best[slot] = value
      bestRank[slot] = rank
    }
  }
  const voltageV = readVoltage(wiring.nominalV)
  const reading: { -readonly [K in keyof Reading]: Reading[K] } = {
    currentA: readCurrent(voltageV, wiring), powerW: at(powerAt) ?? sumOf(powerAt), energyWh: at(energyAt) ?? sumOf(energyAt), voltageV, socPercent: at(socAt), bad,
  }
  if (isSpread()) reading.spread = true
  const range = voltageRange()
  if (range !== undefined) reading.voltageRangeV = range
  return reading
}

function at(slot: number): number | null {
  const value = best[slot]!
  return Number.isNaN(value) ? null : value
}

/** Of the three from `slot` on that are said: how many they are, and what they come to. */
let summed = 0

function addUp(slot: number): number {
  summed = 0
  let sum = 0
  for (let index = slot; index < slot + 3; index++) {
    const value = best[index]!
    if (Number.isNaN(value)) continue
    sum += value
    summed++
  }
  return sum
}

function sumOf(kind: number): number | null {
  const sum = addUp(kind + 1)
  return summed === 0 ? null : Math.round(sum * 1000) / 1000
}

function readVoltage(nominalV: number): number | null {
  const mean = (slot: number, divisor: number): number | null => {
    const sum = addUp(slot)
    return summed === 0 ? null : sum / summed / divisor
  }
  const single = at(voltageAt)
  // Without a phase, what is far above nominal is measured between two lines.
  const plain = single !== null && single > 1.5 * nominalV ? single / Math.sqrt(3) : single
  const value = mean(voltageAt + 1, 1) ?? plain ?? mean(voltageAt + 4, Math.sqrt(3))
  return value === null ? null : Math.round(value * 10) / 10
}

function voltageRange(): readonly [number, number] | undefined {
  addUp(voltageAt + 1)
  if (summed < 2) return undefined
  let [lowest, highest] = [Infinity, -Infinity]
  for (let slot = voltageAt + 1; slot < voltageAt + 4; slot++) {
    const value = best[slot]!
    if (value < lowest) lowest = value
    if (value > highest) highest = value
  }
  return [lowest, highest]
}

/** Nothing names a phase, and something is said about all of them together. */
function isSpread(): boolean {
  addUp(currentAt + 1)
  if (summed > 0) return false
  if (at(currentAt) !== null) return true
  addUp(powerAt + 1)
  return summed === 0 && at(powerAt) !== null
}

function readCurrent(voltageV: number | null, wiring: Wiring): Partial<Record<Phase, number>> | null {
  addUp(currentAt + 1)
  if (summed > 0) return perPhase((index) => at(currentAt + 1 + index))
  const used = Math.min(Math.max(wiring.phaseCount, 1), 3)
  const each = at(currentAt)
  if (each !== null) return perPhase((index) => (index < used ? each : null))
  const volts = (measuredV: number | null): number => (measuredV !== null && measuredV >= wiring.nominalV / 2 ? measuredV : wiring.nominalV)
  const fromPhases = perPhase((index) => {
    const watts = at(powerAt + 1 + index)
    return watts === null ? null : roundA(watts / volts(at(voltageAt + 1 + index) ?? voltageV))
  })
  if (fromPhases !== null) return fromPhases
  const watts = at(powerAt)
  return watts === null ? null : perPhase((index) => (index < used ? roundA(watts / volts(voltageV) / used) : null))
}

function perPhase(value: (index: number) => number | null): Partial<Record<Phase, number>> | null {
  const amps: Partial<Record<Phase, number>> = {}
  let isSaid = false
  for (let index = 0; index < 3; index++) {
    const phase = phasesOf[index]!
    const valueA = value(index)
    if (valueA === null) continue
    amps[phase] = valueA
    isSaid = true
  }
  return isSaid ? amps : null
}

function roundA(amps: number): number {
  return Math.round(amps * 1000) / 1000
}
