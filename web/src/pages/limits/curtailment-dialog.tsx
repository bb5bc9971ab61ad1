// A curtailment is made, changed or lifted: each tried first.
import { useState } from 'preact/hooks'
import type { CurtailmentView } from '../../../../src/actors/curtailment-record.ts'
import { said } from '../../data/call.ts'
import { inputOf, instantOf } from '../../data/zone.ts'
import { Dialog } from '../../parts/dialog.tsx'
import { AmountFields } from './amount-fields.tsx'
import { amountField, amountOf, curtailmentAgain, curtailmentBack, curtailmentGone, type Unit, type Wish } from './changes.ts'
import { perform, TriedView, useTried } from './tried.tsx'

/** `curtailment` null = a new one. */
export function CurtailmentDialog({ siteID, zone, curtailment, onChanged, onClose }: { siteID: string; zone: string; curtailment: CurtailmentView | null; onChanged: () => void; onClose: () => void }) {
  const begun = curtailment !== null && curtailment.state !== 'scheduled'
  const [amount, setAmount] = useState<{ value: string; unit: Unit }>(curtailment === null ? { value: '50', unit: '%' } : amountOf(curtailment))
  const [kind, setKind] = useState<CurtailmentView['kind']>(curtailment?.kind ?? 'curtailment')
  const [startsAt, setStarts] = useState(curtailment === null ? '' : inputOf(Date.parse(curtailment.startsAt), zone))
  const [expiresAt, setExpires] = useState(() => inputOf(curtailment === null ? Date.now() + 3_600_000 : Date.parse(curtailment.expiresAt), zone))
  const [reason, setReason] = useState(curtailment?.reason ?? '')
  const [lifting, setLifting] = useState(false)
  const [busy, setBusy] = useState(false)
  const [trouble, setTrouble] = useState<string | null>(null)

  const wish = lifting && curtailment !== null ? curtailmentGone(siteID, curtailment.id) : wishOf()
  const tried = useTried(wish)
  const refused = tried !== null && 'refusal' in tried

  function wishOf(): Wish | null {
    const field = amountField(amount.value, amount.unit, 'powerW')
    const [startMs, endMs] = [startsAt === '' ? null : instantOf(startsAt, zone), instantOf(expiresAt, zone)]
    if (field === null || Number.isNaN(endMs) || (startMs !== null && Number.isNaN(startMs))) return null
    const times = { ...(startMs !== null && !begun && { startsAt: new Date(startMs).toISOString() }), expiresAt: new Date(endMs).toISOString() }
    if (curtailment !== null) return { ...curtailmentBack(siteID, curtailment), body: { ...field, ...times, reason: reason.trim() } }
    return { method: 'POST', path: `/sites/${encodeURIComponent(siteID)}/curtailments`, body: { kind, ...field, ...times, ...(reason.trim() !== '' && { reason: reason.trim() }) } }
  }
  async function submit(): Promise<void> {
    if (wish === null) return
    setBusy(true)
    try {
      if (curtailment === null) await perform<CurtailmentView>(wish, 'The curtailment stands.', ({ id }) => curtailmentGone(siteID, id), onChanged)
      else if (lifting) await perform(wish, 'The curtailment is lifted.', () => curtailmentAgain(siteID, curtailment), onChanged)
      else await perform(wish, 'The curtailment is changed.', () => curtailmentBack(siteID, curtailment), onChanged)
      onClose()
    } catch (error) {
      setTrouble(said(error))
      setBusy(false)
    }
  }
  const change = <T,>(set: (value: T) => void) => (value: T): void => { setLifting(false); set(value) }
  return (
    <Dialog title={curtailment === null ? 'New curtailment' : 'Curtailment'} onClose={onClose}>
      <form onSubmit={(event) => { event.preventDefault(); void submit() }}>
        <p class="soft">A limit for a time that undoes itself. The lowest of all limits holds. Times are those of {zone}.</p>
        <div class="line">
          <AmountFields {...amount} units={['A', 'kW', '%']} label="What remains" onChange={change(setAmount)} />
          {curtailment === null && <label>Kind<select value={kind} onChange={({ currentTarget }) => setKind(currentTarget.value === 'dimming' ? 'dimming' : 'curtailment')}><option value="curtailment">curtailment (whole site)</option><option value="dimming">dimming (chargers only)</option></select></label>}
        </div>
        <div class="line">
          <label>From {curtailment === null && '(empty = now)'}<input type="datetime-local" value={startsAt} disabled={begun} onInput={({ currentTarget }) => change(setStarts)(currentTarget.value)} /></label>
          <label>Until<input type="datetime-local" required value={expiresAt} onInput={({ currentTarget }) => change(setExpires)(currentTarget.value)} /></label>
          <label class="grows">Reason (who asks, and why)<input type="text" maxLength={200} value={reason} onInput={({ currentTarget }) => change(setReason)(currentTarget.value)} /></label>
        </div>
        {lifting && <p><b>Lifted now, it would come to this:</b></p>}
        {trouble !== null ? <p role="alert" class="bad">{trouble}</p> : <TriedView tried={tried} zone={zone} nothing={wish === null ? 'Say how much remains, and until when.' : null} />}
        <div class="line end">
          {curtailment !== null && !lifting && <button type="button" class="danger" onClick={() => setLifting(true)}>Lift it …</button>}
          <button type="button" onClick={onClose}>Cancel</button>
          <button type="submit" class={lifting ? 'danger' : 'main'} disabled={busy || wish === null || refused}>{curtailment === null ? 'Curtail' : lifting ? 'Lift it now' : 'Save'}</button>
        </div>
      </form>
    </Dialog>
  )
}
