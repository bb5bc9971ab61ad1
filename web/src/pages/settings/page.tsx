// Settings: how this browser likes its pages, who looks, what a site says, webhooks, keys, backups, and what runs here.
import { leave, may, who } from '../../data/session.ts'
import { chosenSite } from '../../data/sites.ts'
import { ApiKeys } from './api-keys.tsx'
import { BackupList } from './backups.tsx'
import { Fuse } from './fuse.tsx'
import { SiteSettings } from './site-settings.tsx'
import { System } from './system.tsx'
import { Taste } from './taste.tsx'
import { Webhooks } from './webhooks.tsx'

export function Page() {
  const siteID = chosenSite.value
  return (
    <>
      <h1>Settings</h1>
      <div class="columns">
        <div>
          <Taste />
          {siteID !== null && <Fuse siteID={siteID} />}
          {siteID !== null && <SiteSettings siteID={siteID} />}
          <Webhooks />
          {may('admin') && <ApiKeys />}
          {may('admin') && <BackupList />}
        </div>
        <div><Whoami /><System /></div>
      </div>
    </>
  )
}

function Whoami() {
  const me = who.value
  if (me === null) return null
  return (
    <section class="card">
      <h2>Who you are</h2>
      <dl class="facts">
        <dt>Key</dt><dd>{me.name === 'bootstrap' ? 'the one in KWOTA_API_KEY' : me.name}{me.name === 'local' && <span class="soft"> (no key is needed on this machine)</span>}</dd>
        <dt>May</dt><dd>{me.scopes.join(', ')}</dd>
        <dt>Sites</dt><dd>{me.sites === null ? 'all' : me.sites.join(', ')}</dd>
      </dl>
      {me.name !== 'local' && <p><button type="button" onClick={() => void leave()}>Leave</button></p>}
    </section>
  )
}
