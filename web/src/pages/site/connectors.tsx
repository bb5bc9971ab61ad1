// Every connector in a row: what it does, what it gets and draws, why, whether it obeys, and what can be done; who needs somebody first.
import { computed, useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { memo } from 'preact/compat'
import { useMemo } from 'preact/hooks'
import { call, said, segment } from '../../data/call.ts'
import { nowMs } from '../../data/now.ts'
import { may } from '../../data/session.ts'
import { unit } from '../../data/taste.ts'
import { amps, duration, kilowattHours, kilowatts, money, num, statusWords } from '../../data/words.ts'
import { notify } from '../../parts/notice.tsx'
import { Mark } from '../../parts/reading.tsx'
import type { ConnectorOverview, OverviewView } from './overview.ts'

const searchedFrom = 9
/** First among the cars until somebody says otherwise. */
const boosted = 10
const minutes = computed(() => Math.floor(nowMs.value / 60_000))

export function Connectors({ overview: { connectors }, onChanged }: { overview: OverviewView; onChanged: () => void }) {
  const search = useSignal('')
  const wanted = search.value.trim().toLowerCase()
  const sorted = useMemo(() => [...connectors].sort(byAttention), [connectors])
  const shown = wanted === '' ? sorted : sorted.filter((row) => `${row.clientID}/${row.connectorId} ${attentionWords[row.attention.reason]} ${row.transaction?.idTag ?? ''} ${row.why}`.toLowerCase().includes(wanted))
  const minute = minutes.value
  return (
    <section class="card" aria-labelledby="connectors">
      <div class="section-head">
        <h2 id="connectors">Connectors</h2>
        {connectors.length >= searchedFrom && <label class="search"><span class="unseen">Search connectors</span><input type="search" placeholder={`Search ${connectors.length} connectors`} value={search.value} onInput={({ currentTarget }) => { search.value = currentTarget.value }} /></label>}
      </div>
      {connectors.length === 0 ? <p>No charge point belongs to this site yet. <a href="/connect">Connect a charger</a></p> : (
        <div class="table"><table class="connectors">
          <thead><tr><th scope="col">Connector</th><th scope="col">State</th><th scope="col">Draws of allocated</th><th scope="col">Why</th><th scope="col">Obeys</th><th scope="col">Session</th><th scope="col"><span class="unseen">Actions</span></th></tr></thead>
          <tbody>{shown.map((row) => <Row key={`${row.clientID}/${row.connectorId}`} row={row} minute={minute} onChanged={onChanged} />)}</tbody>
        </table></div>
      )}
      {shown.length === 0 && connectors.length > 0 && <p>No connector matches “{search.value}”.</p>}
    </section>
  )
}

const names = new Intl.Collator('en', { numeric: true })
/** Who needs somebody first, then by name: rows move only when something about them changes. */
function byAttention(a: ConnectorOverview, b: ConnectorOverview): number {
  return Math.min(a.attention.rank, calm) - Math.min(b.attention.rank, calm) || names.compare(`${a.clientID}/${a.connectorId}`, `${b.clientID}/${b.connectorId}`)
}
/** From this rank on nobody has to do anything. */
const calm = 4

interface RowProps { readonly row: ConnectorOverview; readonly minute: number; readonly onChanged: () => void }

/** A row whose facts are the same is not drawn again: with hundreds of them that is most of the work. */
const Row = memo(ConnectorRow, (a, b) => a.minute === b.minute && (a.row === b.row || JSON.stringify(a.row) === JSON.stringify(b.row)))

function ConnectorRow({ row, onChanged }: RowProps) {
  const { clientID, connectorId, transaction, allocatedA, measuredA, maxA, attention, obeying, queue, allocatedW, measuredW } = row
  // How many phases a car takes is not known here: only what is told in watts is shown in them.
  const kW = unit.value === 'kW' && allocatedW !== undefined
  const name = `${clientID}/${connectorId}`
  const full = Math.max(maxA, allocatedA, measuredA ?? 0, 1)
  return (
    <tr class={attention.rank <= 3 ? 'needs' : undefined}>
      <th scope="row"><a href={`/chargepoints/${segment(clientID)}`}>{name}</a></th>
      <Cell name="State"><Mark kind={attentionMarks[attention.reason]} /> {attentionWords[attention.reason] ?? statusWords[row.status] ?? row.status}{queue !== null && <span class="soft"> ({queue.place} of {queue.of})</span>}{transaction !== null && <div class="soft">{transaction.idTag}</div>}</Cell>
      <Cell name="Draws of allocated" class="draws">
        <div class="small-bar" aria-hidden="true"><div class="bar-allocated" style={{ width: `${(allocatedA / full) * 100}%` }} /><div class={`bar-measured${obeying === 'disobeying' ? ' over' : ''}`} style={{ width: `${((measuredA ?? 0) / full) * 100}%` }} /></div>
        <span>{kW ? `${num(measuredW === undefined ? null : measuredW / 1000)} of ${kilowatts(allocatedW)}` : `${num(measuredA)} of ${amps(allocatedA)}`}</span>
      </Cell>
      <Cell name="Why" class="why">{row.why}</Cell>
      <Cell name="Obeys">{obeying === 'obeying' ? <><Mark kind="ok" /> yes</> : obeying === 'disobeying' ? <b class="bad"><Mark kind="bad" /> no</b> : <span class="soft"><Mark kind="unknown" /> not known</span>}</Cell>
      <Cell name="Session" class="session">{transaction === null ? '–' : <a href={`/sessions/${transaction.id}`}>{kilowattHours(transaction.energyWh)}</a>}{transaction !== null && <div class="soft">{duration((nowMs.peek() - Date.parse(transaction.startedAt)) / 1000)}{transaction.cost !== null && ` · ${money(transaction.cost)}`}</div>}</Cell>
      <td class="acts">{transaction !== null && <Acts row={row} name={name} onChanged={onChanged} />}</td>
    </tr>
  )
}

/** On a phone each cell is a line with its name. */
function Cell({ name, class: className, children }: { name: string; class?: string; children: ComponentChildren }) {
  return <td data-name={name} class={className}><div>{children}</div></td>
}

function Acts({ row: { clientID, connectorId, transaction, priority }, name, onChanged }: { row: ConnectorOverview; name: string; onChanged: () => void }) {
  if (transaction === null || !may('commands:write')) return null
  const first = priority >= boosted
  async function stop(): Promise<void> {
    if (transaction === null || !confirm(`Stop the session at ${name}?`)) return
    try {
      const { status, response } = await call<{ status: string; response?: { status?: string } }>(`/chargepoints/${segment(clientID)}/remote-stop`, { method: 'POST', body: { transactionId: transaction.id }, headers: { Prefer: 'wait=10' }, withinMs: 15_000 })
      notify(`${name} was told to stop: ${response?.status ?? status}.`, { bad: status !== 'accepted' && status !== 'sent' })
    } catch (error) {
      notify(said(error), { bad: true })
    }
    onChanged()
  }
  async function boost(): Promise<void> {
    try {
      await call(`/chargepoints/${segment(clientID)}/connectors/${connectorId}`, { method: 'PATCH', body: { priority: first ? 0 : boosted } })
      notify(first ? `${name} shares like the others again.` : `${name} comes before the others now.`)
    } catch (error) {
      notify(said(error), { bad: true })
    }
    onChanged()
  }
  return (
    <>
      {may('config:write') && <button type="button" aria-pressed={first} aria-label={`Boost ${name}`} onClick={() => void boost()}>{first ? 'Boosted' : 'Boost'}</button>}
      <button type="button" aria-label={`Stop ${name}`} onClick={() => void stop()}>Stop</button>
    </>
  )
}

const attentionWords: Readonly<Record<ConnectorOverview['attention']['reason'], string>> = {
  disobeying: 'does not obey', faulted: 'faulted', 'offline-charging': 'offline while charging', offline: 'offline', waiting: 'waiting', limited: 'charging, limited', charging: 'charging', paused: 'paused or full',
  'plugged-in': 'plugged in', unavailable: 'out of service', free: 'free', 'never-connected': 'never connected',
}
const attentionMarks = {
  disobeying: 'bad', faulted: 'bad', 'offline-charging': 'bad', offline: 'warning', waiting: 'waiting', limited: 'charging', charging: 'charging', paused: 'info', 'plugged-in': 'info', unavailable: 'warning', free: 'ok', 'never-connected': 'unknown',
} as const satisfies Record<ConnectorOverview['attention']['reason'], string>
