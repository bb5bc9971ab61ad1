// OCPP messages, requests with their answers: filtered, live until paused, each opened to its JSON.
import { useEffect, useState } from 'preact/hooks'
import type { MessageView } from '../../../src/actors/message-row.ts'
import { call, said, segment } from '../data/call.ts'
import { usePolled, type Polled } from '../data/polled.ts'
import { may } from '../data/session.ts'
import { address, go } from '../router.ts'
import { messagesAsCsv } from './message-file.ts'
import { askedOf, filtersAsQuery, readFilters, type Filters } from './message-filters.ts'
import { MessageTable } from './message-table.tsx'
import { notify } from './notice.tsx'
import { Reading } from './reading.tsx'
import { saveFile } from './save-file.ts'

interface List { readonly data: readonly MessageView[]; readonly nextCursor: string | null }

const liveMs = 2000

/** `clientID`: those of one charge point only, and that is no filter to choose. `siteID`: of one site. */
export function Messages({ query, clientID, siteID }: { query: URLSearchParams; clientID?: string; siteID?: string }) {
  const filters: Filters = { ...readFilters(query), ...(clientID !== undefined && { clientID }) }
  const asked = askedOf(filters, { limit: '50', ...(siteID !== undefined && { siteID }) })
  const [pausedAt, pause] = useState<Polled<List> | null>(null)
  const [older, setOlder] = useState<List | null>(null)
  const live = usePolled<List>(pausedAt === null ? `/messages?${asked}` : null, { everyMs: liveMs })
  const [busy, setBusy] = useState(false)
  useEffect(() => { pause(null); setOlder(null) }, [asked])

  function change(part: Partial<Filters>): void {
    // Of the address as it is now: two fields may change before the page is drawn again.
    const { clientID: chosen, ...rest } = filtersAsQuery({ ...readFilters(address.value.query), ...part })
    const kept = clientID === undefined ? { ...(chosen !== undefined && { clientID: chosen }) } : { tab: 'messages' }
    const text = new URLSearchParams({ ...kept, ...rest }).toString()
    go(`${address.value.path}${text === '' ? '' : `?${text}`}`, { replace: true })
  }
  async function more(from: string): Promise<void> {
    setBusy(true)
    // What is shown stays where it is, else the older ones would move away under the reader.
    pause((now) => now ?? live.state.value)
    try {
      const next = await call<List>(`/messages?${asked}&cursor=${segment(from)}`)
      setOlder((before) => ({ data: [...before?.data ?? [], ...next.data], nextCursor: next.nextCursor }))
    } catch (error) {
      notify(said(error), { bad: true })
    }
    setBusy(false)
  }
  async function save(): Promise<void> {
    setBusy(true)
    try {
      const { pieces, cut } = await messagesAsCsv(askedOf(filters, { limit: '500', ...(siteID !== undefined && { siteID }) }))
      saveFile(pieces, 'text/csv', 'messages.csv')
      notify(cut ? 'The newest 10,000 messages were saved; a time span has the others.' : 'Saved.')
    } catch (error) {
      notify(said(error), { bad: true })
    }
    setBusy(false)
  }

  return (
    <>
      <FilterLine filters={filters} change={change} fixed={clientID !== undefined} />
      <div class="line middle">
        {pausedAt === null
          ? <button type="button" onClick={() => pause(live.state.value)}>❚❚ Pause</button>
          : <button type="button" class="main" onClick={() => { pause(null); setOlder(null) }}>▶ Go on live</button>}
        <button type="button" disabled={busy} onClick={() => void save()}>Save as CSV</button>
        <span class="soft">{pausedAt === null ? 'Live: new messages come in at the top.' : 'Paused: nothing moves.'}</span>
      </div>
      <Reading state={pausedAt ?? live.state.value} what="the messages" staleMs={pausedAt === null ? 12_000 : Infinity}>
        {({ data, nextCursor }) => {
          const next = older === null ? nextCursor : older.nextCursor
          const all = [...data, ...older?.data ?? []]
          return (
            <>
              {all.length === 0 ? <p class="card">No message fits{next === null ? '' : ' among those looked at so far'}.</p> : <MessageTable messages={all} withName={clientID === undefined} />}
              {next !== null && <p><button type="button" disabled={busy} onClick={() => void more(next)}>{busy ? 'Reading …' : 'Older messages'}</button></p>}
            </>
          )
        }}
      </Reading>
    </>
  )
}

function FilterLine({ filters, change, fixed }: { filters: Filters; change: (part: Partial<Filters>) => void; fixed: boolean }) {
  return (
    <form class="line filters" role="search" onSubmit={(event) => event.preventDefault()}>
      {!fixed && <label>Charge point <Typed value={filters.clientID} placeholder="all" said={(clientID) => change({ clientID })} /></label>}
      <label>Action <Typed list="actions" value={filters.action} placeholder="all" said={(action) => change({ action })} /></label>
      <datalist id="actions">{actions.map((name) => <option key={name} value={name} />)}</datalist>
      <label>Direction
        <select value={filters.direction} onChange={({ currentTarget: { value } }) => change({ direction: value === 'in' || value === 'out' ? value : '' })}>
          <option value="">both</option><option value="in">from the charge point</option><option value="out">from kwota</option>
        </select>
      </label>
      {may('pii:read') && <label>Text <Typed type="search" value={filters.text} placeholder="part of a message" said={(text) => change({ text })} /></label>}
      <label>From <input type="datetime-local" value={filters.from} onChange={({ currentTarget }) => change({ from: currentTarget.value })} /></label>
      <label>To <input type="datetime-local" value={filters.to} onChange={({ currentTarget }) => change({ to: currentTarget.value })} /></label>
      <label class="row"><input type="checkbox" checked={filters.errorsOnly} onChange={({ currentTarget }) => change({ errorsOnly: currentTarget.checked })} /> Errors only</label>
    </form>
  )
}

interface TypedProps { readonly value: string; readonly placeholder: string; readonly said: (text: string) => void; readonly list?: string; readonly type?: 'search' }

/** What is being typed stays, however often new messages draw the page again. */
function Typed({ value, said: tell, ...rest }: TypedProps) {
  const [typed, type] = useState(value)
  useEffect(() => type(value), [value])
  return <input {...rest} value={typed} maxLength={200} autocomplete="off" spellcheck={false} onInput={({ currentTarget }) => type(currentTarget.value)} onChange={({ currentTarget }) => tell(currentTarget.value)} />
}

const actions = [
  'Authorize', 'BootNotification', 'CancelReservation', 'ChangeAvailability', 'ChangeConfiguration', 'ClearChargingProfile', 'DataTransfer', 'DiagnosticsStatusNotification', 'FirmwareStatusNotification', 'GetCompositeSchedule',
  'GetConfiguration', 'Heartbeat', 'MeterValues', 'RemoteStartTransaction', 'RemoteStopTransaction', 'ReserveNow', 'Reset', 'SendLocalList', 'SetChargingProfile', 'StartTransaction', 'StatusNotification', 'StopTransaction', 'TriggerMessage', 'UnlockConnector',
]
