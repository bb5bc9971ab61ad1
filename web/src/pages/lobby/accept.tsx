// The dialog that lets one in: how it is wired, and how it will prove itself.
import { useState } from 'preact/hooks'
import type { LobbyEntry } from '../../../../src/actors/lobby.ts'
import { call, said, segment } from '../../data/call.ts'
import { chosenSite, sites } from '../../data/sites.ts'
import { Dialog } from '../../parts/dialog.tsx'
import { ShownOnce } from '../../parts/shown-once.tsx'
import { bodyOf, usualWiring, type Wiring } from '../../parts/wiring.ts'
import { WiringFields } from '../../parts/wiring-fields.tsx'
import { acceptable, isLocal } from './entry.ts'

export function Accept({ entry, onClose }: { entry: LobbyEntry; onClose: (accepted: boolean) => void }) {
  const isNew = acceptable(entry) === 'new'
  const [siteID, chooseSite] = useState(chosenSite.value ?? sites.value[0]?.id ?? '')
  const [wiring, setWiring] = useState<Wiring>({ ...usualWiring, password: isLocal(entry) ? 'keep' : 'drawn' })
  const [busy, setBusy] = useState(false)
  const [trouble, setTrouble] = useState<string | null>(null)
  const [done, setDone] = useState<{ readonly id: string; readonly password?: string } | null>(null)

  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault()
    setBusy(true)
    setTrouble(null)
    try {
      const body = isNew ? { site: siteID, ...bodyOf(wiring) } : {}
      const made = await call<{ id: string; password?: string }>(`/lobby/${segment(entry.clientID)}/accept`, { method: 'POST', body })
      if (made.password === undefined) onClose(true)
      else setDone(made)
    } catch (error) {
      setTrouble(said(error))
    }
    setBusy(false)
  }
  if (done !== null) {
    return (
      <Dialog title={`${done.id} is accepted`} onClose={() => onClose(true)}>
        <p>Type this password into the charge point (its AuthorizationKey); it comes in with its next attempt.</p>
        <ShownOnce what={`The password of ${done.id}`} secret={done.password ?? ''} />
        <p><button type="button" class="main" onClick={() => onClose(true)}>Done</button></p>
      </Dialog>
    )
  }
  return (
    <Dialog title={`Accept ${entry.clientID}`} onClose={() => onClose(false)}>
      <form class="stack" onSubmit={(event) => void submit(event)}>
        {isNew ? (
          <>
            {sites.value.length > 1 && (
              <label>Site <select value={siteID} onChange={({ currentTarget }) => chooseSite(currentTarget.value)}>{sites.value.map(({ id, name }) => <option key={id} value={id}>{name}</option>)}</select></label>
            )}
            <WiringFields siteID={siteID} value={wiring} change={setWiring} keepText={isLocal(entry) ? 'None: it runs on this machine.' : 'None: it comes back as it came, and so could anybody who knows its name.'} />
          </>
        ) : <p>{entry.clientID} is known here and held back by its settings. Accepting it lets it in from now on.</p>}
        {trouble !== null && <p role="alert" class="bad">{trouble}</p>}
        <p class="line"><button type="submit" class="main" disabled={busy}>{busy ? 'Accepting …' : 'Accept'}</button><button type="button" onClick={() => onClose(false)}>Cancel</button></p>
      </form>
    </Dialog>
  )
}
