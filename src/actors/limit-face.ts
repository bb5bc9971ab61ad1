// The limits of sites over time as people see and change them: curtailments, schedules, and the whole stack.
import type { LimitSchedule } from '../power/limit-schedule.ts'
import { CurtailmentDesk } from './curtailment-desk.ts'
import type { CurtailmentPatch, CurtailmentView, WantedCurtailment } from './curtailment-record.ts'
import { type Estate } from './estate.ts'
import { readSiteRecord, type SiteRecord } from './estate-records.ts'
import { Refusal, type Caller, type House, type Versioned } from './house.ts'
import type { LimitPreview } from './limit-preview.ts'
import type { LimitStackView } from './limit-views.ts'
import { siteEntry } from './lookup.ts'
import { named } from './provisioned-site.ts'
import { checkIntervals, checkSchedules } from './schedule-check.ts'

export type KeptSchedule = LimitSchedule & { readonly id: string }

/** All throw or reject with Refusal. */
export interface LimitFace {
  /** Newest first; ended ones too, at most 200 and 30 days. */
  curtailments(siteID: string): readonly Versioned<CurtailmentView>[]
  curtailment(siteID: string, id: string): Versioned<CurtailmentView>
  /** Lowerings leave before it is durable. Refused: invalid above-fuse, below-dimming-minimum, expiry-in-the-past, expiry-before-start, expiry-too-far; conflict too-many-curtailments. */
  createCurtailment(siteID: string, wanted: WantedCurtailment, caller: Caller): Promise<Versioned<CurtailmentView>>
  /** Refused as above, and conflict curtailment-ended, curtailment-started (startsAt). */
  changeCurtailment(siteID: string, id: string, patch: CurtailmentPatch, caller: Caller): Promise<Versioned<CurtailmentView>>
  cancelCurtailment(siteID: string, id: string, caller: Caller): Promise<void>
  tryCurtailment(siteID: string, wanted: WantedCurtailment, caller: Caller): LimitPreview
  tryCurtailmentChange(siteID: string, id: string, patch: CurtailmentPatch | 'cancel', caller: Caller): LimitPreview
  /** In the order of the site's list; version and author are those of the site, which they are part of. */
  schedules(siteID: string): readonly Versioned<KeptSchedule>[]
  schedule(siteID: string, id: string): Versioned<KeptSchedule>
  findSchedule(siteID: string, id: string): Versioned<KeptSchedule> | undefined
  /** Creates or replaces; without an id a new one is given. Refused: invalid above-fuse; conflict too-many-schedules, too-many-intervals. */
  putSchedule(siteID: string, schedule: LimitSchedule, caller: Caller): Promise<{ readonly created: boolean; readonly schedule: Versioned<KeptSchedule> }>
  removeSchedule(siteID: string, id: string, caller: Caller): Promise<void>
  trySchedule(siteID: string, schedule: LimitSchedule): LimitPreview
  tryScheduleRemoval(siteID: string, id: string): LimitPreview
  /** `at` absent = now. Refused: invalid before-known, at-too-far. */
  stack(siteID: string, at: string | undefined): LimitStackView
}

const mostSchedules = 20

export class LimitOffice implements LimitFace {
  private readonly estate: Estate
  private readonly putSite: House['putSite']

  constructor(estate: Estate, putSite: House['putSite']) {
    this.estate = estate
    this.putSite = putSite
  }

  curtailments(siteID: string) { return this.desk(siteID).list() }
  curtailment(siteID: string, id: string) { return this.desk(siteID).get(id) }
  async createCurtailment(siteID: string, wanted: WantedCurtailment, caller: Caller) { return this.desk(siteID).create(`cur_${this.estate.options.ids.opaque().slice(0, 12)}`, wanted, caller) }
  async changeCurtailment(siteID: string, id: string, patch: CurtailmentPatch, caller: Caller) { return this.desk(siteID).change(id, patch, caller) }
  cancelCurtailment(siteID: string, id: string, caller: Caller): Promise<void> { return this.desk(siteID).cancel(id, caller) }
  tryCurtailment(siteID: string, wanted: WantedCurtailment, caller: Caller) { return this.desk(siteID).previewCreate(wanted, caller) }
  tryCurtailmentChange(siteID: string, id: string, patch: CurtailmentPatch | 'cancel', caller: Caller) {
    return patch === 'cancel' ? this.desk(siteID).previewCancel(id, caller) : this.desk(siteID).previewChange(id, patch, caller)
  }

