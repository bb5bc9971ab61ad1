// The limits of one site over time: curtailments, schedules and the demand window, kept, handed to the plan, shown and told.
import type { Log } from '../log.ts'
import { nextHoldingMs, type LimitSchedule } from '../power/limit-schedule.ts'
import { effectiveLimit, hasLapsed, type GridLimit, type TimedLimit } from '../power/limits.ts'
import { phases, type SiteConfig } from '../power/site.ts'
import type { Tree } from '../power/tree.ts'
import type { Alerts } from './alerts.ts'
import { amountOf, shownAmount, stateOfCurtailment, type CurtailmentRecord } from './curtailment-record.ts'
import { Curtailments, timedOf } from './curtailments.ts'
import { DemandMeter } from './demand-meter.ts'
import type { Engine } from './engine.ts'
import { Refusal, type Caller, type KwotaEvent } from './house.ts'
import { LimitCalendar, layOut, onEngineTime } from './limit-calendar.ts'
import { previewChange, type LimitPreview } from './limit-preview.ts'
import { nextStep, outlook, stackView, type LimitWords, type StackInputs } from './limit-stack.ts'
import type { LimitStackView, LimitStep } from './limit-views.ts'
import { LimitWatch, type Standing } from './limit-watch.ts'
import { curtailmentWords, saidOf, scheduleWords, wordsOfSource } from './limit-telling.ts'
import type { Scope } from './scope.ts'

const dayMs = 86_400_000

export interface LimitDeskOptions {
  readonly scope: Scope
  readonly engine: () => Engine
  /** The engine's time. */
  readonly now: () => number
  readonly wall: () => number
  readonly sampleIntervalMs: number
  /** How far the wall clock was ahead of the engine's time in the former run. */
  readonly laterMs: number
  /** Plans with what holds now: lowerings leave before it returns. */
  readonly impose: (cause: string, caller?: Caller) => void
  readonly emit: (event: Pick<KwotaEvent, 'type' | 'data'>) => void
  readonly alerts: Alerts
  readonly log: Log
}

export class LimitDesk {
  readonly options: LimitDeskOptions
  readonly curtailments: Curtailments
  private readonly calendar = new LimitCalendar()
  private readonly demand: DemandMeter
  private readonly watch: LimitWatch
  private lastAheadMs = 0
  /** What comes next, for as long as nothing moves it: a calendar of hundreds of blocks takes a while. */
  private coming: { readonly site: SiteConfig; readonly grid: GridLimit | null; readonly aheadMs: number; readonly moving: string; readonly step: ReturnType<typeof nextStep>; readonly fromMs: number; readonly untilMs: number } | null = null
  private counted: { readonly tree: Tree; readonly steered: number; readonly unsteeredW: number } | null = null

  constructor(options: LimitDeskOptions) {
    this.options = options
    const siteID = options.scope.name
    this.curtailments = new Curtailments(options.scope, options.laterMs, (key) => options.log.error({ siteID, key }, 'the record of a curtailment cannot be read: it does not hold'))
    this.demand = new DemandMeter(options.scope, options.sampleIntervalMs)
    this.watch = new LimitWatch(siteID, options.alerts, options.emit)
  }

  /** For the plan, by the engine's time: what holds and what is to come. */
  timed(nowMs: number): readonly TimedLimit[] {
    const aheadMs = this.aheadMs()
    const demand = this.demand.look(this.engine(), nowMs, aheadMs)
    return [...this.curtailed(this.curtailments.open(nowMs)), ...this.calendar.timed(this.site, nowMs, aheadMs), ...(demand === null ? [] : [demand])]
  }

  /** Who asked for a limit of a source and why, in a few words; null = nobody said. */
  wordsOf(source: string): string | null {
    return saidOf(this.told(source))
  }

  /** With every review. */
  look(nowMs: number): void {
    this.watch.look(this.standing(nowMs), nowMs)
  }

  next(): { readonly at: string; readonly currentA: number } | null {
    const nowMs = this.nowMs()
    const { site, aheadMs, grid } = { site: this.site, aheadMs: this.aheadMs(), grid: this.engine().grid }
    const moving = JSON.stringify([this.curtailed(this.curtailments.open(nowMs)), this.demand.look(this.engine(), nowMs, aheadMs)])
    const known = this.coming
    if (known?.site === site && known.grid === grid && known.aheadMs === aheadMs && known.moving === moving && nowMs >= known.fromMs && nowMs < known.untilMs) return known.step
    const step = nextStep(this.stack(), nowMs)
    this.coming = { site, grid, aheadMs, moving, step, fromMs: nowMs, untilMs: Math.min(nowMs + 60_000, step === null ? Infinity : Date.parse(step.at) - aheadMs) }
    return step
  }

