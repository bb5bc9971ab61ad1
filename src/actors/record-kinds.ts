// Every kind of record that is kept, by how its key begins: when one can be read, and what it means for people when it cannot.
import { z } from 'zod'
import { chargePointSchema, siteSchema } from '../power/site.ts'
import { asRecord } from '../sessions/record.ts'
import { apiKeyRecordSchema } from './api-key-record.ts'
import { auditHeadSchema, auditRecordSchema } from './audit-record.ts'
import { recordSchema as answersSchema } from './authorisation-cache.ts'
import { batchSchema } from './batches.ts'
import { recordSchema as certificatesSchema, signingSchema } from './certificate-record.ts'
import { commandRecordSchema } from './command-record.ts'
import { checkSchema } from './commissioning/check-record.ts'
import { configurationSchema } from './configuration-record.ts'
import { curtailmentRecordSchema } from './curtailment-record.ts'
import { exchangeSchema } from './data-transfers.ts'
import { recordSchema as demandSchema } from './demand-meter.ts'
import { sizesSchema as decisionSizesSchema } from './decision-shelf.ts'
import { recordSchema as engineNowSchema } from './engine-start.ts'
import { versionSchema as firmwareSchema } from './firmware-progress.ts'
import { keptSchema as statusesSchema } from './handlers/kept-statuses.ts'
import { idTagRecordSchema } from './id-tag-record.ts'
import { readRecord as readLocalList } from './local-list-record.ts'
import { setSchema } from './local-list-sets.ts'
import { sizesSchema as messageSizesSchema } from './message-shelf.ts'
import { readOrphan } from './orphan-record.ts'
import { recordSchema as templateSchema } from './profile-templates.ts'
import { recordSchema as quirkSchema } from './quirk-book.ts'
import { replaySchema } from './replays.ts'
import { reservationRecordSchema } from './reservation-record.ts'
import { recordSchema as retentionSchema, sweptSchema } from './retention.ts'
import { recordSchema as securitySchema } from './security-events.ts'
import { recordSchema as profilesSchema } from './stored-profiles.ts'
import { currentSchema, versionSchema as tariffSchema } from './tariff-shelf.ts'
import { uploadsRecordSchema } from './uploads-record.ts'
import { recordSchema as vendorsSchema } from './vendors.ts'
import { deliveryRecordSchema, webhookRecordSchema } from './webhook-record.ts'

interface Kind {
  /** Null = it can be read. */
  readonly fault: (value: unknown, key: string) => string | null
  readonly means: string
}

const maybe = z.number().nullable()
const entry = z.looseObject({ seq: z.number(), slot: z.enum(['default', 'tx']), limitA: z.number().min(0), fallbackA: z.number().min(0), leaseEndsAtMs: maybe, bookedAtMs: z.number(), state: z.enum(['booked', 'sent', 'unknown']) })
const slot = z.looseObject({ confirmed: entry.nullable(), inFlight: z.array(entry) })
const rowSchema = z.looseObject({
  hardwareA: z.number().min(0), contactedAtMs: maybe, obeysLease: z.boolean(), default: slot, tx: slot, transactionId: maybe,
  settling: z.looseObject({ fromA: z.number(), anyFromA: z.number(), acceptedAtMs: z.number(), quietSinceMs: z.number() }).nullable(),
  doubtSinceMs: maybe, measuredA: maybe, excess: z.boolean(), bookedAtMs: z.array(z.number()),
})
const revision = { version: z.int(), changedAt: z.string(), changedBy: z.string() }
const gridSchema = z.looseObject({
  ...revision,
  limit: z.looseObject({ currentA: z.number().min(0).exactOptional(), powerW: z.number().min(0).exactOptional(), setAtMs: z.number(), expiresAtMs: z.number().exactOptional() })
    .refine(({ currentA, powerW }) => currentA !== undefined || powerW !== undefined, 'neither amps nor watts').nullable(),
})
const pointSchema = z.looseObject({ ...revision, config: chargePointSchema, password: z.string().nullable() })
const learntSchema = z.looseObject({
  stackLevel: maybe, maxA: maybe, inUse: z.number().exactOptional(), standsAt: z.number().exactOptional(), modelLevel: z.number().exactOptional(), sampleS: z.number().exactOptional(),
  quirks: z.looseObject({ unit: z.enum(['A', 'W']), ladder: z.enum(['tx', 'default', 'connector-0', 'max-0']), pauseA: z.number(), lease: z.boolean() }).exactOptional(),
})
const carSchema = z.looseObject({
  car: z.looseObject({ priority: z.number(), weight: z.number(), vehicleMaxA: maybe, vehiclePhases: maybe, departureAt: z.string().nullable(), energyNeededWh: maybe.default(null) }),
  queuedAtMs: z.number(),
})

