// What a charge point's sampled values say about now: strict numbers, known units, amps on the connector's own phases.
import { readThousandths } from './decimals.ts'

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
    const factor = factorOf(kind, sample.unit)
    const thousandths = factor === undefined ? null : readThousandths(sample.value, factor)
    if (thousandths === null || thousandths / 1000 > kind.max) {
      bad++
      continue
    }
    const place = placeOf(sample.phase)
    if (place !== undefined) hold(kind.slot + place, rank, thousandths / 1000)
  }
  return readBest(wiring, bad)
}

/** What samples of some kinds are of, worked out once for all of that shape. */
export interface PreparedKinds {
  /** For each: where its value goes. */
  readonly slots: readonly number[]
  readonly ranks: readonly number[]
  /** 0 = its unit is none of its measurand: it cannot be used. */
  readonly factors: readonly number[]
  readonly mosts: readonly number[]
}

/** Passed over, or only looked at for whether it can be used. */
const [unused, unplaced] = [-1, -2]

export function prepareKinds(samples: readonly Omit<RawSample, 'value'>[]): PreparedKinds {
  const prepared = { slots: [] as number[], ranks: [] as number[], factors: [] as number[], mosts: [] as number[] }
  for (const sample of samples) {
    const kind = kinds.get(sample.measurand ?? paid)
    const rank = kind?.slot === socAt ? 0 : ranks.get(sample.location ?? 'Outlet')
    const isUsed = kind !== undefined && sample.format !== 'SignedData' && rank !== undefined && (kind.slot !== energyAt || rank === 0)
    const place = placeOf(sample.phase)
    prepared.slots.push(!isUsed ? unused : place === undefined ? unplaced : kind.slot + place)
    prepared.ranks.push(rank ?? 0)
    prepared.factors.push(kind === undefined ? 0 : factorOf(kind, sample.unit) ?? 0)
    prepared.mosts.push(kind?.max ?? 0)
  }
  return prepared
}

/** As `readSamples`, of samples whose kinds are prepared. */
export function readPrepared({ slots, ranks: rankOf, factors, mosts }: PreparedKinds, values: readonly string[], wiring: Wiring): Reading {
  best.fill(NaN)
  let bad = 0
  for (let index = 0; index < values.length; index++) {
    const slot = slots[index]!
    if (slot === unused) continue
    const factor = factors[index]!
    const thousandths = factor === 0 ? null : readThousandths(values[index]!, factor)
    if (thousandths === null || thousandths / 1000 > mosts[index]!) bad++
    else if (slot !== unplaced) hold(slot, rankOf[index]!, thousandths / 1000)
  }
  return readBest(wiring, bad)
}

/** Said twice at one instant: the larger counts, so that doubt never makes headroom. */
function hold(slot: number, rank: number, value: number): void {
  const held = best[slot]!
  if (!Number.isNaN(held) && rank >= bestRank[slot]! && (rank > bestRank[slot]! || value <= held)) return
  best[slot] = value
  bestRank[slot] = rank
}

function factorOf(kind: Kind, unit: unknown): number | undefined {
  return typeof unit !== 'string' ? 1 : kind.units.get(unit) ?? kind.units.get(unit.toLowerCase())
}

function placeOf(phase: unknown): number | undefined {
  return typeof phase !== 'string' ? 0 : places.get(phase) ?? places.get(phase.replace(/-N$/, ''))
}

function readBest(wiring: Wiring, bad: number): Reading {
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
