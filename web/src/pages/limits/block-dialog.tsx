// A block of the week or an interval of a limit schedule is made, changed or taken out: each tried first, and sent for the version that was read.
import { useEffect, useRef, useState } from 'preact/hooks'
import { callTagged, Refusal, said } from '../../data/call.ts'
import { serverNowMs } from '../../data/server-clock.ts'
import { retyped, type Typed } from '../../data/typed.ts'
import { matching, type Wish } from '../../data/wish.ts'
import { Dialog } from '../../parts/dialog.tsx'
import { Stale } from '../../parts/stale.tsx'
import { isShown, perform, TriedView, useTried } from '../../parts/tried.tsx'
import { AmountFields } from './amount-fields.tsx'
import { amountField, foundAgain, newScheduleWish, schedulePath, scheduleWish, withInterval, withWeekly, type KeptSchedule } from './changes.ts'
import { amountIn, amountText, blockFields, instantTyped, keptSpan, newBlockFields } from './fields.ts'
import { dayNames } from './week.ts'

export interface BlockAim { readonly kind: 'weekly' | 'interval'; /** null = a new block. */ readonly schedule: KeptSchedule | null; readonly index: number }
/** `index` Infinity = behind the last; `etag` null while it is not read. */
interface Base { readonly schedule: KeptSchedule | null; readonly index: number; readonly etag: string | null }

/** Until the chosen one is read there is none that a block could be put into. */
const nothing: Base = { schedule: null, index: Infinity, etag: null }
const dayWords = { mon: 'Mon', tue: 'Tue', wed: 'Wed', thu: 'Thu', fri: 'Fri', sat: 'Sat', sun: 'Sun' } as const

