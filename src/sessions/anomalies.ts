// What is wrong with what a meter says: one reading against the one before, what the hardware can deliver, and the thresholds.
import type { Phase, Reading } from './readings.ts'

/** 0 = not looked at. */
export interface Thresholds {
  readonly registerBackwardsWh: number
  readonly registerJumpFactor: number
  readonly powerAboveHardwarePercent: number
  readonly voltageMinPercent: number
  readonly voltageMaxPercent: number
  readonly unusableReadings: number
}

export interface Hardware {
  /** Per phase. */
  readonly maxA: number
  readonly maxPowerW: number
  /** Phase to neutral; null = it measures at a battery, whose voltage is its own affair. */
  readonly nominalV: number | null
}

export const anomalies = ['register-backwards', 'register-jump', 'current', 'power', 'voltage', 'values', 'clock', 'unit'] as const
export type Anomaly = (typeof anomalies)[number]

/** What is remembered of a meter from one reading to the next; changed in place, because readings come by the thousand. */
export interface Meter {
  /** Its newest register and the one before; NaN = none yet. */
  lastWh: number
  beforeWh: number
  lastAtMs: number
  lastReceivedAtMs: number
  /** From the one before to the newest. */
  stepMs: number
  /** Its newest power and the one before; NaN = none. */
  lastW: number
  beforeW: number
  /** Messages in a row with values that are no numbers, at times that cannot be, and whose power and register do not go together by a factor of about 1000. */
  unusable: number
  untimed: number
  apart: number
}

/** A message as it came: its reading, when it was measured and received, and whether it said when. */
export interface Heard { readonly reading: Reading; readonly atMs: number; readonly receivedAtMs: number; readonly isTimed: boolean }

/** Anomalies as bits, `1 << anomalies.indexOf(…)`: those that hold, and those that the reading says anything about. */
const judgedShift = 16
const slackWh = 100
/** Noise, however small the hardware is. */
const slackA = 1
const phases: readonly Phase[] = ['L1', 'L2', 'L3']
const [backwards, jump, current, power, voltage, values, clock, unit] = anomalies.map((_, at) => 1 << at) as [number, number, number, number, number, number, number, number]
/** So far apart they are not by losses, steps of a coarse register, or a car that ramps. */
const unitFactor = 100
const leastW = 500

export function newMeter(): Meter {
  return { lastWh: NaN, beforeWh: NaN, lastAtMs: -Infinity, lastReceivedAtMs: -Infinity, stepMs: 0, lastW: NaN, beforeW: NaN, unusable: 0, untimed: 0, apart: 0 }
}

/** Takes in a message and says what is wrong with it: read the answer with `isAmiss` and `isJudged`; 0 in its low half = nothing. Older readings than the newest say nothing about the register. */
export function judge(meter: Meter, heard: Heard, hardware: Hardware, thresholds: Thresholds): number {
  const { reading, isTimed } = heard
  meter.unusable = reading.bad > 0 ? meter.unusable + 1 : 0
  meter.untimed = isTimed ? 0 : meter.untimed + 1
  return judgeRegister(meter, heard, hardware, thresholds) | judgeFlow(reading, hardware, thresholds)
    | verdict(values, meter.unusable, thresholds.unusableReadings, meter.unusable) | verdict(clock, meter.untimed, thresholds.unusableReadings, meter.untimed)
}

export function isAmiss(verdict: number, anomaly: number): boolean {
  return (verdict & (1 << anomaly)) !== 0
}

/** It says something about that: alright, unless it is amiss. */
export function isJudged(verdict: number, anomaly: number): boolean {
  return (verdict & (1 << (anomaly + judgedShift))) !== 0
}

export function isAllWell(verdict: number): boolean {
  return (verdict & ((1 << judgedShift) - 1)) === 0
}

function verdict(bit: number, value: number, threshold: number, isBad: number): number {
  return (bit << judgedShift) | (threshold > 0 && isBad > 0 && value >= threshold ? bit : 0)
}

function judgeRegister(meter: Meter, { reading: { energyWh, powerW }, atMs, receivedAtMs }: Heard, { maxPowerW }: Hardware, { registerBackwardsWh, registerJumpFactor, unusableReadings }: Thresholds): number {
  if (energyWh === null || atMs < meter.lastAtMs) return 0
  meter.beforeW = meter.lastW
  meter.lastW = powerW ?? NaN
  const isFirst = Number.isNaN(meter.lastWh)
  meter.beforeWh = meter.lastWh
  // What was measured in one go comes in one go, and what waited for a connection comes late: the longer of the two is the time it had.
  const measuredMs = atMs - meter.lastAtMs
  const receivedMs = receivedAtMs - meter.lastReceivedAtMs
  meter.stepMs = Math.max(measuredMs, receivedMs)
  meter.lastWh = energyWh
  // A clock that was ahead and is set right goes on from there.
  meter.lastAtMs = Math.min(atMs, receivedAtMs)
  meter.lastReceivedAtMs = receivedAtMs
  if (isFirst) return 0
  const stepWh = energyWh - meter.beforeWh
  const mostWh = (registerJumpFactor * maxPowerW * meter.stepMs) / 3_600_000 + slackWh
  return judgeUnits(meter, stepWh, Math.min(measuredMs, receivedMs), unusableReadings) | ((backwards | jump) << judgedShift) | (registerBackwardsWh > 0 && -stepWh >= registerBackwardsWh ? backwards : 0) | (registerJumpFactor > 0 && stepWh > mostWh ? jump : 0)
}

