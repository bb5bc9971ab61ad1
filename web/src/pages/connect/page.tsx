// Connect a charger: what to type into it, step by step, until it is here.
import { useState } from 'preact/hooks'
import { segment } from '../../data/call.ts'
import { may } from '../../data/session.ts'
import { chosenSite } from '../../data/sites.ts'
import type { PageProps } from '../../pages.ts'
import { Copy } from '../../parts/copy.tsx'
import { Mark } from '../../parts/reading.tsx'
import { Awaited } from './awaited.tsx'
import { useSetup } from './setup.ts'
import { withName, type Address } from './addresses.ts'
import { newKey } from './new-key.ts'
import { Qr } from './qr.tsx'
import { VendorNotes } from './vendors.tsx'

export function Page({ query }: PageProps) {
  const [name, setName] = useState(query.get('id') ?? '')
  const { addresses, loopbackOnly, vendors } = useSetup()
  const [chosen, choose] = useState(0)
  const address = addresses[chosen] ?? addresses[0]
  const shown = name.trim() === '' ? 'CP-01' : name

  return (
    <>
      <h1>Connect a charger</h1>
      {loopbackOnly && <LoopbackOnly />}
      <section class="card">
        <h2>1. Give it a name</h2>
        <label>Its identity (also: charge point id, ChargeBoxId) <input value={name} maxLength={48} autocomplete="off" spellcheck={false} placeholder="CP-01" onInput={({ currentTarget }) => setName(currentTarget.value)} /></label>
        <p class="soft">Letters, digits and - are safe with every charger. Some cannot be renamed: they use their serial number.</p>
      </section>
      <section class="card">
        <h2>2. Choose the address that it can reach</h2>
        {addresses.length > 1 && (
          <fieldset><legend>Network</legend>
            {addresses.map((one, index) => <label class="row" key={one.url}><input type="radio" name="address" checked={index === chosen} onChange={() => choose(index)} /> <span>{one.name}: <code>{one.url}</code>{one.loopback && <span class="soft"> (this machine only)</span>}</span></label>)}
          </fieldset>
        )}
        {address !== undefined && <Chosen address={address} name={shown} />}
      </section>
      <section class="card">
        <h2>3. Set it in the charger</h2>
        <ol>
          <li>Open its settings: its own web page, its app, or the portal of its vendor.</li>
          <li>Choose <b>OCPP 1.6 JSON</b> (also: OCPP-J, WebSocket). Not SOAP, not 2.0.1.</li>
          <li>Type in the address above as the backend (also: central system, CSMS, OCPP server). Where the charger puts its name behind it by itself, use the shorter one.</li>
          <li>Where it asks for a password or AuthorizationKey: {may('config:write') ? <>accept it below with a password that kwota makes, or <a href={chosenSite.value === null ? '/' : `/sites/${segment(chosenSite.value)}/chargepoints`}>add it</a> before it comes,</> : 'ask who may add charge points here,'} and type that in. The user name is its identity.</li>
          <li>Save, and restart the charger if it does not come by itself.</li>
        </ol>
        <VendorNotes notes={vendors} />
      </section>
      <Awaited />
    </>
  )
}

function Chosen({ address, name }: { address: Address; name: string }) {
  const full = withName(address, name)
  return (
    <div class="address-chosen">
      <div>
        <p>The whole address, for most chargers:</p>
        <p class="line middle"><code class="secret">{full}</code><Copy text={full} what="the whole address" /></p>
        <p>For those that put their name behind it by themselves:</p>
        <p class="line middle"><code class="secret">{address.url}</code><Copy text={address.url} what="the address without the name" /></p>
        {address.loopback && <p><Mark kind="warning" /> Only a charger or simulator on this very machine reaches this address.</p>}
      </div>
      <figure><Qr text={full} /><figcaption class="soft small">The whole address, for a phone</figcaption></figure>
    </div>
  )
}

function LoopbackOnly() {
  const [key] = useState(newKey)
  const command = `KWOTA_API_KEY=${key} npm start -- --host 0.0.0.0`
  return (
    <section class="once" role="note">
      <h2><Mark kind="warning" /> kwota listens on this machine only</h2>
      <p>No charger on the network reaches it. To open it, stop kwota and start it with a key and an address. This key was drawn in your browser just now, and is kept nowhere: put it where you keep passwords.</p>
      <div class="line middle"><code class="secret">{key}</code><Copy text={key} what="the key" /></div>
      <div class="line middle"><pre tabIndex={0}>{command}</pre><Copy text={command} what="the command" /></div>
      <p class="soft">A key of your own has 16 to 256 letters, digits or signs, and no space.</p>
      <p>From then on these pages ask for that key, and a charger that nobody knows waits in the <a href="/lobby">lobby</a> until somebody accepts it.</p>
    </section>
  )
}
