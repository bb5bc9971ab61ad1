// What pages get in one go: the schemas of a site at a glance, and of a site over time.
import { z } from 'zod'
import type { ChartView } from '../actors/chart-views.ts'
import { attentions, levels, obediences, type OverviewView } from '../actors/overview-views.ts'
import { policies, siteSchema } from '../power/site.ts'
import { views } from './schemas.ts'
import { viewOf } from './view-of.ts'

const at = z.iso.datetime()
const count = z.int().min(0)
const { connectors, ...power } = views.Power.shape
const { id, idTag, status, startedAt, energyWh, cost } = views.Transaction.shape

const decision = z.strictObject({ id: z.string(), at, cause: z.string(), words: z.string(), state: views.Decision.shape.state })

export const overviewSchema = viewOf<OverviewView>()(z.strictObject({
  site: z.strictObject({
    id: z.string(), name: z.string().nullable(), timezone: z.string(), voltage: z.number(), fuseA: z.strictObject({ L1: z.number(), L2: z.number(), L3: z.number() }), fuseAssumed: siteSchema.shape.fuseAssumed.describe('Nobody said how big the fuse is; it is the built-in one.'), policy: z.enum(policies),
    circuits: siteSchema.shape.circuits.unwrap(),
  }),
  at,
  engine: z.strictObject({ tickAgeS: z.number().describe('Since the engine last looked at this site; it does at least every 5 s.'), lastDecisionAt: at.nullable() }),
  sentence: z.string().describe('How the site stands, for people.'),
  level: z.enum(levels).describe('The same in one word.'),
  counts: z.strictObject({ charging: count, waiting: count, paused: count, offline: count }).describe('Cars by what they do.'),
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
  decisions: z.array(decision).describe('The last 10, newest first.'),
  health: z.strictObject({ chargePoints: count, online: count, neverConnected: count.describe('Those that kwota has not seen yet.') }),
}))

const column = z.array(z.number().nullable())
const limit = views.LimitStack.shape.effective.shape

export const chartSchema = viewOf<ChartView>()(z.strictObject({
  siteID: z.string(), at, from: at, to: at,
  stepS: z.int().describe('Longer than it was asked for where that would be more than 2,000 points.'),
  voltage: z.number(),
  measured: z.strictObject({
    times: z.array(z.int()).describe('When each step begins, seconds since 1970; the arrays beside it have one number for each, null = not known.'),
    totalW: column.describe('Building and cars, where the site meter was fresh.'),
    buildingW: column,
    nodes: z.array(z.strictObject({ id: z.string(), parent: z.string().nullable(), powerW: column, currentA: column.describe('Highest phase.') })).describe('Cars below each circuit, the site itself first.'),
  }),
  limits: z.strictObject({
    past: z.array(z.union([z.strictObject({ at, ...limit }), z.strictObject({ at, currentA: z.null(), powerW: z.null(), binding: z.null() })])).describe('What was in effect from then on; null = nothing is on record.'),
    future: z.array(z.strictObject({ at, ...limit })).describe('What is known to come; the first step is now.'),
  }),
  curtailments: z.array(z.strictObject({ id: z.string(), kind: views.Curtailment.shape.kind, state: views.Curtailment.shape.state, limit: views.Curtailment.shape.limit, startsAt: at, endsAt: at, reason: z.string().nullable(), source: z.string().nullable() })),
  decisions: z.array(decision).describe('Those that moved somebody or were asked for, oldest first; at most 300, the weightiest of each while.'),
}))
