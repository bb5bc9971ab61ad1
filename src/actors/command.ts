// One command as an actor: queued, sent, and how it ended; the request and the answer are in its record.
import { assign, setup } from 'xstate'
import { z } from 'zod'
import { alarmWithoutClock } from './alarm.ts'

/** `timed-out`: sent, never answered, perhaps carried out all the same. */
export const commandEnds = ['accepted', 'rejected', 'failed', 'timed-out', 'expired', 'cancelled'] as const
export type CommandEnd = (typeof commandEnds)[number]
export const commandStatuses = ['queued', 'sent', ...commandEnds] as const
export type CommandStatus = (typeof commandStatuses)[number]

export const commandContextSchema = z.object({
  command: z.object({
    id: z.string(),
    action: z.string(),
    /** Until then it may wait for its charge point; null = it does not wait. */
    expiresAtMs: z.number().nullable(),
  }),
  sent: z.boolean(),
  end: z.enum(commandEnds).nullable(),
})
export type CommandContext = z.infer<typeof commandContextSchema>
export type CommandInput = Pick<CommandContext, 'command'>

export type CommandFact =
  | { type: 'COMMAND_SENT'; commandId: string }
  | { type: 'COMMAND_ENDED'; commandId: string; end: CommandEnd }
export type CommandEvent = CommandFact | { readonly type: 'DUE' }

export const commandMachine = setup({
  types: {} as { context: CommandContext; events: CommandEvent; input: CommandInput },
  actors: { alarm: alarmWithoutClock },
  actions: { tellDue: () => undefined },
  guards: {
    hasEnded: ({ context }) => context.end !== null,
    isSent: ({ context }) => context.sent,
    mayWait: ({ context }) => context.command.expiresAtMs !== null,
    endedAs: ({ context }, end: CommandEnd) => context.end === end,
  },
}).createMachine({
  id: 'command',
  context: ({ input }) => ({ ...input, sent: false, end: null }),
  on: {
    COMMAND_SENT: { actions: assign({ sent: true }) },
    // The first end stands: what comes later is kept in the record only.
    COMMAND_ENDED: { guard: ({ context }) => context.end === null, actions: assign(({ event }) => ({ end: event.end })) },
  },
  initial: 'queued',
  states: {
    queued: {
      always: [{ guard: 'hasEnded', target: 'ended' }, { guard: 'isSent', target: 'sent' }, { guard: 'mayWait', target: 'waiting' }],
    },
    /** As queued, for a charge point that may come back before the deadline. */
    waiting: {
      invoke: { src: 'alarm', input: ({ context }) => ({ dueAtMs: context.command.expiresAtMs ?? 0 }) },
      always: [{ guard: 'hasEnded', target: 'ended' }, { guard: 'isSent', target: 'sent' }],
      on: { DUE: { actions: 'tellDue' } },
    },
    sent: { always: { guard: 'hasEnded', target: 'ended' } },
    ended: {
      always: commandEnds.map((end) => ({ guard: { type: 'endedAs' as const, params: end }, target: end })),
    },
    accepted: {}, rejected: {}, failed: {}, 'timed-out': {}, expired: {}, cancelled: {},
  },
})
