// What is around every page: where one can go, whose key it is, and that the page named by the address is shown.
import { useEffect, useState } from 'preact/hooks'
import { keyNeeded } from './data/session.ts'
import { segment } from './data/call.ts'
import { chosenSite, sites } from './data/sites.ts'
import { pages, type Page } from './pages.ts'
import { ClockNote } from './parts/clock-note.tsx'
import { useChosenInView } from './parts/in-view.ts'
import { KeyEntry } from './parts/key-entry.tsx'
import { Notices } from './parts/notice.tsx'
import { address, go, matched } from './router.ts'

interface Shown { readonly Page: Page; readonly pattern: string }

export function Shell() {
  const { path, query } = address.value
  const found = pages.map((row) => ({ row, parts: matched(row.pattern, path) })).find(({ parts }) => parts !== null)
  const [shown, show] = useState<Shown | null>(null)
  const [trouble, setTrouble] = useState<string | null>(null)

  useEffect(() => {
    if (found === undefined) return
    let current = true
    document.title = `${found.parts?.['clientID'] ?? found.parts?.['siteID'] ?? found.row.title} · kwota`
    found.row.load().then(
      ({ Page }) => { if (current) { show({ Page, pattern: found.row.pattern }); setTrouble(null) } },
      () => { if (current) setTrouble('This page could not be loaded: kwota was updated or cannot be reached.') },
    )
    return () => { current = false }
  }, [path])
  useEffect(() => {
    const { siteID } = found?.parts ?? {}
    if (siteID !== undefined) chosenSite.value = siteID
  }, [path])

  return (
    <>
      <a class="skip" href="#content">To the content</a>
      <header class="top">
        <a class="brand" href="/"><img src={mark} alt="" width="26" height="26" /> kwota</a>
        <SiteChoice />
        <Navigation path={path} />
      </header>
      <main id="content" tabIndex={-1}>
        <ClockNote />
        {keyNeeded.value ? <KeyEntry />
          : found === undefined ? <><h1>Nothing here</h1><p>There is no page at {path}. <a href="/">To the sites</a></p></>
          : trouble !== null ? <p role="alert">{trouble} <button type="button" onClick={() => location.reload()}>Load again</button></p>
          : shown === null || shown.pattern !== found.row.pattern ? <p class="first" aria-busy="true">Reading …</p>
          : <shown.Page key={path} parts={found.parts ?? {}} query={query} />}
      </main>
      <Notices />
    </>
  )
}

const mark = new URL('./mark.svg', import.meta.url).href

function Navigation({ path }: { path: string }) {
  const site = chosenSite.value
  const ref = useChosenInView(`${site ?? ''} ${path}`)
  const ofSite = site === null ? [] : siteLinks.map(([end, name]) => [`/sites/${segment(site)}${end}`, name] as const)
  const links = [...ofSite, ...houseLinks].filter(([to]) => pages.some(({ pattern }) => matched(pattern, to) !== null))
  return (
    <nav ref={ref} aria-label="Pages">
      <ul>{links.map(([to, name]) => <li key={to}><a href={to} aria-current={to === path ? 'page' : undefined}>{name}</a></li>)}</ul>
    </nav>
  )
}

const siteLinks = [['', 'Site'], ['/chargepoints', 'Charge points'], ['/circuits', 'Circuits'], ['/limits', 'Limits'], ['/sessions', 'Sessions'], ['/activity', 'Activity']] as const
const houseLinks = [['/lobby', 'Lobby'], ['/connect', 'Connect'], ['/messages', 'Messages'], ['/inspect', 'Inspect'], ['/settings', 'Settings']] as const

function SiteChoice() {
  const all = sites.value
  if (all.length < 2) return null
  return (
    <label class="site-choice"><span class="unseen">Site</span>
      <select value={chosenSite.value ?? ''} onChange={({ currentTarget }) => go(`/sites/${segment(currentTarget.value)}`)}>
        {chosenSite.value === null && <option value="">Choose a site</option>}
        {all.map(({ id, name }) => <option key={id} value={id}>{name ?? id}</option>)}
      </select>
    </label>
  )
}
