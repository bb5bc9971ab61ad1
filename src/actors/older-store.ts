// A store that came back older than it was: what was promised since is not in it, so its site assumes the worst until somebody says what holds.
import { z } from 'zod'
import { hasLapsed, type GridLimit } from '../power/limits.ts'
import type { Row } from '../power/ledger.ts'
import { loseTrack } from '../power/relearning.ts'
import { rewireRow } from '../power/restoring.ts'
import type { ChargePointConfig, SiteConfig } from '../power/site.ts'
import { buildTree } from '../power/tree.ts'
import { olderKey } from '../store/port.ts'
import { putGridRecord, readGridRecord } from './grid-limit.ts'
import type { Scope } from './scope.ts'

const recordSchema = z.object({
  v: z.literal(1),
  at: z.string(),
  /** Of a restored backup: when it was made. */
  madeAt: z.string().exactOptional(),
  /** The worst is in the books already. */
  booked: z.literal(true).exactOptional(),
})

export function olderRecord(wallMs: number): z.output<typeof recordSchema> {
  return { v: 1, at: new Date(wallMs).toISOString() }
}

/** In words for the alert; null = its store is what it was, or somebody has said since what holds. */
export function olderInWords(scope: Pick<Scope, 'get'>): string | null {
  const stored = scope.get(olderKey)
  if (stored === undefined) return null
  const { data: record } = recordSchema.safeParse(stored)
  const what = record?.madeAt === undefined ? `The store was found at ${record?.at ?? 'a start'} to be older than what it had acknowledged` : `The backup of ${record.madeAt} was restored at ${record.at}`
  return `${what}: limits, transactions and profiles since then are not known. The failsafe limit holds, and every connector counts at its hardware until its charge point has confirmed afresh; set the grid limit to end this.`
}

/**
 * Before the engine begins: the failsafe limit beside the one that is stored, and every connector at its hardware maximum, in both slots, until
 * its charge point has confirmed afresh. Once; all of it lands with the next commit.
 */
export function bookOlderStore(scope: Scope, site: SiteConfig, chargePoints: readonly ChargePointConfig[], wallMs: number): void {
  const stored = scope.get(olderKey)
  const { data: record = olderRecord(wallMs) } = recordSchema.safeParse(stored)
  if (stored === undefined || record.booked === true) return
  const grid = readGridRecord(scope, wallMs)
  const { lapsed: _, ...held } = putGridRecord(scope, grid, failsafeBeside(grid.limit, site, wallMs), 'kwota', wallMs)
  scope.put('grid-limit', { ...held, lapsed: true })
  for (const outlet of buildTree(site, chargePoints).outlets.values()) {
    const row = rewireRow(scope.get(`row:${outlet.key}`) as Row | undefined, outlet.maxA, outlet.obeysLease, outlet.phases.length, (outlet.dc ?? null) !== null)
    scope.put(`row:${outlet.key}`, loseTrack(row, wallMs))
  }
  scope.put(olderKey, { ...record, booked: true })
}

/** As after a limit that was not renewed; one that was in force in the older store goes on beside the failsafe, since it may be the lower. */
function failsafeBeside(limit: GridLimit | null, { failsafeA }: SiteConfig, wallMs: number): GridLimit {
  const setAtMs = Math.floor(wallMs)
  if (limit === null) return { currentA: failsafeA, setAtMs, expiresAtMs: setAtMs }
  return hasLapsed(limit, wallMs) ? limit : { ...limit, expiresAtMs: setAtMs, beside: true }
}
