// Time series in Redis: one sorted set per UTC day, a sorted set of the days there are, and a set of the names of a scope.
import { clampRange, decodeEntries, encodeAll, encodeReplacement, keptMs, wholeMs, type Line } from './batch.ts'
import { StoreUnavailable, type AppendOptions, type SeriesEntry } from './port.ts'
import { run, type RedisLink } from './redis-link.ts'
import { appendScript, expireScript, keepScript, replaceScript } from './redis-scripts.ts'

const dayMs = 86_400_000
const chunk = 1_000
const mostUnanswered = 1_000
/** What is appended may be of yesterday or tomorrow: the days there are outlive their buckets by so much. */
const slackMs = 4 * dayMs

export class RedisSeries {
  private readonly link: RedisLink
  private readonly scopeBase: (scope: string) => string
  private unanswered = 0

  /** `scopeBase` = what every key of a scope begins with. */
  constructor(link: RedisLink, scopeBase: (scope: string) => string) {
    this.link = link
    this.scopeBase = scopeBase
  }

  /** Entries go in chunks of 1,000, each all or nothing. */
  async appendAll(scope: string, entries: ReadonlyMap<string, readonly SeriesEntry[]>, options: AppendOptions | undefined): Promise<void> {
    const keepMs = keptMs(options)
    const added = encodeAll(entries)
    await this.counted(async () => {
      for (const some of chunksOf(added)) await this.appendChunk(scope, some, keepMs)
    })
  }

  async replace(scope: string, name: string, fromMs: number, toMs: number, entries: readonly SeriesEntry[], options: AppendOptions | undefined): Promise<void> {
    const keepMs = keptMs(options)
    const stretch = encodeReplacement(fromMs, toMs, entries)
    if (stretch.fromMs >= stretch.toMs) return
    const base = this.base(scope, name)
    const first = dayOf(stretch.fromMs)
    const days = Array.from({ length: dayOf(stretch.toMs - 1) - first + 1 }, (_, index) => first + index)
    const args = stretch.lines.flatMap(({ atMs, json }) => [dayOf(atMs) - first + 1, atMs, json])
    const keys = [this.namesKey(scope), counterKey(base), daysKey(base), ...days.map(day => bucketKey(base, day))]
    await this.counted(() => this.link.write('replace', redis => run(redis, replaceScript, keys, [name, stretch.fromMs, stretch.toMs, keepMs ?? 0, keepMs === null ? 0 : keepMs + slackMs, ...days, ...args])))
  }

  async names(scope: string, prefix: string): Promise<string[]> {
    const names = await this.link.read('series', redis => redis.smembers(this.namesKey(scope)))
    return names.filter(name => name.startsWith(prefix)).sort()
  }

  async range(scope: string, name: string, fromMs: number, toMs: number, limit: number): Promise<SeriesEntry[]> {
    const base = this.base(scope, name)
    const bounds = clampRange(fromMs, toMs, limit)
    const found: SeriesEntry[] = []
    for (const day of await this.days(base, dayOf(bounds.fromMs), dayOf(bounds.toMs))) {
      // What cannot be read makes no page end early.
      for (let from = 0, more = true; more;) {
        const wanted = Math.min(bounds.limit - found.length, Number.MAX_SAFE_INTEGER)
        if (wanted <= 0) return found
        const offset = from
        const members = await this.link.read('range', redis =>
          redis.zrangebyscore(bucketKey(base, day), bounds.fromMs, `(${bounds.toMs}`, 'LIMIT', offset, wanted))
        found.push(...decodeEntries(members.map(lineOf)))
        from += members.length
        more = members.length === wanted
      }
    }
    return found
  }

  /** All of a series, ascending. */
  async *all(scope: string, name: string): AsyncGenerator<SeriesEntry> {
    const base = this.base(scope, name)
    for (const day of await this.days(base, 0, Number.MAX_SAFE_INTEGER)) {
      for (let from = 0; ; from += chunk) {
        const members = await this.link.read('dump', redis => redis.zrange(bucketKey(base, day), String(from), String(from + chunk - 1)))
        yield* decodeEntries(members.map(lineOf))
        if (members.length < chunk) break
      }
    }
  }

