// The API keys: made, changed and removed one after the other in the scope of what belongs to no site, and looked up by every request.
import { hash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Log } from '../log.ts'
import { apiKeyRecordSchema, apiKeyView, opensEverything, type ApiKeyFace, type ApiKeyRecord, type ApiKeyView, type GivenApiKey } from './api-key-record.ts'
import { Refusal, type Versioned } from './house.ts'
import { write } from './records.ts'
import type { Scope } from './scope.ts'

export interface ApiKeyOptions {
  readonly scope: Scope
  readonly log: Log
  readonly wallMs: () => number
  readonly hasSite: (siteID: string) => boolean
}

const prefix = 'api-key:'
const usedPrefix = 'api-key-used:'
const mostKeys = 1_000
const usedEveryMs = 60_000
/** kwota_<id>_<32 random bytes>, so that scanners of repositories know one when they see it. */
const form = /^kwota_([0-9a-f]{12})_[A-Za-z0-9_-]{43}$/
/** Names that stand for somebody else wherever it says who did what. */
const reserved = new Set(['bootstrap', 'local', 'public', 'kwota', 'kwota.yaml', 'engine', 'mqtt'])
const nobody = digest('')

export class ApiKeys implements ApiKeyFace {
  private readonly options: ApiKeyOptions
  private readonly records = new Map<string, ApiKeyRecord>()
  private readonly usedAtMs = new Map<string, number>()
  private readonly hashes = new WeakMap<ApiKeyRecord, Buffer>()
  private unreadable = 0
  private last: Promise<unknown> = Promise.resolve()

  constructor(options: ApiKeyOptions) {
    this.options = options
    for (const [, value] of options.scope.entries(prefix)) {
      const read = apiKeyRecordSchema.safeParse(value)
      if (read.success) this.records.set(read.data.id, read.data)
      else this.unreadable++
    }
    // Whoever held it must not find the door open instead.
    if (this.unreadable > 0) options.log.error({ count: this.unreadable }, 'API keys on record cannot be read: they open nothing, and a key is needed all the same')
    for (const id of this.records.keys()) {
      const used = options.scope.get(usedPrefix + id)
      if (typeof used === 'number') this.usedAtMs.set(id, used)
    }
  }

  configured(): boolean {
    return this.records.size + this.unreadable > 0
  }

  list(): readonly Versioned<ApiKeyView>[] {
    return [...this.records.values()].map((record) => this.view(record)).sort((a, b) => (a.value.name < b.value.name ? -1 : 1))
  }

  get(id: string): Versioned<ApiKeyView> {
    return this.view(this.find(id))
  }

  create(given: GivenApiKey, alone: boolean, by: string): Promise<{ readonly key: Versioned<ApiKeyView>; readonly secret: string }> {
    return this.inTurn(async () => {
      if (this.records.size >= mostKeys) throw new Refusal('conflict', 'too-many-api-keys', `At most ${mostKeys} API keys are kept.`, { hint: 'DELETE those that nobody uses; lastUsedAt tells.' })
      this.check(given, null)
      if (alone && !opensEverything(given) && ![...this.records.values()].some(opensEverything)) throw firstKey()
      const id = this.newId()
      const secret = `kwota_${id}_${randomBytes(32).toString('base64url')}`
      const at = this.now()
      const record: ApiKeyRecord = { v: 1, id, ...plain(given), hash: digest(secret).toString('base64url'), createdAt: at, createdBy: by, version: 1, changedAt: at, changedBy: by }
      await write(this.options.scope, { [prefix + id]: record })
      this.records.set(id, record)
      return { key: this.view(record), secret }
    })
  }

  change(id: string, given: Partial<GivenApiKey>, alone: boolean, by: string): Promise<Versioned<ApiKeyView>> {
    return this.inTurn(async () => {
      const before = this.find(id)
      this.check(given, id)
      const after: ApiKeyRecord = { ...before, ...plain({ ...before, ...given }), version: before.version + 1, changedAt: this.now(), changedBy: by }
      if (alone) this.refuseLockOut(id, after)
      await write(this.options.scope, { [prefix + id]: after })
      this.records.set(id, after)
      return this.view(after)
    })
  }

  remove(id: string, alone: boolean): Promise<void> {
    return this.inTurn(async () => {
      this.find(id)
      if (alone) this.refuseLockOut(id, null)
      await write(this.options.scope, { [prefix + id]: null, [usedPrefix + id]: null })
      this.records.delete(id)
      this.usedAtMs.delete(id)
    })
  }

