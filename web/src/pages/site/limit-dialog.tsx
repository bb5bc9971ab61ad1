// A change of the limit: what it would come to for every connector before anything is sent, then how far it has come, and the way back.
import { useState } from 'preact/hooks'
import type { CurtailmentView } from '../../../../src/actors/curtailment-record.ts'
import type { GridLimitView } from '../../../../src/actors/views.ts'
import { callTagged, Refusal, said } from '../../data/call.ts'
import { serverNowMs } from '../../data/server-clock.ts'
import { matching, type Wish } from '../../data/wish.ts'
import { Dialog } from '../../parts/dialog.tsx'
import { isShown, perform, TriedView, useTried } from '../../parts/tried.tsx'
import { curtailmentGone } from '../limits/changes.ts'
import { liftingWish, undoing, wishOf, type LimitAim } from './limit-wish.ts'
import type { OverviewView } from './overview.ts'
import { followPropagation } from './propagation.ts'

export function LimitDialog({ aim, overview: { site, power }, onChanged, onClose }: { aim: LimitAim; overview: OverviewView; onChanged: () => void; onClose: () => void }) {
  const [value, setValue] = useState(aim.kind === 'limit' ? String(Math.floor(power.effective.currentA)) : String(aim.percent))
  const [unit, setUnit] = useState(aim.kind === 'limit' ? 'A' : '%')
  const [minutes, setMinutes] = useState('30')
  const [reason, setReason] = useState('')
  const [lifting, setLifting] = useState(false)
  const [busy, setBusy] = useState(false)
  const [trouble, setTrouble] = useState<string | null>(null)
  const wish = lifting ? liftingWish(site.id) : wishOf(aim.kind, site.id, { value, unit, minutes, reason }, serverNowMs())
  const tried = useTried(wish)

  async function submit(shown: Wish): Promise<void> {
    setBusy(true)
    setTrouble(null)
    try {
      if (aim.kind === 'curtail') await perform<CurtailmentView>(shown, 'The curtailment holds.', ({ id }) => curtailmentGone(site.id, id), onChanged)
      else {
        // Of what is read here the way back is made: nobody may come between.
        const { data: before, etag } = await callTagged<GridLimitView>(liftingWish(site.id).path)
        await perform(matching(shown, etag), lifting ? 'The limit is lifted.' : 'The limit is set.', () => undoing(site.id, before, serverNowMs()), onChanged)
      }
      onClose()
      followPropagation(site.id)
    } catch (error) {
      setTrouble(error instanceof Refusal && error.status === 412 ? `Nothing was sent. ${error.message}` : said(error))
      setBusy(false)
    }
  }
  const changing = (set: (text: string) => void) => (text: string): void => { setLifting(false); setTrouble(null); set(text) }
  return (
    <Dialog title={aim.kind === 'limit' ? 'Change the grid limit' : 'Curtail for a time'} onClose={onClose}>
      <form onSubmit={(event) => { event.preventDefault(); if (wish !== null && isShown(tried) && !busy) void submit(wish) }}>
        <div class="line">
          <label>{aim.kind === 'limit' ? 'Limit' : 'What remains'}<input type="number" min="0" step="any" required value={value} autofocus onFocus={({ currentTarget }) => currentTarget.select()} onInput={({ currentTarget }) => changing(setValue)(currentTarget.value)} /></label>
          <label>Unit<select value={unit} onChange={({ currentTarget }) => changing(setUnit)(currentTarget.value)}><option value="A">A per phase</option><option value="kW">kW</option>{aim.kind === 'curtail' && <option value="%">% of the fuse</option>}</select></label>
          {aim.kind === 'curtail' && <label>Minutes<input type="number" min="1" max="10080" step="1" required value={minutes} onInput={({ currentTarget }) => changing(setMinutes)(currentTarget.value)} /></label>}
          <label class="grows">Reason (who asks, and why)<input type="text" maxLength={200} value={reason} onInput={({ currentTarget }) => changing(setReason)(currentTarget.value)} /></label>
        </div>
        {lifting && <p><b>Lifted, the fuse remains. It would come to this:</b></p>}
        {trouble !== null && <p role="alert" class="bad">{trouble}</p>}
        <TriedView tried={tried} zone={site.timezone} nothing={wish === null ? 'Say a number.' : null} />
        <div class="line end">
          {aim.kind === 'limit' && <button type="button" aria-pressed={lifting} onClick={() => { setTrouble(null); setLifting(!lifting) }}>Lift it …</button>}
          <button type="button" onClick={onClose}>Cancel</button>
          <button type="submit" class={lifting ? 'danger' : 'main'} disabled={busy || !isShown(tried)}>{lifting ? 'Lift it now' : wordsOf(aim, value, unit)}</button>
        </div>
      </form>
    </Dialog>
  )
}

function wordsOf(aim: LimitAim, value: string, unit: string): string {
  return `${aim.kind === 'limit' ? 'Set the limit to' : 'Curtail to'} ${value === '' ? '…' : `${value} ${unit}`}`
}
