// How the commands of one charge point are written down: the record and the actor of each change together.
import type { CentralAction, RequestOf } from '../protocol/messages/index.ts'
import type { ChargePointEvent } from './charge-point-facts.ts'
import type { CommandLog } from './command-log.ts'
import { requestKey, type CommandRecord } from './command-record.ts'
import type { Station } from './handlers/station.ts'
import { noteTimedOut } from './unanswered.ts'

export class CommandBook {
  private readonly station: Station
  private readonly log: CommandLog

  constructor(station: Station, log: CommandLog) {
    this.station = station
    this.log = log
  }

  /** Lands in the next commit; null when the record is forgotten. */
  change(id: string, changes: Partial<CommandRecord>): CommandRecord | null {
    const record = this.log.get(id)
    if (record === undefined) return null
    const changed = { ...record, ...changes }
    this.log.put(changed, this.station.scope)
    if (changes.status === 'timed-out') noteTimedOut(this.station, changed)
    return changed
  }

  /** Resolves once it is durable that it may leave from now on; while the store is down it waits. */
  async leaving(id: string): Promise<void> {
    this.change(id, { leavingAtMs: this.station.clock.wall() })
    await this.station.scope.durable()
  }

  /** It has provably not left. */
  stayed(id: string): void {
    if ((this.log.get(id)?.leavingAtMs ?? null) === null) return
    this.change(id, { leavingAtMs: null })
    this.station.scope.flush().catch(() => undefined)
  }

  /** As it will go out. */
  requestOf(record: CommandRecord): RequestOf<CentralAction> {
    return (this.station.scope.get(requestKey(record.id)) ?? record.request) as RequestOf<CentralAction>
  }

  /** The record says what holds; an actor that cannot be told is looked after by its supervisor. */
  tell(event: ChargePointEvent & { readonly type: 'COMMAND_ISSUED' | 'COMMAND_ENDED' }): void {
    const { station } = this
    try {
      station.send(event)
    } catch (error) {
      station.log.error({ clientID: station.clientID, event: event.type, error }, 'the actor of a command could not be told')
    }
  }
}
