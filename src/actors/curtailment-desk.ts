// What people do with curtailments: made, changed and cancelled, in force before they are durable, or only tried out.
import { amountOf, checkCurtailment, curtailmentView, holdsFrom, shownAmount, stateOfCurtailment, type CurtailmentPatch, type CurtailmentRecord, type CurtailmentView, type WantedCurtailment } from './curtailment-record.ts'
import { mostOpenCurtailments } from './curtailments.ts'
import { Refusal, type Caller, type Versioned } from './house.ts'
import type { LimitDesk } from './limit-desk.ts'
import type { LimitPreview } from './limit-preview.ts'
import { curtailmentWords, saidOf } from './limit-telling.ts'

export class CurtailmentDesk {
  private readonly limits: LimitDesk

  constructor(limits: LimitDesk) {
    this.limits = limits
  }

  /** Newest first. */
  list(): readonly Versioned<CurtailmentView>[] {
    return this.limits.curtailments.list().map((record) => this.view(record))
  }

  get(id: string): Versioned<CurtailmentView> {
    return this.view(this.record(id))
  }

  /** Lowerings leave at once; rejects with Refusal store-down when it could not be made durable. */
  create(id: string, wanted: WantedCurtailment, caller: Caller): Promise<Versioned<CurtailmentView>> {
    return this.carryOut(undefined, this.draft(id, wanted, caller.name), 'set', caller)
  }

  change(id: string, patch: CurtailmentPatch, caller: Caller): Promise<Versioned<CurtailmentView>> {
    const before = this.record(id)
    return this.carryOut(before, this.changed(before, patch, caller.name), 'changed', caller)
  }

  async cancel(id: string, caller: Caller): Promise<void> {
    const before = this.record(id)
    await this.carryOut(before, this.cancelled(before, caller.name), 'lifted', caller)
  }

  previewCreate(wanted: WantedCurtailment, { name }: Caller): LimitPreview { return this.preview(this.draft('preview', wanted, name)) }
  previewChange(id: string, patch: CurtailmentPatch, { name }: Caller): LimitPreview { return this.preview(this.changed(this.record(id), patch, name)) }
  previewCancel(id: string, { name }: Caller): LimitPreview { return this.preview(this.cancelled(this.record(id), name)) }

  private preview(record: CurtailmentRecord): LimitPreview {
    const { limits } = this
    const nowMs = limits.nowMs()
    const atMs = Math.max(nowMs, holdsFrom(record).fromMs)
    const id = `curtailment:${record.id}`
    const others = limits.timedAt(atMs, nowMs).filter((one) => one.source !== id)
    const changed = record.cancelledAtMs === null ? limits.curtailed([record]) : []
    const { kind, source = null, reason = null } = record
    return limits.preview([...others, ...changed], { atMs, nowMs }, (one) => (one === id ? saidOf({ kind, source, reason }) : limits.wordsOf(one)))
  }

  private draft(id: string, wanted: WantedCurtailment, changedBy: string): CurtailmentRecord {
    const wallMs = this.limits.wallMs()
    if (this.limits.curtailments.open(this.limits.nowMs()).length >= mostOpenCurtailments) throw new Refusal('conflict', 'too-many-curtailments', `${mostOpenCurtailments} curtailments of this site have not ended yet.`, { hint: 'Cancel those that are not needed, or change one of them.' })
    const { startsAt, expiresAt, kind = 'curtailment', ...rest } = wanted
    return checkCurtailment({
      v: 1, id, version: 1, changedAt: new Date(wallMs).toISOString(), changedBy, createdAtMs: wallMs, kind, ...rest,
      startsAtMs: startsAt === undefined ? wallMs : Date.parse(startsAt), expiresAtMs: Date.parse(expiresAt), aheadMs: this.limits.aheadMs(), cancelledAtMs: null,
    }, this.limits.site, this.limits.steered, wallMs)
  }

