// Entries of the file that wait for a transaction to end: kept, said, and laid when it has ended.
import type { ChargePointConfig } from '../power/site.ts'
import type { Estate } from './estate.ts'
import type { PointRecord } from './estate-records.ts'
import { putPoint } from './placement.ts'

interface Waiting {
  readonly wanted: ChargePointConfig
  /** What holds meanwhile. */
  readonly held: PointRecord
}

/** The answer to a stop is on its way before the connection ends for the change. */
const graceMs = 1_000

export class Deferred {
  private readonly waiting = new Map<string, Waiting>()
  private readonly estate: Estate
  private readonly changedBy: string

  constructor(estate: Estate, changedBy: string) {
    this.estate = estate
    this.changedBy = changedBy
  }

  add(wanted: ChargePointConfig, held: PointRecord): void {
    this.waiting.set(held.config.id, { wanted, held })
  }

  /** From now on an ended transaction lets its entry in. */
  begin(): void {
    const { alerts, events, options: { clock, log } } = this.estate
    for (const [clientID, { wanted, held }] of this.waiting) {
      const message = `A transaction runs on ${clientID}, so ${differences(wanted, held.config)} as before until it ends; then the entry of ${this.changedBy} holds.`
      log.warn({ clientID, detail: message }, 'an entry waits for a transaction to end')
      alerts.set({ code: 'entry-deferred', siteID: held.config.site, clientID }, message, clock.wall())
    }
    events.facts$.subscribe(({ type, clientID }) => {
      if (type === 'transaction.stopped' && clientID !== undefined && this.waiting.has(clientID)) clock.after(graceMs, () => void this.lay(clientID))
    })
  }

  stop(): void {
    this.waiting.clear()
  }

  private async lay(clientID: string): Promise<void> {
    const one = this.waiting.get(clientID)
    if (one === undefined) return
    const { record } = this.estate.point(clientID) ?? {}
    try {
      // What a person has put or deleted meanwhile is newer than the file.
      const untouched = record?.version === one.held.version || record?.changedBy === 'connection'
      if (untouched) {
        await putPoint(this.estate, one.wanted, undefined, this.changedBy)
        this.estate.notes.point(one.held, this.estate.point(clientID)?.record ?? one.held)
        await this.estate.notes.write()
      }
      this.waiting.delete(clientID)
      this.estate.alerts.set({ code: 'entry-deferred', siteID: one.held.config.site, clientID }, null, this.estate.options.clock.wall())
    } catch (error) {
      this.estate.options.log.warn({ clientID, error }, 'an entry still waits')
    }
  }
}

function differences(wanted: ChargePointConfig, held: ChargePointConfig): string {
  const lost = held.connectors.filter(({ id }) => !wanted.connectors.some((one) => one.id === id)).map(({ id }) => id)
  const kept = [
    ...(wanted.site === held.site ? [] : [`its site ${held.site}`]),
    ...(wanted.circuit === held.circuit ? [] : ['its circuit']),
    ...(wanted.control === held.control ? [] : [`control ${held.control}`]),
    ...(lost.length === 0 ? [] : [`connector ${lost.join(', ')}`]),
  ]
  return `${kept.join(', ')} ${kept.length + lost.length > 2 ? 'stay' : 'stays'}`
}
