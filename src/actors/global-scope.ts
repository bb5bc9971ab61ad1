// The records of what belongs to no site: one scope beside those of the sites.
import type { EstateOptions } from './estate-options.ts'
import { openScope, type Scope } from './scope.ts'

/** Its name; no site may be called so. */
export const globalScope = 'kwota'

/** Takes ownership of it. Rejects with StoreUnavailable. */
export function openGlobalScope({ store, clock, log }: EstateOptions): Promise<Scope> {
  return openScope({
    store, clock, name: globalScope,
    onFailure(reason) {
      if (reason !== null) log.error({ scope: globalScope, reason }, 'the store does not take writes')
    },
    onLost: () => log.error({ scope: globalScope }, 'another process owns what belongs to no site now: no change of it is taken'),
  })
}
