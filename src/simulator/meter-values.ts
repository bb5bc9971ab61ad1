// What a connector's meter says, as OCPP sampled values: plain, missing, or in kilowatts.
import type { SampledValue } from '../protocol/messages/index.ts'

export interface MeterReading {
  /** A per phase in use. */
  readonly currentA: number
  readonly phases: number
  readonly voltage: number
  readonly registerWh: number
}

type Context = NonNullable<SampledValue['context']>

const phaseNames = ['L1', 'L2', 'L3'] as const

/** Current per phase, power, voltage and register; `kilowatts` gives power and register only, in kW and kWh. */
export function sampledValues(reading: MeterReading, context: Context, kilowatts: boolean): SampledValue[] {
  const { currentA, phases, voltage, registerWh } = reading
  const powerW = currentA * voltage * phases
  if (kilowatts) {
    return [
      { value: (powerW / 1000).toFixed(3), context, measurand: 'Power.Active.Import', unit: 'kW' },
      { value: (registerWh / 1000).toFixed(3), context, measurand: 'Energy.Active.Import.Register', unit: 'kWh' },
    ]
  }
  return [
    ...phaseNames.map((phase, at): SampledValue => (
      { value: (at < phases ? currentA : 0).toFixed(2), context, measurand: 'Current.Import', phase, unit: 'A' })),
    { value: powerW.toFixed(0), context, measurand: 'Power.Active.Import', unit: 'W' },
    ...phaseNames.map((phase): SampledValue => ({ value: voltage.toFixed(1), context, measurand: 'Voltage', phase: `${phase}-N`, unit: 'V' })),
    { value: registerWh.toFixed(0), context, measurand: 'Energy.Active.Import.Register', unit: 'Wh' },
  ]
}
