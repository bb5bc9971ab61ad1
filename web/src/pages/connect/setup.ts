// By which addresses chargers reach this kwota, as far as it says so itself.
import { usePolled } from '../../data/polled.ts'
import { isLoopback, ownAddress, type Address } from './addresses.ts'

interface System { readonly nodes: readonly { readonly address: string }[] }

/** `loopbackOnly`: it said so; a key for some sites only is not told. */
export function useAddresses(): { readonly addresses: readonly Address[]; readonly loopbackOnly: boolean } {
  const system = usePolled<System>('/system', { everyMs: 60_000 })
  const listens = system.state.value.data?.nodes[0]?.address
  const own = ownAddress(location)
  return { addresses: [own], loopbackOnly: listens !== undefined && isLoopback(new URL(listens).hostname) }
}
