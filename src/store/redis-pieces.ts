// All that a Redis holds of kwota, piece by piece: read for a backup, and put back.
import { encodeBatch } from './batch.ts'
import { togetherFrom } from './pieces.ts'
import type { DumpOptions, Piece, SeriesEntry } from './port.ts'
import { run, type RedisLink } from './redis-link.ts'
import { atLeastScript, dumpScript } from './redis-scripts.ts'
import type { RedisSeries } from './redis-series.ts'

export interface RedisPlaces {
  readonly link: RedisLink
  readonly series: RedisSeries
  readonly prefix: string
  readonly scopesKey: string
  readonly scopeBase: (scope: string) => string
  readonly claimsKey: (space: string) => string
  /** Stays when all else goes. */
  readonly restoringKey: string
}

const scannedTogether = '1000'

export class RedisPieces {
  private readonly places: RedisPlaces

  constructor(places: RedisPlaces) {
    this.places = places
  }

  async *dump({ withoutSeries = false }: DumpOptions = {}): AsyncGenerator<Piece> {
    const { link, series, scopesKey, scopeBase, claimsKey } = this.places
    const scopes = await link.read('dump', redis => redis.smembers(scopesKey))
    for (const scope of scopes) {
      const answer = await link.read('dump', redis => run(redis, dumpScript, [`${scopeBase(scope)}:epoch`, `${scopeBase(scope)}:state`], []))
      const [epoch, state] = Array.isArray(answer) ? answer : []
      if (Number(epoch) > 0) yield { type: 'scope', scope, epoch: Number(epoch) }
      for (const [key, json] of pairsOf(state)) yield { type: 'record', scope, key, value: JSON.parse(json) }
    }
    for (const space of await this.spaces()) {
      for await (const some of this.hash(claimsKey(space))) for (const [key, owner] of some) yield { type: 'claim', space, key, owner }
    }
    if (withoutSeries) return
    for (const scope of scopes) {
      for (const name of await series.names(scope, '')) {
        for await (const { atMs, value } of series.all(scope, name)) yield { type: 'entry', scope, series: name, atMs, value }
      }
    }
  }

  async load(pieces: AsyncIterable<Piece>): Promise<void> {
    for await (const some of togetherFrom(pieces)) {
      const hashes = new Map<string, string[]>()
      const into = (key: string, ...pair: [field: string, value: string]): void => {
        const fields = hashes.get(key)
        if (fields === undefined) hashes.set(key, pair)
        else fields.push(...pair)
      }
      const entries = new Map<string, Map<string, SeriesEntry[]>>()
      for (const piece of some) {
        if (piece.type === 'scope') await this.own(piece.scope, piece.epoch)
        else if (piece.type === 'claim') into(this.places.claimsKey(piece.space), piece.key, piece.owner)
        else if (piece.type === 'record') for (const { key, json } of encodeBatch({ puts: new Map([[piece.key, piece.value]]) })) into(`${this.places.scopeBase(piece.scope)}:state`, key, json!)
        else addEntry(entries, piece)
      }
      for (const [key, fields] of hashes) await this.places.link.write('load', redis => redis.hset(key, ...fields))
      for (const [scope, added] of entries) await this.places.series.appendAll(scope, added, undefined)
    }
  }

  private async own(scope: string, epoch: number): Promise<void> {
    const { link, scopesKey, scopeBase } = this.places
    await link.write('load', redis => redis.sadd(scopesKey, scope))
    await link.write('load', redis => run(redis, atLeastScript, [`${scopeBase(scope)}:epoch`], [epoch]))
  }

  /** Everything of ours but the mark of a restore, and nothing else that lies in the same database. */
  async clear(): Promise<void> {
    const { link, prefix, restoringKey } = this.places
    for (const pattern of ['{site:*', '{claims:*', 'kwota:*']) {
      for await (const keys of this.keys(`${escaped(prefix)}${pattern}`)) {
        const gone = keys.filter((key) => key !== restoringKey)
        if (gone.length > 0) await link.write('clear', redis => redis.unlink(...gone))
      }
    }
  }

  private async spaces(): Promise<string[]> {
    const { prefix } = this.places
    const before = `${prefix}{claims:`
    const spaces = new Set<string>()
    for await (const keys of this.keys(`${escaped(before)}*`)) for (const key of keys) spaces.add(decodeURIComponent(key.slice(before.length, -1)))
    return [...spaces]
  }

  private async *keys(pattern: string): AsyncGenerator<string[]> {
    let cursor = '0'
    do {
      const [next, keys] = await this.places.link.read('scan', redis => redis.scan(cursor, 'MATCH', pattern, 'COUNT', scannedTogether))
      cursor = next
      if (keys.length > 0) yield keys
    } while (cursor !== '0')
  }

  /** A field may come twice while others are added. */
  private async *hash(key: string): AsyncGenerator<Map<string, string>> {
    let cursor = '0'
    do {
      const [next, flat] = await this.places.link.read('scan', redis => redis.hscan(key, cursor, 'COUNT', scannedTogether))
      cursor = next
      yield new Map(pairsOf(flat))
    } while (cursor !== '0')
  }
}

function addEntry(entries: Map<string, Map<string, SeriesEntry[]>>, { scope, series, atMs, value }: Extract<Piece, { type: 'entry' }>): void {
  const ofScope = entries.get(scope) ?? new Map<string, SeriesEntry[]>()
  const ofSeries = ofScope.get(series) ?? []
  entries.set(scope, ofScope.set(series, ofSeries))
  ofSeries.push({ atMs, value })
}

function pairsOf(flat: unknown): [string, string][] {
  const pairs: [string, string][] = []
  if (Array.isArray(flat)) for (let i = 0; i < flat.length; i += 2) pairs.push([String(flat[i]), String(flat[i + 1])])
  return pairs
}

/** As it stands, in a pattern of Redis. */
function escaped(text: string): string {
  return text.replace(/[\\*?[\]]/g, '\\$&')
}
