// The dialog that adds a charge point, and shows what to type into it.
import { useState } from 'preact/hooks'
import { call, said, segment } from '../../data/call.ts'
import { Copy } from '../../parts/copy.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { ShownOnce } from '../../parts/shown-once.tsx'
import { bodyOf, usualWiring } from '../../parts/wiring.ts'
import { WiringFields } from '../../parts/wiring-fields.tsx'

export function AddChargePoint({ siteID, onClose }: { siteID: string; onClose: (added: boolean) => void }) {
  const [id, setId] = useState('')
  const [wiring, setWiring] = useState(usualWiring)
  const [trouble, setTrouble] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const [made, setMade] = useState<{ readonly id: string; readonly password?: string } | null>(null)

  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault()
    setBusy(true)
    setTrouble(null)
    try {
      setMade(await call<{ id: string; password?: string }>('/chargepoints', { method: 'POST', body: { id: id.trim(), site: siteID, ...bodyOf(wiring) } }))
    } catch (error) {
      setTrouble(said(error))
    }
    setBusy(false)
  }
  if (made !== null) {
    const url = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ocpp/${segment(made.id)}`
    return (
      <Dialog title={`${made.id} is known now`} onClose={() => onClose(true)}>
        <p>Type this address into the charge point, with OCPP 1.6 JSON:</p>
        <p class="line"><code class="secret">{url}</code><Copy text={url} what="the address" /></p>
        {made.password !== undefined && <ShownOnce what={`The password of ${made.id}`} secret={made.password} />}
        <p>From another machine the address has another host: <a href={`/connect?id=${segment(made.id)}`}>Connect a charger</a> lists them and waits for it.</p>
        <p><button type="button" class="main" onClick={() => onClose(true)}>Done</button></p>
      </Dialog>
    )
  }
  return (
    <Dialog title="Add a charge point" onClose={() => onClose(false)}>
      <form class="stack" onSubmit={(event) => void submit(event)}>
        <label>Its name (identity), as it stands at the end of its address <input required maxLength={48} autocomplete="off" spellcheck={false} autofocus value={id} onInput={({ currentTarget }) => setId(currentTarget.value)} placeholder="CP-01" /></label>
        <WiringFields siteID={siteID} value={wiring} change={setWiring} />
        {trouble !== null && <p role="alert" class="bad">{trouble}</p>}
        <p class="line"><button type="submit" class="main" disabled={busy}>{busy ? 'Adding …' : 'Add'}</button><button type="button" onClick={() => onClose(false)}>Cancel</button></p>
      </form>
    </Dialog>
  )
}
