// Asks the store from time to time whether it takes writes: a quiet site would not notice that it does not.
import type { Estate } from './estate.ts'

const everyMs = 5_000

export class StoreWatch {
  private readonly estate: Estate
  private cancel: () => void
  private stopped = false
  private failing = false

  constructor(estate: Estate) {
    this.estate = estate
    this.cancel = estate.options.clock.after(everyMs, () => void this.look())
  }

  stop(): void {
    this.stopped = true
    this.cancel()
  }

  private async look(): Promise<void> {
    const { store, clock, log } = this.estate.options
    const reason = await store.check().then(() => null, (error: unknown) => (error instanceof Error ? error.message : String(error)))
    if (this.stopped) return
    if (reason !== null && !this.failing) log.error({ reason }, 'the store does not take writes')
    this.failing = reason !== null
    // A scope whose last write failed says so itself, and when it is over.
    for (const { scope } of this.estate.sites.values()) if (scope.failure === null) tellStore(this.estate, scope.name, reason)
    this.cancel = clock.after(everyMs, () => void this.look())
  }
}

/** Why the store takes nothing for that site; null = it does. */
export function tellStore({ alerts, options: { clock } }: Estate, siteID: string, reason: string | null): void {
  alerts.set({ code: 'store-down', siteID }, reason === null ? null : `The store does not take writes (${reason}): lowerings go on, raisings and new limits wait.`, clock.wall())
}
