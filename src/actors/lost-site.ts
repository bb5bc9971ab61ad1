// A site that another process took while this one was away: nothing more is said or done for it here, to nobody.
import type { Estate } from './estate.ts'
import { Refusal } from './house.ts'

/** Its room and actors end, and its charge points are cut off, so that they come to where it is now. */
export function loseSite(estate: Estate, siteID: string, why: string): void {
  const { alerts, options: { clock, log } } = estate
  log.error({ siteID, why }, 'another process owns this site now: nothing more is sent for it')
  alerts.set({ code: 'site-lost', siteID }, `${why}, while this kwota was paused or cut off from Redis. Nothing is sent or written for it here any more; stop this process, or start it again once the other has stopped.`, clock.wall())
  estate.sites.get(siteID)?.room.stop()
  for (const point of estate.points.ofSite(siteID)) estate.closeFamily(point, 'another kwota has this site now')
}

/** What follows from a lease that could not be renewed in time: only what takes power away may leave, whoever owns the site (decision 55), and what asks and changes nothing. */
const harmless: ReadonlySet<string> = new Set(['RemoteStopTransaction', 'GetConfiguration', 'GetCompositeSchedule', 'GetLocalListVersion', 'TriggerMessage'])

/** The gate of every CALL to a charge point, as it is about to leave. `lowers` = it can only take power away. */
export function mayLeave(estate: Estate, clientID: string, action: string, lowers: boolean): boolean {
  const siteID = estate.point(clientID)?.record.config.site
  const scope = siteID === undefined ? undefined : estate.sites.get(siteID)?.scope
  if (scope === undefined) return true
  const { state } = scope.hold()
  return state === 'fresh' || (state === 'overdue' && (lowers || harmless.has(action)))
}

export function isLost(estate: Estate, clientID: string): boolean {
  const siteID = estate.point(clientID)?.record.config.site
  return siteID !== undefined && estate.sites.get(siteID)?.scope.lost === true
}

/** Throws Refusal not-owner for a site, or a charge point of one, that is lost, and for everything once what belongs to no site is. */
export function demandOwner(estate: Estate, { siteID, clientID }: { readonly siteID?: string; readonly clientID?: string }): void {
  const id = siteID ?? (clientID === undefined ? undefined : estate.point(clientID)?.record.config.site)
  const lost = [estate.global, id === undefined ? undefined : estate.sites.get(id)?.scope].find((scope) => scope?.lost === true)
  if (lost !== undefined) throw notOwner(lost.failure ?? lost.name)
}

export function notOwner(why: string): Refusal {
  return new Refusal('store-down', 'not-owner', `${why}: this process may not answer for it any more.`, { hint: 'Ask the kwota that has it; GET /api/v1/system says which that is.' })
}
