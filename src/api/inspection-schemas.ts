// The schemas of what inspection answers: machines, actors, and the events of the stream.
import { z } from 'zod'
import { machineTypes } from '../actors/inspection/machine-types.ts'

const typeSchema = z.enum(machineTypes)

export const machineSummarySchema = z.strictObject({ type: typeSchema, states: z.array(z.string()).describe('By their path, e.g. status.available in a machine with regions.') })

const name = z.union([z.string(), z.looseObject({ type: z.string() })])
const transitions = z.array(z.strictObject({ target: z.string().optional(), guard: name.optional(), actions: z.array(name).optional() }))
const state = {
  type: z.literal('parallel').optional(),
  initial: z.string().optional(),
  entry: z.array(name).optional(),
  exit: z.array(name).optional(),
  invoke: z.array(z.strictObject({ src: z.string(), id: z.string().optional() })).optional(),
  on: z.record(z.string(), transitions).optional(),
  always: transitions.optional(),
}
/** Our machines are two levels deep at most: a machine, its states or regions, their states. */
const inner = z.strictObject(state)
export const machineSchema = z.strictObject({ id: z.string(), ...state, states: z.record(z.string(), z.strictObject({ ...state, states: z.record(z.string(), inner).optional() })) })
