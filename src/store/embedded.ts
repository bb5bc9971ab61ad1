// The store inside the process: one directory of classic-level, synced per group of commits, no server needed.
import type { Clock } from '../clock.ts'
import { asUnavailable, checkName, clampRange, decodeEntries, decodeRows, defaultRangeLimit, encodeAll, encodeBatch, encodeEntries, encodeReplacement, keptMs, wholeMs, type Line } from './batch.ts'
import { compactStretch } from './compaction.ts'
import { GroupWriter, type View } from './group-writer.ts'
import { openLevel, reopenLevel, type Level } from './level.ts'
import { dumpLevel } from './level-dump.ts'
import { firstRows, sayWhatWasSkipped } from './level-page.ts'
import { togetherFrom } from './pieces.ts'
import { locked, StaleEpoch, type AppendOptions, type Piece, type SeriesEntry, type Store } from './port.ts'

export { StoreLocked } from './level.ts'

const opensKey = 'm\0opens'
const checkKey = 'm\0checked'
const expireChunk = 1_000
const timeDigits = 16
const opensDigits = 8
const sequenceDigits = 12

/**
 * Opens the data in `dataDir`, creating it when absent. Rejects with StoreLocked when another process or handle has it,
 * StoreUnavailable when the directory cannot be written, StoreDamaged when its files are not what was written. After a failed write it tries to reopen its log at most once a
 * second, whenever something is written or checked; until then everything rejects with StoreUnavailable. `open` stands
 * for how the database of a directory is opened.
 */
