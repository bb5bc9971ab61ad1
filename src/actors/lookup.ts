// Finding what callers name, or refusing in a way that says what to do.
import type { Estate, PointEntry, SiteEntry } from './estate.ts'
import { Refusal } from './house.ts'

const hint = 'GET /api/v1/sites lists them.'

/** Throws Refusal not-found. */
export function siteEntry(estate: Estate, siteID: string): SiteEntry {
  const entry = estate.sites.get(siteID)
  if (entry === undefined) throw new Refusal('not-found', 'unknown-site', `There is no site ${siteID}.`, { hint })
  return entry
}

/** As siteEntry, for a site named in a body: Refusal invalid. */
export function siteNamed(estate: Estate, siteID: string): SiteEntry {
  const entry = estate.sites.get(siteID)
  if (entry === undefined) throw new Refusal('invalid', 'unknown-site', `There is no site ${siteID}.`, { hint, errors: [{ pointer: '/site', message: `there is no site ${siteID}` }] })
  return entry
}

/** Throws Refusal not-found. */
export function pointEntry(estate: Estate, clientID: string): PointEntry {
  const point = estate.point(clientID)
  if (point === undefined) throw new Refusal('not-found', 'unknown-charge-point', `There is no charge point ${clientID}.`, { hint: 'GET /api/v1/chargepoints lists them.' })
  return point
}
