// By which addresses chargers reach this kwota, as it says itself.
import { ownAddress, type Address } from './addresses.ts'

export function useAddresses(): { readonly addresses: readonly Address[]; readonly loopbackOnly: boolean } {
  return { addresses: [ownAddress(location)], loopbackOnly: false }
}
