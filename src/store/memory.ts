// A store in memory for the simulator and tests: atomic, deterministic, and able to survive a simulated restart.
import { checkName, clampRange, decodeEntries, decodeRows, defaultRangeLimit, encodeAll, encodeBatch, encodeReplacement, keptMs, wholeMs, type Line } from './batch.ts'
import { checkPiece } from './pieces.ts'
import { locked, StaleEpoch, StoreOwned, StoreUnavailable, type AppendOptions, type Piece, type SeriesEntry, type Store } from './port.ts'

export interface MemoryStore extends Store {
  /** What a crash and a new start do: every handle so far is dead, the data is kept, the answer is the new handle. */
  restart(): MemoryStore
  /** A second handle on the same data, as another process would have. */
  attach(): MemoryStore
  /** What a bad sector does: the text under a key of a scope is another, whatever it says. */
  damage(scope: string, key: string, text: string): void
  /** The text under every key of a scope. */
  texts(scope: string): ReadonlyMap<string, string>
}

interface Data {
  generation: number
  /** The handle that owns a scope; it does until it is closed. */
  readonly owners: Map<string, { closed: boolean }>
  readonly epochs: Map<string, number>
  readonly states: Map<string, Map<string, string>>
  readonly claims: Map<string, Map<string, string>>
  readonly series: Map<string, Line[]>
}

/** While `failing()` is true every call rejects with StoreUnavailable and changes nothing. */
export function createMemoryStore(options: { failing?: () => boolean } = {}): MemoryStore {
  const data: Data = { generation: 0, owners: new Map(), epochs: new Map(), states: new Map(), claims: new Map(), series: new Map() }
  return openHandle(data, options.failing ?? (() => false))
}

