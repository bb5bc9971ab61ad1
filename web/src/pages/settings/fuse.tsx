// How big the fuse of the site is, as it was stated or assumed, and a way to state another.
import { useState } from 'preact/hooks'
import type { SiteConfig } from '../../../../src/power/site.ts'
import { segment } from '../../data/call.ts'
import { usePolled } from '../../data/polled.ts'
import { may } from '../../data/session.ts'
import { amps } from '../../data/words.ts'
import { FuseForm } from '../../parts/fuse-form.tsx'
import { notify } from '../../parts/notice.tsx'
import { Mark, Reading } from '../../parts/reading.tsx'

const phases = ['L1', 'L2', 'L3'] as const

export function Fuse({ siteID }: { siteID: string }) {
  const site = usePolled<SiteConfig>(`/sites/${segment(siteID)}`, { everyMs: 15_000 })
  const [changing, change] = useState(false)
  const done = (): void => {
    notify('The fuse is stated.')
    change(false)
    site.again()
  }
  return (
    <section class="card">
      <h2>The fuse of {siteID}</h2>
      <Reading state={site.state.value} what="the fuse" staleMs={45_000}>
        {({ fuseA, fuseAssumed }) => (
          <>
            <p><b>{typeof fuseA === 'number' ? `${amps(fuseA)} per phase` : phases.map((phase) => `${phase} ${amps(fuseA[phase])}`).join(', ')}</b>{fuseAssumed === true && <> <Mark kind="warning" /> assumed: nobody said how big it is</>}</p>
            {may('config:write') && (changing || fuseAssumed === true ? <FuseForm siteID={siteID} onStated={done} /> : <p><button type="button" onClick={() => change(true)}>Change the fuse …</button></p>)}
            <p class="soft small">Where kwota.yaml names the site, its word comes back at the next start. A fuse that differs between phases is said there, or over REST.</p>
          </>
        )}
      </Reading>
    </section>
  )
}
