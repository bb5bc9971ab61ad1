// How charging profiles are given over REST, by themselves or by a template, and how the schedules they come to are shown.
import { z } from 'zod'
import { givenProfileSchema, type GivenRequest } from '../actors/given-profile.ts'
import type { House } from '../actors/house.ts'
import type { ProfilePreview } from '../actors/profile-preview.ts'
import { profileTemplateSchema } from '../actors/profile-templates.ts'
import { messages } from '../protocol/messages/index.ts'
import { waitingBody } from './command-schemas.ts'

const own = messages.SetChargingProfile.request.shape

/** A profile of its own, or one of the templates. */
export const chosenProfile = {
  chargingProfile: givenProfileSchema.exactOptional(),
  templateId: profileTemplateSchema.shape.id.exactOptional().describe('A template instead of chargingProfile; a TxProfile is then for the transaction that runs on the connector.'),
}
interface Chosen { readonly chargingProfile?: GivenRequest['csChargingProfiles']; readonly csChargingProfiles?: GivenRequest['csChargingProfiles']; readonly templateId?: string }

/** For superRefine: one of these fields, and only one. */
export function exactlyOne(...names: readonly (keyof Chosen)[]) {
  return (value: unknown, ctx: z.RefinementCtx): void => {
    const given = names.filter((name) => (value as Chosen)[name] !== undefined)
    if (given.length !== 1) ctx.addIssue({ code: 'custom', path: [given[1] ?? names[0]!], message: `exactly one of ${names.join(', ')}` })
  }
}

/** SetChargingProfile as REST takes it: csChargingProfiles may also be called chargingProfile. */
export const setProfileBody = waitingBody(z.strictObject({ connectorId: own.connectorId, csChargingProfiles: givenProfileSchema.exactOptional(), ...chosenProfile }))
  .superRefine(exactlyOne('csChargingProfiles', 'chargingProfile', 'templateId'))

/** What is sent. Throws Refusal invalid for a template that is not there. */
export function givenOf(house: Pick<House, 'profiles'>, connectorId: number, { chargingProfile, csChargingProfiles, templateId }: Chosen): GivenRequest {
  if (templateId !== undefined) return { connectorId, csChargingProfiles: house.profiles.templates.named(templateId).chargingProfile, templateId }
  return { connectorId, csChargingProfiles: (chargingProfile ?? csChargingProfiles)! }
}

const wholeSeconds = 'a whole number of seconds, 1 to 604800'
export const durationS = z.coerce.number({ error: wholeSeconds }).int(wholeSeconds).min(1, wholeSeconds).max(604_800, wholeSeconds)
export const unit = z.enum(['A', 'W'])

/** Of whatever can be tried without being done. */
export const dryRunQuery = z.strictObject({
  dryRun: z.enum(['true', 'false']).default('false').describe('true: says what it would come to; nothing is sent or stored.'),
  durationS: durationS.default(86_400).describe('Of a dry run: how far ahead it looks.'),
  unit: unit.default('A').describe('Of a dry run: in which unit.'),
})

const source = z.strictObject({ purpose: own.csChargingProfiles.shape.chargingProfilePurpose, chargingProfileId: z.int(), stackLevel: z.int() })
export const schedule = z.strictObject({
  status: z.enum(['Accepted', 'Rejected']).describe('Rejected: there is no such connector.'),
  scheduleStart: z.iso.datetime(),
  chargingSchedule: z.strictObject({
    duration: z.int(), chargingRateUnit: unit,
    chargingSchedulePeriod: z.array(z.strictObject({ startPeriod: z.int(), limit: z.number().nullable().describe('null: nothing limits.'), numberPhases: z.int().exactOptional(), source: source.exactOptional() })),
  }).nullable(),
})
type Composite = ProfilePreview['before']

/** As GetCompositeSchedule says it; `limit` null where nothing limits. */
export function scheduleOf({ status, scheduleStart, durationS: duration, rateUnit, periods }: Composite): z.input<typeof schedule> {
  return { status, scheduleStart, chargingSchedule: status === 'Rejected' ? null : { duration, chargingRateUnit: rateUnit, chargingSchedulePeriod: periods.map((period) => ({ ...period })) } }
}

const limit = z.number().nullable()
const ids = z.array(z.int())
export const previewSchema = z.strictObject({
  dryRun: z.literal(true), clientID: z.string(), connectorId: z.int(),
  install: z.strictObject({ status: z.enum(['Accepted', 'Rejected', 'NotSupported']), reason: z.string().exactOptional() }).exactOptional().describe('Of a profile: as the charge point should answer.'),
  chargingProfileId: z.int().exactOptional(),
  replaces: ids.exactOptional().describe('Ids of those whose place it would take.'),
  removed: ids.exactOptional().describe('Of a clear: ids of those that would go.'),
  before: schedule, after: schedule,
  differences: z.array(z.strictObject({ startPeriod: z.int(), durationS: z.int(), before: limit, after: limit })),
  allocation: z.strictObject({
    summary: z.string(),
    connectors: z.array(z.strictObject({
      connectorId: z.int(), allocatedA: limit, limitA: limit, source: z.string().nullable(),
      schedule: schedule.describe('What profiles of people alone, those of the engine left out, come to over the window.'),
    })),
  }).nullable().describe('What profiles of people would allow the engine now, A per phase, and how that goes on; null where the engine does not steer.'),
})

export function previewOf(preview: ProfilePreview) {
  const { allocation } = preview
  return {
    ...preview, before: scheduleOf(preview.before), after: scheduleOf(preview.after),
    allocation: allocation === null ? null : { ...allocation, connectors: allocation.connectors.map((one) => ({ ...one, schedule: scheduleOf(one.schedule) })) },
  }
}
