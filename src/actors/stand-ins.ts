// What stands in for a record that could not be read where without it too much power would be given: the safe side of what it may have said.
import { newestSeq } from '../power/row-times.ts'
import { openRow, type Row } from '../power/ledger.ts'
import { chargePointSchema, perPhase, phases, type SiteConfig } from '../power/site.ts'
import type { CurtailmentRecord } from './curtailment-record.ts'
import type { PointRecord, Revision } from './estate-records.ts'
import { readSiteRecord } from './estate-records.ts'
import type { GridRecord } from './grid-limit.ts'
import { idTagKey, type IdTagRecord } from './id-tag-record.ts'
import type { Learnt } from './learnt.ts'
import type { Scope } from './scope.ts'

const nobody = 'kwota'
/** The hash of no password: whoever comes as that charge point is refused. */
const nobodys = `scrypt$${Buffer.alloc(16).toString('base64')}$${Buffer.alloc(32).toString('base64')}`
/** As long as a curtailment may be. */
const longestMs = 7 * 86_400_000

/** Puts them for all that was set aside as the scope of a site was opened. */
export function putStandIns(scope: Scope, nowMs: number): void {
  for (const { key } of scope.aside) {
    const [kind = '', ...rest] = key.split(':')
    const name = rest.join(':')
    if (kind === 'grid-limit') scope.put(key, lapsed(nowMs))
    else if (kind === 'curtailment') scope.put(key, toFailsafe(scope, name, nowMs))
    else if (kind === 'row') scope.put(key, { ...openRow(0, false), contactedAtMs: 0 })
    else if (kind === 'chargepoint' || kind === 'learnt' || kind === 'profiles') doubt(scope, name)
    if (kind === 'profiles') clearOnce(scope, name)
  }
}

/** An id tag may have been blocked: it is until somebody says otherwise. */
export function blockTags(scope: Scope, nowMs: number): void {
  for (const { key } of scope.aside) {
    const id = key.slice(idTagKey('').length)
    if (!key.startsWith(idTagKey('')) || id === '') continue
    const record: IdTagRecord = { v: 1, version: 1, ...changed(nowMs), tag: { id, status: 'Blocked', concurrent: false } }
    scope.put(key, record)
  }
}

/** A charge point of which only the ledger is left: on the site itself with all that its connectors can take. */
export function standInPoints(scope: Scope, siteID: string, known: ReadonlySet<string>, revision: Revision): PointRecord[] {
  return scope.aside.flatMap(({ key }) => {
    const [kind, ...rest] = key.split(':')
    const id = rest.join(':')
    const rows = scope.entries(`row:${id}/`) as [string, Row][]
    if (kind !== 'chargepoint' || known.has(id.toLowerCase()) || rows.length === 0) return []
    const connectors = rows.map(([row, { hardwareA }]) => ({ id: Number(row.slice(row.lastIndexOf('/') + 1)), maxA: hardwareA }))
    const config = chargePointSchema.safeParse({ id, site: siteID, connectors })
    return config.success ? [{ ...revision, config: config.data, password: nobodys, standIn: true }] : []
  })
}

/** On which circuit a stand-in hangs nobody knows: each circuit has so much less for the others. */
export function withRoomFor(site: SiteConfig, points: Iterable<PointRecord>): SiteConfig {
  let amps = 0
  for (const { standIn, config } of points) if (standIn === true && config.site === site.id) amps += config.connectors.reduce((sum, { maxA }) => sum + maxA, 0)
  if (amps === 0) return site
  const watts = amps * 3 * site.voltage
  return {
    ...site,
    circuits: site.circuits.map(({ limitA, limitW, ...circuit }) => ({
      ...circuit, ...(limitW === undefined ? {} : { limitW: Math.max(0, limitW - watts) }),
      ...(limitA === undefined ? {} : { limitA: lessOnEach(limitA, amps) }),
    })),
  }
}

function lessOnEach(limitA: NonNullable<SiteConfig['circuits'][number]['limitA']>, amps: number) {
  const left = perPhase(limitA)
  for (const phase of phases) left[phase] = Math.max(0, left[phase] - amps)
  return left
}

/** One that was not renewed in time: the failsafe holds until a new one is set. */
function lapsed(nowMs: number): GridRecord {
  return { limit: { currentA: 0, setAtMs: nowMs, expiresAtMs: nowMs }, version: 1, ...changed(nowMs), lapsed: true }
}

function toFailsafe(scope: Scope, id: string, nowMs: number): CurtailmentRecord {
  return {
    v: 1, id, version: 1, ...changed(nowMs), createdAtMs: nowMs, kind: 'curtailment', currentA: readSiteRecord(scope)?.site.failsafeA ?? 0,
    reason: 'It could not be read.', startsAtMs: nowMs, expiresAtMs: nowMs + longestMs, aheadMs: 0, cancelledAtMs: null,
  }
}

/** As after a reboot that may have wiped its profiles: its hardware counts until it confirms a newer one. */
function doubt(scope: Scope, clientID: string): void {
  for (const [key, value] of scope.entries(`row:${clientID}/`)) {
    const row = value as Row
    scope.put(key, { ...row, doubtSinceMs: 0, doubtAfterSeq: newestSeq(row) })
  }
}

/** Profiles of others that nobody knows of go when it boots next. */
function clearOnce(scope: Scope, clientID: string): void {
  const learnt = scope.get(`learnt:${clientID}`) as Learnt | undefined
  if (learnt === undefined) return
  const { clearedForeign: _, ...rest } = learnt
  scope.put(`learnt:${clientID}`, rest)
}

function changed(nowMs: number): Pick<Revision, 'changedAt' | 'changedBy'> {
  return { changedAt: new Date(nowMs).toISOString(), changedBy: nobody }
}