const lost = 'What it said is lost, and kwota goes on without it: if it is needed, take a backup back with kwota restore.'
/** Where no more is lost than kwota makes once more by itself: nobody has to be alarmed. */
const again = 'kwota begins it anew; nothing has to be done.'
const unknownPoint = 'Its charge point counts with all that its hardware takes until it has confirmed a limit again.'

/** By what stands before the first colon, or by the whole key. */
const kinds: Readonly<Record<string, Kind>> = {
  config: kind(z.looseObject({ ...revision, site: siteSchema }), 'The site is not steered until its configuration is known again: name it in kwota.yaml, or send it once more (PUT /api/v1/sites/{siteID}), and restart kwota; or take a backup back with kwota restore.'),
  chargepoint: kind(pointSchema, 'Of the charge point it is known only which connectors draw on the site: they count with all that their hardware takes, on the site and on every circuit, and it is not let in, until it is named in kwota.yaml or sent once more (PUT /api/v1/chargepoints/{clientID}).'),
  family: { fault: () => null, means: 'The charge point begins afresh; its rows in the ledger stay as they are.' },
  row: kind(rowSchema, 'The connector counts with all that its hardware takes until it has confirmed a limit again.'),
  car: kind(carSchema, 'What was said of the car there is lost: it counts as any car.'),
  need: kind(z.looseObject({ neededWh: z.number(), fromWh: maybe }), 'What the car there needs is not known any more.'),
  learnt: kind(learntSchema, unknownPoint),
  profiles: kind(profilesSchema, `${unknownPoint} What people's charging profiles were sent to it is not known any more: clear them, and send them again.`),
  'grid-limit': kind(gridSchema, 'The failsafe limit holds until a grid limit is set anew (kwota limit set, or PUT /api/v1/sites/{siteID}/grid-limit).'),
  curtailment: kind(curtailmentRecordSchema, 'A curtailment to the failsafe limit, for seven days, stands in for it: cancel it where none is meant to hold (DELETE /api/v1/sites/{siteID}/curtailments/{id}).'),
  'demand-window': kind(demandSchema, 'The quarter of an hour that runs is counted from now on.'),
  'engine-now': kind(engineNowSchema, 'Limits hold by the clock of this machine: see that it is right.'),
  'engine-time': kind(z.looseObject({ behindMs: z.number() }), 'Limits hold by the clock of this machine: see that it is right.'),
  tx: { fault: (value) => (asRecord(value) === null || !transactionSchema.safeParse(value).success ? 'it is no record of a transaction' : null), means: 'The record of a transaction is lost; while it runs, its charge point writes it once more.' },
  start: kind(z.number(), 'A start that is told once more is taken for another one.'),
  orphan: { fault: (value, key) => (readOrphan('', key, value) === null ? 'it is no orphaned message' : null), means: lost },
  command: kind(commandRecordSchema, 'The command is not sent any more, and its outcome is not known.'),
  request: kind(z.looseObject({}), 'The command that waits goes out as its record has it.'),
  reservation: kind(reservationRecordSchema, 'Its charge point may still hold it: cancel it there, or reserve anew.'),
  authorised: kind(answersSchema, lost), uploads: kind(uploadsRecordSchema, lost), firmware: kind(firmwareSchema, lost), security: kind(securitySchema, lost),
  certificates: kind(certificatesSchema, lost), signing: kind(signingSchema, lost), 'data-transfer': kind(exchangeSchema, lost),
  vendors: kind(vendorsSchema, 'Vendor messages of this charge point are answered as those of all others: say it anew where it differs.'),
  check: kind(checkSchema, 'Run the check of the charge point again.'),
  configuration: kind(configurationSchema, 'What its configuration is to be is lost: send it anew.'),
  'local-list': { fault: (value) => (readLocalList(value) === null ? 'it is no local list' : null), means: again },
  'listed-tags': kind(setSchema, again), statuses: kind(statusesSchema, again), turned: kind(z.number(), again),
  'message-log': kind(messageSizesSchema, again), 'decision-log': kind(decisionSizesSchema, again), rollups: kind(z.number(), again),
  audit: kind(auditRecordSchema, 'An entry of the audit log cannot be read any more: kwota audit verify names it.'), 'audit-head': kind(auditHeadSchema, 'The audit log goes on behind its newest entry, and says so.'),
  'audit-tag-key': kind(z.string(), 'From now on id tags have other names in the audit log.'),
  'api-key': kind(apiKeyRecordSchema, 'The key opens nothing any more: make another one.'),
  webhook: kind(webhookRecordSchema, 'Nothing is sent to it any more: make it anew (POST /api/v1/webhooks).'), delivery: kind(deliveryRecordSchema, 'The event is not sent any more.'),
  idtag: kind(idTagRecordSchema, 'The id tag is blocked until it is sent once more (PUT /api/v1/id-tags/{idTag}).'),
  tariff: { fault: (value, key) => fault((key.includes('@') ? tariffSchema : currentSchema).safeParse(value)), means: 'Transactions it is for are not priced by it: send the tariff once more (PUT /api/v1/tariffs/{id}).' },
  batch: kind(batchSchema, lost), replay: kind(replaySchema, 'A request that is sent once more with its key is done once more.'), quirk: kind(quirkSchema, lost),
  'profile-template': kind(templateSchema, lost), retention: kind(retentionSchema, 'The days of kwota.yaml, or the usual ones, hold: set them anew.'), swept: kind(sweptSchema, again),
  erasing: kind(z.looseObject({ idTag: z.string(), name: z.string(), atMs: z.number() }), 'An erasure that was under way goes on only when it is asked for once more.'), erasure: kind(z.looseObject({}), lost),
}

