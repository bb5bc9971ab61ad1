// A change of the limit: what it would come to for every connector before anything is sent, then how far it has come, and the way back.
import { useEffect, useRef, useState } from 'preact/hooks'
import type { LimitPreview } from '../../../../src/actors/limit-preview.ts'
import { call, callTagged, Refusal, said, segment } from '../../data/call.ts'
import { Dialog } from '../../parts/dialog.tsx'
import { notify } from '../../parts/notice.tsx'
import { PreviewTable } from '../../parts/preview-table.tsx'
import { followPropagation } from './propagation.ts'
import type { OverviewView } from './overview.ts'

export type LimitAim = { readonly kind: 'limit' } | { readonly kind: 'curtail'; readonly percent: number }

interface Standing { readonly currentA: number | null; readonly powerW?: number; readonly reason?: string }
interface Wish { readonly method: 'PUT' | 'POST' | 'DELETE'; readonly path: string; readonly body?: Readonly<Record<string, unknown>> }
type Tried = { readonly preview: LimitPreview } | { readonly refusal: string } | null

const pauseMs = 250
const undoneWithinMs = 10_000

export function LimitDialog({ aim, overview, onChanged, onClose }: { aim: LimitAim; overview: OverviewView; onChanged: () => void; onClose: () => void }) {
  const base = `/sites/${segment(overview.site.id)}`
  const [value, setValue] = useState(aim.kind === 'limit' ? String(Math.floor(overview.power.effective.currentA)) : String(aim.percent))
  const [unit, setUnit] = useState(aim.kind === 'limit' ? 'A' : '%')
  const [minutes, setMinutes] = useState('30')
  const [reason, setReason] = useState('')
  const [tried, setTried] = useState<Tried>(null)
  const [busy, setBusy] = useState(false)
  const wish = wishOf(aim, base, { value, unit, minutes, reason })
  const asked = wish === null ? '' : JSON.stringify(wish)
  const latest = useRef('')
  latest.current = asked

  useEffect(() => {
    if (wish === null) return void setTried(null)
    const timer = setTimeout(() => {
      call<LimitPreview>(`${wish.path}?dryRun=true`, { method: wish.method, ...(wish.body !== undefined && { body: wish.body }) }).then(
        (preview) => { if (latest.current === asked) setTried({ preview }) },
        (error: unknown) => { if (latest.current === asked) setTried({ refusal: said(error) }) },
      )
    }, pauseMs)
    return () => clearTimeout(timer)
  }, [aim.kind, value, unit, minutes, reason === ''])

  async function send(sent: Wish): Promise<void> {
    setBusy(true)
    try {
      const before = await call<Standing>(`${base}/grid-limit`)
      const { data: made, etag } = await callTagged<{ id?: string } | null>(sent.path, { method: sent.method, ...(sent.body !== undefined && { body: sent.body }) })
      // What was lifted says nothing of the version it left behind.
      const left = etag ?? (await callTagged(`${base}/grid-limit`)).etag
      onClose()
      onChanged()
      const back = aim.kind === 'limit' ? undoing(base, before) : { method: 'DELETE' as const, path: `${base}/curtailments/${segment(made?.id ?? '')}` }
      notify(aim.kind === 'limit' ? 'The limit is set.' : 'The curtailment holds.', { forMs: undoneWithinMs, action: { label: 'Undo', run: () => void undo(back, left) } })
      followPropagation(overview.site.id)
    } catch (error) {
      setTried({ refusal: said(error) })
      setBusy(false)
    }
  }
  /** Only while it is as it was left: nobody else's change is undone. */
  async function undo({ method, path, body }: Wish, left: string | null): Promise<void> {
    try {
      await call(path, { method, ...(body !== undefined && { body }), ...(left !== null && { headers: { 'If-Match': left } }) })
      notify('Undone.')
    } catch (error) {
      notify(error instanceof Refusal && error.status === 412 ? `Not undone. ${error.message}` : said(error), { bad: true })
    }
    onChanged()
  }

  return (
    <Dialog title={aim.kind === 'limit' ? 'Change the grid limit' : 'Curtail for a time'} onClose={onClose}>
      <form onSubmit={(event) => { event.preventDefault(); if (wish !== null) void send(wish) }}>
        <div class="line">
          <label>{aim.kind === 'limit' ? 'Limit' : 'What remains'}<input type="number" min="0" step="any" required value={value} autofocus onFocus={({ currentTarget }) => currentTarget.select()} onInput={({ currentTarget }) => setValue(currentTarget.value)} /></label>
          <label>Unit<select value={unit} onChange={({ currentTarget }) => setUnit(currentTarget.value)}><option value="A">A per phase</option><option value="kW">kW</option>{aim.kind === 'curtail' && <option value="%">% of the fuse</option>}</select></label>
          {aim.kind === 'curtail' && <label>Minutes<input type="number" min="1" max="10080" step="1" required value={minutes} onInput={({ currentTarget }) => setMinutes(currentTarget.value)} /></label>}
          <label class="grows">Reason (who asks, and why)<input type="text" maxLength={200} value={reason} onInput={({ currentTarget }) => setReason(currentTarget.value)} /></label>
        </div>
        {tried === null ? <p class="soft">{wish === null ? 'Say a number.' : 'Working out what it comes to …'}</p>
          : 'refusal' in tried ? <p role="alert" class="bad">{tried.refusal}</p>
          : <PreviewTable preview={tried.preview} />}
        <div class="line end">
          {aim.kind === 'limit' && <button type="button" onClick={() => void send({ method: 'DELETE', path: `${base}/grid-limit` })} disabled={busy}>Lift it: the fuse remains</button>}
          <button type="button" onClick={onClose}>Cancel</button>
          <button type="submit" class="main" disabled={busy || wish === null || (tried !== null && 'refusal' in tried)}>{wordsOf(aim, value, unit)}</button>
        </div>
      </form>
    </Dialog>
  )
}

function wordsOf(aim: LimitAim, value: string, unit: string): string {
  return `${aim.kind === 'limit' ? 'Set the limit to' : 'Curtail to'} ${value === '' ? '…' : `${value} ${unit}`}`
}

/** null while the numbers are none. */
function wishOf(aim: LimitAim, base: string, { value, unit, minutes, reason }: { value: string; unit: string; minutes: string; reason: string }): Wish | null {
  const number = value.trim() === '' ? Number.NaN : Number(value)
  if (!Number.isFinite(number) || number < 0) return null
  const amount = unit === 'A' ? { currentA: number } : unit === 'kW' ? { powerW: Math.round(number * 1000) } : { percent: number }
  const why = reason.trim() === '' ? {} : { reason: reason.trim() }
  if (aim.kind === 'limit') return { method: 'PUT', path: `${base}/grid-limit`, body: { ...amount, ...why } }
  const forMinutes = Number(minutes)
  if (!Number.isFinite(forMinutes) || forMinutes < 1) return null
  return { method: 'POST', path: `${base}/curtailments`, body: { ...amount, ...why, expiresAt: new Date(Math.ceil(Date.now() / 60_000 + forMinutes) * 60_000).toISOString() } }
}

function undoing(base: string, { currentA, powerW, reason }: Standing): Wish {
  if (currentA === null) return { method: 'DELETE', path: `${base}/grid-limit` }
  return { method: 'PUT', path: `${base}/grid-limit`, body: { ...(powerW === undefined ? { currentA } : { powerW }), ...(reason !== undefined && { reason }) } }
}

