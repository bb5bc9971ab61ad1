// What a charge point is, what was learnt of it, and each connector with why it has what it has.
import type { AlertView, ChargePointView, ConnectorView } from '../../../../src/actors/views.ts'
import { segment } from '../../data/call.ts'
import { nowMs } from '../../data/now.ts'
import { usePolled } from '../../data/polled.ts'
import { ago, clock } from '../../data/words.ts'
import { Mark, Reading } from '../../parts/reading.tsx'
import { securityOf } from '../charge-points/row.ts'
import { ConnectorCard } from './connector.tsx'
import type { TabProps } from './page.tsx'
import { bootFacts, quirksInWords } from './why.ts'

export function Overview({ point }: TabProps) {
  const path = `/chargepoints/${segment(point.id)}`
  const connectors = usePolled<{ data: readonly ConnectorView[] }>(`${path}/connectors`, { on: ['connector.status', 'transaction.started', 'transaction.stopped', 'allocation.changed'], everyMs: 3000 })
  const alerts = usePolled<{ data: readonly AlertView[] }>(`/alerts?clientID=${segment(point.id)}&open=true&limit=50`, { on: ['alert.raised', 'alert.resolved'] })
  const told = alerts.state.value.data?.data.filter(({ severity }) => severity !== 'info') ?? []
  return (
    <div class="columns">
      <div>
        {told.length > 0 && (
          <section class="card" aria-label="Alerts">
            <h2>Alerts</h2>
            <ul class="plain-list">{told.map(({ id, severity, message, raisedAt }) => <li key={id}><Mark kind={severity === 'critical' ? 'bad' : 'warning'} /> <b>{severity}</b>: {message} <span class="soft">since {clock(raisedAt, nowMs.value)}</span></li>)}</ul>
          </section>
        )}
        <Reading state={connectors.state.value} what="the connectors">
          {({ data }) => data.map((connector) => <ConnectorCard key={connector.id} connector={connector} only={data.length === 1} />)}
        </Reading>
      </div>
      <div><Identity point={point} unconfirmed={connectors.state.value.data?.data.some(({ power: { confirmedA } }) => confirmedA === null) === true} /></div>
    </div>
  )
}

/** `unconfirmed` = a connector has never said that it took its fallback. */
function Identity({ point, unconfirmed }: { point: ChargePointView; unconfirmed: boolean }) {
  const { connection, lastSeenAt, quirks } = point
  const now = nowMs.value
  return (
    <>
      <section class="card">
        <h2>Connection</h2>
        <dl class="facts">
          <dt>State</dt><dd>{connection.state === 'never' ? 'never connected' : `${connection.state} since ${clock(connection.since, now)}`}</dd>
          <dt>Last heard</dt><dd>{ago(lastSeenAt, now)}</dd>
          {connection.remoteAddress !== null && <><dt>From</dt><dd>{connection.remoteAddress}</dd></>}
          <dt>Security</dt><dd>{securityOf(point)}</dd>
          <dt>Circuit</dt><dd>{point.circuit ?? 'directly at the site'}</dd>
          <dt>Limits by</dt><dd>{point.control === 'engine' ? 'kwota' : 'nobody: its hardware maximum is reserved'}</dd>
          <dt>Fallback</dt><dd>{point.fallbackA} A per connector when it loses kwota{point.control === 'engine' && unconfirmed && ' (not confirmed by it: it may take all it can)'}</dd>
        </dl>
      </section>
      <section class="card">
        <h2>As it introduced itself</h2>
        {point.boot === null ? <p class="soft">It has not yet.</p> : <dl class="facts">{bootFacts(point.boot).map(([name, value]) => <><dt key={name}>{name}</dt><dd>{value}</dd></>)}</dl>}
      </section>
      <section class="card">
        <h2>What was learnt of it</h2>
        <ul>{quirksInWords(quirks).map((text) => <li key={text}>{text}</li>)}</ul>
      </section>
    </>
  )
}
