// A site that the file names: what the file says, and beside it the limit schedules that people made.
import { scheduleID, type LimitSchedule } from '../power/limit-schedule.ts'
import { perPhase, type SiteConfig } from '../power/site.ts'
import type { Revision, SiteRecord } from './estate-records.ts'
import { Refusal } from './house.ts'

const mostSchedules = 20

/**
 * The record of a site as it stands after a start. Everything is as the file says, limit schedules with an id of the file as well;
 * those that the file has never named stay. `revised` is asked only where something is another. Throws Refusal too-many-schedules.
 */
export function provisionSite(stored: SiteRecord | null, given: SiteConfig, provisioner: string, revised: () => Revision): SiteRecord {
  if (given.fuseAssumed === true && stored !== null) return besideBuiltIn(stored, given, provisioner)
  const ofFile = named(given.limitSchedules).map(({ id }) => id)
  const kept = named(stored?.site.limitSchedules)
  // A record of before this was noted: what the file wrote last is all of the file.
  const before = stored?.provisioned ?? (stored?.changedBy === provisioner ? kept.map(({ id }) => id) : [])
  const made = kept.filter(({ id }) => !before.includes(id) && !ofFile.includes(id))
  if (ofFile.length + made.length > mostSchedules) {
    throw new Refusal('invalid', 'too-many-schedules', `Site ${given.id} has ${ofFile.length} limit schedules in ${provisioner} and ${made.length} that were made over REST; ${mostSchedules} is the most.`, { hint: 'Put several blocks or intervals into one.' })
  }
  const site = made.length === 0 ? given : { ...given, limitSchedules: [...(given.limitSchedules ?? []), ...made] }
  const note = ofFile.length === 0 && stored?.provisioned === undefined ? {} : { provisioned: ofFile }
  if (stored === null || !same(comparable(stored.site), comparable(site))) return { ...revised(), site, ...note }
  return same(stored.provisioned, note.provisioned) ? stored : { ...stored, ...note }
}

/** The site that is there without a file is built in, not said: what is stored stands before it. Before this was noted, one that nobody had changed could not be told from one that was stated. */
function besideBuiltIn(stored: SiteRecord, given: SiteConfig, provisioner: string): SiteRecord {
  return stored.changedBy === provisioner && same(stored.site.fuseA, given.fuseA) && stored.site.fuseAssumed !== true ? { ...stored, site: { ...stored.site, fuseAssumed: true } } : stored
}

/** An assumed fuse stays one only while it is handed back as it was; to give another, or the same without saying that it is assumed, is to state it. */
export function withFuseAsStated(given: SiteConfig, before: SiteConfig | undefined): SiteConfig {
  const { fuseAssumed, ...stated } = given
  return fuseAssumed === true && before?.fuseAssumed === true && same(perPhase(given.fuseA), perPhase(before.fuseA)) ? given : stated
}

/** Each with the id it goes by. */
export function named(schedules: readonly LimitSchedule[] = []): (LimitSchedule & { readonly id: string })[] {
  return schedules.map((one, index) => ({ ...one, id: scheduleID(one, index) }))
}

function comparable({ limitSchedules, ...site }: SiteConfig): unknown {
  return { ...site, limitSchedules: named(limitSchedules).map(({ id, ...one }) => ({ ...one, id })) }
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
