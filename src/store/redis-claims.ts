// The claims in Redis, and the last that this process has made or ended: a Redis that comes back older is told them again.
import { run, type RedisLink } from './redis-link.ts'
import { claimScript, releaseScript } from './redis-scripts.ts'

/** More than are made in the time that a Redis may lose. */
const mostRemembered = 10_000

interface Told { readonly space: string; readonly key: string; readonly owner: string; readonly held: boolean }

export class RedisClaims {
  private readonly link: RedisLink
  private readonly keyOf: (space: string) => string
  /** By space and key, the newest last. */
  private readonly told = new Map<string, Told>()
  private behind = false

  constructor(link: RedisLink, keyOf: (space: string) => string) {
    this.link = link
    this.keyOf = keyOf
  }

  async claim(space: string, key: string, owner: string): Promise<string> {
    const holder = String(await this.link.write('claim', redis => run(redis, claimScript, [this.keyOf(space)], [key, owner])))
    this.remember({ space, key, owner: holder, held: true })
    return holder
  }

  async release(space: string, key: string, owner: string): Promise<void> {
    await this.link.write('release', redis => run(redis, releaseScript, [this.keyOf(space)], [key, owner]))
    this.remember({ space, key, owner, held: false })
  }

  /** Redis came back older: what is remembered may be gone. */
  lose(): void {
    this.behind = true
  }

  /** Rejects with StoreUnavailable; then it is repeated with the next write. */
  async repair(): Promise<void> {
    if (!this.behind) return
    this.behind = false
    try {
      for (const { space, key, owner, held } of [...this.told.values()]) {
        await this.link.write('claim again', redis => run(redis, held ? claimScript : releaseScript, [this.keyOf(space)], [key, owner]))
      }
    } catch (error) {
      this.behind = true
      throw error
    }
  }

  private remember(one: Told): void {
    const id = `${one.space}\0${one.key}`
    this.told.delete(id)
    this.told.set(id, one)
    const [oldest] = this.told.keys()
    if (this.told.size > mostRemembered && oldest !== undefined) this.told.delete(oldest)
  }
}
