// The durable form of a charge-point family: one versioned envelope around its actors' snapshot, checked before it is believed.
import { z } from 'zod'
import { chargePointContextSchema } from './charge-point-facts.ts'
import { commandContextSchema } from './command.ts'
import { liftRecord } from '../sessions/record-v1.ts'
import { connectorContextSchema, limitStates } from './connector.ts'
import { liveReservations, reservationContextSchema } from './reservation.ts'
import { transactionContextSchema } from './transaction.ts'

const childSchema = z.discriminatedUnion('src', [
  z.looseObject({
    src: z.literal('connector'),
    snapshot: z.looseObject({
      status: z.literal('active'),
      value: z.looseObject({
        status: z.enum(['available', 'preparing', 'charging', 'suspended', 'finishing', 'reserved', 'unavailable', 'faulted']),
        limit: z.enum(limitStates),
      }),
      context: connectorContextSchema,
    }),
  }),
  z.looseObject({
    src: z.literal('transaction'),
    snapshot: z.looseObject({
      status: z.literal('active'),
      value: z.enum(['starting', 'charging', 'idle', 'stopping', 'unconfirmed']),
      context: transactionContextSchema,
    }),
  }),
  z.looseObject({
    src: z.literal('command'),
    snapshot: z.looseObject({ status: z.literal('active'), value: z.enum(['queued', 'waiting', 'sent']), context: commandContextSchema }),
  }),
  z.looseObject({
    src: z.literal('reservation'),
    snapshot: z.looseObject({ status: z.literal('active'), value: z.enum(liveReservations), context: reservationContextSchema }),
  }),
  z.looseObject({ src: z.literal('alarm') }),
])

const envelopeSchema = z.looseObject({
  v: z.literal(3),
  machine: z.literal('charge-point'),
  snapshot: z.looseObject({
    status: z.literal('active'),
    value: z.enum(['offline', 'booting', 'online', 'updating', 'quarantined']),
    context: chargePointContextSchema,
    children: z.record(z.string(), childSchema),
  }).refine(
    ({ context, children }) => Object.values(context.running).every((id) => Object.hasOwn(children, `transaction-${id}`)),
    'a running transaction has no actor',
  ),
})

/** Each lifts an envelope of its version to the next one. */
const migrations: ReadonlyMap<number, (envelope: object) => unknown> = new Map([[1, liftTo2], [2, liftTo3]])
const newest = 3

export function familyKey(clientID: string): string {
  return `family:${clientID}`
}

export function writeFamily(snapshot: unknown): unknown {
  return { v: newest, machine: 'charge-point', snapshot }
}

/** The persisted snapshot in a stored envelope; throws with the reason when it cannot be read. */
export function readFamily(stored: unknown): unknown {
  let envelope = stored
  for (;;) {
    const version = versionOf(envelope)
    if (version === newest) break
    const lift = migrations.get(version)
    if (lift === undefined || typeof envelope !== 'object' || envelope === null) throw new Error(`no way to read version ${version}`)
    envelope = lift(envelope)
  }
  const checked = envelopeSchema.safeParse(envelope)
  if (!checked.success) throw new Error(z.prettifyError(checked.error))
  return (envelope as { snapshot: unknown }).snapshot
}

const v1Schema = z.looseObject({ snapshot: z.looseObject({ context: z.looseObject({}) }) })

/** Version 2 knows boots that were not accepted. */
function liftTo2(envelope: object): unknown {
  const { snapshot, ...rest } = v1Schema.parse(envelope)
  return { ...rest, v: 2, snapshot: { ...snapshot, context: { ...snapshot.context, held: null, bootedAtMs: null } } }
}

const v2Schema = z.looseObject({
  snapshot: z.looseObject({
    context: z.looseObject({ skew: z.looseObject({ offsetMs: z.number() }).optional().catch(undefined) }),
    children: z.record(z.string(), z.looseObject({ src: z.string(), snapshot: z.looseObject({ context: z.looseObject({}).optional() }).optional() })),
  }),
})

const v2TransactionSchema = z.looseObject({ record: z.looseObject({}), maxPowerW: z.number() })

/** Version 3 keeps no readings, knows when a status was by the charge point's own clock, and has records of the second version. */
function liftTo3(envelope: object): unknown {
  const { snapshot, ...rest } = v2Schema.parse(envelope)
  const { mainMeter: _, ...context } = snapshot.context
  const offsetMs = context.skew?.offsetMs ?? 0
  const children = Object.entries(snapshot.children).map(([name, child]) => {
    const known = child.snapshot?.context
    if (known === undefined) return [name, child] as const
    return [name, { ...child, snapshot: { ...child.snapshot, context: child.src === 'connector' ? connectorOf3(known, offsetMs) : child.src === 'transaction' ? transactionOf3(known) : known } }] as const
  })
  return { ...rest, v: 3, snapshot: { ...snapshot, context, children: Object.fromEntries(children) } }
}

function connectorOf3(context: Record<string, unknown>, offsetMs: number): object {
  const { reading: _, ...kept } = context
  return { ...kept, statusStationMs: typeof kept['statusAtMs'] === 'number' ? kept['statusAtMs'] - offsetMs : null }
}

function transactionOf3(context: Record<string, unknown>): object {
  const { record, maxPowerW, ...kept } = v2TransactionSchema.parse(context)
  const lifted = liftRecord(record)
  return { ...kept, record: typeof lifted === 'object' ? { ...lifted, maxPowerW } : lifted }
}

function versionOf(envelope: unknown): number {
  return typeof envelope === 'object' && envelope !== null && 'v' in envelope && typeof envelope.v === 'number' ? envelope.v : NaN
}

const acceptedSchema = z.object({ snapshot: z.object({ context: z.object({ accepted: z.literal(true) }) }) })

/** What an unreadable record still says about the one fact that a charge point does not repeat by itself. */
export function wasAccepted(stored: unknown): boolean {
  return acceptedSchema.safeParse(stored).success
}
