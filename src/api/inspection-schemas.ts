// The schemas of what inspection answers: machines, actors, and the events of the stream.
import { z } from 'zod'
import type { ActorDetail, ActorView, PastState, TransitionView } from '../actors/inspection/inspection-face.ts'
import { machineTypes } from '../actors/inspection/machine-types.ts'
import { viewOf } from './view-of.ts'

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

const stateValue = z.union([z.string(), z.record(z.string(), z.string())]).describe('A state, or one for each region.')
const actor = {
  id: z.string().describe('By what it is: site:main, charge-point:CP-03, connector:CP-03:1, transaction:CP-03:4711, reservation:…, command:….'),
  type: typeSchema,
  parent: z.string().nullable().describe('Id of the actor above; of a charge point its site.'),
  siteID: z.string(),
  clientID: z.string().nullable(),
  circuitID: z.string().nullable().describe('Of a charge point that is configured in one.'),
  connectorId: z.int().nullable().describe('Of a connector, and of the transaction on it.'),
  state: stateValue,
  queued: z.int().nullable().describe('What waits to be sent to a charge point: commands, and messages on its connection.'),
}
export const actorSchema = viewOf<ActorView>()(z.strictObject(actor))
export const actorDetailSchema = viewOf<ActorDetail>()(z.strictObject({ ...actor, status: z.string(), context: z.unknown(), truncated: z.boolean().describe('The context was cut.') }))
export const transitionSchema = viewOf<TransitionView>()(z.strictObject({ at: z.iso.datetime(), event: z.string(), from: stateValue, to: stateValue }))
export const pastActorSchema = viewOf<PastState>()(z.strictObject({ id: z.string(), type: typeSchema, siteID: z.string(), clientID: z.string().nullable(), state: stateValue.nullable(), at: z.iso.datetime().describe('Since when.') }))

/** Those of Stately's inspector, and two of ours; the stream sends each as one message. */
export const inspectionEventSchema = z.looseObject({
  type: z.enum(['@xstate.actor', '@xstate.event', '@xstate.snapshot', '@kwota.frame', '@kwota.decision']),
  sessionId: z.string().describe('Id of the actor it is about.'),
  rootId: z.string().describe('Id of its site.'),
  id: z.string().nullable().describe('Ascending number; null for what was found as somebody began to watch.'),
  createdAt: z.string().describe('ms since 1970, as text.'),
  _version: z.string(),
  siteID: z.string(),
  clientID: z.string().optional(),
  name: z.string().optional(),
  parentId: z.string().optional().describe('Of an actor: the one above it; of a charge point its site.'),
  definition: z.string().optional().describe('Of an actor, in the stream: its machine as JSON.'),
  sourceId: z.string().optional().describe('Of an event: the actor that sent it; absent where it came from outside.'),
  event: z.looseObject({ type: z.string() }).or(z.string()).nullish(),
  snapshot: z.looseObject({ status: z.string() }).optional().describe('`stopped`: the actor is no more.'),
  truncated: z.boolean().optional().describe('Context, event or payload was cut at 4 KiB.'),
  dropped: z.int().optional().describe('So many events before this one were not told: there were more than 5,000, or 2.5 MiB, a second.'),
  direction: z.enum(['in', 'out']).optional().describe('Of a frame, with `frame` (call, result, error, unreadable), `action`, `messageId`, `payload`, `bytes`.'),
})
