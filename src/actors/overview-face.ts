// What pages ask for in one go, instead of piece by piece.
import type { Estate } from './estate.ts'
import { siteEntry } from './lookup.ts'
import { overviewOf } from './overview.ts'
import type { OverviewView } from './overview-views.ts'

/** All throw or reject with Refusal not-found (`unknown-site`). */
export interface OverviewFace {
  overview(siteID: string): OverviewView
}

export class OverviewOffice implements OverviewFace {
  private readonly estate: Estate

  constructor(estate: Estate) {
    this.estate = estate
  }

  overview(siteID: string): OverviewView { return overviewOf(this.estate, siteEntry(this.estate, siteID)) }
}
