// The Lua that Redis runs for us: each script is one atomic step.
import { createHash } from 'node:crypto'

export interface Script { readonly source: string; readonly sha: string }

function script(source: string): Script {
  return { source, sha: createHash('sha1').update(source).digest('hex') }
}

/** By Redis's own time. In full: Lua writes large numbers as 1.7e+12. */
const leaseWords = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function leaseEnd(ms) return string.format('%.0f', now + ms) end
`

/**
 * KEYS epoch; ARGV the epoch the caller saw last, who it is, its lease in ms, the new epoch, the end of a lease that nobody renews ('' = none is known).
 * Answers {'ok', the new epoch}, {'moved'} when another took it meanwhile, or {'owned', by whom, when that lease ends, in how many ms}.
 */
export const ownScript = script(`${leaseWords}
local at = redis.call('HMGET', KEYS[1], 'epoch', 'owner', 'leaseEndsAt')
if (at[1] or '0') ~= ARGV[1] then return {'moved'} end
if at[2] and at[3] and at[2] ~= ARGV[2] and at[3] ~= ARGV[5] and tonumber(at[3]) > now then return {'owned', at[2], at[3], at[3] - now} end
redis.call('HSET', KEYS[1], 'epoch', ARGV[4], 'seq', 0, 'owner', ARGV[2], 'leaseEndsAt', leaseEnd(ARGV[3]))
return {'ok', ARGV[4]}
`)

/**
 * KEYS epoch; ARGV epoch, owner, lease in ms: theirs again in a Redis that has forgotten it. A newer epoch stays, and so does whoever took it there since and
 * lives. Answers {'ok'} or {'owned', by whom}.
 */
export const ownAgainScript = script(`${leaseWords}
local at = redis.call('HMGET', KEYS[1], 'epoch', 'owner', 'leaseEndsAt')
if tonumber(at[1] or '0') >= tonumber(ARGV[1]) then return {'ok'} end
if at[2] and at[3] and at[2] ~= ARGV[2] and tonumber(at[3]) > now then return {'owned', at[2]} end
redis.call('HSET', KEYS[1], 'epoch', ARGV[1], 'seq', 0, 'owner', ARGV[2], 'leaseEndsAt', leaseEnd(ARGV[3]))
return {'ok'}
`)

/** KEYS epoch; ARGV epoch, owner, lease in ms. Answers 'ok', or {the newest epoch, its owner}. */
export const renewScript = script(`${leaseWords}
local at = redis.call('HMGET', KEYS[1], 'epoch', 'owner')
if at[1] ~= ARGV[1] or at[2] ~= ARGV[2] then return {at[1] or '0', at[2] or ''} end
redis.call('HSET', KEYS[1], 'leaseEndsAt', leaseEnd(ARGV[3]))
return 'ok'
`)

/** KEYS epoch; ARGV epoch, owner. */
export const leaveScript = script(`
local at = redis.call('HMGET', KEYS[1], 'epoch', 'owner')
if at[1] == ARGV[1] and at[2] == ARGV[2] then redis.call('HDEL', KEYS[1], 'owner', 'leaseEndsAt') end
return 1
`)

/**
 * KEYS epoch, state; ARGV epoch, sequence, lease in ms, owner, number of deletes, the deletes, then key and JSON pairs. Renews the lease. Answers
 * {'ok', the sequence before}, {'stale', the newest epoch, its owner} or {'late'}: a write from a broken connection that a newer one overtook.
 */
export const commitScript = script(`${leaseWords}
local at = redis.call('HMGET', KEYS[1], 'epoch', 'seq', 'owner')
if at[1] ~= ARGV[1] or (at[3] and at[3] ~= ARGV[4]) then return {'stale', at[1] or '0', at[3] or ''} end
if tonumber(ARGV[2]) <= tonumber(at[2]) then return {'late'} end
redis.call('HSET', KEYS[1], 'seq', ARGV[2], 'leaseEndsAt', leaseEnd(ARGV[3]))
local puts = 6 + tonumber(ARGV[5])
for i = 6, puts - 1, 1000 do redis.call('HDEL', KEYS[2], unpack(ARGV, i, math.min(i + 999, puts - 1))) end
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

/**
 * KEYS names, then for each series its counter, its days and its buckets; ARGV number of series, then for each series its name, how long
 * its days are kept (ms, 0 = for ever), its number of days, and for each day the day, when its bucket may go (ms, 0 = never), its number of
 * entries, and their ms and JSON.
 */
