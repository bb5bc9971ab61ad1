// The schemas of what the REST room answers with, each held to the house's own type by the compiler.
import { z } from 'zod'
import { commandSchema } from './command-schemas.ts'
import { cachedAnswerSchema, idTagView } from './id-tag-schemas.ts'
import { decisionSchema } from './decision-schemas.ts'
import { curtailmentSchema, limitStackSchema } from './limit-schemas.ts'
import { actorDetailSchema, actorSchema, inspectionEventSchema, pastActorSchema, transitionSchema } from './inspection-schemas.ts'
import { orphanSchema } from './orphan-schemas.ts'
import { reservationSchema } from './reservation-schemas.ts'
import { lobbyEntrySchema, messageSchema } from './contact-schemas.ts'
import { doings } from '../actors/doing.ts'
import type { KwotaEvent } from '../actors/house.ts'
import type { AlertView, AllocationView, ChargePointView, ConnectorPowerView, ConnectorView, GridLimitView, Health, Limit, NodePowerView, PowerView, TransactionView } from '../actors/views.ts'
import { keptScheduleSchema } from '../actors/limit-views.ts'
import { quirkEntrySchema } from '../actors/quirk-book.ts'
import { tariffViewSchema } from '../actors/tariff-shelf.ts'
import { chargePointSchema, connectorSchema, siteSchema } from '../power/site.ts'

type Plain<T> = T extends readonly (infer E)[] ? Plain<E>[] : T extends object ? { -readonly [K in keyof T]: Plain<T[K]> } : T

function viewOf<V>() {
  return <S extends z.ZodType<Plain<V>>>(schema: S): S => schema
}

const at = z.iso.datetime()
const facts = z.record(z.string(), z.unknown())
const phaseAmps = z.strictObject({ L1: z.number(), L2: z.number(), L3: z.number() })
const planState = z.enum(['enforcing', 'enforced', 'unenforceable'])

export const eventTypes = [
  'chargepoint.connected', 'chargepoint.disconnected', 'chargepoint.rejected', 'chargepoint.accepted', 'connector.status',
  'transaction.started', 'transaction.updated', 'transaction.stopped', 'transaction.warning', 'meter.sample', 'limit.changed', 'limit.expired',
  'allocation.changed', 'profile.accepted', 'profile.rejected', 'profile.ignored', 'command.finished', 'reservation.changed', 'alert.raised', 'alert.resolved', 'decision.made',
] as const satisfies readonly KwotaEvent['type'][]

export const transactionStatuses = ['starting', 'charging', 'idle', 'stopping', 'stopped', 'unconfirmed'] as const satisfies readonly TransactionView['status'][]

const limit = viewOf<Limit>()(z.strictObject({ currentA: z.number(), powerW: z.number(), binding: z.string() }))

const connectorPower = viewOf<ConnectorPowerView>()(z.strictObject({
  clientID: z.string(),
  connectorId: z.int(),
  circuit: z.string().nullable(),
  status: z.string(),
  online: z.boolean(),
  transactionId: z.int().nullable(),
  doing: z.enum(doings).nullable().describe('What its car does; null = there is none. paused = by the car or its charger, or full; offline = its charge point is out of reach.'),
  requestedA: z.number(),
  allocatedA: z.number(),
  confirmedA: z.number().nullable(),
  reservedA: z.number(),
  measuredA: z.number().nullable().describe('Null = there is no reading of now, of the car that is there.'),
  measuredAt: at.nullable().describe('Of the newest reading, however old.'),
  binding: z.string(),
  raising: z.strictObject({ toldA: z.number(), at: at.nullable() }).exactOptional().describe('Part of what is allocated is not told yet: what was told last, and from when on it may be (null = once there is room).'),
  allocatedW: z.number().exactOptional().describe('DC only: at the car.'),
  measuredW: z.number().exactOptional().describe('DC only: at the car.'),
}))

