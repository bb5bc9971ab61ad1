// A Redis that is being restored: who still holds it, and the mark that keeps everybody out until the restore has ended.
import { z } from 'zod'
import { readOwner } from './redis-leases.ts'
import type { RedisLink } from './redis-link.ts'
import { StoreUnsuitable } from './redis-settings.ts'
import { StoreOwned, type Owner } from './port.ts'
import type { CutOff } from './swap.ts'

export interface RestoringPlaces { readonly link: RedisLink; readonly key: string; readonly scopesKey: string; readonly scopeBase: (scope: string) => string }

const noteSchema = z.object({ at: z.string(), epochs: z.record(z.string(), z.number()) })

export class RedisRestoring {
  private readonly places: RestoringPlaces

  constructor(places: RestoringPlaces) {
    this.places = places
  }

  /** Null: no restore is under way, and none was cut off. */
  async noted(): Promise<CutOff | null> {
    const { link, key } = this.places
    const text = await link.read('restoring', redis => redis.get(key))
    return text === null ? null : noteSchema.parse(JSON.parse(text))
  }

  async begin(note: CutOff): Promise<void> {
    await this.places.link.write('restoring', redis => redis.set(this.places.key, JSON.stringify(note)))
  }

  async end(): Promise<void> {
    await this.places.link.write('restoring', redis => redis.unlink(this.places.key))
  }

  /** Rejects with StoreUnsuitable after a restore that has not ended: what is there is not whole. */
  async demandWhole(): Promise<void> {
    const note = await this.noted()
    if (note !== null) throw new StoreUnsuitable(`a backup is being restored into this Redis since ${note.at}, or that was cut off: what it holds is not whole. Wait for the restore to end, or run kwota restore once more`)
  }

  /** Rejects with StoreOwned while a lease holds. */
  async demandFree(): Promise<void> {
    const { link, scopesKey, scopeBase } = this.places
    const [seconds, micros] = await link.read('restoring', redis => redis.time())
    const nowMs = Number(seconds) * 1000 + Number(micros) / 1000
    for (const scope of await link.read('restoring', redis => redis.smembers(scopesKey))) {
      const [owner, endsAt] = await link.read('restoring', redis => redis.hmget(`${scopeBase(scope)}:epoch`, 'owner', 'leaseEndsAt'))
      if (owner !== null && owner !== undefined && Number(endsAt) > nowMs) throw new StoreOwned(scope, readOwner(owner) satisfies Owner | null)
    }
  }
}
