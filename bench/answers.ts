// How soon MeterValues are answered at a stated rate, whatever became of those before: the open loop of `meter-values.ts`, for the table.
import { measureMeterValues, type MeterValuesOptions, type MeterValuesResult } from './meter-values.ts'
import type { Part } from './part.ts'
import type { PerScale, Scale } from './scale.ts'
import { ms, whole } from './words.ts'

const options: PerScale<MeterValuesOptions> = {
  full: { stations: 500, perS: 5_000, seconds: 30 },
  quick: { stations: 100, perS: 1_000, seconds: 5 },
  smoke: { stations: 4, perS: 20, seconds: 1 },
}

export async function answers(scale: Scale, progress: (line: string) => void): Promise<Part<MeterValuesResult>> {
  const data = await measureMeterValues(options[scale], progress)
  if (data.refused > 0 || data.lostRows > 0) throw new Error(`${data.refused} messages were refused, and ${data.lostRows} rows of those that were answered are not in the store`)
  const { stations, perS, cores, load } = data
  return { data, rows: [{
    what: `from when a message was due to its answer, ${whole(perS)} a second from ${whole(stations)} charge points (open loop)`, brief: true,
    figure: `half within ${ms(data.ms.p50)} ms, 99 of 100 within ${ms(data.ms.p99)} ms, 999 of 1,000 within ${ms(data.ms.p999)} ms`,
    beside: `all within ${ms(data.ms.max)} ms; none refused, none lost; ${cores?.toFixed(2) ?? '?'} cores; the load was itself late by ${ms(load.late.p99)} ms (99 of 100)`,
  }] }
}
