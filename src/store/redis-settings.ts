// What kwota asks of a Redis before it trusts it with limits and transactions.
import type { Redis } from 'ioredis'
import type { RedisLink } from './redis-link.ts'

/** This Redis must not be used as it is configured; the message names the fix. */
export class StoreUnsuitable extends Error {
  override readonly name = 'StoreUnsuitable'
}

/** What a Redis answers to whom it will never let in as he comes, and what is to be done. */
const neverSo: readonly (readonly [answer: RegExp, fix: string])[] = [
  [/WRONGPASS|ERR invalid password/, 'This Redis refuses the user or password of the address. Put the right ones into it: redis://USER:PASSWORD@HOST:6379 (special characters percent-encoded)'],
  [/NOAUTH/, 'This Redis asks for a password. Put it into the address: redis://:PASSWORD@HOST:6379'],
  [/NOPERM/, 'This user of Redis may not do what kwota needs. Give it the permissions: ACL SETUSER … ~* &* +@all'],
  [/Protocol error|Unknown RESP type/, 'What answers at this address is no Redis. Check host and port of the address'],
]

/** The same as StoreUnsuitable where waiting helps nobody; any other error as it is. */
export function asUnsuitable(error: unknown): unknown {
  const text = error instanceof Error ? error.message : String(error)
  const known = neverSo.find(([answer]) => answer.test(text))
  return known === undefined ? error : new StoreUnsuitable(`${text}. ${known[1]}.`, { cause: error })
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
