// A curtailment is made, changed or lifted: each tried first, and sent for the version that was read.
import { useEffect, useState } from 'preact/hooks'
import type { CurtailmentView } from '../../../../src/actors/curtailment-record.ts'
import { callTagged, Refusal, said, segment } from '../../data/call.ts'
import { serverNowMs } from '../../data/server-clock.ts'
import { retyped, type Typed } from '../../data/typed.ts'
import { matching, type Wish } from '../../data/wish.ts'
import { Dialog } from '../../parts/dialog.tsx'
import { Stale } from '../../parts/stale.tsx'
import { isShown, perform, TriedView, useTried } from '../../parts/tried.tsx'
import { AmountFields } from './amount-fields.tsx'
import { amountField, curtailmentAgain, curtailmentBack, curtailmentGone, curtailmentPath } from './changes.ts'
import { amountIn, amountText, curtailmentFields, instantTyped, newCurtailmentFields, units } from './fields.ts'

/** `opened` null = a new one. */
export function CurtailmentDialog({ siteID, zone, curtailment: opened, onChanged, onClose }: { siteID: string; zone: string; curtailment: CurtailmentView | null; onChanged: () => void; onClose: () => void }) {
  const [curtailment, keep] = useState(opened)
  const [etag, setEtag] = useState<string | null>(null)
  const [typed, type] = useState<Typed>(() => (opened === null ? newCurtailmentFields(serverNowMs(), zone) : curtailmentFields(opened, zone)))
  const [kind, setKind] = useState<CurtailmentView['kind']>(opened?.kind ?? 'curtailment')
  const [lifting, setLifting] = useState(false)
  const [busy, setBusy] = useState(false)
  const [stale, setStale] = useState<string | null>(null)
  const [trouble, setTrouble] = useState<string | null>(null)
  const over = curtailment !== null && (curtailment.state === 'ended' || curtailment.state === 'cancelled')
  const begun = curtailment !== null && curtailment.state !== 'scheduled'
  const { startsAt = '', expiresAt = '', reason = '' } = typed

  const wish = over ? null : lifting && curtailment !== null ? curtailmentGone(siteID, curtailment.id) : wishOf()
  const tried = useTried(wish)

  /** As it stands now; what was typed stays. */
  async function read(): Promise<void> {
    if (curtailment === null) return
    try {
      const { data, etag: newest } = await callTagged<CurtailmentView>(curtailmentPath(siteID, curtailment.id))
      type((now) => retyped(curtailmentFields(curtailment, zone), now, curtailmentFields(data, zone)))
      keep(data)
      setEtag(newest)
      setStale(null)
      setTrouble(null)
    } catch (error) {
      setTrouble(said(error))
    }
  }
  useEffect(() => { void read() }, [])

  function wishOf(): Wish | null {
    const { value, unit } = amountIn(typed)
    const field = amountField(value, unit, 'powerW')
    const kept = (at: string | undefined): number | null => (at === undefined ? null : Date.parse(at))
    const [startMs, endMs] = [startsAt === '' ? null : instantTyped(startsAt, kept(curtailment?.startsAt), zone), instantTyped(expiresAt, kept(curtailment?.expiresAt), zone)]
    if (field === null || Number.isNaN(endMs) || (startMs !== null && Number.isNaN(startMs))) return null
    const times = { ...(startMs !== null && !begun && { startsAt: new Date(startMs).toISOString() }), expiresAt: new Date(endMs).toISOString() }
    if (curtailment !== null) return { ...curtailmentBack(siteID, curtailment), body: { ...field, ...times, reason: reason.trim() } }
    return { method: 'POST', path: `/sites/${segment(siteID)}/curtailments`, body: { kind, ...field, ...times, ...(reason.trim() !== '' && { reason: reason.trim() }) } }
  }
  async function submit(): Promise<void> {
    if (wish === null || !isShown(tried)) return
    setBusy(true)
    setTrouble(null)
    try {
      if (curtailment === null) await perform<CurtailmentView>(wish, 'The curtailment stands.', ({ id }) => curtailmentGone(siteID, id), onChanged)
      else if (lifting) await perform(matching(wish, etag), 'The curtailment is lifted.', () => curtailmentAgain(siteID, curtailment), onChanged)
      else await perform(matching(wish, etag), 'The curtailment is changed.', () => curtailmentBack(siteID, curtailment), onChanged)
      onClose()
    } catch (error) {
      if (error instanceof Refusal && error.status === 412) setStale(error.message)
      else setTrouble(said(error))
      setBusy(false)
    }
  }
  const set = (part: Typed): void => { setLifting(false); type((now) => ({ ...now, ...part })) }
  return (
    <Dialog title={curtailment === null ? 'New curtailment' : 'Curtailment'} onClose={onClose}>
      <form onSubmit={(event) => { event.preventDefault(); void submit() }}>
        <p class="soft">A limit for a time that undoes itself. The lowest of all limits holds. Times are those of {zone}.</p>
        <div class="line">
          <AmountFields {...amountIn(typed)} units={units} label="What remains" onChange={(amount) => set({ amount: amountText(amount) })} />
          {curtailment === null && <label>Kind<select value={kind} onChange={({ currentTarget }) => setKind(currentTarget.value === 'dimming' ? 'dimming' : 'curtailment')}><option value="curtailment">curtailment (whole site)</option><option value="dimming">dimming (chargers only)</option></select></label>}
        </div>
        <div class="line">
          <label>From {curtailment === null && '(empty = now)'}<input type="datetime-local" value={startsAt} disabled={begun} onInput={({ currentTarget }) => set({ startsAt: currentTarget.value })} /></label>
          <label>Until<input type="datetime-local" required value={expiresAt} onInput={({ currentTarget }) => set({ expiresAt: currentTarget.value })} /></label>
          <label class="grows">Reason (who asks, and why)<input type="text" maxLength={200} value={reason} onInput={({ currentTarget }) => set({ reason: currentTarget.value })} /></label>
        </div>
        {lifting && !over && <p><b>Lifted now, it would come to this:</b></p>}
        {stale !== null ? <Stale words={stale} onReadAgain={() => void read().then(() => setBusy(false))} />
          : trouble !== null ? <p role="alert" class="bad">{trouble}</p>
          : <TriedView tried={tried} zone={zone} nothing={over ? 'It has ended meanwhile: nothing is left to change.' : wish === null ? 'Say how much remains, and until when.' : null} />}
        <div class="line end">
          {curtailment !== null && !lifting && !over && <button type="button" class="danger" onClick={() => setLifting(true)}>Lift it …</button>}
          <button type="button" onClick={onClose}>Cancel</button>
          <button type="submit" class={lifting ? 'danger' : 'main'} disabled={busy || stale !== null || !isShown(tried) || (curtailment !== null && etag === null)}>{curtailment === null ? 'Curtail' : lifting ? 'Lift it now' : 'Save'}</button>
        </div>
      </form>
    </Dialog>
  )
}
