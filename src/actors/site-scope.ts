// The records of a site as they are opened: what cannot be read is set aside, stood in for and told; where its store fails, or another takes it, people are told as well.
import { tellAside } from './aside-alerts.ts'
import type { Estate } from './estate.ts'
import { loseSite } from './lost-site.ts'
import { recordFault } from './record-kinds.ts'
import { openScope, type Scope } from './scope.ts'
import { putStandIns } from './stand-ins.ts'
import { tellStore } from './store-watch.ts'

/** Takes ownership of it. Rejects with StoreUnavailable. */
export async function openSiteScope(estate: Estate, siteID: string): Promise<Scope> {
  const { store, clock, log } = estate.options
  const scope = await openScope({
    store, clock, name: siteID, fault: recordFault,
    onFailure: (reason) => {
      if (reason !== null) log.error({ siteID, reason }, 'the store does not take writes')
      tellStore(estate, siteID, reason)
    },
    onLost: (why) => loseSite(estate, siteID, why),
  })
  putStandIns(scope, clock.wall())
  tellAside(estate, scope)
  return scope
}
