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
  if (all.length === 0) {
    return (
      <>
        <h1>No site yet</h1>
        <p>A site is a grid connection with its limit. Make one over REST, or write it into <code>kwota.yaml</code> and start again:</p>
        <pre>{`curl -X POST ${location.origin}/api/v1/sites -H 'Content-Type: application/json' \\\n  -d '{"id":"main","name":"Main","fuseA":63}'`}</pre>
        <p>Then <a href="/connect">connect a charger</a>.</p>
      </>
    )
  }
  return (
    <>
      <h1>Sites</h1>
      <ul class="cards">{all.map(({ id, name }) => <li key={id}><a class="card" href={`/sites/${segment(id)}`}><b>{name}</b> <span>{id}</span></a></li>)}</ul>
    </>
  )
}
