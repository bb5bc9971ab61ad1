// What happened at a site: alerts, decisions, and events as they come.
import { sites } from '../../data/sites.ts'
import type { PageProps } from '../../pages.ts'
import { Alerts } from './alerts.tsx'
import { Decisions } from './decisions.tsx'
import { Events } from './events.tsx'

export function Page({ parts, query }: PageProps) {
  const siteID = parts['siteID'] ?? ''
  const zone = sites.value.find(({ id }) => id === siteID)?.timezone ?? 'UTC'
  return (
    <>
      <h1>Activity</h1>
      <Alerts siteID={siteID} zone={zone} />
      <Decisions siteID={siteID} zone={zone} wanted={query.get('decision')} />
      <section class="card" aria-labelledby="events"><h2 id="events">Events, live</h2><Events siteID={siteID} zone={zone} /></section>
    </>
  )
}
