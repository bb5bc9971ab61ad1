// What the samples of a meter values element are of, as one object for each distinct list, so that what follows from it is prepared once.
import type { MeterValue, SampledValue } from './messages/index.ts'
import { codeOfSample } from './plain-meter-values.ts'

export type SampleKind = Omit<SampledValue, 'value'>

/** Compared by identity. */
export interface SampleShape {
  /** In the order in which they are sent. */
  readonly kinds: readonly SampleKind[]
  /** A number for each: the same for the same kind. */
  readonly codes: readonly number[]
}

/** A MeterValues request of one element in which the table finds no fault, as it is read when it has the form of an earlier one. */
export class PlainMeterValues {
  readonly connectorId: number
  readonly transactionId: number | undefined
  /** As it was sent. */
  readonly timestamp: string
  readonly shape: SampleShape
  /** One for each kind of the shape. */
  readonly values: readonly string[]

  constructor(connectorId: number, transactionId: number | undefined, timestamp: string, shape: SampleShape, values: readonly string[]) {
    this.connectorId = connectorId
    this.transactionId = transactionId
    this.timestamp = timestamp
    this.shape = shape
    this.values = values
  }

  /** Made anew each time it is asked for. */
  get meterValue(): [MeterValue] {
    const { kinds } = this.shape
    return [{ timestamp: this.timestamp, sampledValue: this.values.map((value, at) => ({ value, ...kinds[at] })) }]
  }

  /** The request as it would be without its form being known. */
  toJSON(): { connectorId: number; transactionId?: number; meterValue: [MeterValue] } {
    const { connectorId, transactionId, meterValue } = this
    return { connectorId, ...(transactionId === undefined ? {} : { transactionId }), meterValue }
  }
}

const mostShapes = 1_000
const shapes = new Map<string, SampleShape>()

/** The one for this list, null where the table would find a fault in it; where there are too many, the oldest are forgotten. */
export function shapeOf(samples: readonly SampledValue[]): SampleShape | null {
  const codes: number[] = []
  for (const sample of samples) {
    const code = codeOfSample(sample)
    if (code === null) return null
    codes.push(code)
  }
  const key = codes.join()
  const known = shapes.get(key)
  if (known !== undefined) return known
  const shape = { kinds: samples.map(kindOf), codes }
  shapes.set(key, shape)
  if (shapes.size > mostShapes) forgetOldest(shapes)
  return shape
}

function kindOf(sample: SampledValue): SampleKind {
  const { value: _, ...kind } = sample
  return kind
}

/** Takes the entry away that has been there longest. */
export function forgetOldest(map: Map<string, unknown>): void {
  for (const oldest of map.keys()) {
    map.delete(oldest)
    return
  }
}