  open(secret: string): ApiKeyRecord | null {
    const id = form.exec(secret)?.[1]
    const record = id === undefined ? undefined : this.records.get(id)
    // The same work for an id that nobody has.
    const fits = timingSafeEqual(digest(secret), record === undefined ? nobody : this.hashOf(record))
    if (record === undefined || !fits || this.hasExpired(record)) return null
    this.noteUse(record.id)
    return record
  }

  /** Read once: each request asks for it. */
  private hashOf(record: ApiKeyRecord): Buffer {
    const known = this.hashes.get(record) ?? Buffer.from(record.hash, 'base64url')
    this.hashes.set(record, known)
    return known
  }

  current(id: string): ApiKeyRecord | null {
    const record = this.records.get(id)
    return record === undefined || this.hasExpired(record) ? null : record
  }

  /** Durable when it pleases the store: no request waits for it, and one that is lost is written a minute later. */
  private noteUse(id: string): void {
    const nowMs = this.options.wallMs()
    const { scope } = this.options
    if (Math.abs(nowMs - (this.usedAtMs.get(id) ?? -Infinity)) < usedEveryMs) return
    this.usedAtMs.set(id, nowMs)
    scope.put(usedPrefix + id, nowMs)
    scope.flush().catch(() => undefined)
  }

  private check({ name, sites, expiresAt }: Partial<GivenApiKey>, id: string | null): void {
    const { hasSite, wallMs } = this.options
    if (name !== undefined) {
      const same = name.toLowerCase()
      if (reserved.has(same) || same.startsWith('station:') || [...this.records.values()].some((one) => one.id !== id && one.name.toLowerCase() === same)) throw new Refusal('conflict', 'name-taken', `Another is called ${name}: what is changed is kept with the name of who did it.`, { hint: 'Give each key a name of its own.' })
    }
    const unknown = sites?.findIndex((siteID) => !hasSite(siteID)) ?? -1
    if (unknown >= 0) throw new Refusal('invalid', 'unknown-site', `There is no site ${sites?.[unknown]}.`, { errors: [{ pointer: `/sites/${unknown}`, message: `there is no site ${sites?.[unknown]}` }] })
    if (typeof expiresAt === 'string' && Date.parse(expiresAt) <= wallMs()) throw new Refusal('invalid', 'expiry-in-the-past', 'The key would have expired already.', { errors: [{ pointer: '/expiresAt', message: 'lies in the past' }] })
  }

  private refuseLockOut(id: string, after: ApiKeyRecord | null): void {
    const others = [...this.records.values()].filter((one) => one.id !== id)
    if (after === null && others.length + this.unreadable === 0) return
    if ((after !== null && opensEverything(after)) || others.some(opensEverything)) return
    if (!opensEverything(this.find(id))) return
    throw new Refusal('conflict', 'last-admin-key', 'It is the last key that may do everything: nobody could make another.', { hint: 'Make another key with the scope admin, for every site and without expiresAt, or start kwota with KWOTA_API_KEY.' })
  }

  private find(id: string): ApiKeyRecord {
    const record = this.records.get(id)
    if (record === undefined) throw new Refusal('not-found', 'unknown-api-key', `There is no API key ${id}.`, { hint: 'GET /api/v1/api-keys lists them.' })
    return record
  }

  private view(record: ApiKeyRecord): Versioned<ApiKeyView> {
    return apiKeyView(record, this.usedAtMs.get(record.id))
  }

  private hasExpired({ expiresAt }: ApiKeyRecord): boolean {
    return expiresAt !== null && Date.parse(expiresAt) <= this.options.wallMs()
  }

  private newId(): string {
    for (;;) {
      const id = randomBytes(6).toString('hex')
      if (!this.records.has(id)) return id
    }
  }

  private now(): string {
    return new Date(this.options.wallMs()).toISOString()
  }

  /** One change at a time, so that each sees what the one before has made of it. */
  private inTurn<T>(change: () => Promise<T>): Promise<T> {
    const mine = this.last.then(change)
    this.last = mine.catch(() => undefined)
    return mine
  }
}

function plain({ name, scopes, sites, expiresAt }: GivenApiKey): Pick<ApiKeyRecord, 'name' | 'scopes' | 'sites' | 'expiresAt'> {
  return { name, scopes: [...scopes], sites: sites === null ? null : [...sites], expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString() }
}

function firstKey(): Refusal {
  return new Refusal('invalid', 'first-key', 'From the first key on a key is needed, and this one could not make another.', { hint: 'Begin with a key with the scope admin, without sites and without expiresAt, or start kwota with KWOTA_API_KEY.' })
}

function digest(text: string): Buffer {
  return hash('sha256', text, 'buffer')
}
