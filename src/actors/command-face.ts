// Commands as REST and people ask for them: issued, looked at, waited for, cancelled.
import type { CentralAction, RequestOf } from '../protocol/messages/index.ts'
import { commandView, type CommandView } from './command-record.ts'
import type { Estate } from './estate.ts'
import type { Family } from './family.ts'
import { Refusal, type Caller } from './house.ts'
import { pointEntry } from './lookup.ts'
import { orders } from './orders/table.ts'
import type { Order } from './orders/order.ts'

export interface How {
  /** It may wait for the charge point until then (RFC 3339); absent = now or not at all. */
  readonly expiresAt?: string | undefined
  /** How long the answer is waited for, ms; 0 = not at all. */
  readonly waitMs?: number
  readonly batchId?: string
}

export interface CommandFace {
  /** Newest first. */
  list(): readonly CommandView[]
  get(id: string): CommandView
  /** `body` has passed `bodyOf(action)`. Resolves once the command is durable (and answered, or `waitMs` over). */
  issue(clientID: string, action: CentralAction, body: unknown, how: How, caller: Caller): Promise<CommandView>
  /** Refused (conflict, `command-sent` or `command-finished`) unless it still waits. */
  cancel(id: string): Promise<CommandView>
}

export class CommandOffice implements CommandFace {
  private readonly estate: Estate

  constructor(estate: Estate) {
    this.estate = estate
  }

  list(): readonly CommandView[] {
    return this.estate.commands.views()
  }

  get(id: string): CommandView {
    const record = this.estate.commands.get(id)
    if (record === undefined) throw new Refusal('not-found', 'unknown-command', `There is no command ${id}; the newest 5,000 of a site are kept.`)
    return commandView(record)
  }

  async issue(clientID: string, action: CentralAction, body: unknown, how: How, caller: Caller): Promise<CommandView> {
    const family = this.familyOf(clientID)
    const order = orders[action] as Order<CentralAction>
    const request = order.prepare === undefined ? body as RequestOf<CentralAction> : await order.prepare(family.station, body as never)
    const expiresAtMs = how.expiresAt === undefined ? null : Date.parse(how.expiresAt)
    const { id } = await family.commands.issue({ action, request, expiresAtMs, batchId: how.batchId ?? null }, caller)
    if (how.waitMs !== undefined && how.waitMs > 0) await this.estate.commands.wait(id, how.waitMs)
    return this.get(id)
  }

  async cancel(id: string): Promise<CommandView> {
    const { clientID } = this.get(id)
    await this.familyOf(clientID).commands.cancel(id)
    return this.get(id)
  }

  private familyOf(clientID: string): Family {
    const { record } = pointEntry(this.estate, clientID)
    const family = this.estate.familyOf(record.config.id)
    if (family === null) throw new Refusal('not-found', 'unknown-charge-point', `There is no charge point ${clientID}.`)
    return family
  }
}
