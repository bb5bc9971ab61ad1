// Inspect: the actors as a tree, the machine of one with its state lit, and what they tell each other; live, and back through what was recorded.
import { useEffect, useMemo, useState } from 'preact/hooks'
import { call, said } from '../../data/call.ts'
import { save } from '../../data/download.ts'
import { serverNowMs } from '../../data/server-clock.ts'
import { may, who } from '../../data/session.ts'
import { sites } from '../../data/sites.ts'
import type { PageProps } from '../../pages.ts'
import { notify } from '../../parts/notice.tsx'
import { Mark } from '../../parts/reading.tsx'
import { ActorTree } from './actor-tree.tsx'
import { ContextPane } from './context-pane.tsx'
import { useFeed } from './feed.ts'
import { stateWords, type Actor, type State } from './model.ts'
import { pastAt, recorded, recordedSince, type Past } from './past.ts'
import { rowsOf, type TreeRow } from './rows.ts'
import { Scrubber } from './scrubber.tsx'
import { Statechart } from './statechart.tsx'
import { Timeline } from './timeline.tsx'

const pauseMs = 150
const sinceEveryMs = 15_000
const firstMs = 1_500
/** With more charge points than this they are closed at first. */
const openPoints = 30

export function Page({ query }: PageProps) {
  if (who.value === null) return <p class="first" aria-busy="true">Reading …</p>
  return <><h1>Inspect</h1>{may('inspect') ? <Inspect query={query} /> : <NoScope />}</>
}

function NoScope() {
  return (
    <div class="card">
      <p><Mark kind="info" /> Looking into the actors needs a key with the scope <code>inspect</code>; this one has {who.value?.scopes.join(', ')}.</p>
      <p>Somebody with an <code>admin</code> key makes one under <a href="/settings">Settings</a>, or with</p>
      <pre>{`curl -X POST ${location.origin}/api/v1/api-keys -H 'Authorization: Bearer …' \\\n  -H 'Content-Type: application/json' -d '{"name":"support","scopes":["read","inspect"]}'`}</pre>
    </div>
  )
}

