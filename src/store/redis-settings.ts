// What kwota asks of a Redis before it trusts it with limits and transactions.
import type { Redis } from 'ioredis'
import type { RedisLink } from './redis-link.ts'

/** This Redis must not be used as it is configured; the message names the fix. */
export class StoreUnsuitable extends Error {
  override readonly name = 'StoreUnsuitable'
}

/** Rejects with StoreUnsuitable for an instance that evicts keys; tells `warn` what weakens durability or could not be seen. */
export async function inspectSettings(link: RedisLink, warn: (message: string) => void): Promise<void> {
  const policy = await setting(link, 'maxmemory-policy') ?? await reported(link)
  if (policy === undefined) {
    warn('Redis does not let kwota see maxmemory-policy; make sure it is noeviction, or limits and transactions can vanish')
  } else if (policy !== 'noeviction') {
    throw new StoreUnsuitable(`this Redis evicts keys (maxmemory-policy ${policy}), so limits and transactions could vanish. Set "maxmemory-policy noeviction" in redis.conf, or run: redis-cli CONFIG SET maxmemory-policy noeviction`)
  }
  const [appendonly, appendfsync] = [await setting(link, 'appendonly'), await setting(link, 'appendfsync')]
  if (appendonly === undefined) {
    warn('Redis does not let kwota see appendonly; make sure that it is yes with appendfsync always, or acknowledged writes can be lost when Redis stops')
  } else if (appendonly !== 'yes') {
    warn('Redis keeps no append-only file, so acknowledged writes are lost when it stops. Set "appendonly yes" and "appendfsync always"')
  } else if (appendfsync !== 'always') {
    warn(`Redis syncs its append-only file "${appendfsync}", so the last second of acknowledged writes can be lost in a power cut. Set "appendfsync always"`)
  }
}

/** Undefined when CONFIG is not permitted or not there, as with many hosted instances. */
async function setting(link: RedisLink, name: string): Promise<string | undefined> {
  const answer = await link.read('CONFIG GET', redis => permitted(redis.config('GET', name)))
  return Array.isArray(answer) && typeof answer[1] === 'string' ? answer[1] : undefined
}

async function reported(link: RedisLink): Promise<string | undefined> {
  const info = await link.read('INFO', (redis: Redis) => permitted(redis.info('memory')))
  return typeof info === 'string' ? /^maxmemory_policy:(\S+)/m.exec(info)?.[1] : undefined
}

async function permitted(command: Promise<unknown>): Promise<unknown> {
  try {
    return await command
  } catch (error) {
    if (error instanceof Error && /^(NOPERM|ERR)/.test(error.message)) return undefined
    throw error
  }
}