  private changed(before: CurtailmentRecord, { startsAt, expiresAt, currentA, powerW, percent, reason, source }: CurtailmentPatch, changedBy: string): CurtailmentRecord {
    const state = this.mustBeOpen(before)
    if (startsAt !== undefined && state === 'active') throw new Refusal('conflict', 'curtailment-started', `The curtailment ${before.id} has begun already.`, { hint: 'Leave startsAt out.' })
    const { currentA: oldA, powerW: oldW, percent: oldShare, ...rest } = before
    const other = currentA !== undefined || powerW !== undefined || percent !== undefined
    const amount = other ? { currentA, powerW, percent } : { currentA: oldA, powerW: oldW, percent: oldShare }
    return checkCurtailment({
      ...rest, ...this.touched(before, changedBy),
      ...(amount.currentA === undefined ? {} : { currentA: amount.currentA }), ...(amount.powerW === undefined ? {} : { powerW: amount.powerW }), ...(amount.percent === undefined ? {} : { percent: amount.percent }),
      ...(reason === undefined ? {} : { reason }), ...(source === undefined ? {} : { source }),
      ...(startsAt === undefined ? {} : { startsAtMs: Date.parse(startsAt) }), ...(expiresAt === undefined ? {} : { expiresAtMs: Date.parse(expiresAt) }),
    }, this.limits.site, this.limits.steered, this.limits.wallMs())
  }

  private cancelled(before: CurtailmentRecord, changedBy: string): CurtailmentRecord {
    this.mustBeOpen(before)
    return { ...before, ...this.touched(before, changedBy), cancelledAtMs: this.limits.wallMs() }
  }

  private touched({ version }: CurtailmentRecord, changedBy: string): Pick<CurtailmentRecord, 'version' | 'changedAt' | 'changedBy'> {
    return { version: version + 1, changedAt: new Date(this.limits.wallMs()).toISOString(), changedBy }
  }

  /** Holds in memory before it is durable, so that lowerings need not wait; what would loosen a limit is taken back when the store fails. */
  private async carryOut(before: CurtailmentRecord | undefined, record: CurtailmentRecord, did: string, caller: Caller): Promise<Versioned<CurtailmentView>> {
    const { scope, now } = this.limits.options
    const source = `curtailment:${record.id}`
    this.limits.curtailments.keep(record, now())
    this.limits.impose(source, 'curtailment', caller)
    const view = this.view(record)
    this.limits.announce(source, `The ${curtailmentWords(record, this.limits.site, this.limits.wallMs())} was ${did} by ${caller.name}.`, { curtailment: view.value, changedBy: caller.name })
    try {
      await scope.flush()
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      const hint = 'Repeat the request when /readyz says the store is back.'
      if (before === undefined || !this.loosens(before, record)) throw new Refusal('store-down', 'store-down', `The curtailment holds in memory and lowerings have left, but it is not stored: ${why}.`, { hint })
      if (this.limits.curtailments.find(record.id) === record) {
        this.limits.curtailments.keep(before, now())
        this.limits.impose(source, 'curtailment', caller)
        this.limits.announce(source, `The ${curtailmentWords(before, this.limits.site, this.limits.wallMs())} stays as it was: the store does not take writes.`, { curtailment: this.view(before).value, changedBy: before.changedBy })
      }
      throw new Refusal('store-down', 'store-down', `The store does not take writes: ${why}. Nothing was changed.`, { hint })
    }
    return view
  }

  private loosens(before: CurtailmentRecord, after: CurtailmentRecord): boolean {
    const amps = (record: CurtailmentRecord) => shownAmount(amountOf(record, this.limits.site, this.limits.steered), this.limits.site).currentA
    return after.cancelledAtMs !== null || amps(after) > amps(before) || after.expiresAtMs < before.expiresAtMs || after.startsAtMs > before.startsAtMs
  }

  private mustBeOpen(record: CurtailmentRecord): 'scheduled' | 'active' {
    const state = stateOfCurtailment(record, this.limits.nowMs())
    if (state === 'scheduled' || state === 'active') return state
    throw new Refusal('conflict', 'curtailment-ended', `The curtailment ${record.id} has ${state === 'ended' ? 'ended' : 'been cancelled'} already.`, { hint: 'Make a new one.' })
  }

  private record(id: string): CurtailmentRecord {
    const found = this.limits.curtailments.find(id)
    if (found === undefined) throw new Refusal('not-found', 'unknown-curtailment', `There is no curtailment ${id}.`, { hint: `GET /api/v1/sites/${this.limits.site.id}/curtailments lists them; ended ones are kept for 30 days.` })
    return found
  }

  private view(record: CurtailmentRecord): Versioned<CurtailmentView> {
    const { version, changedAt, changedBy } = record
    return { version, changedAt, changedBy, value: curtailmentView(record, this.limits.site, this.limits.steered, this.limits.nowMs()) }
  }
}
