// What a connector's meter says, as OCPP sampled values: plain, missing, or in kilowatts.
import type { SampledValue } from '../protocol/messages/index.ts'

export interface MeterReading {
  /** A per phase in use. */
  readonly currentA: number
  readonly phases: number
  readonly voltage: number
  readonly registerWh: number
  /** Of a DC connector: what it gives now, W, at so many volts of the battery; its amps are those of the cable. */
  readonly direct?: { readonly powerW: number; readonly batteryV: number }
}

type Context = NonNullable<SampledValue['context']>

const phaseNames = ['L1', 'L2', 'L3'] as const

/** `backwards` = the register runs down; `not-a-number` = text where digits should be; `zero` = no current and no power, and no register that would say otherwise. */
export type MeterFault = 'kilowatts' | 'negative' | 'backwards' | 'not-a-number' | 'zero'

/** Current per phase, power, voltage and register; `kilowatts` gives power and register only, in kW and kWh. */
export function sampledValues(reading: MeterReading, context: Context, as: MeterFault | undefined): SampledValue[] {
  const { currentA, phases, voltage, registerWh } = reading
  const powerW = reading.direct?.powerW ?? currentA * voltage * phases
  if (as === 'zero') {
    return [
      ...phaseNames.map((phase): SampledValue => ({ value: '0.00', context, measurand: 'Current.Import', phase, unit: 'A' })),
      { value: '0', context, measurand: 'Power.Active.Import', unit: 'W' },
    ]
  }
  if (as === 'kilowatts') {
    return [
      { value: (powerW / 1000).toFixed(3), context, measurand: 'Power.Active.Import', unit: 'kW' },
      { value: (registerWh / 1000).toFixed(3), context, measurand: 'Energy.Active.Import.Register', unit: 'kWh' },
    ]
  }
  const amps = (at: number) => as === 'not-a-number' ? 'NaN' : ((at < phases ? currentA : 0) * (as === 'negative' ? -1 : 1)).toFixed(2)
  if (reading.direct !== undefined) {
    const { batteryV } = reading.direct
    return [
      { value: (powerW / batteryV).toFixed(2), context, measurand: 'Current.Import', unit: 'A' },
      { value: powerW.toFixed(0), context, measurand: 'Power.Active.Import', unit: 'W' },
      { value: batteryV.toFixed(1), context, measurand: 'Voltage', unit: 'V' },
      { value: registerWh.toFixed(0), context, measurand: 'Energy.Active.Import.Register', unit: 'Wh' },
    ]
  }
  return [
    ...phaseNames.map((phase, at): SampledValue => (
      { value: amps(at), context, measurand: 'Current.Import', phase, unit: 'A' })),
    { value: powerW.toFixed(0), context, measurand: 'Power.Active.Import', unit: 'W' },
    ...phaseNames.map((phase): SampledValue => ({ value: voltage.toFixed(1), context, measurand: 'Voltage', phase: `${phase}-N`, unit: 'V' })),
    { value: (as === 'backwards' ? 10_000_000 - registerWh : registerWh).toFixed(0), context, measurand: 'Energy.Active.Import.Register', unit: 'Wh' },
  ]
}
