// One running transaction as an actor: starting, charging, idle, stopping, and how it ended; its record is in the context.
import { assign, setup } from 'xstate'
import { z } from 'zod'
import { readDateTime } from '../protocol/messages/index.ts'
import { recordSchema, type TransactionRecord } from '../sessions/record.ts'
import { alarmWithoutClock } from './alarm.ts'
import type { ConnectorReading, StatusReported } from './connector.ts'
import { liveWithinMs } from './counted-time.ts'

export const transactionContextSchema = z.object({
  /** As it was put here: at its start, and with what ended it. What is counted since is its tally's; the state says the status. */
  record: recordSchema,
  /** Does energy flow? null until somebody said so. */
  flowing: z.boolean().nullable(),
  /** The site knows of it: it was, or has become, live. Of one that was restored it will, as soon as its charge point is back. */
  told: z.boolean(),
  /** Boots of the charge point before its start. */
  bootsAtStart: z.int(),
  /** A stop was ordered and is expected by then, our wall clock. */
  stopDueAtMs: z.number().nullable(),
})
export type TransactionContext = z.infer<typeof transactionContextSchema>

export interface TransactionInput {
  readonly record: TransactionRecord
  readonly bootsAtStart: number
}

export interface TransactionTold { readonly type: 'TRANSACTION_TOLD'; readonly transactionId: number }
export interface StopOrdered { readonly type: 'STOP_ORDERED'; readonly transactionId: number; readonly dueAtMs: number }
/** The record carries how: stopped or unconfirmed. */
export interface TransactionEnded { readonly type: 'TRANSACTION_ENDED'; readonly record: TransactionRecord }
/** A live reading that shows another flow than was known. */
export interface Flowed { readonly type: 'FLOWED'; readonly transactionId: number; readonly flowing: boolean }
/** The process has restarted. */
export interface Restored { readonly type: 'RESTORED'; readonly atMs: number }
export type TransactionEvent = StatusReported | Flowed | TransactionTold | StopOrdered | TransactionEnded | Restored | { readonly type: 'DUE' }

/** What a status says about the flow of energy; null = nothing. */
function flowOf(status: string): boolean | null {
  if (status === 'Charging') return true
  return status === 'SuspendedEV' || status === 'SuspendedEVSE' || status === 'Finishing' ? false : null
}

/** Does a reading show current or power? null = it says nothing about either. */
export function draws({ currentA, powerW }: Pick<ConnectorReading, 'currentA' | 'powerW'>): boolean | null {
  if (currentA !== null) return (currentA.L1 ?? 0) > 0.5 || (currentA.L2 ?? 0) > 0.5 || (currentA.L3 ?? 0) > 0.5
  return powerW === null ? null : powerW > 100
}

/** Was its start heard as it happened, with a tag that may charge? Then its site is told in the turn after the answer. A time that nobody could believe was not taken as it was named. */
function beganLive({ idTagInfo, startedAtMs, clockOffsetMs, startedAtStation, startReceivedAtMs }: TransactionRecord): boolean {
  const isBelieved = readDateTime(startedAtStation) === startedAtMs - clockOffsetMs
  return idTagInfo.status === 'Accepted' && isBelieved && startReceivedAtMs - startedAtMs <= liveWithinMs
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
    FLOWED: { actions: assign(({ event }) => ({ flowing: event.flowing })) },
    TRANSACTION_TOLD: { actions: assign({ told: true }) },
    // A kill between the answer and that turn must not cost the car its share: a charge point that has its number repeats no start.
    RESTORED: { guard: ({ context }) => beganLive(context.record), actions: assign({ told: true }) },
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