function Inspect({ query }: { query: URLSearchParams }) {
  const [siteID, setSite] = useState(query.get('siteID') ?? '')
  const [clientID, setClient] = useState(query.get('clientID') ?? '')
  const [text, setText] = useState('')
  const [asked, select] = useState<string | null>(query.get('actor'))
  const [toggled, toggle] = useState<ReadonlySet<string>>(new Set())
  const [atMs, setAt] = useState<number | null>(null)
  const [past, setPast] = useState<Past | null>(null)
  const [sinceMs, setSince] = useState<number | null>(null)
  const feed = useFeed(siteID, clientID)
  const version = feed.version.value
  const where = useMemo(() => ({ ...(siteID !== '' && { siteID }), ...(clientID !== '' && { clientID }) }), [siteID, clientID])

  useEffect(() => {
    const look = (): void => { recordedSince().then(setSince, () => undefined) }
    look()
    // The first who watches begins the recording.
    const first = setTimeout(look, firstMs)
    const timer = setInterval(look, sinceEveryMs)
    return () => { clearTimeout(first); clearInterval(timer) }
  }, [])
  useEffect(() => {
    if (atMs === null) return void setPast(null)
    const ended = new AbortController()
    const timer = setTimeout(() => { pastAt(atMs, where, ended.signal).then(setPast, (error: unknown) => { if (!ended.signal.aborted) notify(said(error), { bad: true }) }) }, pauseMs)
    return () => { clearTimeout(timer); ended.abort() }
  }, [atMs, where])

  const shownPast = atMs === null ? null : past
  const lower = text.trim().toLowerCase()
  // While the past is shown, what happens now draws nothing.
  const actors = useMemo(() => actorsOf(feed.model.actors, shownPast), [shownPast ?? version, feed])
  const rows = useMemo(() => {
    const many = actors.filter(({ type }) => type === 'charge-point').length > openPoints
    const shut = many && lower === '' ? actors.filter(({ id, type }) => type === 'charge-point' && !toggled.has(id)).map(({ id }) => id) : []
    const turned = [...toggled].filter((id) => !(many && lower === '' && id.startsWith('charge-point:')))
    return rowsOf(actors, new Set([...shut, ...turned]), ({ id, state }) => lower === '' || id.toLowerCase().includes(lower) || (state !== null && stateWords(state).toLowerCase().includes(lower)))
  }, [actors, toggled, lower])
  const lines = useMemo(() => (shownPast?.lines ?? feed.model.lines).filter(({ actorID, words, from }) => lower === '' || `${actorID} ${words} ${from ?? ''}`.toLowerCase().includes(lower)), [shownPast ?? version, lower, feed])
  // Before anybody has chosen: a site, since that is where the decisions are.
  const selected = asked ?? actors.find(({ type }) => type === 'site')?.id ?? null
  const chosen = actors.find(({ id }) => id === selected) ?? null
  const chosenType = chosen?.type ?? selected?.split(':')[0] ?? null

  return (
    <>
      <div class="line inspect-filters">
        <label>Site<select value={siteID} onChange={({ currentTarget }) => setSite(currentTarget.value)}><option value="">all</option>{sites.value.map(({ id, name }) => <option key={id} value={id}>{name}</option>)}</select></label>
        <label>Charge point<input type="search" value={clientID} placeholder="all" onChange={({ currentTarget }) => setClient(currentTarget.value.trim())} /></label>
        <label>Text<input type="search" value={text} placeholder="name, state, event" onInput={({ currentTarget }) => setText(currentTarget.value)} /></label>
        <button type="button" onClick={() => { recorded(where).then((events) => save(new Blob([JSON.stringify({ at: new Date(serverNowMs()).toISOString(), actors: [...feed.model.actors.values()], events }, null, 1)], { type: 'application/json' }), 'kwota-inspect.json'), (error: unknown) => notify(said(error), { bad: true })) }}>Export JSON</button>
        <span>{feed.connected.value ? <><Mark kind="ok" /> live</> : <b class="warn"><Mark kind="warning" /> not connected, trying again</b>}{feed.model.dropped > 0 && <span class="warn"> · {feed.model.dropped} events left out</span>}</span>
      </div>
      <Scrubber sinceMs={sinceMs} atMs={atMs} busy={atMs !== null && past?.atMs !== atMs} onMove={setAt} />
      <div class="inspect">
        <section class="card" aria-labelledby="actors"><h2 id="actors">Actors <span class="soft">({actors.length})</span></h2>
          <ActorTree rows={rows} selected={selected} stateOf={stateOf} onSelect={select} onToggle={(id) => { const next = new Set(toggled); if (!next.delete(id)) next.add(id); toggle(next) }} />
        </section>
        <section class="card" aria-labelledby="machine"><h2 id="machine">{selected ?? 'State'}</h2>
          {chosenType === null ? <p class="soft">Choose an actor to see its machine.</p> : chosenType.startsWith('circuit') ? <p class="soft">A circuit is no actor: its site decides for it.</p> : (
            <>
              <Statechart type={chosenType} state={chosen?.state ?? null} />
              <Links type={chosenType} />
              {selected !== null && atMs === null && <ContextPane id={selected} />}
            </>
          )}
        </section>
        <section class="card" aria-labelledby="timeline"><h2 id="timeline">Timeline</h2><Timeline lines={lines} selected={selected} onSelect={select} /></section>
      </div>
    </>
  )
}

const stateOf = (row: TreeRow): State | null => row.actor?.state ?? null

/** Of the past: those that stood then, with their states of then. */
function actorsOf(live: ReadonlyMap<string, Actor>, past: Past | null): Actor[] {
  if (past === null) return [...live.values()]
  return [...past.states].map(([id, state]) => {
    const known = live.get(id)
    if (known !== undefined) return { ...known, state, queued: null }
    const [type = '', name = '', last] = id.split(':')
    return { id, type, parent: null, siteID: type === 'site' ? name : [...live.values()].find(({ clientID }) => clientID === name)?.siteID ?? '', clientID: type === 'site' ? null : name, circuitID: null, connectorId: type === 'connector' ? Number(last) : null, state, queued: null }
  })
}

const forms = [['JSON', 'application/json', 'json'], ['Mermaid', 'text/vnd.mermaid', 'mmd'], ['DOT', 'text/vnd.graphviz', 'dot']] as const

function Links({ type }: { type: string }) {
  async function fetchAs(accept: string, ending: string): Promise<void> {
    if (ending === 'json') return save(new Blob([JSON.stringify(await call(`/machines/${type}`), null, 2)], { type: accept }), `${type}.json`)
    const response = await fetch(`/api/v1/machines/${type}`, { headers: { Accept: accept } })
    save(await response.blob(), `${type}.${ending}`)
  }
  return <p class="line">The machine as {forms.map(([name, accept, ending]) => <button key={name} type="button" onClick={() => { fetchAs(accept, ending).catch((error: unknown) => notify(said(error), { bad: true })) }}>{name === 'JSON' ? 'XState JSON' : name}</button>)}</p>
}
