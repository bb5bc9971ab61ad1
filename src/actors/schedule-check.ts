// No limit schedule stands above the commissioned fuse.
import type { LimitSchedule } from '../power/limit-schedule.ts'
import type { SiteConfig } from '../power/site.ts'
import { checkFuse } from './grid-limit.ts'

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

function check(site: SiteConfig, { limitW, currentA }: Amount, place: string): void {
  if (currentA !== undefined) checkFuse(site, { currentA }, `${place}/currentA`)
  if (limitW !== undefined) checkFuse(site, { powerW: limitW }, `${place}/limitW`)
}
