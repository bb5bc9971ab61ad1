// Sees to it that local lists follow: some seconds after id tags have changed, and when a charge point comes back that missed a change.
import type { Subscription } from 'rxjs'
import type { Estate } from './estate.ts'
import type { Family } from './family.ts'
import { catchUp } from './local-list.ts'

/** Changes come in bursts. */
const calmMs = 5_000
/** So long a burst may last. */
const longestMs = 30_000
/** A connection is often followed by a boot, which does the same and more. */
const afterConnectedMs = 2_000

export class LocalListWatch {
  private readonly estate: Estate
  private readonly heard: Subscription
  private firstAtMs: number | null = null
  private cancel: () => void = () => undefined
  private stopped = false

  constructor(estate: Estate) {
    this.estate = estate
    this.heard = estate.idTags.changed$.subscribe(() => this.soon())
    this.heard.add(estate.events.facts$.subscribe(({ type, clientID }) => {
      if (type !== 'chargepoint.connected' || clientID === undefined) return
      estate.localLists.contacted()
      estate.options.clock.after(afterConnectedMs, () => this.look(estate.point(clientID)?.family ?? null))
    }))
  }

  stop(): void {
    this.stopped = true
    this.heard.unsubscribe()
    this.cancel()
    this.estate.localLists.stop()
  }

  private soon(): void {
    const { clock } = this.estate.options
    this.cancel()
    this.firstAtMs ??= clock.mono()
    this.cancel = clock.after(Math.min(calmMs, Math.max(0, this.firstAtMs + longestMs - clock.mono())), () => {
      this.firstAtMs = null
      this.lookAtAll([...this.estate.points.keys()], 0)
    })
  }

  /** One charge point a turn: each may have tags of its own. */
  private lookAtAll(clientIDs: readonly string[], at: number): void {
    const next = clientIDs[at]
    if (next === undefined) return
    this.look(this.estate.points.get(next)?.family ?? null)
    this.cancel = this.estate.options.clock.after(0, () => this.lookAtAll(clientIDs, at + 1))
  }

  private look(family: Family | null): void {
    if (this.stopped || family === null) return
    catchUp(family.station).catch((error: unknown) => this.estate.options.log.warn({ clientID: family.clientID, error }, 'a local list could not be brought in step'))
  }
}
