// What is kept of an id tag, and what that says about it at a place and a time.
import { z } from 'zod'
import { readDateTime, type IdTagInfo } from '../protocol/messages/index.ts'
import { idTagSchema } from '../settings.ts'

export interface IdTag {
  readonly id: string
  readonly status: 'Accepted' | 'Blocked' | 'Expired' | 'Invalid'
  readonly expiryDate?: string | undefined
  readonly parentIdTag?: string | undefined
  /** Ids of sites and charge points where it may charge; neither given = everywhere, both = at any of them. */
  readonly sites?: readonly string[] | undefined
  readonly chargePoints?: readonly string[] | undefined
  /** May run more than one transaction at a time. */
  readonly concurrent?: boolean | undefined
  readonly limits?: { readonly energyWh?: number | undefined; readonly durationS?: number | undefined; readonly costMinor?: number | undefined } | undefined
  readonly tariffId?: string | undefined
}

export const idTagRecordSchema = z.object({
  v: z.literal(1),
  version: z.int().positive(),
  changedAt: z.string(),
  changedBy: z.string(),
  tag: idTagSchema,
})
export type IdTagRecord = Readonly<z.output<typeof idTagRecordSchema>>

/** The key of a tag in the scope of what belongs to no site. */
export function idTagKey(id: string): string {
  return `idtag:${id.toLowerCase()}`
}

export interface Location { readonly siteID: string; readonly clientID: string }

/** Where a tag may not charge it is Invalid: OCPP 1.6 has no word for it, and Blocked would say that it is refused everywhere. */
export function judgeTag(tag: IdTag, at: Location, nowMs: number): IdTagInfo {
  const info = (status: IdTagInfo['status']): IdTagInfo => ({
    ...(tag.expiryDate === undefined ? {} : { expiryDate: tag.expiryDate }),
    ...(tag.parentIdTag === undefined ? {} : { parentIdTag: tag.parentIdTag }),
    status,
  })
  if (tag.status !== 'Accepted') return info(tag.status)
  // A date nobody can read does not make a tag last for ever.
  const endsMs = tag.expiryDate === undefined ? Infinity : readDateTime(tag.expiryDate) ?? -Infinity
  if (endsMs <= nowMs) return info('Expired')
  return info(mayChargeAt(tag, at) ? 'Accepted' : 'Invalid')
}

export function mayChargeAt({ sites, chargePoints }: IdTag, { siteID, clientID }: Location): boolean {
  if (sites === undefined && chargePoints === undefined) return true
  return (sites ?? []).includes(siteID) || (chargePoints ?? []).some((id) => id.toLowerCase() === clientID.toLowerCase())
}