  /** What is known to come, by the wall clock; the first step is at `fromMs`. */
  outlook(fromMs: number, toMs: number): LimitStep[] {
    const aheadMs = this.aheadMs()
    return outlook(this.stack(), fromMs - aheadMs, toMs - aheadMs)
  }

  /** `at` absent = now. Throws Refusal before-known where it lies before the last change that anybody made, at-too-far beyond a year. */
  stackAt(at: string | undefined, changedAt: readonly string[]): LimitStackView {
    const wallMs = this.wallMs()
    const atMs = at === undefined ? wallMs : Date.parse(at)
    const knownMs = Math.min(wallMs, Math.max(...[...changedAt, ...this.curtailments.list().map((one) => one.changedAt)].map((text) => Date.parse(text))))
    const known = new Date(knownMs).toISOString()
    if (atMs < knownMs) throw new Refusal('invalid', 'before-known', `What held at ${new Date(atMs).toISOString()} is not known any more: the limits were last changed at ${known}.`, { hint: `Ask from ${known} on.`, errors: [{ pointer: '/at', message: `not before ${known}` }] })
    if (atMs > wallMs + 366 * 86_400_000) throw new Refusal('invalid', 'at-too-far', 'That is more than a year ahead.', { errors: [{ pointer: '/at', message: 'at most a year ahead' }] })
    return stackView(this.stack(), atMs - this.aheadMs())
  }

  /** With other schedules on the site: at the instant at which `schedule`, the one that is put or removed, next holds. */
  previewSchedule(site: SiteConfig, schedule: LimitSchedule): LimitPreview {
    const nowMs = this.nowMs()
    const wallMs = this.wallMs(nowMs)
    const atMs = Math.max(nowMs, (nextHoldingMs(schedule, wallMs, site.timezone) ?? wallMs) - this.aheadMs())
    return this.preview(this.timedAt(atMs, nowMs, site), { atMs, nowMs }, (source) => saidOf(this.told(source, site)))
  }

  /** What it would come to if these held at `atMs`, with the cars of `nowMs`: one look at the clock, so that now is no other instant. */
  preview(timed: readonly TimedLimit[], { atMs, nowMs }: { readonly atMs: number; readonly nowMs: number }, wordsOf: (source: string) => string | null): LimitPreview {
    return previewChange(this.engine(), { timed }, { nowMs, atMs, aheadMs: this.aheadMs(), timed: this.timedAt(atMs, nowMs), wordsOf })
  }

  /** What holds for a time at an instant, now or later. */
  timedAt(atMs: number, nowMs: number, site = this.site): readonly TimedLimit[] {
    return atMs <= nowMs ? this.timedOf(site, nowMs) : this.stack(site).timedOver(atMs, atMs + 2 * dayMs)
  }

  /** What would hold for a time with another description of the site. */
  timedOf(site: SiteConfig, nowMs: number): readonly TimedLimit[] {
    const others = this.timed(nowMs).filter(({ source }) => !source.startsWith('schedule:'))
    return [...others, ...new LimitCalendar().timed(site, nowMs, this.aheadMs())]
  }

  /** Plans with a changed limit. */
  impose(source: string, cause: string, caller: Caller): void {
    this.watch.while(source, () => this.options.impose(cause, caller))
  }

  /** Somebody changed a limit: an event, news for a while, and no news once more at the next look. */
  announce(source: string, words: string, data: Readonly<Record<string, unknown>>): void {
    const nowMs = this.nowMs()
    this.watch.changed(source, words, data, this.standing(nowMs), nowMs)
  }

  nowMs(): number { return this.options.now() }
  wallMs(nowMs = this.nowMs()): number { return Math.floor(nowMs + this.aheadMs()) }
  engine(): Engine { return this.options.engine() }
  get site(): SiteConfig { return this.engine().books.site }

