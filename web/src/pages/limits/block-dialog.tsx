// A block of the week or an interval of a limit schedule is made, changed or taken out: each tried first.
import { useState } from 'preact/hooks'
import { said } from '../../data/call.ts'
import { inputOf, instantOf } from '../../data/zone.ts'
import { Dialog } from '../../parts/dialog.tsx'
import { AmountFields } from './amount-fields.tsx'
import { amountField, amountOf, newScheduleWish, scheduleWish, withInterval, withWeekly, type KeptSchedule, type Unit, type Wish } from './changes.ts'
import { perform, TriedView, useTried } from './tried.tsx'
import { dayNames } from './week.ts'

export interface BlockAim { readonly kind: 'weekly' | 'interval'; /** null = a new block. */ readonly schedule: KeptSchedule | null; readonly index: number }
type Field = Readonly<Record<'limitW', number>> | Readonly<Record<'currentA', number>>

const dayWords = { mon: 'Mon', tue: 'Tue', wed: 'Wed', thu: 'Thu', fri: 'Fri', sat: 'Sat', sun: 'Sun' } as const

export function BlockDialog({ siteID, zone, aim, schedules, onChanged, onClose }: { siteID: string; zone: string; aim: BlockAim; schedules: readonly KeptSchedule[]; onChanged: () => void; onClose: () => void }) {
  const { kind, schedule, index } = aim
  const weekly = schedule?.weekly?.[index]
  const interval = schedule === null ? undefined : index < 0 ? schedule : schedule.intervals?.[index]
  const [amount, setAmount] = useState<{ value: string; unit: Unit }>(weekly === undefined && interval === undefined ? { value: '', unit: 'A' } : amountOf(weekly ?? interval ?? {}))
  const [days, setDays] = useState<readonly string[]>(weekly?.days ?? ['mon', 'tue', 'wed', 'thu', 'fri'])
  const [from, setFrom] = useState(weekly?.from ?? '17:00')
  const [to, setTo] = useState(weekly?.to ?? '20:00')
  const [startsAt, setStarts] = useState(() => inputOf(interval?.startsAt === undefined ? Math.ceil(Date.now() / 3_600_000) * 3_600_000 : Date.parse(interval.startsAt), zone))
  const [endsAt, setEnds] = useState(() => inputOf(interval?.startsAt === undefined ? Math.ceil(Date.now() / 3_600_000 + 2) * 3_600_000 : Date.parse(interval.startsAt) + (interval.durationS ?? 0) * 1000, zone))
  const [into, setInto] = useState('')
  const [name, setName] = useState('')
  const [removing, setRemoving] = useState(false)
  const [busy, setBusy] = useState(false)
  const [trouble, setTrouble] = useState<string | null>(null)

  const hosts = schedules.filter((one) => (kind === 'weekly' ? one.weekly !== undefined : one.weekly === undefined))
  const wish = wishOf()
  const tried = useTried(wish)
  const refused = tried !== null && 'refusal' in tried

  function fieldOf(): Field | null {
    const field = amountField(amount.value, amount.unit, 'limitW')
    return field === null ? null : 'currentA' in field ? { currentA: field['currentA'] ?? 0 } : { limitW: field['limitW'] ?? 0 }
  }
  function wishOf(): Wish | null {
    if (removing && schedule !== null) return scheduleWish(siteID, schedule.id, kind === 'weekly' ? withWeekly(schedule, index, null) : withInterval(schedule, index, null))
    const field = fieldOf()
    const [startMs, endMs] = [instantOf(startsAt, zone), instantOf(endsAt, zone)]
    if (field === null || (kind === 'weekly' ? days.length === 0 || from === '' || to === '' : !(endMs > startMs))) return null
    const block = { days: dayNames.filter((day) => days.includes(day)), from, to: to === '00:00' ? '24:00' : to, ...field }
    const span = { startsAt: new Date(startMs).toISOString(), durationS: Math.round((endMs - startMs) / 1000), ...field }
    const host = schedule ?? hosts.find(({ id }) => id === into)
    if (host === undefined) return newScheduleWish(siteID, { ...(name.trim() !== '' && { name: name.trim() }), ...(kind === 'weekly' ? { weekly: [block] } : { intervals: [span] }) })
    if (kind === 'weekly') return scheduleWish(siteID, host.id, withWeekly(host, schedule === null ? Infinity : index, block))
    return scheduleWish(siteID, host.id, withInterval(host, schedule === null ? Infinity : index, span))
  }
  async function submit(): Promise<void> {
    if (wish === null) return
    setBusy(true)
    try {
      const host = schedule ?? hosts.find(({ id }) => id === into)
      const back = (made: KeptSchedule | null): Wish => scheduleWish(siteID, host?.id ?? made?.id ?? '', host ?? null)
      await perform<KeptSchedule | null>(wish, removing ? 'It is taken out of the calendar.' : 'It stands in the calendar.', back, onChanged)
      onClose()
    } catch (error) {
      setTrouble(said(error))
      setBusy(false)
    }
  }
  return (
    <Dialog title={`${schedule === null ? 'New' : 'Change'} ${kind === 'weekly' ? 'weekly block' : 'interval'}`} onClose={onClose}>
      <form onSubmit={(event) => { event.preventDefault(); void submit() }}>
        <p class="soft">{schedule !== null && <>Of the schedule {schedule.name ?? schedule.id}. </>}Times are those of {zone}{kind === 'weekly' && '; one that ends before it begins goes on into the next day'}.</p>
        {kind === 'weekly' && (
          <fieldset><legend>Begins on</legend>
            <div class="line">{dayNames.map((day) => <label key={day} class="row"><input type="checkbox" checked={days.includes(day)} onChange={({ currentTarget }) => setDays(currentTarget.checked ? [...days, day] : days.filter((one) => one !== day))} /> {dayWords[day]}</label>)}</div>
          </fieldset>
        )}
        <div class="line">
          {kind === 'weekly' ? <>
            <label>From<input type="time" required value={from} onInput={({ currentTarget }) => setFrom(currentTarget.value)} /></label>
            <label>To<input type="time" required value={to === '24:00' ? '00:00' : to} onInput={({ currentTarget }) => setTo(currentTarget.value)} /></label>
          </> : <>
            <label>From<input type="datetime-local" required value={startsAt} onInput={({ currentTarget }) => setStarts(currentTarget.value)} /></label>
            <label>Until<input type="datetime-local" required value={endsAt} onInput={({ currentTarget }) => setEnds(currentTarget.value)} /></label>
          </>}
          <AmountFields {...amount} units={['A', 'kW']} label="Limit" onChange={setAmount} />
        </div>
        {schedule === null && (
          <div class="line">
            <label>In the schedule<select value={into} onChange={({ currentTarget }) => setInto(currentTarget.value)}><option value="">a new one</option>{hosts.map((one) => <option key={one.id} value={one.id}>{one.name ?? one.id}</option>)}</select></label>
            {into === '' && <label class="grows">Its name<input type="text" maxLength={200} value={name} onInput={({ currentTarget }) => setName(currentTarget.value)} /></label>}
          </div>
        )}
        {removing && <p><b>Taken out, it would come to this:</b></p>}
        {trouble !== null ? <p role="alert" class="bad">{trouble}</p> : <TriedView tried={tried} zone={zone} nothing={wish === null ? 'Say the limit, and from when to when it holds.' : null} />}
        <div class="line end">
          {schedule !== null && !removing && <button type="button" class="danger" onClick={() => setRemoving(true)}>Take it out …</button>}
          <button type="button" onClick={onClose}>Cancel</button>
          <button type="submit" class={removing ? 'danger' : 'main'} disabled={busy || wish === null || refused}>{removing ? 'Take it out' : 'Save'}</button>
        </div>
      </form>
    </Dialog>
  )
}
