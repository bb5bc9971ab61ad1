// What meter values look like in answers: samples as they came, and buckets.
import { z } from 'zod'
import type { BucketView, SampleView } from '../actors/meter-face.ts'
import { viewOf } from './view-of.ts'

const at = z.iso.datetime()

export const meterBucketSchema = viewOf<BucketView>()(z.strictObject({ from: at, to: at, value: z.number().nullable().describe('null = nothing came.') }))

export const meterSampleSchema = viewOf<SampleView>()(z.strictObject({
  at: at.describe('When it was measured.'),
  receivedAt: at,
  value: z.number().nullable().describe('null = what came is no number: see `raw`.'),
  unit: z.string().describe('As the charge point said it, or what it means where it said none.'),
  transactionId: z.int().nullable(),
  phase: z.string().exactOptional(),
  context: z.string().exactOptional(),
  location: z.string().exactOptional(),
  format: z.string().exactOptional(),
  raw: z.string().exactOptional().describe('As it came, where that is no number.'),
}))
