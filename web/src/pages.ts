// The table of pages: address, name, and the file that draws it, loaded when it is first opened.
import type { FunctionComponent } from 'preact'

export interface PageProps {
  /** The named parts of the address. */
  readonly parts: Readonly<Record<string, string>>
  readonly query: URLSearchParams
}
export type Page = FunctionComponent<PageProps>

interface Row {
  readonly pattern: string
  readonly title: string
  readonly load: () => Promise<{ readonly Page: Page }>
}

export const pages: readonly Row[] = [
  { pattern: '/', title: 'Sites', load: () => import('./pages/sites.tsx') },
  { pattern: '/sites/{siteID}', title: 'Site', load: () => import('./pages/site/page.tsx') },
  { pattern: '/sites/{siteID}/sessions', title: 'Sessions', load: () => import('./pages/sessions/page.tsx') },
  { pattern: '/sites/{siteID}/circuits', title: 'Circuits', load: () => import('./pages/circuits/page.tsx') },
  { pattern: '/sites/{siteID}/activity', title: 'Activity', load: () => import('./pages/activity/page.tsx') },
  { pattern: '/sites/{siteID}/limits', title: 'Limits', load: () => import('./pages/limits/page.tsx') },
  { pattern: '/sessions/{transactionID}', title: 'Session', load: () => import('./pages/session/page.tsx') },
  { pattern: '/sites/{siteID}/chargepoints', title: 'Charge points', load: () => import('./pages/charge-points/page.tsx') },
  { pattern: '/chargepoints/{clientID}', title: 'Charge point', load: () => import('./pages/charge-point/page.tsx') },
  { pattern: '/lobby', title: 'Lobby', load: () => import('./pages/lobby/page.tsx') },
  { pattern: '/connect', title: 'Connect a charger', load: () => import('./pages/connect/page.tsx') },
  { pattern: '/inspect', title: 'Inspect', load: () => import('./pages/inspect/page.tsx') },
  { pattern: '/messages', title: 'Messages', load: () => import('./pages/messages/page.tsx') },
  { pattern: '/docs', title: 'REST API', load: () => import('./pages/docs/page.tsx') },
  { pattern: '/settings', title: 'Settings', load: () => import('./pages/settings/page.tsx') },
]