const transactionSchema = z.looseObject({ id: z.int(), siteID: z.string(), clientID: z.string(), connectorId: z.int(), idTag: z.string(), status: z.string(), startedAtMs: z.number(), meterStartWh: z.number() })

function kind(schema: z.ZodType, means: string): Kind {
  return { means, fault: (value) => fault(schema.safeParse(value)) }
}

function fault(parsed: z.ZodSafeParseResult<unknown>): string | null {
  if (parsed.success) return null
  const [issue] = parsed.error.issues
  return issue === undefined ? 'unreadable' : `${issue.path.join('.')}${issue.path.length === 0 ? '' : ': '}${issue.message}`
}

function kindOf(key: string): Kind | undefined {
  const colon = key.indexOf(':')
  const name = colon === -1 ? key : key.slice(0, colon)
  return Object.hasOwn(kinds, name) ? kinds[name] : undefined
}

/** Why a stored record cannot be read; null = it can, or nobody here knows its kind. */
export function recordFault(key: string, value: unknown): string | null {
  return kindOf(key)?.fault(value, key) ?? null
}

/** True for a record that kwota makes once more by itself. */
export function isBegunAnew(key: string): boolean {
  return kindOf(key)?.means === again
}

/** What people are told of a record that was set aside. */
export function asideMessage({ key, reason }: { readonly key: string; readonly reason: string }): string {
  return `The record ${key} could not be read (${reason}) and was set aside as quarantine:${key}. ${kindOf(key)?.means ?? lost}`
}
