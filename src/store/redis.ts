// The store on a Redis server: scripts fenced by epoch, deadlines on everything, refusal of an instance that evicts.
import type { Clock } from '../clock.ts'
import { checkName, decodeRows, defaultRangeLimit, encodeBatch } from './batch.ts'
import { RedisClaims } from './redis-claims.ts'
import type { Mark } from './redis-mark.ts'
import { RedisPieces } from './redis-pieces.ts'
import { StoreUnavailable, type Owner, type Store } from './port.ts'
import { RedisLeases } from './redis-leases.ts'
import { RedisLink, run } from './redis-link.ts'
import { RedisRestoring } from './redis-restoring.ts'
import { RedisScope } from './redis-scope.ts'
import { readScript } from './redis-scripts.ts'
import { RedisSeries } from './redis-series.ts'
import { asUnsuitable, inspectSettings } from './redis-settings.ts'

export { StoreUnsuitable } from './redis-settings.ts'

export interface RedisStoreOptions {
  /** redis:// or rediss://, with user, password and database as usual. */
  readonly url: string
  readonly clock: Clock
  /** Put before every key. Default none. */
  readonly prefix?: string
  /** Who owns what this handle owns; all handles of one process may share it. Default: somebody new. */
  readonly owner?: Owner
  /** How long an owner that says nothing keeps its scopes. Default 2,000. */
  readonly leaseMs?: number
  /** Deadline of a write or check, after which its outcome is unknown. Default 200. */
  readonly commandTimeoutMs?: number
  /** Deadline of a read. Default 10,000. */
  readonly readTimeoutMs?: number
  /** How long opening may take. Default 5,000. */
  readonly openTimeoutMs?: number
  /** Told, for a person: weak durability settings, settings that could not be seen, acknowledged writes that Redis lost. */
  readonly onWarning?: (message: string) => void
  /** Closed with the store. Absent: after a restart nobody knows that Redis is older than it was. */
  readonly mark?: Mark
}

export interface RedisStore extends Store {
  /** Drops everything of kwota under the prefix but the mark of a restore, and nothing else that lies there. */
  clear(): Promise<void>
  readonly restoring: RedisRestoring
}

/**
 * Rejects with StoreUnavailable when Redis cannot be reached now (try again later), with StoreUnsuitable when it evicts
 * keys or will never let us in (and `own` while a backup is being restored into it), with TypeError for a bad address. Once open it reconnects by itself; until then everything rejects at once. A
 * write that timed out may still land, before anything written later; `claim` and `release` alone can also land after a
 * broken connection was replaced, so repeat a claim whose outcome is unknown before relying on it.
 */
