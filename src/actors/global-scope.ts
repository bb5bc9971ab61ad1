// The records of what belongs to no site: one scope beside those of the sites.
import type { EstateOptions } from './estate-options.ts'
import { Refusal } from './house.ts'
import { recordFault } from './record-kinds.ts'
import { olderKey } from '../store/port.ts'
import { openScope, type Scope } from './scope.ts'
import { blockTags } from './stand-ins.ts'

/** Its name; no site may be called so. */
export const globalScope = 'kwota'

/** Takes ownership of it. Rejects with StoreUnavailable, with StoreOwned while another process lives that has it, and with Refusal when a site has the name (0.1 allowed it): nothing is changed then. */
export async function openGlobalScope({ store, clock, log }: EstateOptions): Promise<Scope> {
  const scope = await openScope({
    store, clock, name: globalScope,
    // That of a site called so is refused below.
    fault: (key, value) => (key === 'config' ? null : recordFault(key, value)),
    onFailure(reason) {
      if (reason !== null) log.error({ scope: globalScope, reason }, 'the store does not take writes')
    },
    onLost: (why) => log.error({ scope: globalScope, why }, 'another process owns what belongs to no site now: no change of it is taken, and requests are refused'),
  })
  blockTags(scope, clock.wall())
  const older = scope.get(olderKey)
  if (older !== undefined) {
    // Nothing of it has to be held down: the sites say what is to be done.
    log.warn({ scope: globalScope, older }, 'what belongs to no site is older than it was: API keys, id tags and tariffs are those of then')
    scope.delete(olderKey)
  }
  if (scope.get('config') === undefined) return scope
  await scope.close()
  throw new Refusal('conflict', 'site-called-kwota', `The store holds a site called ${globalScope}, and kwota keeps what belongs to no site under that name now. Nothing was changed.`, {
    hint: `Start kwota 0.1 once more, put its charge points into another site (PUT /api/v1/chargepoints/{clientID}), delete it (DELETE /api/v1/sites/${globalScope}), and start this version again.`,
  })
}
