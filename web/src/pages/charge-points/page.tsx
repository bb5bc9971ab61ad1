// The charge points of a site, those that need somebody first.
import { useState } from 'preact/hooks'
import type { AlertView, ChargePointView, PowerView } from '../../../../src/actors/views.ts'
import { segment } from '../../data/call.ts'
import { nowMs } from '../../data/now.ts'
import { usePolled } from '../../data/polled.ts'
import { may } from '../../data/session.ts'
import type { PageProps } from '../../pages.ts'
import { Mark, Reading } from '../../parts/reading.tsx'
import { AddChargePoint } from './add.tsx'
import { linesOf, type Line } from './row.ts'

interface List<T> { readonly data: readonly T[]; readonly nextCursor: string | null }

export function Page({ parts }: PageProps) {
  const siteID = parts['siteID'] ?? ''
  const site = segment(siteID)
  const points = usePolled<List<ChargePointView>>(`/chargepoints?siteID=${site}&limit=500`, { on: ['chargepoint.connected', 'chargepoint.disconnected'] })
  const power = usePolled<PowerView>(`/sites/${site}/power`, { on: ['connector.status', 'transaction.started', 'transaction.stopped'] })
  const alerts = usePolled<List<AlertView>>(`/alerts?siteID=${site}&open=true&limit=500`, { on: ['alert.raised', 'alert.resolved'] })
  const [search, setSearch] = useState('')
  const [adding, add] = useState(false)

  return (
    <>
      <div class="line spread">
        <h1>Charge points</h1>
        <div class="line">
          <label>Search <input type="search" value={search} onInput={({ currentTarget }) => setSearch(currentTarget.value)} placeholder="Name, model, state" /></label>
          {may('config:write') && <button type="button" class="main" onClick={() => add(true)}>Add a charge point</button>}
        </div>
      </div>
      <Reading state={points.state.value} what="the charge points">
        {({ data, nextCursor }) => {
          const lines = linesOf(data, power.state.value.data?.connectors ?? [], alerts.state.value.data?.data ?? [], search, nowMs.value)
          const online = data.filter(({ connection }) => connection.state === 'online').length
          return data.length === 0 ? <Nothing /> : (
            <>
              <p class="soft">{online} of {data.length} online{search.trim() === '' ? '' : `, ${lines.length} found`}.{nextCursor !== null && ' Only the first 500 by name are shown.'}</p>
              <Table lines={lines} />
            </>
          )
        }}
      </Reading>
      {adding && <AddChargePoint siteID={siteID} onClose={(added) => { add(false); if (added) points.again() }} />}
    </>
  )
}

function Nothing() {
  return <p class="card">No charge point is known here yet. <a href="/connect">Connect a charger</a>, or look into the <a href="/lobby">lobby</a> if one has tried.</p>
}

function Table({ lines }: { lines: readonly Line[] }) {
  return (
    <div class="table" tabIndex={0} role="region" aria-label="Charge points">
      <table class="as-cards">
        <thead><tr><th scope="col">Name</th><th scope="col">State</th><th scope="col">Connectors</th><th scope="col">Alerts</th><th scope="col">Vendor and model</th><th scope="col">Last heard</th><th scope="col">Security profile</th></tr></thead>
        <tbody>
          {lines.map((line) => (
            <tr key={line.id}>
              <th scope="row"><a href={`/chargepoints/${segment(line.id)}`}>{line.id}</a>{line.circuit !== null && <span class="soft small"> {line.circuit}</span>}</th>
              <td data-name="State"><Mark kind={line.mark} /> {line.state}</td>
              <td data-name="Connectors"><ul class="plain-list">{line.connectors.map(({ id, mark, words }) => <li key={id}><Mark kind={mark} /> {line.connectors.length > 1 && `${id}: `}{words}</li>)}</ul></td>
              <td data-name="Alerts">{line.critical + line.warnings === 0 ? <span class="soft">none</span> : (
                <a href={`/chargepoints/${segment(line.id)}`}>{[line.critical > 0 && `${line.critical} critical`, line.warnings > 0 && `${line.warnings} ${line.warnings === 1 ? 'warning' : 'warnings'}`].filter(Boolean).join(', ')}</a>
              )}</td>
              <td data-name="Model">{line.model === '' ? <span class="soft">not told</span> : line.model}</td>
              <td data-name="Heard">{line.seen}</td>
              <td data-name="Security">{line.security}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
