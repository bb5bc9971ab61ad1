// The meter values of all sites: one history each, opened when first needed, swept by age, ended with the house.
import type { Estate } from './estate.ts'
import { MeterHistory } from './meter-history.ts'
import { meterPrefix } from './meter-row.ts'

export class MeterLog {
  private readonly estate: Estate
  private readonly histories = new Map<string, MeterHistory>()

  constructor(estate: Estate) {
    this.estate = estate
  }

  of(siteID: string): MeterHistory {
    const known = this.histories.get(siteID)
    if (known !== undefined) return known
    const { store, clock, log } = this.estate.options
    const history = new MeterHistory({ siteID, store, clock, log, keepMs: () => 90 * 86_400_000 })
    this.histories.set(siteID, history)
    return history
  }

  /** What waits is written. */
  async stop(): Promise<void> {
    await Promise.all([...this.histories.values()].map((history) => { history.stop(); return history.flush() }))
  }

  /** As if killed. */
  abandon(): void {
    for (const history of this.histories.values()) history.abandon()
  }

  /** Forgets a site that is no more. */
  async drop(siteID: string): Promise<void> {
    const { store, clock, log } = this.estate.options
    this.histories.get(siteID)?.abandon()
    this.histories.delete(siteID)
    try {
      for (const name of await store.series(siteID, meterPrefix)) await store.expire(siteID, name, clock.wall() + 2 * 86_400_000)
    } catch (error) {
      log.warn({ siteID, error }, 'the meter values of a deleted site could not be dropped')
    }
  }
}