export const appendScript = script(`
local key, arg = 2, 2
for _ = 1, tonumber(ARGV[1]) do
  local counter, days = KEYS[key], KEYS[key + 1]
  local keep, buckets = tonumber(ARGV[arg + 1]), tonumber(ARGV[arg + 2])
  redis.call('SADD', KEYS[1], ARGV[arg])
  key, arg = key + 2, arg + 3
  for _ = 1, buckets do
    local count = tonumber(ARGV[arg + 2])
    local order = redis.call('INCRBY', counter, count) - count
    redis.call('ZADD', days, ARGV[arg], ARGV[arg])
    for i = 1, count do
      local at = ARGV[arg + 1 + 2 * i]
      redis.call('ZADD', KEYS[key], at, string.format('%016.0f', order + i) .. ':' .. at .. ':' .. ARGV[arg + 2 + 2 * i])
    end
    if ARGV[arg + 1] ~= '0' then redis.call('PEXPIREAT', KEYS[key], ARGV[arg + 1]) end
    key, arg = key + 1, arg + 3 + 2 * count
  end
  if keep > 0 then
    redis.call('PEXPIRE', counter, keep)
    redis.call('PEXPIRE', days, keep)
  end
end
return 1
`)

/**
 * KEYS names, counter, days, one bucket for each day of the stretch; ARGV the series, its first ms, the first one behind it, how long its buckets are
 * kept and its days (ms, 0 = for ever), the days in that order, then bucket number, ms and JSON per entry.
 */
export const replaceScript = script(`
local days = #KEYS - 3
for i = 1, days do redis.call('ZREMRANGEBYSCORE', KEYS[3 + i], ARGV[2], '(' .. ARGV[3]) end
for i = 6 + days, #ARGV, 3 do
  local order = string.format('%016.0f', redis.call('INCR', KEYS[2]))
  redis.call('ZADD', KEYS[3 + ARGV[i]], ARGV[i + 1], order .. ':' .. ARGV[i + 1] .. ':' .. ARGV[i + 2])
end
for i = 1, days do
  local day = ARGV[5 + i]
  if redis.call('EXISTS', KEYS[3 + i]) == 0 then
    redis.call('ZREM', KEYS[3], day)
  else
    redis.call('ZADD', KEYS[3], day, day)
    if ARGV[4] ~= '0' then redis.call('PEXPIREAT', KEYS[3 + i], string.format('%.0f', (day + 1) * 86400000 + ARGV[4])) end
  end
end
if redis.call('EXISTS', KEYS[3]) == 0 then
  redis.call('SREM', KEYS[1], ARGV[1])
else
  redis.call('SADD', KEYS[1], ARGV[1])
  if ARGV[5] ~= '0' then
    redis.call('PEXPIRE', KEYS[2], ARGV[5])
    redis.call('PEXPIRE', KEYS[3], ARGV[5])
  end
end
return 1
`)

/**
 * KEYS names, counter, days, the bucket of the day that goes in part, one bucket per day that goes; ARGV the series, the first ms that stays, the days in
 * the order of their buckets. A series without days is forgotten, one from before there were names gets its own.
 */
export const expireScript = script(`
redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', '(' .. ARGV[2])
if redis.call('EXISTS', KEYS[4]) == 0 then redis.call('ZREM', KEYS[3], ARGV[3]) end
for i = 4, #ARGV do
  redis.call('UNLINK', KEYS[i + 1])
  redis.call('ZREM', KEYS[3], ARGV[i])
end
if redis.call('EXISTS', KEYS[3]) == 0 then
  redis.call('UNLINK', KEYS[2])
  redis.call('SREM', KEYS[1], ARGV[1])
else
  redis.call('SADD', KEYS[1], ARGV[1])
end
return 1
`)

/** KEYS counter, days, buckets; ARGV how long the first two are kept (ms), when each bucket may go (ms). Of those that stay for ever none is touched. */
export const keepScript = script(`
for i = 1, #KEYS do
  if redis.call('PTTL', KEYS[i]) >= 0 then
    if i <= 2 then redis.call('PEXPIRE', KEYS[i], ARGV[1]) else redis.call('PEXPIREAT', KEYS[i], ARGV[i - 1]) end
  end
end
return 1
`)

/** KEYS epoch, state. Answers the epoch, and field, value, field, value … of the state at that moment. */
export const dumpScript = script(`return {redis.call('HGET', KEYS[1], 'epoch') or '0', redis.call('HGETALL', KEYS[2])}`)

/** KEYS epoch; ARGV an epoch. The higher one stays. */
export const atLeastScript = script(`
if tonumber(redis.call('HGET', KEYS[1], 'epoch') or '0') < tonumber(ARGV[1]) then redis.call('HSET', KEYS[1], 'epoch', ARGV[1], 'seq', 0) end
return 1
`)
