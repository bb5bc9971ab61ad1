// One reservation as an actor: asked for, held, being given up, and how it ended; what was reserved for whom is in its record.
import { assign, setup } from 'xstate'
import { z } from 'zod'
import { alarmWithoutClock } from './alarm.ts'

export const reservationEnds = ['used', 'expired', 'cancelled', 'refused'] as const
export type ReservationEnd = (typeof reservationEnds)[number]
export const liveReservations = ['requesting', 'held', 'cancelling'] as const
export const reservationStatuses = [...liveReservations, ...reservationEnds] as const
export type ReservationStatus = (typeof reservationStatuses)[number]

export const reservationContextSchema = z.object({
  reservation: z.object({
    id: z.int(),
    /** Its expiryDate, our wall clock. */
    expiresAtMs: z.number(),
  }),
  /** The charge point has accepted it. */
  granted: z.boolean(),
  /** It was told to give it up, and has not answered. */
  cancelling: z.boolean(),
  end: z.enum(reservationEnds).nullable(),
})
export type ReservationContext = z.infer<typeof reservationContextSchema>
export type ReservationInput = Pick<ReservationContext, 'reservation' | 'granted' | 'cancelling'>

export type ReservationFact =
  /** Accepted, perhaps anew with other terms. */
  | { type: 'RESERVATION_GRANTED'; reservationId: number; expiresAtMs: number }
  | { type: 'RESERVATION_CANCELLING'; reservationId: number; cancelling: boolean }
  | { type: 'RESERVATION_ENDED'; reservationId: number; end: ReservationEnd }
export type ReservationEvent = ReservationFact | { readonly type: 'DUE' }

const waiting = {
  invoke: { src: 'alarm', input: ({ context }: { context: ReservationContext }) => ({ dueAtMs: context.reservation.expiresAtMs }) },
  on: { DUE: { actions: 'tellDue' } },
} as const

export const reservationMachine = setup({
  types: {} as { context: ReservationContext; events: ReservationEvent; input: ReservationInput },
  actors: { alarm: alarmWithoutClock },
  actions: { tellDue: () => undefined },
  guards: {
    hasEnded: ({ context }) => context.end !== null,
    isGranted: ({ context }) => context.granted,
    isCancelling: ({ context }) => context.cancelling,
    isKept: ({ context }) => !context.cancelling,
    endedAs: ({ context }, end: ReservationEnd) => context.end === end,
  },
}).createMachine({
  id: 'reservation',
  context: ({ input }) => ({ ...input, end: null }),
  on: {
    RESERVATION_GRANTED: {
      guard: ({ context }) => context.end === null,
      // Through the first state, so that the alarm is armed for the new time.
      target: '.requesting',
      actions: assign(({ context, event }) => ({ granted: true, reservation: { ...context.reservation, expiresAtMs: event.expiresAtMs } })),
    },
    RESERVATION_CANCELLING: { guard: ({ context }) => context.end === null, actions: assign(({ event }) => ({ cancelling: event.cancelling })) },
    // The first end stands.
    RESERVATION_ENDED: { guard: ({ context }) => context.end === null, actions: assign(({ event }) => ({ end: event.end })) },
  },
  initial: 'requesting',
  states: {
    requesting: {
      ...waiting,
      always: [{ guard: 'hasEnded', target: 'ended' }, { guard: 'isCancelling', target: 'cancelling' }, { guard: 'isGranted', target: 'held' }],
    },
    held: { ...waiting, always: [{ guard: 'hasEnded', target: 'ended' }, { guard: 'isCancelling', target: 'cancelling' }] },
    cancelling: { ...waiting, always: [{ guard: 'hasEnded', target: 'ended' }, { guard: 'isKept', target: 'requesting' }] },
    ended: { always: reservationEnds.map((end) => ({ guard: { type: 'endedAs' as const, params: end }, target: end })) },
    used: {}, expired: {}, cancelled: {}, refused: {},
  },
})
