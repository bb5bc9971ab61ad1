// The charging curve: measured power against what was allotted, as a chart and as a table.
import { useMemo } from 'preact/hooks'
import type { TransactionAnalytics } from '../../../../src/actors/analytics-views.ts'
import type { DecisionView } from '../../../../src/actors/decision-record.ts'
import type { ChargePointView, TransactionView } from '../../../../src/actors/views.ts'
import { segment } from '../../data/call.ts'
import { isRunning } from '../../data/limit-words.ts'
import { usePolled } from '../../data/polled.ts'
import { clock, kilowatts } from '../../data/words.ts'
import { valueAt, type Point } from '../../parts/chart-geometry.ts'
import { TimeChart } from '../../parts/time-chart.tsx'
import { allocatedA, wattsPerA } from './allocated.ts'

interface Deciding { readonly data: readonly DecisionView[]; readonly nextCursor: string | null }

const why = { expired: 'Its meter values are older than what is kept.', 'no-readings': 'The charge point sent no meter values for it.' } as const
const oftenMs = 15_000
const seldomMs = 600_000

export function Curve({ session, analytics, zone, voltage }: { session: TransactionView; analytics: TransactionAnalytics; zone: string; voltage: number }) {
  const fromMs = Date.parse(session.startedAt)
  const toMs = Math.max(fromMs + 60_000, Date.parse(analytics.untilAt))
  const everyMs = isRunning(session) ? oftenMs : seldomMs
  const to = session.stoppedAt === null ? '' : `&to=${segment(session.stoppedAt)}`
  const decisions = usePolled<Deciding>(`/decisions?siteID=${segment(session.siteID)}&clientID=${segment(session.clientID)}&connectorId=${session.connectorId}&from=${segment(new Date(fromMs - 120_000).toISOString())}${to}&limit=500`, { everyMs }).state.value
  const point = usePolled<ChargePointView>(`/chargepoints/${segment(session.clientID)}`, { everyMs: seldomMs }).state.value.data
  const perA = wattsPerA(voltage, point?.connectors.find(({ id }) => id === session.connectorId))
  const { curve } = analytics
  const measured = useMemo((): Point[] => (curve?.points ?? []).flatMap(({ from, to, powerW }, i, all): Point[] => {
    const value = powerW === null ? null : powerW / 1000
    return i === all.length - 1 ? [[Date.parse(from), value], [Date.parse(to), value]] : [[Date.parse(from), value]]
  }), [curve])
  const allotted = useMemo((): Point[] => allocatedA(decisions.data?.data ?? [], { clientID: session.clientID, connectorId: session.connectorId, fromMs, toMs: Date.parse(analytics.untilAt) }).map(([ms, amps]) => [ms, amps === null ? null : (amps * perA) / 1000]), [decisions.data, perA, toMs])
  const partial = decisions.data !== null && decisions.data.nextCursor !== null
  if (curve === null && allotted.length === 0) return <p>{analytics.curveMissing === null ? 'Nothing was measured.' : why[analytics.curveMissing]}</p>
  return (
    <>
      {curve === null && analytics.curveMissing !== null && <p>{why[analytics.curveMissing]}</p>}
      <TimeChart lines={[{ name: 'measured', points: measured, step: true, look: 'measured' }, { name: 'allotted', points: allotted, step: true, look: 'limit' }]} fromMs={fromMs} toMs={toMs} unit="kW" zone={zone}
        label={`Charging curve of ${session.clientID}/${session.connectorId}: on average ${kilowatts(analytics.averageW)}, at most ${kilowatts(analytics.peakW)}. The same is in the table below.`} />
      {partial && <p class="soft">What was allotted is shown for the newest 500 changes only.</p>}
      <details>
        <summary>The same as a table</summary>
        <div class="table" role="region" aria-label="Charging curve" tabIndex={0}>
          <table>
            <thead><tr><th scope="col">From</th><th scope="col">To</th><th scope="col" class="number">Measured</th><th scope="col" class="number">Allotted at the end</th><th scope="col" class="number">Battery</th></tr></thead>
            <tbody>{(curve?.points ?? []).map(({ from, to, powerW, socPercent }) => {
              const kilowattsThen = valueAt(allotted, Date.parse(to) - 1, true)
              return <tr key={from}><td>{clock(from, toMs, zone)}</td><td>{clock(to, toMs, zone)}</td><td class="number">{kilowatts(powerW)}</td><td class="number">{kilowatts(kilowattsThen === null ? null : kilowattsThen * 1000)}</td><td class="number">{socPercent === undefined ? '–' : `${socPercent} %`}</td></tr>
            })}</tbody>
          </table>
        </div>
      </details>
    </>
  )
}