const nodePower = viewOf<NodePowerView>()(z.strictObject({
  id: z.string(),
  parent: z.string().nullable(),
  limitA: phaseAmps,
  limitW: z.number().exactOptional(),
  imbalanceLimitA: z.number().exactOptional(),
  imbalanceA: z.number().exactOptional().describe('How much more one phase could carry than another, worst case.'),
  binding: z.strictObject({ L1: z.string(), L2: z.string(), L3: z.string() }),
  measuredA: phaseAmps,
  measured: z.enum(['all', 'part', 'none']).describe('How much of what may flow here measuredA has in it; what has no fresh reading is missing there.'),
  reservedA: phaseAmps,
  headroomA: phaseAmps,
  shedding: z.boolean(),
}))

const site = siteSchema
const event = viewOf<KwotaEvent>()(z.strictObject({
  id: z.string(),
  type: z.enum(eventTypes),
  at,
  siteID: z.string(),
  clientID: z.string().exactOptional(),
  connectorId: z.int().exactOptional(),
  data: facts,
}))

const gridLimit = viewOf<GridLimitView>()(z.strictObject({
  currentA: z.number().nullable(),
  powerW: z.number().exactOptional(),
  reason: z.string().exactOptional(),
  setAt: at.exactOptional(),
  expiresAt: at.exactOptional(),
  effective: limit,
  next: z.strictObject({ at, currentA: z.number() }).nullable(),
  state: planState,
  deficitA: z.number().exactOptional(),
  propagation: z.strictObject({ targets: z.int(), told: z.int(), confirmed: z.int(), waiting: z.array(z.string()) }),
  decisionId: z.string().nullable(),
}))

const power = viewOf<PowerView>()(z.strictObject({
  siteID: z.string(),
  at,
  effective: limit,
  baseLoad: z.strictObject({ status: z.enum(['fresh', 'stale', 'never']), countedA: phaseAmps, at: at.nullable() }),
  demandWindow: z.strictObject({ targetW: z.number(), allowedW: z.number(), until: at }).exactOptional(),
  state: planState,
  deficitA: z.number().exactOptional(),
  circuits: z.array(nodePower),
  connectors: z.array(connectorPower),
  decisionId: z.string().nullable(),
}))

const chargePoint = viewOf<ChargePointView>()(z.strictObject({
  ...chargePointSchema.shape,
  hasPassword: z.boolean(),
  connection: z.strictObject({
    state: z.enum(['online', 'offline', 'booting', 'never']),
    since: at.nullable(),
    remoteAddress: z.string().nullable(),
    generation: z.int(),
  }),
  lastSeenAt: at.nullable(),
  boot: facts.nullable(),
  quirks: facts,
  state: z.string(),
}))

const connector = viewOf<ConnectorView>()(z.strictObject({
  id: z.int(),
  clientID: z.string(),
  siteID: z.string(),
  status: z.string(),
  errorCode: z.string(),
  info: z.string().exactOptional(),
  statusAt: at.nullable(),
  transactionId: z.int().nullable(),
  priority: z.number(),
  weight: z.number(),
  departureAt: at.nullable(),
  energyNeededWh: z.number().nullable(),
  vehicleMaxA: z.number().nullable(),
  vehiclePhases: z.number().nullable(),
  power: connectorPower,
  config: connectorSchema,
}))

const allocation = viewOf<AllocationView>()(z.strictObject({
  requestedA: z.number(),
  allocatedA: z.number(),
  confirmedA: z.number().nullable(),
  reservedA: z.number(),
  measuredA: z.number().nullable(),
  measuredAt: at.nullable(),
  binding: z.string(),
  boundBy: z.strictObject({ circuitID: z.string(), on: z.string().describe('A phase, two phases, or W.'), source: z.string() }).nullable().exactOptional(),
  summary: z.string(),
  constraints: z.array(z.strictObject({
    id: z.string(),
    limitA: z.number(),
    shareA: z.number().exactOptional(), overA: z.number().exactOptional().describe('So much more is reserved than it allows.'),
    state: z.enum(['inactive', 'ok', 'limiting', 'binding']),
    until: at.exactOptional(),
    inferred: z.boolean().exactOptional(),
  })),
  queue: z.strictObject({ place: z.int(), of: z.int() }).nullable(),
  nextReviewAt: at.nullable(),
  decisionId: z.string().nullable(),
}))

