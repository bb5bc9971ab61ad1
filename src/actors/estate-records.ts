// What is stored of sites and charge points as configured, with who changed it last.
import { chargePointSchema, siteSchema, type ChargePointConfig, type SiteConfig } from '../power/site.ts'
import type { Proofs } from './point-record.ts'
import type { Scope } from './scope.ts'

export interface Revision { readonly version: number; readonly changedAt: string; readonly changedBy: string }

/** `provisioned` = ids of the limit schedules that the file named at its last start. */
export interface SiteRecord extends Revision { readonly site: SiteConfig; readonly provisioned?: readonly string[] }
/** `standIn` = its entry could not be read, and this is all that the ledger knows of it. */
export interface PointRecord extends Revision, Proofs { readonly config: ChargePointConfig; readonly standIn?: true }

/** Stored records; null when there are none or they cannot be read any more. */
export function readSiteRecord(scope: Scope): SiteRecord | null {
  const record = scope.get('config') as SiteRecord | undefined
  const parsed = siteSchema.safeParse(record?.site)
  return record === undefined || !parsed.success ? null : { ...record, site: parsed.data }
}

export function readPointRecords(scope: Scope): PointRecord[] {
  return scope.entries('chargepoint:').flatMap(([, value]) => {
    const record = value as PointRecord
    const parsed = chargePointSchema.safeParse(record.config)
    return parsed.success ? [{ ...record, config: parsed.data }] : []
  })
}
