// What stands above all else until it is done: to say how big the fuse is, and to connect a first charge point.
import { may } from '../../data/session.ts'
import { amps } from '../../data/words.ts'
import { FuseForm } from '../../parts/fuse-form.tsx'
import { notify } from '../../parts/notice.tsx'
import { Mark } from '../../parts/reading.tsx'
import type { OverviewView } from './overview.ts'

export function FirstSteps({ overview: { site, health }, onChanged }: { overview: Pick<OverviewView, 'site' | 'health'>; onChanged: () => void }) {
  return (
    <>
      {site.fuseAssumed === true && <AssumedFuse site={site} onChanged={onChanged} />}
      {health.chargePoints === 0 && <p class="sentence card limited"><Mark kind="info" /> <b>Next:</b> no charge point belongs to this site yet. <a href="/connect">Connect a charger</a></p>}
    </>
  )
}

function AssumedFuse({ site: { id, fuseA }, onChanged }: { site: OverviewView['site']; onChanged: () => void }) {
  return (
    <section class="once" aria-labelledby="assumed-fuse">
      <h2 id="assumed-fuse"><Mark kind="warning" /> {amps(fuseA.L1)} is assumed. How big is your fuse?</h2>
      <p>Nobody has said it, and every limit is kept below it: a fuse smaller than {amps(fuseA.L1)} would not be protected. It stands on the fuse itself, or in the contract of the grid connection.</p>
      {may('config:write') ? <FuseForm siteID={id} onStated={() => { notify('The fuse is stated.'); onChanged() }} /> : <p>Saying it needs the scope config:write.</p>}
    </section>
  )
}
