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
    onOlder: (writing) => {
      const cause = { code: 'store-rolled-back', siteID, about: 'while running' } as const
      if (writing) estate.alerts.set(cause, 'The store came back older than what it had acknowledged: all that is known here is being written again, and nothing is raised until it is.', clock.wall())
      else estate.alerts.settle(cause, 'The store came back older than what it had acknowledged. All that is known here was written again; what lay in its history since then is lost.', clock.wall())
    },
    onLost: (why) => loseSite(estate, siteID, why),
  })
  putStandIns(scope, clock.wall())
  tellAside(estate, scope)
  return scope
}
