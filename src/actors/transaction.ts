// One running transaction as an actor: starting, charging, idle, stopping, and how it ended; its record is in the context.
import { assign, setup } from 'xstate'
import { z } from 'zod'
import { meterRecord, recordSchema, type TransactionRecord } from '../sessions/record.ts'
import { alarmWithoutClock } from './alarm.ts'
import type { Sampled, StatusReported } from './connector.ts'

export const transactionContextSchema = z.object({
  /** `status` in here says only whether it has ended; the state says the rest. */
  record: recordSchema,
  /** Does energy flow? null until somebody said so. */
  flowing: z.boolean().nullable(),
  /** The site knows of it: it was, or has become, live. */
  told: z.boolean(),
  /** Boots of the charge point before its start. */
  bootsAtStart: z.int(),
  /** A stop was ordered and is expected by then, our wall clock. */
  stopDueAtMs: z.number().nullable(),
  /** What the hardware can deliver at most: the measure of a plausible register. */
  maxPowerW: z.number(),
})
export type TransactionContext = z.infer<typeof transactionContextSchema>

export interface TransactionInput {
  readonly record: TransactionRecord
  readonly bootsAtStart: number
  readonly maxPowerW: number
}

export interface TransactionTold { readonly type: 'TRANSACTION_TOLD'; readonly transactionId: number }
export interface StopOrdered { readonly type: 'STOP_ORDERED'; readonly transactionId: number; readonly dueAtMs: number }
/** The record carries how: stopped or unconfirmed. */
export interface TransactionEnded { readonly type: 'TRANSACTION_ENDED'; readonly record: TransactionRecord }
/** Register readings of one message, oldest first, by our clock. */
export interface Metered {
  readonly type: 'METERED'
  readonly transactionId: number
  readonly registers: readonly { readonly energyWh: number; readonly atMs: number }[]
}
export type TransactionEvent = StatusReported | Sampled | Metered | TransactionTold | StopOrdered | TransactionEnded | { readonly type: 'DUE' }

/** What a status says about the flow of energy; null = nothing. */
function flowOf(status: string): boolean | null {
  if (status === 'Charging') return true
  return status === 'SuspendedEV' || status === 'SuspendedEVSE' || status === 'Finishing' ? false : null
}

/** Does a reading show current or power? null = it says nothing about either. */
export function draws(reading: Sampled['reading']): boolean | null {
  if (reading.currentA !== null) return Object.values(reading.currentA).some((amps) => amps !== undefined && amps > 0.5)
  return reading.powerW === null ? null : reading.powerW > 100
}

export const transactionStates = ['starting', 'charging', 'idle', 'stopping', 'unconfirmed', 'stopped'] as const

export const transactionMachine = setup({
  types: {} as { context: TransactionContext; events: TransactionEvent; input: TransactionInput },
  actors: { alarm: alarmWithoutClock },
  guards: {
    hasStopped: ({ context }) => context.record.status === 'stopped',
    isUnconfirmed: ({ context }) => context.record.status === 'unconfirmed',
    mustStop: ({ context }) => context.stopDueAtMs !== null,
    mayRun: ({ context }) => context.stopDueAtMs === null,
    flows: ({ context }) => context.flowing === true,
    rests: ({ context }) => context.flowing === false,
  },
}).createMachine({
  id: 'transaction',
  context: ({ input }) => ({ ...input, flowing: null, told: false, stopDueAtMs: null }),
  on: {
    STATUS_REPORTED: { actions: assign(({ context, event }) => ({ flowing: flowOf(event.status) ?? context.flowing })) },
    // What was measured long ago says nothing about the flow now.
    SAMPLED: { actions: assign(({ context, event }) => ({ flowing: (event.reading.live ? draws(event.reading) : null) ?? context.flowing })) },
    METERED: {
      actions: assign(({ context, event }) => ({
        record: event.registers.reduce((record, reading) => meterRecord(record, reading.energyWh, reading.atMs, context.maxPowerW), context.record),
      })),
    },
    TRANSACTION_TOLD: { actions: assign({ told: true }) },
    // The first deadline stands: its alarm is already armed.
    STOP_ORDERED: { actions: assign(({ context, event }) => ({ stopDueAtMs: context.stopDueAtMs ?? event.dueAtMs })) },
    TRANSACTION_ENDED: { guard: ({ context }) => context.record.status !== 'stopped', actions: assign(({ event }) => ({ record: event.record })) },
    DUE: { actions: assign({ stopDueAtMs: null }) },
  },
  initial: 'starting',
  states: {
    starting: {
      always: [
        { guard: 'hasStopped', target: 'stopped' },
        { guard: 'isUnconfirmed', target: 'unconfirmed' },
        { guard: 'mustStop', target: 'stopping' },
        { guard: 'flows', target: 'charging' },
        { guard: 'rests', target: 'idle' },
      ],
    },
    charging: {
      always: [
        { guard: 'hasStopped', target: 'stopped' },
        { guard: 'isUnconfirmed', target: 'unconfirmed' },
        { guard: 'mustStop', target: 'stopping' },
        { guard: 'rests', target: 'idle' },
      ],
    },
    idle: {
      always: [
        { guard: 'hasStopped', target: 'stopped' },
        { guard: 'isUnconfirmed', target: 'unconfirmed' },
        { guard: 'mustStop', target: 'stopping' },
        { guard: 'flows', target: 'charging' },
      ],
    },
    stopping: {
      invoke: { src: 'alarm', input: ({ context }) => ({ dueAtMs: context.stopDueAtMs ?? 0 }) },
      always: [
        { guard: 'hasStopped', target: 'stopped' },
        { guard: 'isUnconfirmed', target: 'unconfirmed' },
        { guard: 'mayRun', target: 'starting' },
      ],
    },
    unconfirmed: { always: { guard: 'hasStopped', target: 'stopped' } },
    stopped: {},
  },
})
