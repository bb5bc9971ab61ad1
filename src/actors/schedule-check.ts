// No limit that comes and goes stands above the commissioned fuse, and there are no more of them than can be looked through at once.
import type { LimitSchedule } from '../power/limit-schedule.ts'
import type { SiteConfig } from '../power/site.ts'
import { checkFuse } from './grid-limit.ts'
import { Refusal } from './house.ts'

/** Of all schedules of a site together: four weeks of quarter hours. */
const mostIntervals = 2_800

interface Amount { readonly limitW?: number; readonly currentA?: number }

/** Throws Refusal above-fuse with the place of the first that is; `at` = where the list is in the body, absent = a single schedule is the body. */
export function checkSchedules(site: SiteConfig, schedules: readonly LimitSchedule[], at?: string): void {
  for (const [index, schedule] of schedules.entries()) {
    const place = at === undefined ? '' : `${at}/${index}`
    check(site, schedule, place)
    for (const [part, one] of schedule.weekly?.entries() ?? []) check(site, one, `${place}/weekly/${part}`)
    for (const [part, one] of schedule.intervals?.entries() ?? []) check(site, one, `${place}/intervals/${part}`)
  }
}

/** Throws Refusal too-many-intervals. */
export function checkIntervals(schedules: readonly LimitSchedule[]): void {
  const count = schedules.reduce((sum, { intervals, startsAt }) => sum + (intervals?.length ?? 0) + (startsAt === undefined ? 0 : 1), 0)
  if (count <= mostIntervals) return
  throw new Refusal('conflict', 'too-many-intervals', `The limit schedules of a site hold at most ${mostIntervals} intervals together; these hold ${count}.`, { hint: 'Leave out what is over and what lies far ahead, join neighbours with the same limit, or say what comes again as weekly blocks.' })
}

/** Throws Refusal above-fuse: what holds when the energy manager is silent, or is bought. */
export function checkStanding(site: SiteConfig): void {
  checkFuse(site, { currentA: site.failsafeA }, '/failsafeA')
  if (site.demandWindow !== undefined) checkFuse(site, { powerW: site.demandWindow.targetW }, '/demandWindow/targetW')
}

function check(site: SiteConfig, { limitW, currentA }: Amount, place: string): void {
  if (currentA !== undefined) checkFuse(site, { currentA }, `${place}/currentA`)
  if (limitW !== undefined) checkFuse(site, { powerW: limitW }, `${place}/limitW`)
}