function openHandle(data: Data, failing: () => boolean): MemoryStore {
  const generation = data.generation
  const self = { closed: false }

  function reach(): void {
    if (self.closed || data.generation !== generation) throw new StoreUnavailable('the store is closed')
    if (failing()) throw new StoreUnavailable('the store does not answer')
  }

  function appendAll(scope: string, entries: ReadonlyMap<string, readonly SeriesEntry[]>, options: AppendOptions | undefined): void {
    checkName('a scope', scope)
    keptMs(options)
    const added = encodeAll(entries)
    reach()
    for (const [series, some] of added) {
      const lines = data.series.get(seriesKey(scope, series)) ?? []
      data.series.set(seriesKey(scope, series), lines)
      for (const line of some) insert(lines, line)
    }
  }

  return {
    leases: locked,
    async own(scope) {
      checkName('a scope', scope)
      reach()
      const owner = data.owners.get(scope) ?? self
      if (owner !== self && !owner.closed) throw new StoreOwned(scope, null)
      data.owners.set(scope, self)
      const epoch = (data.epochs.get(scope) ?? 0) + 1
      data.epochs.set(scope, epoch)
      return epoch
    },
    async commit(scope, epoch, batch) {
      checkName('a scope', scope)
      const changes = encodeBatch(batch)
      reach()
      const newest = data.epochs.get(scope) ?? 0
      if (newest !== epoch) throw new StaleEpoch(`${scope} is at epoch ${newest}, not ${epoch}`)
      const state = child(data.states, scope)
      for (const { key, json } of changes) {
        if (json === undefined) state.delete(key)
        else state.set(key, json)
      }
    },
    async read(scope, onDamaged) {
      reach()
      return decodeRows(scope, data.states.get(scope) ?? [], onDamaged)
    },
    async scopes() {
      reach()
      return [...data.epochs.keys()]
    },
    async claim(space, key, owner) {
      checkName('a space', space)
      checkName('a key', key)
      checkName('an owner', owner)
      reach()
      const claims = child(data.claims, space)
      const holder = claims.get(key) ?? owner
      claims.set(key, holder)
      return holder
    },
    async release(space, key, owner) {
      reach()
      const claims = data.claims.get(space)
      if (claims?.get(key) === owner) claims.delete(key)
    },
    async claims(space) {
      reach()
      return new Map(data.claims.get(space) ?? [])
    },
    async append(scope, series, entries, options) {
      checkName('a series', series)
      appendAll(scope, new Map([[series, entries]]), options)
    },
    async appendAll(scope, entries, options) {
      appendAll(scope, entries, options)
    },
    async replace(scope, series, fromMs, toMs, entries, options) {
      checkName('a scope', scope)
      keptMs(options)
      checkName('a series', series)
      const replacement = encodeReplacement(fromMs, toMs, entries)
      reach()
      const lines = data.series.get(seriesKey(scope, series)) ?? []
      const left = lines.filter(({ atMs }) => atMs < replacement.fromMs || atMs >= replacement.toMs)
      for (const line of replacement.lines) insert(left, line)
      data.series.set(seriesKey(scope, series), left)
    },
    async series(scope, prefix = '') {
      checkName('a scope', scope)
      reach()
      const from = seriesKey(scope, '')
      return [...data.series].flatMap(([key, lines]) => (key.startsWith(from + prefix) && lines.length > 0 ? [key.slice(from.length)] : [])).sort()
    },
    async range(scope, series, fromMs, toMs, limit = defaultRangeLimit) {
      const bounds = clampRange(fromMs, toMs, limit)
      reach()
      const lines = data.series.get(seriesKey(scope, series)) ?? []
      return decodeEntries(lines.filter(({ atMs }) => atMs >= bounds.fromMs && atMs < bounds.toMs), bounds.limit)
    },
    async expire(scope, series, beforeMs) {
      const firstKept = wholeMs('beforeMs', beforeMs)
      reach()
      const lines = data.series.get(seriesKey(scope, series)) ?? []
      data.series.set(seriesKey(scope, series), lines.filter(({ atMs }) => atMs >= firstKept))
    },
    async keep(scope, series, keepMs) {
      checkName('a scope', scope)
      checkName('a series', series)
      keptMs({ keepMs })
      reach()
    },
    async compact(scope) {
      checkName('a scope', scope)
      reach()
      return true
    },
    async *dump(options = {}) {
      reach()
      yield* piecesOf(data, options.withoutSeries === true)
    },
    async load(pieces) {
      for await (const piece of pieces) {
        checkPiece(piece)
        reach()
        if (piece.type === 'scope') data.epochs.set(piece.scope, Math.max(piece.epoch, data.epochs.get(piece.scope) ?? 0))
        else if (piece.type === 'record') child(data.states, piece.scope).set(piece.key, JSON.stringify(piece.value))
        else if (piece.type === 'claim') child(data.claims, piece.space).set(piece.key, piece.owner)
        else appendAll(piece.scope, new Map([[piece.series, [piece]]]), undefined)
      }
    },
    async check() {
      reach()
    },
    async close() {
      self.closed = true
    },
    restart() {
      data.generation += 1
      data.owners.clear()
      return openHandle(data, failing)
    },
    attach() {
      return openHandle(data, failing)
    },
    damage(scope, key, text) {
      child(data.states, scope).set(key, text)
    },
    texts: (scope) => new Map(data.states.get(scope)),
  }
}

/** As of now, whatever is written while it is read. */
function piecesOf(data: Data, withoutSeries: boolean): Piece[] {
  const pieces: Piece[] = []
  for (const [scope, epoch] of data.epochs) {
    pieces.push({ type: 'scope', scope, epoch })
    for (const [key, json] of data.states.get(scope) ?? []) pieces.push({ type: 'record', scope, key, value: JSON.parse(json) })
  }
  for (const [space, claims] of data.claims) for (const [key, owner] of claims) pieces.push({ type: 'claim', space, key, owner })
  if (withoutSeries) return pieces
  for (const [name, lines] of data.series) {
    const [scope = '', series = ''] = name.split('\0')
    for (const { atMs, json } of lines) pieces.push({ type: 'entry', scope, series, atMs, value: JSON.parse(json) })
  }
  return pieces
}

/** Behind those of the same moment. */
function insert(lines: Line[], line: Line): void {
  lines.splice(lines.findLastIndex(({ atMs }) => atMs <= line.atMs) + 1, 0, line)
}

function child(parents: Map<string, Map<string, string>>, name: string): Map<string, string> {
  const existing = parents.get(name) ?? new Map<string, string>()
  parents.set(name, existing)
  return existing
}

function seriesKey(scope: string, series: string): string {
  return `${scope}\0${series}`
}
