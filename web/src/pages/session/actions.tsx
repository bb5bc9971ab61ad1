// What one can do to a session that runs: stop it, after a question, and change its limits.
import { useState } from 'preact/hooks'
import type { TransactionView } from '../../../../src/actors/views.ts'
import { call, said, segment } from '../../data/call.ts'
import { may } from '../../data/session.ts'
import { minorOf } from '../../data/words.ts'
import { Dialog } from '../../parts/dialog.tsx'
import { notify } from '../../parts/notice.tsx'

interface Sent { readonly status: string; readonly response?: { readonly status?: string } | null }

const waitS = 20

export function Actions({ session, onChanged }: { session: TransactionView; onChanged: () => void }) {
  const [open, setOpen] = useState<'stop' | 'limits' | null>(null)
  if (!may('commands:write')) return <p class="soft">Stopping a session or changing its limits needs a key with the scope <code>commands:write</code>.</p>
  return (
    <p class="line">
      <button type="button" class="danger" onClick={() => setOpen('stop')}>Stop charging …</button>
      <button type="button" onClick={() => setOpen('limits')}>Change its limits …</button>
      {open === 'stop' && <Stop session={session} onClose={() => setOpen(null)} onChanged={onChanged} />}
      {open === 'limits' && <Limits session={session} onClose={() => setOpen(null)} onChanged={onChanged} />}
    </p>
  )
}

function Stop({ session: { id, clientID, connectorId }, onClose, onChanged }: { session: TransactionView; onClose: () => void; onChanged: () => void }) {
  const [busy, setBusy] = useState(false)
  const [trouble, setTrouble] = useState<string | null>(null)
  async function stop(): Promise<void> {
    setBusy(true)
    try {
      const { status, response } = await call<Sent>(`/chargepoints/${segment(clientID)}/remote-stop`, { method: 'POST', body: { transactionId: id }, headers: { Prefer: `wait=${waitS}` }, withinMs: (waitS + 10) * 1000 })
      onChanged()
      if (status === 'accepted') {
        notify(`${clientID} answered ${response?.status ?? 'Accepted'}: the session ends now.`)
        onClose()
      } else setTrouble(`${clientID} did not accept: ${response?.status ?? status}. ${status === 'sent' || status === 'queued' ? 'It has not answered yet.' : 'The session goes on.'}`)
    } catch (error) {
      setTrouble(said(error))
    }
    setBusy(false)
  }
  return (
    <Dialog title="Stop charging?" onClose={onClose}>
      <p>{clientID}/{connectorId} is told to end session {id}. The car stops charging; it needs its card or app to begin again.</p>
      {trouble !== null && <p role="alert" class="bad">{trouble}</p>}
      <p class="line"><button type="button" class="danger" disabled={busy} onClick={() => void stop()}>{busy ? 'Asking the charge point …' : 'Stop charging'}</button><button type="button" onClick={onClose}>Let it charge</button></p>
    </Dialog>
  )
}

function Limits({ session, onClose, onChanged }: { session: TransactionView; onClose: () => void; onChanged: () => void }) {
  const [busy, setBusy] = useState(false)
  const [trouble, setTrouble] = useState<string | null>(null)
  const { limits, cost } = session
  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault()
    if (!(event.currentTarget instanceof HTMLFormElement)) return
    const form = new FormData(event.currentTarget)
    const of = (name: string, factor: number): number | null => {
      const text = form.get(name)
      return typeof text !== 'string' || text.trim() === '' ? null : Math.round(Number(text) * factor)
    }
    setBusy(true)
    try {
      await call(`/transactions/${session.id}`, { method: 'PATCH', body: { limits: { energyWh: of('energy', 1000), durationS: of('duration', 60), ...(cost !== null && { costMinor: of('cost', minorOf(cost.currency)) }) } } })
      notify('The limits of the session were changed.')
      onChanged()
      onClose()
    } catch (error) {
      setTrouble(said(error))
    }
    setBusy(false)
  }
  const shown = (value: number | undefined, factor: number): string => (value === undefined ? '' : String(value / factor))
  return (
    <Dialog title="Limits of this session" onClose={onClose}>
      <form onSubmit={(event) => void submit(event)}>
        <p>It ends when the first of these is reached. Empty = no limit of its own; what its settings and its id tag say holds all the same.</p>
        <p class="line">
          <label>Energy, kWh <input name="energy" type="number" min="0.001" step="any" max="10000" value={shown(limits.energyWh, 1000)} /></label>
          <label>Time since its start, min <input name="duration" type="number" min="1" step="any" max="43200" value={shown(limits.durationS, 60)} /></label>
          {cost !== null && <label>Cost, {cost.currency} <input name="cost" type="number" min="0" step="any" value={shown(limits.costMinor, minorOf(cost.currency))} /></label>}
        </p>
        {trouble !== null && <p role="alert" class="bad">{trouble}</p>}
        <p class="line"><button type="submit" class="main" disabled={busy}>Save</button><button type="button" onClick={onClose}>Cancel</button></p>
      </form>
    </Dialog>
  )
}