export function BlockDialog({ siteID, zone, aim, schedules, onChanged, onClose }: { siteID: string; zone: string; aim: BlockAim; schedules: readonly KeptSchedule[]; onChanged: () => void; onClose: () => void }) {
  const { kind } = aim
  const [base, setBase] = useState<Base>({ schedule: aim.schedule, index: aim.schedule === null ? Infinity : aim.index, etag: null })
  const [typed, type] = useState<Typed>(() => (aim.schedule === null ? newBlockFields(kind, serverNowMs(), zone) : blockFields(aim.schedule, aim.index, zone)))
  const [into, setInto] = useState(aim.schedule?.id ?? '')
  const chosenInto = useRef(into)
  chosenInto.current = into
  const [name, setName] = useState('')
  const [removing, setRemoving] = useState(false)
  const [busy, setBusy] = useState(false)
  const [stale, setStale] = useState<string | null>(null)
  const [note, setNote] = useState<string | null>(null)
  const [trouble, setTrouble] = useState<string | null>(null)
  const { schedule, index, etag } = base
  const existing = schedule !== null && Number.isFinite(index)
  const { from = '', to = '', startsAt = '', endsAt = '' } = typed
  const days = (typed['days'] ?? '').split(',')

  const hosts = schedules.filter((one) => (kind === 'weekly' ? one.weekly !== undefined : one.weekly === undefined))
  const wish = wishOf()
  const tried = useTried(wish)

  /** The schedule as it stands now; what was typed stays. */
  async function read(): Promise<void> {
    if (into === '') return setBase(nothing)
    setStale(null)
    setNote(null)
    setTrouble(null)
    try {
      const { data, etag: now } = await callTagged<KeptSchedule>(schedulePath(siteID, into))
      // Another was chosen meanwhile.
      if (chosenInto.current !== into) return
      if (!existing) return setBase({ schedule: data, index: Infinity, etag: now })
      const found = foundAgain(schedule, index, data)
      if (found.index < 0) {
        setNote('This block was taken out meanwhile. Saving puts it back as it stands here.')
        setRemoving(false)
      } else if (found.changed) {
        setNote('This block itself was changed meanwhile. What you have not touched is as it is now.')
        type((before) => retyped(blockFields(schedule, index, zone), before, blockFields(data, found.index, zone)))
      }
      setBase({ schedule: data, index: found.index < 0 ? Infinity : found.index, etag: now })
    } catch (error) {
      if (chosenInto.current !== into) return
      if (!(error instanceof Refusal && error.status === 404)) return setTrouble(said(error))
      setNote('The schedule was removed meanwhile. Saving makes a new one of what stands here.')
      setName(schedule?.name ?? '')
      setRemoving(false)
      setInto('')
    }
  }
  useEffect(() => { void read() }, [into])

  function wishOf(): Wish | null {
    if (removing && schedule !== null) return scheduleWish(siteID, schedule.id, kind === 'weekly' ? withWeekly(schedule, index, null) : withInterval(schedule, index, null))
    const { value, unit } = amountIn(typed)
    const field = amountField(value, unit, 'limitW')
    const kept = existing ? keptSpan(schedule, index) : null
    const [startMs, endMs] = [instantTyped(startsAt, kept?.startMs ?? null, zone), instantTyped(endsAt, kept?.endMs ?? null, zone)]
    if (field === null || (kind === 'weekly' ? days.join() === '' || from === '' || to === '' : !(endMs > startMs))) return null
    const block = { days: dayNames.filter((day) => days.includes(day)), from, to: to === '00:00' ? '24:00' : to, ...field }
    const span = { startsAt: new Date(kind === 'weekly' ? 0 : startMs).toISOString(), durationS: Math.round((endMs - startMs) / 1000), ...field }
    if (schedule === null) return into === '' ? newScheduleWish(siteID, { ...(name.trim() !== '' && { name: name.trim() }), ...(kind === 'weekly' ? { weekly: [block] } : { intervals: [span] }) }) : null
    return scheduleWish(siteID, schedule.id, kind === 'weekly' ? withWeekly(schedule, index, block) : withInterval(schedule, index, span))
  }
  async function submit(): Promise<void> {
    if (wish === null || !isShown(tried)) return
    setBusy(true)
    setTrouble(null)
    try {
      const back = (made: KeptSchedule | null): Wish => scheduleWish(siteID, schedule?.id ?? made?.id ?? '', schedule)
      await perform<KeptSchedule | null>(matching(wish, etag), removing ? 'It is taken out of the calendar.' : 'It stands in the calendar.', back, onChanged)
      onClose()
    } catch (error) {
      if (error instanceof Refusal && error.status === 412) setStale(error.message)
      else setTrouble(said(error))
      setBusy(false)
    }
  }
  const set = (part: Typed): void => { setRemoving(false); type((before) => ({ ...before, ...part })) }
  const chosen = (day: string, on: boolean): string => dayNames.filter((one) => (one === day ? on : days.includes(one))).join()
  return (
    <Dialog title={`${existing ? 'Change' : 'New'} ${kind === 'weekly' ? 'weekly block' : 'interval'}`} onClose={onClose}>
      <form onSubmit={(event) => { event.preventDefault(); void submit() }}>
        <p class="soft">{existing && <>Of the schedule {schedule.name ?? schedule.id}. </>}Times are those of {zone}{kind === 'weekly' && '; one that ends before it begins goes on into the next day'}.</p>
        {kind === 'weekly' && (
          <fieldset><legend>Begins on</legend>
            <div class="line">{dayNames.map((day) => <label key={day} class="row"><input type="checkbox" checked={days.includes(day)} onChange={({ currentTarget }) => set({ days: chosen(day, currentTarget.checked) })} /> {dayWords[day]}</label>)}</div>
          </fieldset>
        )}
        <div class="line">
          {kind === 'weekly' ? <>
            <label>From<input type="time" required value={from} onInput={({ currentTarget }) => set({ from: currentTarget.value })} /></label>
            <label>To<input type="time" required value={to === '24:00' ? '00:00' : to} onInput={({ currentTarget }) => set({ to: currentTarget.value })} /></label>
          </> : <>
            <label>From<input type="datetime-local" required value={startsAt} onInput={({ currentTarget }) => set({ startsAt: currentTarget.value })} /></label>
            <label>Until<input type="datetime-local" required value={endsAt} onInput={({ currentTarget }) => set({ endsAt: currentTarget.value })} /></label>
          </>}
          <AmountFields {...amountIn(typed)} units={['A', 'kW']} label="Limit" onChange={(amount) => set({ amount: amountText(amount) })} />
        </div>
        {!existing && aim.schedule === null && (
          <div class="line">
            <label>In the schedule<select value={into} onChange={({ currentTarget }) => { setBase(nothing); setTrouble(null); setInto(currentTarget.value) }}><option value="">a new one</option>{hosts.map((one) => <option key={one.id} value={one.id}>{one.name ?? one.id}</option>)}</select></label>
            {into === '' && <label class="grows">Its name<input type="text" maxLength={200} value={name} onInput={({ currentTarget }) => setName(currentTarget.value)} /></label>}
          </div>
        )}
        {note !== null && <p role="status" class="once">{note}</p>}
        {removing && <p><b>Taken out, it would come to this:</b></p>}
        {stale !== null ? <Stale words={stale} onReadAgain={() => void read().then(() => setBusy(false))} />
          : trouble !== null ? <p role="alert" class="bad">{trouble}</p>
          : <TriedView tried={tried} zone={zone} nothing={wish === null ? 'Say the limit, and from when to when it holds.' : null} />}
        <div class="line end">
          {existing && !removing && <button type="button" class="danger" onClick={() => setRemoving(true)}>Take it out …</button>}
          <button type="button" onClick={onClose}>Cancel</button>
          <button type="submit" class={removing ? 'danger' : 'main'} disabled={busy || stale !== null || !isShown(tried) || (into !== '' && etag === null)}>{removing ? 'Take it out' : 'Save'}</button>
        </div>
      </form>
    </Dialog>
  )
}