  schedules(siteID: string): readonly Versioned<KeptSchedule>[] {
    const { version, changedAt, changedBy, site } = siteEntry(this.estate, siteID).record
    return named(site.limitSchedules).map((value) => ({ version, changedAt, changedBy, value }))
  }

  findSchedule(siteID: string, id: string): Versioned<KeptSchedule> | undefined {
    return this.schedules(siteID).find(({ value }) => value.id === id)
  }

  schedule(siteID: string, id: string): Versioned<KeptSchedule> {
    const found = this.findSchedule(siteID, id)
    if (found === undefined) throw unknown(siteID, id)
    return found
  }

  async putSchedule(siteID: string, schedule: LimitSchedule, caller: Caller): Promise<{ readonly created: boolean; readonly schedule: Versioned<KeptSchedule> }> {
    // Once one of them is changed by name, all are called by the names they had by their place.
    const { record, list, next, created } = this.with(siteID, schedule)
    await this.putSite({ ...record.site, limitSchedules: list }, caller)
    return { created, schedule: this.schedule(siteID, next.id) }
  }

  async removeSchedule(siteID: string, id: string, caller: Caller): Promise<void> {
    const { record, list } = this.without(siteID, id)
    await this.putSite({ ...record.site, limitSchedules: list }, caller)
  }

  trySchedule(siteID: string, schedule: LimitSchedule): LimitPreview {
    const { record, list, next } = this.with(siteID, schedule)
    return siteEntry(this.estate, siteID).room.limits.previewSchedule({ ...record.site, limitSchedules: list }, next)
  }

  tryScheduleRemoval(siteID: string, id: string): LimitPreview {
    const { record, list, gone } = this.without(siteID, id)
    return siteEntry(this.estate, siteID).room.limits.previewSchedule({ ...record.site, limitSchedules: list }, gone)
  }

  stack(siteID: string, at: string | undefined): LimitStackView {
    const { room, record } = siteEntry(this.estate, siteID)
    return room.limits.stackAt(at, [record.changedAt, room.gridLimit().changedAt])
  }

  private desk(siteID: string): CurtailmentDesk {
    return new CurtailmentDesk(siteEntry(this.estate, siteID).room.limits)
  }

  private with(siteID: string, schedule: LimitSchedule) {
    const record = this.newest(siteID)
    const before = named(record.site.limitSchedules)
    const next: KeptSchedule = { ...schedule, id: schedule.id ?? `sch_${this.estate.options.ids.opaque().slice(0, 12)}` }
    checkSchedules(record.site, [next])
    const created = !before.some(({ id }) => id === next.id)
    if (created && before.length >= mostSchedules) throw new Refusal('conflict', 'too-many-schedules', `A site has at most ${mostSchedules} limit schedules.`, { hint: 'Put several blocks or intervals into one.' })
    const list = created ? [...before, next] : before.map((one) => (one.id === next.id ? next : one))
    checkIntervals(list)
    return { record, next, created, list }
  }

  private without(siteID: string, id: string) {
    const record = this.newest(siteID)
    const before = named(record.site.limitSchedules)
    const gone = before.find((one) => one.id === id)
    if (gone === undefined) throw unknown(siteID, id)
    return { record, gone, list: before.filter((one) => one.id !== id) }
  }

  /** With what another request has put and is not durable yet: it must not be undone. */
  private newest(siteID: string): SiteRecord {
    const { scope, record } = siteEntry(this.estate, siteID)
    return readSiteRecord(scope) ?? record
  }
}

function unknown(siteID: string, id: string): Refusal {
  return new Refusal('not-found', 'unknown-limit-schedule', `There is no limit schedule ${id}.`, { hint: `GET /api/v1/sites/${siteID}/limit-schedules lists them.` })
}
