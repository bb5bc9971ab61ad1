// What pages ask for in one go, instead of piece by piece.
import { chartOf, type ChartQuery } from './chart.ts'
import type { ChartView } from './chart-views.ts'
import type { Estate } from './estate.ts'
import { siteEntry } from './lookup.ts'
import { overviewOf } from './overview.ts'
import type { OverviewView } from './overview-views.ts'

/** All throw or reject with Refusal not-found (`unknown-site`). */
export interface OverviewFace {
  overview(siteID: string): OverviewView
  /** Also invalid (`range-backwards`, `range-too-long`) and store-down. */
  chart(siteID: string, query: ChartQuery): Promise<ChartView>
}

export class OverviewOffice implements OverviewFace {
  private readonly estate: Estate

  constructor(estate: Estate) {
    this.estate = estate
  }

  overview(siteID: string): OverviewView { return overviewOf(this.estate, siteEntry(this.estate, siteID)) }
  async chart(siteID: string, query: ChartQuery): Promise<ChartView> { return chartOf(this.estate, siteEntry(this.estate, siteID), query) }
}
