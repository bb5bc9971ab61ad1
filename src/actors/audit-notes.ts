// Changes that nobody asked for over REST, as entries of the audit log: by the file, by charge points, and by the passing of time.
import type { GridLimit } from '../power/limits.ts'
import type { SiteConfig } from '../power/site.ts'
import { differences, fitToKeep, secretChanged } from './audit-kept.ts'
import type { AuditLog } from './audit-log.ts'
import type { AuditEntry } from './audit-record.ts'
import type { PointRecord, SiteRecord } from './estate-records.ts'
import type { KwotaEvent } from './house.ts'
import { idTagKey, type IdTagRecord } from './id-tag-record.ts'
import type { Scope } from './scope.ts'

export const provisioner = 'kwota.yaml'

export function stationActor(clientID: string): string {
  return `station:${clientID}`
}

/** What the file changes at a start; written once all of it may hold. */
export class ProvisionNotes {
  private readonly audit: AuditLog
  private readonly entries: AuditEntry[] = []

  constructor(audit: AuditLog) {
    this.audit = audit
  }

  site(before: SiteRecord | null, { site }: SiteRecord): void {
    this.add('provision-site', { kind: 'site', id: site.id }, site.id, before?.site, site)
  }

  point(before: PointRecord | undefined, after: PointRecord): void {
    const { site, id } = after.config
    this.add('provision-charge-point', { kind: 'charge-point', id }, site, before?.config, { ...after.config, ...passwordOf(before, after) })
  }

  /** What `act` changes of one kind of what belongs to no site, as `look` sees it. */
  around<T>(kind: 'id-tag' | 'tariff', ids: readonly string[], look: (id: string) => unknown, act: () => T): T {
    const before = ids.map(look)
    const done = act()
    const ofTag = kind === 'id-tag'
    for (const [index, id] of ids.entries()) this.add(`provision-${kind}`, { kind, id: ofTag ? this.audit.nameOfTag(id) : id }, null, before[index], look(id), ofTag)
    return done
  }

  /** As around, of id tags. */
  tags<T>(scope: Pick<Scope, 'get'>, tags: readonly { readonly id: string }[], act: () => T): T {
    return this.around('id-tag', tags.map(({ id }) => id), (id) => (scope.get(idTagKey(id)) as IdTagRecord | undefined)?.tag, act)
  }

  /** Resolves when they are durable. Rejects with StoreUnavailable. */
  async write(): Promise<void> {
    for (const entry of this.entries.splice(0)) {
      await this.audit.room()
      this.audit.put(entry)
    }
    await this.audit.durable()
  }

  private add(action: string, target: AuditEntry['target'], siteID: string | null, before: unknown, after: unknown, ofTag = false): void {
    const differ = differences(before, after)
    if (JSON.stringify(differ.before) === '{}') return
    const keeping = { nameOfTag: (tag: string) => this.audit.nameOfTag(tag), ofTag }
    this.entries.push({ actor: provisioner, action, target, siteID, reason: 'as the file says', before: fitToKeep(differ.before, keeping), after: fitToKeep(differ.after, keeping) })
  }
}

/** What a charge point has changed by what it did: a key or a profile it has proven, or that it was not known before. */
export function ofStation(action: string, before: PointRecord | undefined, after: PointRecord, reason: string): AuditEntry {
  const { id, site } = after.config
  const differ = differences(before?.config, { ...after.config, ...passwordOf(before, after) })
  const keeping = { nameOfTag: (tag: string) => tag }
  return { actor: stationActor(id), action, target: { kind: 'charge-point', id }, siteID: site, before: fitToKeep(differ.before, keeping), after: fitToKeep(differ.after, keeping), reason }
}

/** A limit that began or ended by itself; null for every other event. The demand window moves all the time and is not recorded, and of a grid limit its lapse is. */
export function ofLimit({ type, siteID, data }: KwotaEvent): AuditEntry | null {
  const source = data['source']
  if ((type !== 'limit.changed' && type !== 'limit.expired') || typeof source !== 'string' || data['changedBy'] !== undefined || source === 'demand-window' || source === 'grid-limit') return null
  const at = source.indexOf(':')
  const target = at < 0 ? { kind: source, id: siteID } : { kind: source.slice(0, at) === 'schedule' ? 'limit-schedule' : source.slice(0, at), id: source.slice(at + 1) }
  const limit = data['limit'] ?? null
  const began = type === 'limit.changed'
  return { actor: 'engine', action: began ? 'begin-limit' : 'expire-limit', target, siteID, before: began ? null : limit, after: began ? limit : null }
}

/** The grid limit was not renewed in time: once each, also when that was while kwota did not run. */
export function ofLapse(siteID: string, { failsafeA }: Pick<SiteConfig, 'failsafeA'>, limit: GridLimit): AuditEntry {
  const { currentA, powerW } = limit
  const after = { failsafeA }
  return { actor: 'engine', action: 'fall-back-to-failsafe', target: { kind: 'grid-limit', id: siteID }, siteID, before: { currentA, powerW }, after, reason: 'the grid limit was not renewed in time' }
}

function passwordOf(before: PointRecord | undefined, after: PointRecord): { readonly password?: string } {
  return (before?.password ?? null) === after.password ? {} : { password: after.password === null ? 'removed' : secretChanged }
}
