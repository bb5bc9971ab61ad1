// The password of a charge point: a new one that kwota tells it, or one that is shown once to be typed in.
import { useState } from 'preact/hooks'
import type { ChargePointView } from '../../../../src/actors/views.ts'
import { call, callTagged, said, segment } from '../../data/call.ts'
import { Dialog } from '../../parts/dialog.tsx'
import { Mark } from '../../parts/reading.tsx'
import { ShownOnce } from '../../parts/shown-once.tsx'
import { securityOf } from '../charge-points/row.ts'
import { keyOutcome, type KeyStatus } from './key-words.ts'
import { bodyOf } from './wiring-change.ts'

type Way = 'told' | 'shown'
interface Told { readonly told: KeyStatus; readonly reason: string }

const keyBytes = 20

export function Password({ point, allowed, onChanged }: { point: ChargePointView; allowed: boolean; onChanged: () => void }) {
  const [open, setOpen] = useState(false)
  /** Shown also to whoever closed the question before the answer was there: nothing else opens the charge point any more. */
  const [drawn, setDrawn] = useState<string | null>(null)
  return (
    <section class="card" aria-labelledby="password">
      <h2 id="password">Password</h2>
      <p>{point.hasPassword ? <><Mark kind="ok" /> It has one.</> : <><Mark kind="warning" /> It has none{point.securityProfile === 3 ? ': it proves itself with its certificate.' : ': whoever knows its name can come in its place.'}</>} <span class="soft">Security profile {securityOf(point)}.</span></p>
      {allowed && <p><button type="button" onClick={() => setOpen(true)}>New password …</button></p>}
      {open && <NewPassword point={point} onDrawn={(password) => { setOpen(false); setDrawn(password) }} onClose={(changed) => { setOpen(false); if (changed) onChanged() }} />}
      {drawn !== null && <Drawn id={point.id} password={drawn} onClose={() => { setDrawn(null); onChanged() }} />}
    </section>
  )
}

function NewPassword({ point, onDrawn, onClose }: { point: ChargePointView; onDrawn: (password: string) => void; onClose: (changed: boolean) => void }) {
  const online = point.connection.state === 'online'
  const path = `/chargepoints/${segment(point.id)}`
  const [way, setWay] = useState<Way>(online ? 'told' : 'shown')
  const [busy, setBusy] = useState(false)
  const [trouble, setTrouble] = useState<string | null>(null)
  const [done, setDone] = useState<Told | null>(null)

  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault()
    setBusy(true)
    setTrouble(null)
    try {
      if (way === 'told') setDone(await tell())
      else onDrawn(await draw())
    } catch (error) {
      setTrouble(said(error))
    }
    setBusy(false)
  }
  /** kwota lets in the old one and the new one until it has come with the new one. */
  async function tell(): Promise<Told> {
    const key = [...crypto.getRandomValues(new Uint8Array(keyBytes))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
    const { keys, reasons } = await call<{ keys: Readonly<Record<string, KeyStatus>>; reasons: Readonly<Record<string, string>> }>(`${path}/configuration`, { method: 'PUT', body: { keys: { AuthorizationKey: key } }, withinMs: 65_000 })
    return { told: keys['AuthorizationKey'] ?? 'Failed', reason: reasons['AuthorizationKey'] ?? '' }
  }
  async function draw(): Promise<string> {
    const { data, etag } = await callTagged<ChargePointView>(path)
    const { password = '' } = await call<{ password?: string }>(path, { method: 'PUT', body: { ...bodyOf(data), generatePassword: true }, headers: { 'If-Match': etag ?? '*' } })
    return password
  }
  return (
    <Dialog title={`A new password for ${point.id}`} onClose={() => onClose(done !== null)}>
      <form class="stack" onSubmit={(event) => void submit(event)}>
        <fieldset>
          <legend>How it gets there</legend>
          <label class="row"><input type="radio" name="way" checked={way === 'told'} disabled={!online} onChange={() => setWay('told')} /> <span>kwota makes one and tells the charge point (AuthorizationKey). Nobody has to type, nobody sees it{online ? '.' : '; it must be online for this.'}</span></label>
          <label class="row"><input type="radio" name="way" checked={way === 'shown'} onChange={() => setWay('shown')} /> <span>kwota makes one and shows it once: you type it into the charge point. It cannot come back until you have.</span></label>
        </fieldset>
        {done !== null && <p role="status"><Mark kind={keyOutcome(done.told).mark} /> <b>{done.told}</b>: {keyOutcome(done.told).words}. {done.reason}{keyOutcome(done.told).mark === 'bad' && ' The password it had still holds; you can type a new one in instead.'}</p>}
        {trouble !== null && <p role="alert" class="bad">{trouble}</p>}
        <p class="line">
          <button type="submit" class="main" disabled={busy}>{busy ? 'Working …' : way === 'told' ? 'Make it and tell it' : 'Make it and show it'}</button>
          <button type="button" onClick={() => onClose(done !== null)}>{done === null ? 'Cancel' : 'Close'}</button>
        </p>
      </form>
    </Dialog>
  )
}

function Drawn({ id, password, onClose }: { id: string; password: string; onClose: () => void }) {
  return (
    <Dialog title={`The new password of ${id}`} onClose={onClose}>
      <ShownOnce what="The password" secret={password} />
      <p>Type it into the charge point, in its own settings, where it asks for the <b>password</b> (also: AuthorizationKey, OCPP password, basic auth). The user name is its identity, <code>{id}</code>.</p>
      <p>The one before opens nothing any more: from its next connection on it needs this one. Until then an attempt with the old one is in the <a href="/lobby">lobby</a>.</p>
      <p><button type="button" class="main" onClick={onClose}>Done</button></p>
    </Dialog>
  )
}
