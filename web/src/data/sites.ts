// Which sites there are, and which one the reader looks at.
import { effect, signal } from '@preact/signals'
import { call } from './call.ts'
import { who } from './session.ts'

export interface SiteName { readonly id: string; readonly name: string; readonly timezone: string; readonly voltage: number }

export const sites = signal<readonly SiteName[]>([])
/** Of the address last opened; the only one where there is one. */
export const chosenSite = signal<string | null>(null)
/** The sites have been read. */
export const sitesKnown = signal(false)

/** Up to 500 sites; further ones are reached by their address. */
export async function lookSites(): Promise<void> {
  const { data } = await call<{ data: readonly SiteName[] }>('/sites?limit=500')
  sites.value = data
  sitesKnown.value = true
  const [only] = data
  if (chosenSite.value === null && data.length === 1 && only !== undefined) chosenSite.value = only.id
}

effect(() => {
  if (who.value !== null) lookSites().catch(() => undefined)
})
