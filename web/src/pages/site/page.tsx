// The page of a site: in five seconds from top to bottom, how it stands, what is used, what is to come, and who gets what and why.
import { useState } from 'preact/hooks'
import { segment } from '../../data/call.ts'
import { usePolled } from '../../data/polled.ts'
import type { PageProps } from '../../pages.ts'
import { Reading } from '../../parts/reading.tsx'
import { Chart } from './chart.tsx'
import { Connectors } from './connectors.tsx'
import { FirstSteps } from './first-steps.tsx'
import { LimitDialog } from './limit-dialog.tsx'
import type { LimitAim } from './limit-wish.ts'
import type { OverviewView } from './overview.ts'
import { PowerSection } from './power-section.tsx'
import { Sentence } from './sentence.tsx'
import { Side } from './side.tsx'

/** After these the site is read again, at most once a second. */
const events = [
  'connector.status', 'transaction.started', 'transaction.stopped', 'limit.changed', 'limit.expired', 'allocation.changed', 'alert.raised', 'alert.resolved', 'meter.sample',
  'chargepoint.connected', 'chargepoint.disconnected', 'decision.made', 'profile.accepted', 'profile.rejected',
]

export function Page({ parts: { siteID = '' } }: PageProps) {
  const { state, again } = usePolled<OverviewView>(`/sites/${segment(siteID)}/overview`, { on: events })
  const [aim, setAim] = useState<LimitAim | null>(null)
  return (
    <>
      <Reading state={state.value} what="the site">{(overview) => (
        <>
          <h1>{overview.site.name ?? overview.site.id}</h1>
          <FirstSteps overview={overview} onChanged={again} />
          {overview.health.chargePoints > 0 && <Sentence overview={overview} />}
          <div class="columns">
            <div>
              <PowerSection overview={overview} onAim={setAim} />
              <Chart siteID={siteID} timezone={overview.site.timezone} />
              <Connectors overview={overview} onChanged={again} />
            </div>
            <Side overview={overview} readAt={state.value.at} onChanged={again} />
          </div>
        </>
      )}</Reading>
      {aim !== null && state.value.data !== null && <LimitDialog aim={aim} overview={state.value.data} onChanged={again} onClose={() => setAim(null)} />}
    </>
  )
}
