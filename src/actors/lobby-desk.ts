// Letting in who waits in the lobby: configured durably, then told to come again as itself.
import { chargePointSchema, type ChargePointConfig } from '../power/site.ts'
import { settingsOf } from '../settings.ts'
import type { GivenPassword } from './credentials.ts'
import type { Estate, PointEntry } from './estate.ts'
import { Refusal, type Caller, type House } from './house.ts'
import type { LobbyEntry } from './lobby.ts'

type Put = Awaited<ReturnType<House['putChargePoint']>>
type Given = Omit<ChargePointConfig, 'id'>

export interface LobbyFace {
  /** Newest first; a restart begins a new list. */
  list(): readonly LobbyEntry[]
  /**
   * Configures who waits or was refused, as `given` says, and has it connect again. Without a password and a securityProfile
   * one from another machine gets profile 0: it could not come back otherwise. One that is configured and held by its
   * bootPolicy gets bootPolicy accept; `given` must say nothing then. Rejects with Refusal: not-found `not-in-lobby`, conflict
   * `charge-point-exists`, and as putChargePoint does.
   */
  accept(clientID: string, given: Given, password: GivenPassword, caller: Caller): Promise<Put>
}

export class LobbyDesk implements LobbyFace {
  private readonly estate: Estate
  private readonly put: House['putChargePoint']

  constructor(estate: Estate, put: House['putChargePoint']) {
    this.estate = estate
    this.put = put
  }

  list(): readonly LobbyEntry[] {
    return this.estate.lobby.list()
  }

  async accept(clientID: string, given: Given, password: GivenPassword, caller: Caller): Promise<Put> {
    const point = this.estate.point(clientID)
    if (point !== undefined) return this.acceptPending(point, given, password, caller)
    const found = this.estate.lobby.find(clientID)
    if (found === null) throw new Refusal('not-found', 'not-in-lobby', `Nobody called ${clientID} waits or was refused.`, { hint: 'GET /api/v1/lobby lists who did; PUT /api/v1/chargepoints/{clientID} configures one before it comes.' })
    const open = !found.loopback && (password ?? null) === null && given.securityProfile === undefined
    return this.tell(await this.put({ ...given, id: found.clientID, ...(open ? { securityProfile: 0 } : {}) }, password, caller), caller)
  }

  /** One that is configured and has to wait or was rejected: only its bootPolicy changes. */
  private async acceptPending({ record: { config } }: PointEntry, given: Given, password: GivenPassword, caller: Caller): Promise<Put> {
    const { bootPolicy } = settingsOf(this.estate.layersOf(config.id))
    // Accepted since, and still held by the answer to its boot: it is to come again.
    if (bootPolicy === 'accept' && !this.estate.lobby.isHeld(config.id)) throw exists(config.id, 'PUT /api/v1/chargepoints/{clientID} changes it; GET /api/v1/lobby says why it was refused.')
    if (password !== undefined || JSON.stringify({ ...given, id: '' }) !== JSON.stringify({ ...nothing, id: '' })) throw exists(config.id, 'Only its bootPolicy is missing: send no body, or {}.')
    const done = await this.put({ ...config, settings: { ...config.settings, bootPolicy: 'accept' } }, undefined, caller)
    this.estate.lobby.release(config.id, 'accepted now; connect again')
    return this.tell(done, caller)
  }

  private tell(done: Put, caller: Caller): Put {
    const { id, site } = done.chargePoint.value
    const { events, options: { log } } = this.estate
    log.info({ clientID: id, siteID: site, by: caller.name, requestId: caller.requestId }, 'a charge point was accepted from the lobby')
    events.emit({ type: 'chargepoint.accepted', siteID: site, clientID: id, data: { by: caller.name } })
    return done
  }
}

const nothing = chargePointSchema.omit({ id: true }).parse({})

function exists(id: string, hint: string): Refusal {
  return new Refusal('conflict', 'charge-point-exists', `${id} is configured already.`, { hint })
}
