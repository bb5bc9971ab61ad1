// By which addresses chargers reach this kwota, and where some of them take one, as it says itself.
import { usePolled } from '../../data/polled.ts'
import { addressesOf, type Address, type Endpoint } from './addresses.ts'

export interface VendorNote { readonly vendor: string; readonly models: string; readonly where: string; readonly note: string | null }
interface Setup { readonly endpoints: readonly Endpoint[]; readonly vendors: readonly VendorNote[] }

/** `loopbackOnly`: no other machine reaches it. */
export function useSetup(): { readonly addresses: readonly Address[]; readonly loopbackOnly: boolean; readonly vendors: readonly VendorNote[] } {
  const { data } = usePolled<Setup>('/setup', { everyMs: 30_000 }).state.value
  return {
    addresses: addressesOf(data?.endpoints ?? [], location), vendors: data?.vendors ?? [],
    loopbackOnly: data !== null && data.endpoints.length > 0 && data.endpoints.every(({ reachable }) => !reachable),
  }
}