  /** Whole days, and of the day of `beforeMs` what is older. */
  async expire(scope: string, name: string, beforeMs: number): Promise<void> {
    const base = this.base(scope, name)
    const firstMs = wholeMs('beforeMs', beforeMs)
    const edge = dayOf(firstMs)
    const days = await this.days(base, 0, edge - 1)
    for (let from = 0; from === 0 || from < days.length; from += chunk) {
      const some = days.slice(from, from + chunk)
      const keys = [this.namesKey(scope), counterKey(base), daysKey(base), ...[edge, ...some].map(day => bucketKey(base, day))]
      await this.link.write('expire', redis => run(redis, expireScript, keys, [name, firstMs, edge, ...some]))
    }
  }

  /** In steps of 1,000 days, each all or nothing. */
  async keep(scope: string, name: string, keepMs: number): Promise<void> {
    const base = this.base(scope, name)
    const keptForMs = keptMs({ keepMs })
    if (keptForMs === null) throw new TypeError('keepMs must be finite')
    const days = await this.days(base, 0, Number.MAX_SAFE_INTEGER)
    for (let from = 0; from < days.length; from += chunk) {
      const some = days.slice(from, from + chunk)
      const keys = [counterKey(base), daysKey(base), ...some.map(day => bucketKey(base, day))]
      await this.link.write('keep', redis => run(redis, keepScript, keys, [keptForMs + slackMs, ...some.map(day => (day + 1) * dayMs + keptForMs)]))
    }
  }

  private async counted(write: () => Promise<unknown>): Promise<void> {
    if (this.unanswered >= mostUnanswered) throw new StoreUnavailable(`${mostUnanswered} series writes are waiting already`)
    this.unanswered += 1
    try {
      await write()
    } finally {
      this.unanswered -= 1
    }
  }

  private async appendChunk(scope: string, entries: ReadonlyMap<string, readonly Line[]>, keepMs: number | null): Promise<void> {
    const keys = [this.namesKey(scope)]
    const args: (string | number)[] = [entries.size]
    for (const [name, lines] of entries) {
      const base = this.base(scope, name)
      const days = new Map<number, Line[]>()
      for (const line of lines) {
        const day = dayOf(line.atMs)
        const some = days.get(day)
        if (some === undefined) days.set(day, [line])
        else some.push(line)
      }
      keys.push(counterKey(base), daysKey(base))
      args.push(name, keepMs === null ? 0 : keepMs + slackMs, days.size)
      for (const [day, some] of days) {
        keys.push(bucketKey(base, day))
        args.push(day, keepMs === null ? 0 : (day + 1) * dayMs + keepMs, some.length)
        for (const { atMs, json } of some) args.push(atMs, json)
      }
    }
    await this.link.write('append', redis => run(redis, appendScript, keys, args))
  }

  private async days(base: string, first: number, last: number): Promise<number[]> {
    const days = await this.link.read('range', redis => redis.zrangebyscore(daysKey(base), first, last))
    return days.map(Number)
  }

  private base(scope: string, name: string): string {
    return `${this.scopeBase(scope)}:series:${encodeURIComponent(name)}`
  }

  private namesKey(scope: string): string {
    return `${this.scopeBase(scope)}:series`
  }
}

/** The entries in the order they have, at most 1,000 at a time. */
function chunksOf(entries: ReadonlyMap<string, readonly Line[]>): Map<string, readonly Line[]>[] {
  const chunks: Map<string, readonly Line[]>[] = []
  let room = 0
  for (const [name, lines] of entries) {
    for (let from = 0; from < lines.length;) {
      if (room === 0) {
        chunks.push(new Map())
        room = chunk
      }
      const some = lines.slice(from, from + room)
      chunks.at(-1)!.set(name, some)
      from += some.length
      room -= some.length
    }
  }
  return chunks
}

function lineOf(member: string): Line {
  const time = member.indexOf(':') + 1
  const value = member.indexOf(':', time) + 1
  return { atMs: Number(member.slice(time, value - 1)), json: member.slice(value) }
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
