// What one may ask of inspection, live and of the past.
import { z } from 'zod'
import type { WatchFilter } from '../actors/inspection/inspection-face.ts'
import { machineTypes } from '../actors/inspection/machine-types.ts'
import { clientIDSchema, siteSchema } from '../power/site.ts'

const listOf = <T extends string>(of: readonly T[]) => z.string().transform((text) => text.split(',')).pipe(z.array(z.enum(of)).min(1)).optional()

export const actorIDSchema = z.string().max(160).regex(/^[a-z-]+:./s, 'the id of an actor, e.g. charge-point:CP-03 or connector:CP-03:1')

export const inspectPath = '/api/v1/inspect'

export const watchQuery = {
  siteID: siteSchema.shape.id.optional(),
  clientID: clientIDSchema.optional(),
  actorID: actorIDSchema.optional(),
  types: listOf(machineTypes).describe(`Only actors of these types, separated by commas: ${machineTypes.join(', ')}.`),
  include: listOf(['frames', 'decisions']).describe('`frames`, `decisions` or both, separated by a comma: OCPP frames and decisions of the engine as events of their own (@kwota.frame, @kwota.decision).'),
}

/** `definitions=false` leaves out the machines. */
export const watchSchema = z.strictObject({ ...watchQuery, definitions: z.enum(['true', 'false']).default('true') })

export function filterOf({ include, ...asked }: { siteID?: string | undefined; clientID?: string | undefined; actorID?: string | undefined; types?: WatchFilter['types']; include?: readonly string[] | undefined }, covers: WatchFilter['covers'], definitions: boolean): WatchFilter {
  return { ...asked, covers, definitions, frames: include?.includes('frames') === true, decisions: include?.includes('decisions') === true }
}