const inForce = z.strictObject({ value: z.number(), from: z.enum(['transaction', 'tag', 'settings']) }).exactOptional()
const transaction = viewOf<TransactionView>()(z.strictObject({
  id: z.int(),
  siteID: z.string(),
  clientID: z.string(),
  connectorId: z.int(),
  idTag: z.string(),
  status: z.enum(transactionStatuses), doing: z.enum(doings).exactOptional().describe('While it runs: what its car does by all that its site knows.'),
  startedAt: at,
  stoppedAt: at.nullable(),
  stopReason: z.string().nullable(),
  meterStartWh: z.number(),
  meterStopWh: z.number().nullable(),
  energyWh: z.number(),
  cost: z.strictObject({ amountMinor: z.int(), currency: z.string() }).nullable(),
  tariff: z.strictObject({ id: z.string(), version: z.int() }).nullable(),
  limits: z.strictObject({ energyWh: z.number().exactOptional(), durationS: z.number().exactOptional(), costMinor: z.number().exactOptional() }),
  limitsInForce: z.strictObject({ energyWh: inForce, durationS: inForce, costMinor: inForce, idleTimeoutS: inForce }).exactOptional().describe('While it runs: of each kind the lowest that holds, and who says it; settings are the nearest word of its connector, charge point, site or everybody.'),
  limitedS: z.record(z.string(), z.number()),
  idleS: z.int(),
  anomalies: z.int().describe('What its register said that cannot be; not 0: its energy and cost are doubtful.'),
  stoppedBy: z.strictObject({ cause: z.enum(['energy-limit', 'duration-limit', 'cost-limit', 'idle-timeout', 'remote-stop', 'disobeying', 'correction']), by: z.string(), at }).nullable(),
}))

const alert = viewOf<AlertView>()(z.strictObject({
  id: z.string(),
  code: z.string(),
  severity: z.enum(['critical', 'warning', 'info']),
  siteID: z.string(),
  clientID: z.string().nullable(),
  connectorId: z.int().nullable(),
  message: z.string(),
  raisedAt: at,
  resolvedAt: at.nullable(),
  ackedAt: at.nullable(),
  ackedBy: z.string().nullable(),
}))

const health = viewOf<Health>()(z.strictObject({
  ready: z.boolean(),
  checks: z.array(z.strictObject({ name: z.enum(['store', 'clock', 'engine']), ok: z.boolean(), detail: z.string() })),
}))

/** By the name under which OpenAPI lists them. */
export const views = {
  Site: site,
  GridLimit: gridLimit,
  Power: power,
  ChargePoint: chargePoint,
  Connector: connector,
  Allocation: allocation,
  Transaction: transaction,
  Orphan: orphanSchema,
  Actor: actorSchema, ActorDetail: actorDetailSchema, ActorTransition: transitionSchema, InspectionEvent: inspectionEventSchema, PastActor: pastActorSchema,
  Alert: alert,
  Decision: decisionSchema,
  Command: commandSchema,
  Reservation: reservationSchema,
  LobbyEntry: lobbyEntrySchema,
  Message: messageSchema,
  Event: event,
  Health: health,
  IdTag: idTagView,
  CachedAnswer: cachedAnswerSchema,
  Quirks: quirkEntrySchema,
  Curtailment: curtailmentSchema,
  LimitSchedule: keptScheduleSchema,
  LimitStack: limitStackSchema,
  Tariff: tariffViewSchema,
}

export const problemSchema = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string(),
  errors: z.array(z.strictObject({ pointer: z.string(), message: z.string(), in: z.enum(['path', 'query']).exactOptional() })).exactOptional(),
  hint: z.string().describe('What to do, in one sentence.'),
  requestId: z.string(),
})
