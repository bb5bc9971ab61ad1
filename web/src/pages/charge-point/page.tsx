// One charge point: what it is and does, what was said, how it is configured, and what it can be told.
import type { FunctionComponent } from 'preact'
import { useEffect } from 'preact/hooks'
import type { ChargePointView } from '../../../../src/actors/views.ts'
import { segment } from '../../data/call.ts'
import { usePolled } from '../../data/polled.ts'
import { chosenSite } from '../../data/sites.ts'
import type { PageProps } from '../../pages.ts'
import { useChosenInView } from '../../parts/in-view.ts'
import { Messages } from '../../parts/messages.tsx'
import { Mark, Reading } from '../../parts/reading.tsx'
import { connectionOf, modelOf } from '../charge-points/row.ts'
import { Check } from './check.tsx'
import { Commands } from './commands.tsx'
import { Configuration } from './configuration.tsx'
import { Overview } from './overview.tsx'
import { Profiles } from './profiles.tsx'
import { Settings } from './settings.tsx'

export interface TabProps { readonly point: ChargePointView; readonly query: URLSearchParams }

const tabs: readonly { readonly id: string; readonly name: string; readonly Tab: FunctionComponent<TabProps> }[] = [
  { id: 'overview', name: 'Overview', Tab: Overview },
  { id: 'messages', name: 'Messages', Tab: ({ point, query }) => <Messages query={query} clientID={point.id} /> },
  { id: 'configuration', name: 'Configuration', Tab: Configuration },
  { id: 'profiles', name: 'Profiles', Tab: Profiles },
  { id: 'commands', name: 'Commands', Tab: Commands },
  { id: 'check', name: 'Check', Tab: Check },
  { id: 'settings', name: 'Settings', Tab: Settings },
]

export function Page({ parts, query }: PageProps) {
  const clientID = parts['clientID'] ?? ''
  const point = usePolled<ChargePointView>(`/chargepoints/${segment(clientID)}`, { on: ['chargepoint.connected', 'chargepoint.disconnected'] })
  const state = point.state.value
  const site = state.data?.site
  useEffect(() => { if (site !== undefined) chosenSite.value = site }, [site])
  const chosen = tabs.find(({ id }) => id === query.get('tab')) ?? tabs[0]

  return (
    <>
      <p class="soft small crumbs">{site !== undefined && <a href={`/sites/${segment(site)}/chargepoints`}>Charge points</a>}</p>
      <div class="line spread">
        <h1>{clientID}</h1>
        {state.data !== null && <State point={state.data} />}
      </div>
      {state.data === null && state.status === 404
        ? <p role="alert" class="card">{state.error} If it has tried to connect, it is in the <a href="/lobby">lobby</a>.</p>
        : (
          <>
            <Tabs clientID={clientID} chosen={chosen?.id ?? ''} />
            <Reading state={state} what="the charge point">{(data) => (chosen === undefined ? null : <chosen.Tab key={chosen.id} point={data} query={query} />)}</Reading>
          </>
        )}
    </>
  )
}

function Tabs({ clientID, chosen }: { clientID: string; chosen: string }) {
  const ref = useChosenInView(chosen)
  return (
    <nav ref={ref} class="tabs" aria-label={`Of ${clientID}`}>
      <ul>{tabs.map(({ id, name }) => <li key={id}><a href={`/chargepoints/${segment(clientID)}?tab=${id}`} aria-current={id === chosen ? 'page' : undefined}>{name}</a></li>)}</ul>
    </nav>
  )
}

function State({ point }: { point: ChargePointView }) {
  const { mark, state } = connectionOf(point)
  return <p><Mark kind={mark} /> <b>{state}</b> <span class="soft">{modelOf(point.boot)}</span></p>
}
