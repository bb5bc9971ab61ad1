// All sites, each in a line; with one site its page opens at once.
import { useEffect } from 'preact/hooks'
import { segment } from '../data/call.ts'
import { lookSites, sites, sitesKnown } from '../data/sites.ts'
import { go } from '../router.ts'

export function Page() {
  const all = sites.value
  const [only] = all
  useEffect(() => {
    if (all.length === 1 && only !== undefined) go(`/sites/${segment(only.id)}`, { replace: true })
  }, [all])
  useEffect(() => { lookSites().catch(() => undefined) }, [])
  if (!sitesKnown.value) return <p class="first" aria-busy="true">Reading the sites …</p>
  if (all.length === 0) return <><h1>No site</h1><p>This key covers no site. Who made it can say which sites it should cover, or make another.</p></>
  return (
    <>
      <h1>Sites</h1>
      <ul class="cards">{all.map(({ id, name }) => <li key={id}><a class="card" href={`/sites/${segment(id)}`}><b>{name ?? id}</b> <span>{id}</span></a></li>)}</ul>
    </>
  )
}
