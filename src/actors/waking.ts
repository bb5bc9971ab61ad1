// Whose actors must run after a start, where something of theirs is under way: a few begin at once, the others in turn while their sites steer already, and each at once that somebody asks for.
import type { Estate, PointEntry } from './estate.ts'

/** So many begin before the door opens. */
export const wokenAtOnce = 100
/** Then for so long in a turn of the event loop. */
const turnMs = 8

export class Waking {
  private readonly estate: Estate
  /** By identity, with the transactions that its records say are running. */
  private readonly asleep = new Map<string, number[]>()
  private begun = false
  private cancel = (): void => undefined

  constructor(estate: Estate) {
    this.estate = estate
  }

  /** Something of that charge point is under way; `transaction` = that one of its site's records. */
  await(clientID: string, transaction?: { readonly id: number; readonly connectorId: number; readonly idTag: string }): void {
    const point = this.estate.point(clientID)
    if (this.begun || point === undefined || point.opened !== null) return void this.estate.familyOf(clientID)
    const key = clientID.toLowerCase()
    const ids = this.asleep.get(key) ?? []
    if (ids.length === 0) this.asleep.set(key, ids)
    point.waiting ??= () => this.estate.familyOf(clientID)
    if (transaction === undefined) return
    // Known before its charge point calls again: a tag may not start twice.
    this.estate.authorisation.authoriser.started(transaction.idTag, { clientID: point.record.config.id, connectorId: transaction.connectorId }, transaction.id)
    ids.push(transaction.id)
  }

  /** Its actors are about to begin: what they know of their transactions counts, no more what the records said. */
  begins(point: PointEntry): void {
    const key = point.record.config.id.toLowerCase()
    point.waiting = null
    for (const id of this.asleep.get(key) ?? []) this.estate.authorisation.authoriser.stopped(id)
    this.asleep.delete(key)
  }

  /** All sites are open. */
  begin(): void {
    this.begun = true
    for (const key of [...this.asleep.keys()].slice(0, wokenAtOnce)) this.wake(key)
    this.soon()
  }

  stop(): void {
    this.begun = true
    this.cancel()
    for (const key of this.asleep.keys()) this.estate.points.get(key)?.close()
    this.asleep.clear()
  }

  private soon(): void {
    if (this.asleep.size > 0) this.cancel = this.estate.options.clock.after(0, () => this.turn())
  }

  private turn(): void {
    const { clock } = this.estate.options
    const untilMs = clock.mono() + turnMs
    for (const key of this.asleep.keys()) {
      this.wake(key)
      if (clock.mono() >= untilMs) break
    }
    this.soon()
  }

  private wake(key: string): void {
    const point = this.estate.points.get(key)
    try {
      if (point !== undefined && this.estate.familyOf(point.record.config.id) !== null) this.estate.sites.get(point.record.config.site)?.room.showAgain(point.record.config.id)
    } catch (error) {
      this.estate.options.log.error({ clientID: point?.record.config.id, error }, 'the actors of a charge point could not begin')
    }
    // Whoever could not begin now begins when it is asked for.
    this.asleep.delete(key)
  }
}
