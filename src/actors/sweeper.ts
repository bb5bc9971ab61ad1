// Once an hour, and when somebody changes how long: ended transactions move out of memory, and what is older than it is to be kept goes; a little at a time, and on from there after a failure.
import type { Estate } from './estate.ts'
import { Archive } from './archive.ts'
import { globalScope } from './global-scope.ts'
import { orphansIn } from './orphan-record.ts'
import { dropOrphan, tellOrphans } from './orphans.ts'
import { retentionDays, type RetentionKind } from '../settings.ts'
import { seriesOf, type DaysKept } from './retention.ts'

const firstMs = 60_000
const everyMs = 3_600_000
const soonMs = 1_000
const dayMs = 86_400_000
/** Turns of one kind of work at a site before the next hour. */
const mostTurns = 5_000

export class Sweeper {
  private readonly estate: Estate
  private cancel: () => void
  private stopped = false
  private running: Promise<void> | null = null
  /** Something was said while it ran. */
  private again = false

  constructor(estate: Estate) {
    this.estate = estate
    this.cancel = estate.options.clock.after(firstMs, () => this.round())
    estate.retention.changed = () => {
      if (this.running === null) this.next(soonMs)
      else this.again = true
    }
  }

  stop(): void {
    this.stopped = true
    this.cancel()
  }

  /** Everything that is due, now; resolves when it is done or has failed, which is logged. */
  sweep(): Promise<void> {
    return this.running ??= this.all().finally(() => {
      this.running = null
      if (this.again) this.next(soonMs)
      this.again = false
    })
  }

  private round(): void {
    this.next(everyMs)
    void this.sweep()
  }

  private next(inMs: number): void {
    if (this.stopped) return
    this.cancel()
    this.cancel = this.estate.options.clock.after(inMs, () => this.round())
  }

  private async all(): Promise<void> {
    const { estate: { retention, options: { store, log } } } = this
    try {
      const { days, otherwise } = await retention.beginSweep()
      for (const siteID of (await store.scopes()).filter((name) => name !== globalScope)) {
        if (this.stopped) return
        await this.site(siteID, days, otherwise)
      }
      // What is kept for the longest time there is, is kept for ever.
      if (!this.stopped && days.auditLog < retentionDays.auditLog.most) await this.estate.audit.expire(retention.beforeMs('auditLog'))
      if (!this.stopped && otherwise.size > 0) await retention.endSweep(days)
    } catch (error) {
      log.warn({ reason: error instanceof Error ? error.message : String(error) }, 'what is kept could not be tidied up; it goes on in an hour')
    }
  }

  /** Also one that is no more: what is stored of it goes like that of the others. */
  private async site(siteID: string, days: DaysKept, otherwise: ReadonlySet<RetentionKind>): Promise<void> {
    const { estate } = this
    const { store, clock } = estate.options
    const site = estate.sites.get(siteID)
    if (site !== undefined) {
      await site.archive.move(site.scope, async () => {
        await this.pause()
        return !this.stopped
      })
      this.dropOrphans(siteID)
      estate.commands.expire(site.scope, estate.retention.beforeMs('commands'))
      await site.scope.flush()
    }
    const archive = site?.archive ?? new Archive({ siteID, store, clock })
    await this.inTurns(() => archive.drop(estate.retention.beforeMs('transactions')))
    for (const kind of Object.keys(seriesOf) as (keyof typeof seriesOf)[]) {
      for (const name of seriesOf[kind]) {
        const all = name.endsWith(':') ? await store.series(siteID, name) : [name]
        for (const series of all) {
          if (this.stopped) return
          // Of what was said meanwhile the next round knows.
          await store.expire(siteID, series, Math.max(0, clock.wall() - days[kind] * dayMs))
          if (otherwise.has(kind)) await store.keep(siteID, series, days[kind] * dayMs)
          await this.pause()
        }
      }
    }
  }

  private dropOrphans(siteID: string): void {
    const { alerts, retention, sites, options: { clock } } = this.estate
    const scope = sites.get(siteID)?.scope
    if (scope === undefined) return
    const gone = orphansIn(scope).filter(([, { lastReceivedAtMs }]) => lastReceivedAtMs < retention.beforeMs('orphans'))
    for (const [key] of gone) dropOrphan(scope, key)
    for (const clientID of new Set(gone.map(([, orphan]) => orphan.clientID))) {
      tellOrphans({ clientID, scope, condition: (code, message) => alerts.set({ code, siteID, clientID }, message, clock.wall()) })
    }
  }

  private async inTurns(turn: () => Promise<number>): Promise<void> {
    for (let turns = 0; turns < mostTurns && !this.stopped; turns++) {
      if (await turn() === 0) return
      await this.pause()
    }
  }

  private pause(): Promise<void> {
    const { pause, clock } = this.estate.options
    return pause?.() ?? new Promise((resolve) => { clock.after(0, resolve) })
  }
}
