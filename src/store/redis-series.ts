// Time series in Redis: one sorted set per UTC day, and a sorted set of the days there are.
import { clampRange, encodeEntries, wholeMs, type Line } from './batch.ts'
import { StoreUnavailable, type SeriesEntry } from './port.ts'
import { run, type RedisLink } from './redis-link.ts'
import { appendScript, expireScript } from './redis-scripts.ts'

const dayMs = 86_400_000
const chunk = 1_000
const mostUnanswered = 1_000

export class RedisSeries {
  private readonly link: RedisLink
  private unanswered = 0

  constructor(link: RedisLink) {
    this.link = link
  }

  /** Entries go in chunks of 1,000, each all or nothing. */
  async append(base: string, entries: readonly SeriesEntry[]): Promise<void> {
    const lines = encodeEntries(entries)
    if (this.unanswered >= mostUnanswered) throw new StoreUnavailable(`${mostUnanswered} series writes are waiting already`)
    this.unanswered += 1
    try {
      for (let from = 0; from < lines.length; from += chunk) await this.appendChunk(base, lines.slice(from, from + chunk))
    } finally {
      this.unanswered -= 1
    }
  }

  async range(base: string, fromMs: number, toMs: number, limit: number): Promise<SeriesEntry[]> {
    const bounds = clampRange(fromMs, toMs, limit)
    const found: SeriesEntry[] = []
    for (const day of await this.days(base, dayOf(bounds.fromMs), dayOf(bounds.toMs))) {
      const wanted = Math.min(bounds.limit - found.length, Number.MAX_SAFE_INTEGER)
      if (wanted <= 0) break
      const members = await this.link.read('range', redis =>
        redis.zrangebyscore(bucketKey(base, day), bounds.fromMs, `(${bounds.toMs}`, 'LIMIT', 0, wanted))
      for (const member of members) found.push(decode(member))
    }
    return found
  }

  /** Whole days only: the day of `beforeMs` stays. */
  async expire(base: string, beforeMs: number): Promise<void> {
    const days = await this.days(base, 0, dayOf(wholeMs('beforeMs', beforeMs)) - 1)
    for (let from = 0; from < days.length; from += chunk) {
      const some = days.slice(from, from + chunk)
      await this.link.write('expire', redis => run(redis, expireScript, [daysKey(base), ...some.map(day => bucketKey(base, day))], some))
    }
  }

  private async appendChunk(base: string, lines: readonly Line[]): Promise<void> {
    const days = [...new Set(lines.map(({ atMs }) => dayOf(atMs)))]
    const numbers = new Map(days.map((day, index): [number, number] => [day, index + 1]))
    const args = lines.flatMap(({ atMs, json }) => [numbers.get(dayOf(atMs)) ?? 0, atMs, json])
    const keys = [counterKey(base), daysKey(base), ...days.map(day => bucketKey(base, day))]
    await this.link.write('append', redis => run(redis, appendScript, keys, [...days, ...args]))
  }

  private async days(base: string, first: number, last: number): Promise<number[]> {
    const days = await this.link.read('range', redis => redis.zrangebyscore(daysKey(base), first, last))
    return days.map(Number)
  }
}

function decode(member: string): SeriesEntry {
  const time = member.indexOf(':') + 1
  const value = member.indexOf(':', time) + 1
  return { atMs: Number(member.slice(time, value - 1)), value: JSON.parse(member.slice(value)) }
}

function dayOf(atMs: number): number {
  return Math.floor(atMs / dayMs)
}

function bucketKey(base: string, day: number): string {
  return `${base}:day:${day}`
}

function daysKey(base: string): string {
  return `${base}:days`
}

function counterKey(base: string): string {
  return `${base}:counter`
}