  /** How far the wall clock is ahead of the engine's time; drift below a second is none, so that limits do not move with it. */
  aheadMs(): number {
    const { now, wall } = this.options
    const aheadMs = wall() - now()
    if (Math.abs(aheadMs - this.lastAheadMs) > 1_000) this.lastAheadMs = Math.round(aheadMs)
    return this.lastAheadMs
  }

  /** Charge points that kwota steers. */
  get steered(): number { return this.count().steered }

  private count(): NonNullable<LimitDesk['counted']> {
    const { tree } = this.engine().books
    if (this.counted?.tree === tree) return this.counted
    const outlets = [...tree.outlets.values()]
    const steered = new Set(outlets.filter(({ control }) => control === 'engine').map(({ clientID }) => clientID)).size
    const unsteeredW = outlets.filter(({ control }) => control === 'none').reduce((sum, { maxA, phases: wired }) => sum + tree.site.voltage * maxA * wired.length, 0)
    return this.counted = { tree, steered, unsteeredW }
  }

  /** Curtailments as the plan takes them. */
  curtailed(records: readonly CurtailmentRecord[]): TimedLimit[] {
    if (records.length === 0) return []
    const { site } = this
    const { steered, unsteeredW } = this.count()
    const { amps } = this.engine().baseOf(site, this.nowMs())
    const baseW = site.voltage * phases.reduce((sum, phase) => sum + amps[phase], 0)
    return records.map((record) => timedOf(record, site, steered, baseW + unsteeredW))
  }

  private stack(site = this.site): StackInputs {
    const aheadMs = this.aheadMs()
    const demand = this.demand.look(this.engine(), this.nowMs(), aheadMs)
    const lasting = demand === null ? [] : [demand, { ...demand, powerW: this.site.demandWindow?.targetW ?? 0, fromMs: demand.untilMs, untilMs: Infinity }]
    return {
      site, grid: this.engine().grid, aheadMs, wordsOf: (source) => this.told(source, site),
      timedOver: (fromMs, untilMs, sinceMs = fromMs) => [
        ...this.curtailed(this.curtailments.list().filter((record) => record.cancelledAtMs === null)),
        ...layOut(site.limitSchedules ?? [], site.timezone, sinceMs + aheadMs, untilMs + aheadMs).map((span) => onEngineTime(span, aheadMs)),
        ...lasting,
      ].filter((one) => one.untilMs > fromMs && one.fromMs < untilMs),
    }
  }

  /** Those that hold and that people should hear of; the demand window moves by itself. */
  private standing(nowMs: number): Standing[] {
    const { site, grid } = { site: this.site, grid: this.engine().grid }
    const lapsed = hasLapsed(grid, nowMs)
    const standingA = effectiveLimit(site, lapsed ? null : grid, nowMs).currentA
    const wallMs = nowMs + this.aheadMs()
    const one = (source: string, amount: { readonly currentA?: number; readonly powerW?: number }, words: () => string): Standing => {
      const shown = shownAmount(amount, site)
      return { source, ...shown, limits: shown.currentA < standingA, words }
    }
    const curtailed = this.curtailments.open(nowMs).filter((record) => stateOfCurtailment(record, nowMs) === 'active')
    const scheduled = lowestOf(this.calendar.timed(site, nowMs, this.aheadMs()).filter(({ fromMs, untilMs }) => fromMs <= nowMs && nowMs < untilMs), site)
    return [
      ...(lapsed ? [one('failsafe', { currentA: site.failsafeA }, () => `failsafe limit of ${site.failsafeA} A`)] : []),
      ...curtailed.map((record) => one(`curtailment:${record.id}`, amountOf(record, site, this.steered), () => curtailmentWords(record, site, wallMs))),
      ...scheduled.map((limit) => one(limit.source, limit, () => scheduleWords(this.told(limit.source), limit, site, nowMs, this.aheadMs()))),
    ]
  }

  private told(source: string, site = this.site): LimitWords {
    return wordsOfSource(source, { site, grid: this.engine().grid, curtailment: (id) => this.curtailments.find(id) })
  }
}

/** Of each source the lowest. */
function lowestOf(timed: readonly TimedLimit[], site: SiteConfig): TimedLimit[] {
  const lowest = new Map<string, TimedLimit>()
  for (const one of timed) if (shownAmount(one, site).currentA < (lowest.has(one.source) ? shownAmount(lowest.get(one.source)!, site).currentA : Infinity)) lowest.set(one.source, one)
  return [...lowest.values()]
}