export async function openRedisStore(options: RedisStoreOptions): Promise<RedisStore> {
  const { url, clock, prefix = '', commandTimeoutMs = 200, readTimeoutMs = 10_000, openTimeoutMs = 5_000 } = options
  const warn = options.onWarning ?? (() => undefined)
  const link = new RedisLink({ url, clock, commandTimeoutMs, readTimeoutMs, openTimeoutMs, onReconnected: () => { for (const writer of writers.values()) writer.look().catch(() => undefined) } })
  const writers = new Map<string, RedisScope>()
  try {
    await link.open()
    await inspectSettings(link, warn)
  } catch (error) {
    link.close()
    throw asUnsuitable(error)
  }
  const leases = new RedisLeases({ link, clock, owner: options.owner, leaseMs: options.leaseMs, askingMs: commandTimeoutMs })
  const scopesKey = `${prefix}kwota:scopes`
  const series = new RedisSeries(link, scopeBase)
  const restoringKey = `${prefix}kwota:restoring`
  const restoring = new RedisRestoring({ link, key: restoringKey, scopesKey, scopeBase })
  const pieces = new RedisPieces({ link, series, prefix, scopesKey, scopeBase, claimsKey, restoringKey })
  const claims = new RedisClaims(link, claimsKey)
  let closed = false

  function writerOf(scope: string): RedisScope {
    checkName('a scope', scope)
    if (closed) throw new StoreUnavailable('the store is closed')
    const writer = writers.get(scope) ?? new RedisScope(scope, {
      link, leases, keyBase: scopeBase(scope), mark: options.mark ?? null, warn,
      list: () => link.write('own', redis => redis.sadd(scopesKey, scope)), lost: () => claims.lose(), repair: () => claims.repair(),
    })
    writers.set(scope, writer)
    return writer
  }

  function scopeBase(scope: string): string {
    return `${prefix}{site:${encodeURIComponent(scope)}}`
  }

  function claimsKey(space: string): string {
    return `${prefix}{claims:${encodeURIComponent(space)}}`
  }

  function checkSeries(scope: string, name: string): void {
    checkName('a scope', scope)
    checkName('a series', name)
  }

  async function readHash(key: string): Promise<Map<string, string>> {
    const flat = await link.read('read', redis => run(redis, readScript, [key], []))
    const fields = new Map<string, string>()
    if (Array.isArray(flat)) for (let i = 0; i < flat.length; i += 2) fields.set(String(flat[i]), String(flat[i + 1]))
    return fields
  }

  return {
    leases,
    async own(scope, lost = () => undefined, older = () => undefined) {
      const writer = writerOf(scope)
      await link.write('own', redis => redis.sadd(scopesKey, scope))
      const epoch = await writer.own(lost, older)
      // After it was taken: whoever restores marks first, and looks then for who has taken something.
      await restoring.demandWhole()
      return epoch
    },
    async commit(scope, epoch, batch) {
      link.demandUp()
      const changes = encodeBatch(batch)
      return writerOf(scope).commit(epoch, changes)
    },
    async read(scope, onDamaged) {
      checkName('a scope', scope)
      return decodeRows(scope, await readHash(`${scopeBase(scope)}:state`), onDamaged)
    },
    async scopes() {
      return link.read('scopes', redis => redis.smembers(scopesKey))
    },
    async claim(space, key, owner) {
      checkName('a space', space)
      checkName('a key', key)
      checkName('an owner', owner)
      return claims.claim(space, key, owner)
    },
    async release(space, key, owner) {
      checkName('a space', space)
      checkName('a key', key)
      return claims.release(space, key, owner)
    },
    async claims(space) {
      checkName('a space', space)
      return readHash(claimsKey(space))
    },
    async append(scope, name, entries, keep) {
      checkSeries(scope, name)
      await leases.demand(scope)
      return series.appendAll(scope, new Map([[name, entries]]), keep)
    },
    async appendAll(scope, entries, keep) {
      checkName('a scope', scope)
      await leases.demand(scope)
      return series.appendAll(scope, entries, keep)
    },
    async replace(scope, name, fromMs, toMs, entries, keep) {
      checkSeries(scope, name)
      await leases.demand(scope)
      return series.replace(scope, name, fromMs, toMs, entries, keep)
    },
    async series(scope, prefix = '') {
      checkName('a scope', scope)
      return series.names(scope, prefix)
    },
    async range(scope, name, fromMs, toMs, limit = defaultRangeLimit) {
      checkSeries(scope, name)
      return series.range(scope, name, fromMs, toMs, limit)
    },
    async expire(scope, name, beforeMs) {
      checkSeries(scope, name)
      await leases.demand(scope)
      return series.expire(scope, name, beforeMs)
    },
    async keep(scope, name, keepMs) {
      checkSeries(scope, name)
      await leases.demand(scope)
      return series.keep(scope, name, keepMs)
    },
    async compact(scope) {
      checkName('a scope', scope)
      if (closed) throw new StoreUnavailable('the store is closed')
      return false
    },
    dump: (options) => pieces.dump(options),
    load: (given) => pieces.load(given),
    clear: () => pieces.clear(),
    restoring,
    async check() {
      await link.write('check', redis => redis.set(`${prefix}kwota:check`, '1'))
    },
    async close() {
      if (closed) return
      closed = true
      await Promise.all([...writers.values()].map(writer => writer.idle()))
      await leases.leave()
      link.close()
      await options.mark?.close()
    },
  }
}
