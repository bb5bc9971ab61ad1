// How the meter of a charge point puts what the simulated one says: other units, phases, places, and registers that jump or start again.
import type { RequestOf, SampledValue } from '../../src/protocol/messages/index.ts'
import type { MeterStyle, RegisterFault } from './mischief.ts'

type MeterValues = RequestOf<'MeterValues'>
type StopTransaction = RequestOf<'StopTransaction'>
const register = 'Energy.Active.Import.Register'

/** So much stronger is the hardware than it was entered. */
const steep = 5

/** What happens to the register of one session. The same reading is put the same way however often it is asked. */
export interface Register {
  /** What the meter shows where it should show `wh`, at the time of a reading. */
  shown(wh: number, at: string): number
  atStop(wh: number): number
}

export function createRegister(fault: RegisterFault, startWh: number): Register {
  const said = new Map<string, number>()
  let readings = 0
  let lostWh = 0

  function show(wh: number): number {
    readings++
    if (fault === 'reset' && readings === 4) lostWh = wh
    if (fault === 'spike' && readings === 4) return wh + 750_000
    if (fault === 'steep') return startWh + steep * (wh - startWh)
    if (fault === 'dip' && readings === 4) return Math.max(0, wh - 300)
    return wh - lostWh
  }

  return {
    shown(wh, at) {
      const known = said.get(at) ?? show(wh)
      said.set(at, known)
      return known
    },
    atStop: (wh) => fault === 'wrong-stop' ? wh + 9_000_000 : fault === 'steep' ? startWh + steep * (wh - startWh) : wh - lostWh,
  }
}

/** The request as this meter writes it; `nameless` leaves out the transaction. */
export function rewrite(request: MeterValues, style: MeterStyle, shown: Register): MeterValues {
  const { transactionId, ...rest } = request
  const meterValue = request.meterValue.flatMap(({ timestamp, sampledValue }) => {
    const own = { timestamp, sampledValue: sampledValue.flatMap((value) => value.measurand === register ? speak(shown.shown(Number(value.value), timestamp), value, style) : [value]) }
    const earlier = new Date(Date.parse(timestamp) - 7_000).toISOString()
    return style === 'noisy' ? [...nonsense.map((value) => ({ timestamp: earlier, sampledValue: [{ value, measurand: register, unit: 'Wh' } satisfies SampledValue] })), own] : [own]
  })
  return { ...rest, ...(style === 'nameless' || transactionId === undefined ? {} : { transactionId }), meterValue }
}

const nonsense = ['NaN', '-250', '1e7', '9999999999999999', '0x1F4']

function speak(wh: number, value: SampledValue, style: MeterStyle): SampledValue[] {
  const { context } = value
  const said = context === undefined ? {} : { context }
  switch (style) {
    case 'kilo': return [{ ...said, value: (wh / 1000).toFixed(3), measurand: register, unit: 'kWh' }]
    case 'phases': {
      const third = Math.floor(wh / 3)
      return [third, third, wh - 2 * third].map((part, index): SampledValue => ({ ...said, value: `${part}.${index === 2 ? '0' : '25'}`, measurand: register, phase: (['L1', 'L2-N', 'L3'] as const)[index]!, unit: 'Wh' }))
    }
    case 'inlet': return [{ ...value, location: 'Outlet' }, { ...value, value: String(wh + 4_000), location: 'Inlet' }]
    case 'implicit': return [{ value: `${wh}.4567` }]
    default: return [{ ...value, value: String(wh) }]
  }
}

/** The stop with all readings in it, and what a meter says as a transaction begins and ends. */
export function withData(stop: StopTransaction, start: { readonly timestamp: string; readonly meterStart: number }, readings: readonly MeterValues[]): StopTransaction {
  const edge = (timestamp: string, wh: number, context: 'Transaction.Begin' | 'Transaction.End') => ({ timestamp, sampledValue: [{ value: String(wh), context, measurand: register, unit: 'Wh' } satisfies SampledValue] })
  return {
    ...stop,
    transactionData: [
      edge(start.timestamp, start.meterStart, 'Transaction.Begin'),
      ...readings.flatMap(({ meterValue }) => meterValue.map(({ timestamp, sampledValue }) => ({ timestamp, sampledValue: sampledValue.filter(({ measurand }) => measurand === register) }))),
      edge(stop.timestamp, stop.meterStop, 'Transaction.End'),
    ],
  }
}
