// Beside the connectors: what is wrong, what was decided, and whether everything is there.
import { call, said, segment } from '../../data/call.ts'
import { nowMs } from '../../data/now.ts'
import { may } from '../../data/session.ts'
import { ago, clock, duration } from '../../data/words.ts'
import { notify } from '../../parts/notice.tsx'
import { Mark } from '../../parts/reading.tsx'
import type { OverviewView } from './overview.ts'

const listedAlerts = 8

export function Side({ overview: { site, alerts, alertCounts, decisions, health, engine }, readAt, onChanged }: { overview: OverviewView; readAt: number | null; onChanged: () => void }) {
  const open = alertCounts.critical + alertCounts.warning
  const tickAgeS = engine.tickAgeS + (readAt === null ? 0 : (nowMs.value - readAt) / 1000)
  return (
    <aside>
      <section class="card" aria-labelledby="alerts">
        <h2 id="alerts">Alerts {open > 0 && <span class="soft">({open})</span>}</h2>
        {alerts.length === 0 ? <p class="soft"><Mark kind="ok" /> Nothing needs you.</p> : (
          <ul class="plain-list">{alerts.slice(0, listedAlerts).map((alert) => (
            <li key={alert.id}>
              <Mark kind={alert.severity === 'critical' ? 'bad' : 'warning'} /> <b>{alert.severity === 'critical' ? 'Critical' : 'Warning'}:</b> {alert.message}
              <div class="soft">{ago(alert.raisedAt, nowMs.value)}{alert.clientID !== null && <> · <a href={`/chargepoints/${segment(alert.clientID)}`}>{alert.clientID}</a></>}
                {alert.ackedAt === null ? may('commands:write') && <> · <button type="button" class="link" aria-label={`Acknowledge: ${alert.message}`} onClick={() => void acknowledge(alert.id).then(onChanged)}>acknowledge</button></> : ' · acknowledged'}</div>
            </li>
          ))}</ul>
        )}
        <p><a href={`/sites/${segment(site.id)}/activity`}>{open > listedAlerts ? `All ${open} alerts and everything else` : 'Everything that happened'}</a></p>
      </section>
      <section class="card" aria-labelledby="decisions">
        <h2 id="decisions">Last decisions</h2>
        {decisions.length === 0 ? <p class="soft">None yet.</p> : <ul class="plain-list">{decisions.slice(0, 6).map(({ id, at, words }) => <li key={id}>{words} <span class="soft">{clock(at, nowMs.value, site.timezone)}</span></li>)}</ul>}
      </section>
      <section class="card" aria-labelledby="health">
        <h2 id="health">Health</h2>
        <p><Mark kind={health.online === health.chargePoints ? 'ok' : 'warning'} /> {health.online}/{health.chargePoints} online{health.neverConnected > 0 && `, ${health.neverConnected} never connected`}, engine {tickAgeS < 10 ? `${Math.round(tickAgeS * 10) / 10} s` : duration(tickAgeS)} ago.</p>
      </section>
    </aside>
  )
}

async function acknowledge(id: string): Promise<void> {
  await call(`/alerts/${segment(id)}/ack`, { method: 'POST' }).catch((error: unknown) => notify(said(error), { bad: true }))
}