export async function openEmbeddedStore(options: { dataDir: string; clock: Clock; open?: (dataDir: string) => Promise<Level> }): Promise<Store> {
  const { dataDir, open } = options
  const writer = new GroupWriter(options.clock, await (open ?? openLevel)(dataDir), () => (open ?? reopenLevel)(dataDir))
  const opens = await writer
    .submit(true, view => {
      const count = Number(view.get(opensKey) ?? '0') + 1
      view.put(opensKey, String(count))
      return count
    })
    .catch(async (error: unknown) => {
      await writer.close()
      throw error
    })
  let appended = 0

  async function readAll(kind: 's' | 'c', parent: string): Promise<[string, string][]> {
    const from = `${kind}\0${parent}\0`
    const rows = await reading(() => writer.reader.iterator({ gte: from, lt: `${kind}\0${parent}\x01` }).all())
    return rows.map(([key, value]) => [key.slice(from.length), value])
  }

  function putLines(view: View, scope: string, series: string, lines: readonly Line[]): void {
    for (const { atMs, json } of lines) {
      const order = pad(opens, opensDigits) + pad(appended++, sequenceDigits)
      view.add(`${seriesKey(scope, series, atMs)}\0${order}`, json)
    }
  }

  function putPiece(view: View, piece: Piece): void {
    if (piece.type === 'scope') view.put(epochKey(piece.scope), String(Math.max(piece.epoch, Number(view.get(epochKey(piece.scope)) ?? '0'))))
    else if (piece.type === 'record') for (const { key, json } of encodeBatch({ puts: new Map([[piece.key, piece.value]]) })) view.put(stateKey(piece.scope, key), json!)
    else if (piece.type === 'claim') view.put(claimKey(piece.space, piece.key), piece.owner)
    else putLines(view, piece.scope, piece.series, encodeEntries([piece]))
  }

  async function appendAll(scope: string, entries: ReadonlyMap<string, readonly SeriesEntry[]>, options?: AppendOptions): Promise<void> {
    checkName('a scope', scope)
    keptMs(options)
    const added = encodeAll(entries)
    // Where a log has just grown full, only the next one is synced with a later commit.
    return writer.submit(options?.durable === true, view => { for (const [series, lines] of added) putLines(view, scope, series, lines) })
  }

  return {
    leases: locked,
    async own(scope) {
      checkName('a scope', scope)
      return writer.submit(true, view => {
        const epoch = Number(view.get(epochKey(scope)) ?? '0') + 1
        view.put(epochKey(scope), String(epoch))
        return epoch
      })
    },
    async commit(scope, epoch, batch) {
      checkName('a scope', scope)
      const changes = encodeBatch(batch)
      return writer.submit(true, view => {
        const newest = Number(view.get(epochKey(scope)) ?? '0')
        if (newest !== epoch) throw new StaleEpoch(`${scope} is at epoch ${newest}, not ${epoch}`)
        for (const { key, json } of changes) {
          if (json === undefined) view.del(stateKey(scope, key))
          else view.put(stateKey(scope, key), json)
        }
      })
    },
    async read(scope, onDamaged) {
      return decodeRows(scope, await readAll('s', scope), onDamaged)
    },
    async scopes() {
      const keys = await reading(() => writer.reader.keys({ gte: 'e\0', lt: 'e\x01' }).all())
      return keys.map(key => key.slice(2))
    },
    async claim(space, key, owner) {
      checkName('a space', space)
      checkName('a key', key)
      checkName('an owner', owner)
      return writer.submit(true, view => {
        const holder = view.get(claimKey(space, key))
        if (holder === undefined) view.put(claimKey(space, key), owner)
        return holder ?? owner
      })
    },
    async release(space, key, owner) {
      checkName('a space', space)
      checkName('a key', key)
      return writer.submit(true, view => {
        if (view.get(claimKey(space, key)) === owner) view.del(claimKey(space, key))
      })
    },
    async claims(space) {
      return new Map(await readAll('c', space))
    },
    async append(scope, series, entries, options) {
      checkName('a series', series)
      return appendAll(scope, new Map([[series, entries]]), options)
    },
    appendAll,
    async replace(scope, series, fromMs, toMs, entries, options) {
      checkName('a scope', scope)
      keptMs(options)
      checkName('a series', series)
      const replacement = encodeReplacement(fromMs, toMs, entries)
      const [gte, lt] = [seriesKey(scope, series, replacement.fromMs), seriesKey(scope, series, replacement.toMs)]
      return writer.submitAlone(options?.durable === true, level => level.keys({ gte, lt }).all(), (view, keys) => {
        for (const key of keys) view.del(key)
        putLines(view, scope, series, replacement.lines)
      })
    },
    async series(scope, prefix = '') {
      checkName('a scope', scope)
      const from = `t\0${scope}\0`
      return reading(async () => {
        const names: string[] = []
        const keys = writer.reader.keys({ gte: from + prefix, lt: `t\0${scope}\x01` })
        try {
          // From name to name, over all entries between.
          for (let key = await keys.next(); key !== undefined; key = await keys.next()) {
            const name = key.slice(from.length, key.indexOf('\0', from.length))
            if (!name.startsWith(prefix)) break
            names.push(name)
            keys.seek(`${from}${name}\x01`)
          }
          await sayWhatWasSkipped(keys, `t\0${scope}\x01`)
        } finally {
          await keys.close()
        }
        return names
      })
    },
    async range(scope, series, fromMs, toMs, limit = defaultRangeLimit) {
      const bounds = clampRange(fromMs, toMs, limit)
      const lt = seriesKey(scope, series, bounds.toMs)
      const found: SeriesEntry[] = []
      // Until it is full or there is no more: what cannot be read makes no page end early.
      for (let gte = seriesKey(scope, series, bounds.fromMs); ;) {
        const [from, limit] = [gte, bounds.limit - found.length]
        const rows = await reading(() => firstRows(writer.reader, { gte: from, lt }, limit))
        found.push(...decodeEntries(rows.map(([key, json]) => ({ atMs: timeOf(key), json }))))
        const last = rows.at(-1)
        if (last === undefined || rows.length < limit || found.length >= bounds.limit) return found
        gte = `${last[0]}\0`
      }
    },
    async expire(scope, series, beforeMs) {
      const [gte, lt] = [seriesKey(scope, series, 0), seriesKey(scope, series, wholeMs('beforeMs', beforeMs))]
      for (;;) {
        const keys = await reading(() => writer.reader.keys({ gte, lt, limit: expireChunk }).all())
        if (keys.length === 0) return
        await writer.submit(false, view => { for (const key of keys) view.del(key) })
      }
    },
    async keep(scope, series, keepMs) {
      checkName('a scope', scope)
      checkName('a series', series)
      keptMs({ keepMs })
      await reading(async () => writer.reader.status)
    },
    async compact(scope, series) {
      checkName('a scope', scope)
      if (series !== undefined) checkName('a series', series)
      // Before the first key and behind the last, where nobody reads.
      const [first, last] = series === undefined ? [`s\0${scope}`, `s\0${scope}\x01`] : [`t\0${scope}\0${series}\0`, `t\0${scope}\0${series}\0:`]
      await compactStretch(writer, first, last, reading)
      return true
    },
    async *dump(options = {}) {
      try {
        yield* dumpLevel(writer.reader, options.withoutSeries === true)
      } catch (error) {
        throw asUnavailable('the store could not be read', error)
      }
    },
    async load(pieces) {
      for await (const some of togetherFrom(pieces)) await writer.submit(true, view => { for (const piece of some) putPiece(view, piece) })
    },
    async check() {
      await writer.submit(true, view => view.put(checkKey, ''))
    },
    async close() {
      await writer.close()
    },
  }
}

async function reading<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    throw asUnavailable('the store could not be read', error)
  }
}

function epochKey(scope: string): string {
  return `e\0${scope}`
}

function stateKey(scope: string, key: string): string {
  return `s\0${scope}\0${key}`
}

function claimKey(space: string, key: string): string {
  return `c\0${space}\0${key}`
}

function seriesKey(scope: string, series: string, atMs: number): string {
  return `t\0${scope}\0${series}\0${pad(atMs, timeDigits)}`
}

function timeOf(key: string): number {
  const end = key.length - 1 - opensDigits - sequenceDigits
  return Number(key.slice(end - timeDigits, end))
}

function pad(value: number, digits: number): string {
  return String(value).padStart(digits, '0')
}
