// All charge points, by identity and by site; the actors of each run once it is their turn after a start, or somebody asks for them.
import type { Session } from '../protocol/session.ts'
import type { PointRecord } from './estate-records.ts'
import type { Family } from './family.ts'

export class PointEntry {
  record: PointRecord
  session: Session | null = null
  /** Its actors, where they run already. */
  opened: Family | null = null
  /** Begins what waits for its turn; null = nothing does. */
  waiting: (() => unknown) | null = null

  constructor(record: PointRecord) {
    this.record = record
  }

  /** Its actors; those that wait for their turn begin now. */
  get family(): Family | null {
    if (this.opened === null && this.waiting !== null) this.waiting()
    return this.opened
  }

  /** They have ended. */
  close(): void {
    this.opened = null
    this.waiting = null
  }
}

/** By identity in lower case: identities are compared without regard to case, and keep the spelling first seen. */
export class PointBook extends Map<string, PointEntry> {
  private bySite: Map<string, PointEntry[]> | null = null

  /** Also where it is there already, and has moved. */
  override set(key: string, point: PointEntry): this {
    this.bySite = null
    return super.set(key, point)
  }

  override delete(key: string): boolean {
    this.bySite = null
    return super.delete(key)
  }

  ofSite(siteID: string): readonly PointEntry[] {
    this.bySite ??= grouped(this.values())
    return this.bySite.get(siteID) ?? []
  }
}

function grouped(points: Iterable<PointEntry>): Map<string, PointEntry[]> {
  const bySite = new Map<string, PointEntry[]>()
  for (const point of points) {
    const { site } = point.record.config
    const there = bySite.get(site)
    if (there === undefined) bySite.set(site, [point])
    else there.push(point)
  }
  return bySite
}
