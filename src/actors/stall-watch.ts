// Tells people at every site that the event loop stood still: nothing was heard, decided or sent meanwhile.
import type { Estate } from './estate.ts'

/** It is over when nothing of the kind was seen for so long. */
const overMs = 60_000

export class StallWatch {
  private readonly estate: Estate
  private cancel = (): void => undefined
  private stopped = false

  constructor(estate: Estate) {
    this.estate = estate
  }

  stalled(forMs: number): void {
    if (this.stopped) return
    const { log, clock } = this.estate.options
    log.warn({ event: 'loop-stalled', stalledMs: forMs }, 'the event loop stood still')
    this.set(`kwota stood still for about ${Math.round(forMs / 100) / 10} s: nothing was heard, decided or sent meanwhile. If it comes again, the machine is too small or shared with something greedy.`)
    this.cancel()
    this.cancel = clock.after(overMs, () => this.set(null))
  }

  stop(): void {
    this.stopped = true
    this.cancel()
  }

  private set(message: string | null): void {
    const { alerts, sites, options: { clock } } = this.estate
    for (const siteID of sites.keys()) alerts.set({ code: 'loop-stalled', siteID }, message, clock.wall())
  }
}
