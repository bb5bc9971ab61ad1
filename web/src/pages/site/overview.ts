// What the site page reads, once a second.
export type { ConnectorOverview, OverviewView } from '../../../../src/actors/overview-views.ts'
