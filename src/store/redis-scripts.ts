// The Lua that Redis runs for us: each script is one atomic step.
import { createHash } from 'node:crypto'

export interface Script { readonly source: string; readonly sha: string }

function script(source: string): Script {
  return { source, sha: createHash('sha1').update(source).digest('hex') }
}

/** KEYS epoch; ARGV the epoch the caller saw last. Answers the new epoch, or false when another took it meanwhile. */
export const ownScript = script(`
local seen = redis.call('HGET', KEYS[1], 'epoch') or '0'
if seen ~= ARGV[1] then return false end
redis.call('HSET', KEYS[1], 'epoch', ARGV[1] + 1, 'seq', 0)
return ARGV[1] + 1
`)

/**
 * KEYS epoch, state; ARGV epoch, sequence, number of deletes, the deletes, then key and JSON pairs. Answers {'ok', the
 * sequence before}, {'stale', the newest epoch} or {'late'}: a write from a broken connection that a newer one overtook.
 */
export const commitScript = script(`
local at = redis.call('HMGET', KEYS[1], 'epoch', 'seq')
if at[1] ~= ARGV[1] then return {'stale', at[1] or '0'} end
if tonumber(ARGV[2]) <= tonumber(at[2]) then return {'late'} end
redis.call('HSET', KEYS[1], 'seq', ARGV[2])
local puts = 4 + tonumber(ARGV[3])
for i = 4, puts - 1, 1000 do redis.call('HDEL', KEYS[2], unpack(ARGV, i, math.min(i + 999, puts - 1))) end
for i = puts, #ARGV, 1000 do redis.call('HSET', KEYS[2], unpack(ARGV, i, math.min(i + 999, #ARGV))) end
return {'ok', at[2]}
`)

/** KEYS claims; ARGV key, owner. Answers who owns it now. */
export const claimScript = script(`
redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2])
return redis.call('HGET', KEYS[1], ARGV[1])
`)

/** KEYS claims; ARGV key, owner. */
export const releaseScript = script(`
if redis.call('HGET', KEYS[1], ARGV[1]) == ARGV[2] then redis.call('HDEL', KEYS[1], ARGV[1]) end
return 1
`)

/** KEYS hash. Answers field, value, field, value … (HGETALL itself is turned into an object, which loses \`__proto__\`). */
export const readScript = script(`return redis.call('HGETALL', KEYS[1])`)

/** KEYS counter, days, one bucket per day; ARGV the days in that order, then bucket number, ms and JSON per entry. */
export const appendScript = script(`
local days = #KEYS - 2
for i = 1, days do redis.call('ZADD', KEYS[2], ARGV[i], ARGV[i]) end
for i = days + 1, #ARGV, 3 do
  local order = string.format('%016.0f', redis.call('INCR', KEYS[1]))
  redis.call('ZADD', KEYS[2 + ARGV[i]], ARGV[i + 1], order .. ':' .. ARGV[i + 1] .. ':' .. ARGV[i + 2])
end
return 1
`)

/** KEYS days, one bucket per day; ARGV the days in that order. */
export const expireScript = script(`
for i = 1, #ARGV do
  redis.call('UNLINK', KEYS[i + 1])
  redis.call('ZREM', KEYS[1], ARGV[i])
end
return 1
`)
