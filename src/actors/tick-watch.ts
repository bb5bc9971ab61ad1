// Watches from outside the sites that each of them is looked at: one that is not cannot say so itself.
import type { Estate } from './estate.ts'

const everyMs = 5_000
/** A site plans at least every 5 s. */
export const tickingMs = 15_000

export class TickWatch {
  private readonly estate: Estate
  private cancel: () => void
  /** Sites that were spoken of at the last look: what it is about may be gone at the next. */
  private late: ReadonlySet<string> = new Set()

  constructor(estate: Estate) {
    this.estate = estate
    this.cancel = estate.options.clock.after(everyMs, () => this.look())
  }

  stop(): void {
    this.cancel()
  }

  private look(): void {
    const { alerts, sites, options: { clock } } = this.estate
    this.cancel = clock.after(everyMs, () => this.look())
    const late = new Set<string>()
    for (const [siteID, { room, scope }] of sites) {
      if (scope.lost || room.reviewAgeMs <= tickingMs) continue
      late.add(siteID)
      alerts.set({ code: 'engine-not-ticking', siteID }, `The engine last looked at this site ${Math.round(room.reviewAgeMs / 1000)} s ago; it should every 5 s. Limits that charge points hold stay as they are.`, clock.wall())
    }
    for (const siteID of this.late) if (!late.has(siteID)) alerts.set({ code: 'engine-not-ticking', siteID }, null, clock.wall())
    this.late = late
  }
}
