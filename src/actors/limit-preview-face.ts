// Dry runs of what people set for a site: refused as in earnest, and otherwise told what it would come to.
import { effectiveLimit } from '../power/limits.ts'
import type { SiteConfig } from '../power/site.ts'
import { checkSite } from './check-site.ts'
import type { Estate, SiteEntry } from './estate.ts'
import { changeLimit, type WantedLimit } from './grid-limit.ts'
import { previewChange, type LimitPreview, type PreviewTime } from './limit-preview.ts'
import { siteEntry } from './lookup.ts'
import { acceptSite } from './spoken-settings.ts'

export interface LimitPreviewFace {
  /** null = without a grid limit. Throws what setGridLimit rejects with. */
  gridLimit(siteID: string, wanted: WantedLimit | null): LimitPreview
  /** Throws what putSite rejects with; a site that is not there yet has no connectors to compare. */
  site(config: SiteConfig): LimitPreview
}

export class LimitPreviewOffice implements LimitPreviewFace {
  private readonly estate: Estate

  constructor(estate: Estate) {
    this.estate = estate
  }

  gridLimit(siteID: string, wanted: WantedLimit | null): LimitPreview {
    const { room } = siteEntry(this.estate, siteID)
    const time = timeOf(room)
    return previewChange(room.engine, { grid: changeLimit(room.config, room.engine.grid, wanted, time.nowMs) }, time)
  }

  site(given: SiteConfig): LimitPreview {
    const known = this.estate.sites.get(given.id)
    const site = acceptSite(this.estate, given, known?.record.site)
    const chargePoints = this.estate.configsOf(site.id)
    checkSite(site, chargePoints)
    if (known !== undefined) {
      const { engine, limits } = known.room
      const time = timeOf(known.room)
      return previewChange(engine, { site, chargePoints, timed: limits.timedOf(site, time.nowMs) }, time)
    }
    const nowMs = this.estate.options.clock.wall()
    return {
      dryRun: true, siteID: site.id, at: new Date(nowMs).toISOString(), effective: { before: null, after: effectiveLimit(site, null, nowMs) },
      state: 'enforced', connectors: [], counts: { connectors: 0, changed: 0, lowered: 0, raised: 0, leftOut: 0 }, lowerings: [], misfits: [],
    }
  }
}

function timeOf({ limits }: SiteEntry['room']): PreviewTime {
  return { nowMs: limits.nowMs(), aheadMs: limits.aheadMs(), wordsOf: (source) => limits.wordsOf(source) }
}
