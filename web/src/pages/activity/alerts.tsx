// Alerts of a site, open ones first unless all are asked for; somebody says that he has seen one.
import { useState } from 'preact/hooks'
import type { AlertView } from '../../../../src/actors/views.ts'
import { call, said, segment } from '../../data/call.ts'
import { download } from '../../data/download.ts'
import { nowMs } from '../../data/now.ts'
import { usePolled } from '../../data/polled.ts'
import { may } from '../../data/session.ts'
import { ago, byWords, clock, duration } from '../../data/words.ts'
import { notify } from '../../parts/notice.tsx'
import { Mark, Reading } from '../../parts/reading.tsx'

interface List { readonly data: readonly AlertView[]; readonly nextCursor: string | null }

const marks = { critical: 'bad', warning: 'warning', info: 'info' } as const
const pageSize = 50

const order = ['critical', 'warning', 'info']
/** What somebody must look at first; what works as designed last. */
const bySeverity = (alerts: readonly AlertView[]): readonly AlertView[] => alerts.toSorted((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity))

export function Alerts({ siteID, zone }: { siteID: string; zone: string }) {
  const [open, setOpen] = useState('true')
  const [severity, setSeverity] = useState('')
  const [most, setMost] = useState(pageSize)
  const asked = new URLSearchParams({ siteID, ...(open !== '' && { open }), ...(severity !== '' && { severity }) }).toString()
  const list = usePolled<List>(`/alerts?${asked}&limit=${most}`, { on: ['alert.raised', 'alert.resolved'], everyMs: 10_000 })
  async function acknowledge(id: string): Promise<void> {
    try {
      await call(`/alerts/${segment(id)}/ack`, { method: 'POST' })
    } catch (error) {
      notify(said(error), { bad: true })
    }
    list.again()
  }
  return (
    <section class="card" aria-labelledby="alerts">
      <h2 id="alerts">Alerts</h2>
      <div class="line">
        <label>Which<select value={open} onChange={({ currentTarget }) => setOpen(currentTarget.value)}><option value="true">open</option><option value="false">resolved</option><option value="">all</option></select></label>
        <label>Severity<select value={severity} onChange={({ currentTarget }) => setSeverity(currentTarget.value)}><option value="">all</option><option value="critical">critical</option><option value="warning">warning</option><option value="info">information</option></select></label>
        <button type="button" onClick={() => void download(`/alerts?${asked}&limit=500`, `alerts-${siteID}.csv`)}>Alerts as CSV</button>
      </div>
      <Reading state={list.state.value} what="the alerts" staleMs={25_000}>
        {({ data: told, nextCursor }: List) => {
          const data = bySeverity(told)
          return data.length === 0 ? <p><Mark kind="ok" /> {open === 'true' ? 'No open alerts.' : 'No alerts.'}</p> : (
          <>
            <div class="table" role="region" aria-label="List of alerts" tabIndex={0}>
              <table class="as-cards alerts">
                <thead><tr><th scope="col">Severity</th><th scope="col">What</th><th scope="col">Raised</th><th scope="col">Resolved</th><th scope="col">Seen by</th></tr></thead>
                <tbody>{data.map((alert) => (
                  <tr key={alert.id}>
                    <td class="whole"><Mark kind={marks[alert.severity]} /> {alert.severity === 'info' ? 'information' : alert.severity}</td>
                    <th scope="row" class="said">{alert.message}{alert.clientID !== null && <><br /><a href={`/chargepoints/${segment(alert.clientID)}`}>{alert.clientID}</a></>} <span class="soft">{alert.code}</span></th>
                    <td data-name="Raised" class="whole">{clock(alert.raisedAt, nowMs.value, zone)}<br /><span class="soft">{ago(alert.raisedAt, nowMs.value)}</span></td>
                    <td data-name="Resolved" class="whole">{alert.resolvedAt === null ? 'open' : <>{clock(alert.resolvedAt, nowMs.value, zone)}<br /><span class="soft">after {duration((Date.parse(alert.resolvedAt) - Date.parse(alert.raisedAt)) / 1000)}</span></>}</td>
                    <td data-name="Seen by">{alert.ackedAt !== null ? `${byWords(alert.ackedBy ?? 'somebody')}, ${clock(alert.ackedAt, nowMs.value, zone)}` : may('commands:write') ? <button type="button" aria-label={`Acknowledge: ${alert.message}`} onClick={() => void acknowledge(alert.id)}>Acknowledge</button> : 'nobody yet'}</td>
                  </tr>
                ))}</tbody>
              </table>
            </div>
            {nextCursor !== null && most < 500 && <p><button type="button" onClick={() => setMost(500)}>Show more</button></p>}
          </>
          )
        }}
      </Reading>
      {!may('commands:write') && <p class="soft">Acknowledging needs a key with the scope <code>commands:write</code>.</p>}
    </section>
  )
}
