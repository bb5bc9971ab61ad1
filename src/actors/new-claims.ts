// The identities that a file adds are claimed together: one after the other, each would wait for the disk by itself.
import type { ChargePointConfig } from '../power/site.ts'
import type { Store } from '../store/port.ts'

const mostAtOnce = 1_000

/** Claims each for its site, unless another has it; answers the identities, in lower case. Rejects with StoreUnavailable. */
export async function claimTogether(store: Pick<Store, 'claim'>, points: readonly Pick<ChargePointConfig, 'id' | 'site'>[]): Promise<ReadonlySet<string>> {
  const claimed = new Set<string>()
  for (let from = 0; from < points.length; from += mostAtOnce) {
    await Promise.all(points.slice(from, from + mostAtOnce).map(async ({ id, site }) => {
      await store.claim('chargepoint', id.toLowerCase(), site)
      claimed.add(id.toLowerCase())
    }))
  }
  return claimed
}
