// Whether a site can be built at all, and whether its fallbacks fit.
import { findMisfits } from '../power/fit.ts'
import type { ChargePointConfig, SiteConfig } from '../power/site.ts'
import { buildTree, mostA, TreeError, type Tree } from '../power/tree.ts'
import { Refusal } from './house.ts'
import { checkIntervals, checkSchedules, checkStanding } from './schedule-check.ts'

/** Throws Refusal when the site cannot be built, a limit that comes and goes is above its fuse, its schedules are too long, or its fallbacks do not fit. */
export function checkSite(site: SiteConfig, chargePoints: readonly ChargePointConfig[]): void {
  const schedules = site.limitSchedules ?? []
  checkStanding(site)
  checkSchedules(site, schedules, '/limitSchedules')
  checkIntervals(schedules)
  checkFit(site, chargePoints)
}

/** The same of a site that was accepted as it is described: only what hangs on it may not fit. */
export function checkFit(site: SiteConfig, chargePoints: readonly ChargePointConfig[]): void {
  const misfit = findMisfit(site, chargePoints)
  if (misfit !== null) throw misfit
}

/** Why its fallbacks are no good; null when they are. Throws Refusal when the site cannot be built at all. */
export function findMisfit(site: SiteConfig, chargePoints: readonly ChargePointConfig[]): Refusal | null {
  const tree = treeOf(site, chargePoints)
  for (const config of chargePoints) {
    const low = config.connectors.find((connector) => config.fallbackA !== 0 && (config.fallbackA < connector.minA || config.fallbackA > mostA(connector, site.voltage)))
    const highestA = low === undefined ? 0 : Math.floor(mostA(low, site.voltage) * 10) / 10
    if (low !== undefined) return new Refusal('invalid', 'fallback-out-of-range', `${config.id}: fallbackA is ${config.fallbackA}, must be 0 or within ${low.minA} and ${highestA} A (connector ${low.id}).`, { errors: [{ pointer: '/fallbackA', message: `0, or from ${low.minA} to ${highestA}` }] })
  }
  const misfits = findMisfits(tree)
  return misfits.length === 0 ? null
    : new Refusal('invalid', 'fallbacks-do-not-fit', misfits.map(({ message }) => message).join(' '), { hint: 'What a charger draws when it loses kwota must fit with the worst base load.' })
}

function treeOf(site: SiteConfig, chargePoints: readonly ChargePointConfig[]): Tree {
  for (const config of chargePoints) {
    const ids = config.connectors.map((connector) => connector.id)
    if (new Set(ids).size !== ids.length) throw new Refusal('invalid', 'duplicate-connector', `${config.id} names a connector id twice.`, { errors: [{ pointer: '/connectors', message: 'each id once' }] })
  }
  try {
    return buildTree(site, chargePoints)
  } catch (error) {
    if (error instanceof TreeError) throw new Refusal('invalid', error.code, `${error.message}.`, { errors: [{ pointer: error.pointer, message: error.message }] })
    throw error
  }
}
