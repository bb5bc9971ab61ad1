// What pages get in one go: the schema of a site at a glance.
import { z } from 'zod'
import { attentions, levels, obediences, type OverviewView } from '../actors/overview-views.ts'
import { policies, siteSchema } from '../power/site.ts'
import { views } from './schemas.ts'
import { viewOf } from './view-of.ts'

const at = z.iso.datetime()
const count = z.int().min(0)
const { connectors, ...power } = views.Power.shape
const { id, idTag, status, startedAt, energyWh, cost } = views.Transaction.shape

export const overviewSchema = viewOf<OverviewView>()(z.strictObject({
  site: z.strictObject({
    id: z.string(), name: z.string().nullable(), timezone: z.string(), voltage: z.number(), fuseA: z.strictObject({ L1: z.number(), L2: z.number(), L3: z.number() }), policy: z.enum(policies),
    circuits: siteSchema.shape.circuits.unwrap(),
  }),
  at,
  engine: z.strictObject({ tickAgeS: z.number().describe('Since the engine last looked at this site; it does at least every 5 s.'), lastDecisionAt: at.nullable() }),
  sentence: z.string().describe('How the site stands, for people.'),
  level: z.enum(levels).describe('The same in one word.'),
  counts: z.strictObject({ charging: count, waiting: count, paused: count }).describe('Cars with a transaction.'),
  power: z.strictObject(power).describe('As GET /api/v1/sites/{siteID}/power, without its connectors.'),
  nextLimit: z.strictObject({ at, currentA: z.number() }).nullable().describe('When the effective limit next becomes another.'),
  connectors: z.array(z.strictObject({
    ...connectors.element.shape,
    why: z.string().describe('The summary of its allocation.'),
    queue: z.strictObject({ place: z.int(), of: z.int() }).nullable(),
    obeying: z.enum(obediences).describe('unknown: no fresh reading says so.'),
    transaction: z.strictObject({ id, idTag, status, startedAt, energyWh, cost }).nullable().describe('Its running one; totals as of the last 10 s.'),
    priority: z.number(), minA: z.number(), maxA: z.number(),
    attention: z.strictObject({ rank: count.describe('0 = look at it first.'), reason: z.enum(attentions) }),
  })),
  alerts: z.array(views.Alert).describe('Open ones, critical or warnings, critical first; at most 50.'),
  alertCounts: z.strictObject({ critical: count, warning: count }),
  decisions: z.array(z.strictObject({ id: z.string(), at, cause: z.string(), words: z.string(), state: views.Decision.shape.state })).describe('The last 10, newest first.'),
  health: z.strictObject({ chargePoints: count, online: count }),
}))