/** Kilowatts that are called watts, or kilowatt-hours watt-hours: what flowed by the register beside what the power says. A delay on the way makes one of the two times wrong, so each direction is judged by the time that speaks for the meter. */
function judgeUnits(meter: Meter, stepWh: number, shorterMs: number, threshold: number): number {
  const saidW = (meter.beforeW + meter.lastW) / 2
  const leastFlowedW = (stepWh * 3_600_000) / meter.stepMs
  if (Number.isNaN(saidW) || !(leastFlowedW > 0) || saidW === 0) return 0
  const mostFlowedW = shorterMs > 0 ? (stepWh * 3_600_000) / shorterMs : Infinity
  const isApart = (leastFlowedW > unitFactor * saidW && leastFlowedW > leastW) || (saidW > unitFactor * mostFlowedW && saidW > leastW)
  meter.apart = isApart ? meter.apart + 1 : 0
  return verdict(unit, meter.apart, threshold, meter.apart)
}

function judgeFlow({ currentA, powerW, voltageV, voltageRangeV }: Reading, { maxA, maxPowerW, nominalV }: Hardware, thresholds: Thresholds): number {
  const { powerAboveHardwarePercent: percent, voltageMinPercent, voltageMaxPercent } = thresholds
  const lowestV = voltageRangeV === undefined ? voltageV : voltageRangeV[0]
  const highestV = voltageRangeV === undefined ? voltageV : voltageRangeV[1]
  let found = 0
  if (currentA !== null) {
    found |= current << judgedShift
    if (percent > 0) for (const phase of phases) if ((currentA[phase] ?? 0) > maxA * (1 + percent / 100) + slackA) found |= current
  }
  if (powerW !== null) {
    // The hardware is described at its nominal voltage; where that is higher it delivers more.
    const factor = nominalV === null || highestV === null ? 1 : Math.max(1, highestV / nominalV)
    found |= (power << judgedShift) | (percent > 0 && powerW > maxPowerW * factor * (1 + percent / 100) + slackA * (nominalV ?? 230) ? power : 0)
  }
  if (nominalV !== null && lowestV !== null && highestV !== null) {
    const isLow = voltageMinPercent > 0 && lowestV < (nominalV * voltageMinPercent) / 100
    const isHigh = voltageMaxPercent > 0 && highestV > (nominalV * voltageMaxPercent) / 100
    found |= (voltage << judgedShift) | (isLow || isHigh ? voltage : 0)
  }
  return found
}

/** One sentence with the numbers, after `judge` has found it. */
export function anomalyInWords(anomaly: Anomaly, where: string, meter: Meter, { reading }: Heard, { maxA, maxPowerW, nominalV }: Hardware): string {
  const wh = (value: number): string => `${Math.round(value)} Wh`
  switch (anomaly) {
    case 'register-backwards':
      return `The energy register of ${where} fell from ${wh(meter.beforeWh)} to ${wh(meter.lastWh)}. What follows is counted from there; see whether its meter was exchanged.`
    case 'register-jump':
      return `The energy register of ${where} rose by ${wh(meter.lastWh - meter.beforeWh)} in ${Math.round(meter.stepMs / 1000)} s; its hardware delivers ${wh((maxPowerW * meter.stepMs) / 3_600_000)} in that time. One step like this is not counted for its transaction, several are; see whether its meter was exchanged, or its entry is weaker than it is.`
    case 'current':
      return `${where} reports ${phases.filter((phase) => reading.currentA?.[phase] !== undefined).map((phase) => `${amount(reading.currentA?.[phase] ?? 0)} A on ${phase}`).join(', ')}; its hardware is entered with ${amount(maxA)} A per phase.`
    case 'power':
      return `${where} reports ${Math.round(reading.powerW ?? 0)} W; its hardware is entered with ${Math.round(maxPowerW)} W.`
    case 'voltage': {
      const [lowestV, highestV] = reading.voltageRangeV ?? [reading.voltageV ?? 0, reading.voltageV ?? 0]
      return `${where} reports ${lowestV === highestV ? '' : `from ${amount(lowestV)} to `}${amount(highestV)} V between phase and neutral; ${amount(nominalV ?? 0)} V are expected. A loose neutral looks like this.`
    }
    case 'values':
      return `${where} sends values that are no usable numbers, in ${meter.unusable} messages in a row; they count as not measured. GET /api/v1/messages shows them.`
    case 'unit': {
      const flowedW = ((meter.lastWh - meter.beforeWh) * 3_600_000) / meter.stepMs
      return `${where} reports ${amount(meter.lastW)} W while its register rises as at ${flowedW < 10 ? amount(flowedW) : Math.round(flowedW)} W; one of them is probably in kilo. What is counted is the register as it is; have its units set right.`
    }
    case 'clock':
      return `${where} sends readings at times that cannot be, in ${meter.untimed} messages in a row; they count from when they were received.`
  }
}

function amount(value: number): string {
  return String(Math.round(value * 10) / 10)
}
