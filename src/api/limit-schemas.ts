// The schemas of limits over time: what is asked of curtailments and schedules, and what is answered.
import { z } from 'zod'
import { curtailmentKinds, curtailmentStates, type CurtailmentView } from '../actors/curtailment-record.ts'
import { limitKinds, limitStates, type LimitStackView } from '../actors/limit-views.ts'
import { viewOf } from './view-of.ts'

const at = z.iso.datetime({ offset: true })
const shownAt = z.iso.datetime()
const words = z.string().max(200)

const wanted = {
  currentA: z.number().min(0).max(100_000).exactOptional().describe('Amps per phase.'),
  powerW: z.number().min(0).max(1_000_000_000).exactOptional().describe('Watts over all phases.'),
  percent: z.number().min(0).max(100).exactOptional().describe('The share of the fuse that remains, of its weakest phase.'),
  startsAt: at.exactOptional().describe('Absent = now.'),
  expiresAt: at.describe('After startsAt, at most 7 days ahead.'),
  reason: words.exactOptional(),
  source: words.exactOptional().describe('Who asked for it, like the grid operator.'),
}

const amounts = ({ currentA, powerW, percent }: { currentA?: number; powerW?: number; percent?: number }) => [currentA, powerW, percent].filter((one) => one !== undefined).length

export const curtailmentBody = z
  .strictObject({ kind: z.enum(curtailmentKinds).default('curtailment').describe('dimming: of the charge points together, never below what is guaranteed to them.'), ...wanted })
  .refine((body) => amounts(body) === 1, 'exactly one of currentA, powerW and percent is needed')
  .meta({ oneOf: [{ required: ['currentA'] }, { required: ['powerW'] }, { required: ['percent'] }], examples: [{ currentA: 20, expiresAt: '2026-11-22T18:30:00Z', reason: 'transformer', source: 'grid operator' }] })

export const curtailmentPatchBody = z
  .strictObject({ ...wanted, expiresAt: wanted.expiresAt.exactOptional() })
  .refine((body) => amounts(body) <= 1, 'at most one of currentA, powerW and percent')
  .refine((body) => Object.keys(body).length > 0, `nothing to change; send at least one of ${Object.keys(wanted).join(', ')}`)
  .meta({ examples: [{ expiresAt: '2026-11-22T19:00:00Z' }] })

export const curtailmentSchema = viewOf<CurtailmentView>()(z.strictObject({
  id: z.string(),
  kind: z.enum(curtailmentKinds),
  currentA: z.number().exactOptional(),
  powerW: z.number().exactOptional(),
  percent: z.number().exactOptional(),
  startsAt: shownAt,
  expiresAt: shownAt,
  state: z.enum(curtailmentStates),
  reason: z.string().exactOptional(),
  source: z.string().exactOptional(),
  limit: z.strictObject({ currentA: z.number(), powerW: z.number() }).describe('What it comes to for the whole site; dimming: for the charge points together.'),
  createdAt: shownAt,
  changedBy: z.string(),
  endedAt: shownAt.nullable(),
}))

const effective = z.strictObject({ currentA: z.number(), powerW: z.number(), binding: z.string() })

export const limitStackSchema = viewOf<LimitStackView>()(z.strictObject({
  siteID: z.string(),
  at: shownAt,
  effective,
  limits: z.array(z.strictObject({
    id: z.string().describe('As in `binding`: fuse, circuit:<site>, imbalance:<site>, grid-limit, failsafe, schedule:<id>, curtailment:<id>, demand-window.'),
    kind: z.enum(limitKinds),
    currentA: z.number(),
    powerW: z.number(),
    state: z.enum(limitStates).describe('inactive: does not hold then; ok: no lower than the fuse; limiting: lower, but another is lower still; binding: the lowest. An imbalance limit is what one phase may carry more than another, which no fuse compares with: ok.'),
    from: shownAt.nullable(),
    until: shownAt.nullable(),
    reason: z.string().nullable(),
    source: z.string().nullable(),
  })).describe('Most permanent first.'),
  outlook: z.array(effective.extend({ at: shownAt })).describe('What is in effect from each change on that is known, over the 24 h from `at`.'),
}))
