// The sessions of a site: those that run first, then the newest of the days asked for, with what they come to.
import { useState } from 'preact/hooks'
import type { ChargePointReport } from '../../../../src/actors/analytics-views.ts'
import type { TransactionView } from '../../../../src/actors/views.ts'
import { segment } from '../../data/call.ts'
import { download } from '../../data/download.ts'
import { nowMs } from '../../data/now.ts'
import { usePolled } from '../../data/polled.ts'
import { sites } from '../../data/sites.ts'
import { duration, kilowattHours, money } from '../../data/words.ts'
import { instantOf, localOf, plusDays } from '../../data/zone.ts'
import type { PageProps } from '../../pages.ts'
import { Reading } from '../../parts/reading.tsx'
import { address, go } from '../../router.ts'
import { Filters } from './filters.tsx'
import { sumsOf } from './sums.ts'
import { SessionTable } from './table.tsx'

interface List<T> { readonly data: readonly T[]; readonly nextCursor: string | null }

const pageSize = 50
const ends = ['transaction.started', 'transaction.stopped']
const runningStatuses = ['charging', 'idle', 'starting', 'stopping'] as const

export function Page({ parts, query }: PageProps) {
  const siteID = parts['siteID'] ?? ''
  const zone = sites.value.find(({ id }) => id === siteID)?.timezone ?? 'UTC'
  const today = localOf(nowMs.peek(), zone).date
  const chosen = { status: query.get('status') ?? '', clientID: query.get('clientID') ?? '', from: query.get('from') ?? plusDays(today, -29), to: query.get('to') ?? today }
  const [cursors, setCursors] = useState<readonly string[]>([])
  const choose = (change: Partial<typeof chosen>): void => {
    const all = Object.entries({ ...chosen, ...change }).filter(([, value]) => value !== '')
    setCursors([])
    go(`${address.peek().path}?${new URLSearchParams(all).toString()}`, { replace: true })
  }

  const where = new URLSearchParams({ siteID, ...(chosen.clientID !== '' && { clientID: chosen.clientID }) })
  const range = rangeOf(chosen, zone)
  const ended = new URLSearchParams({ ...Object.fromEntries(where), ...range, ...(chosen.status !== '' && chosen.status !== 'running' && { status: chosen.status }) })
  const cursor = cursors.at(-1)
  const isFirst = cursor === undefined
  const listPath = `/transactions?${ended.toString()}`
  const list = usePolled<List<TransactionView>>(chosen.status === 'running' ? null : `${listPath}&limit=${pageSize}${isFirst ? '' : `&cursor=${segment(cursor)}`}`, { on: isFirst ? ends : [], everyMs: isFirst ? 10_000 : 60_000 })
  const wantsRunning = isFirst && (chosen.status === '' || chosen.status === 'running')
  const running = runningStatuses.map((status) => usePolled<List<TransactionView>>(wantsRunning ? `/transactions?${where.toString()}&status=${status}&limit=500` : null, { on: ends, everyMs: 10_000 }).state.value)
  const report = usePolled<List<ChargePointReport>>(`/analytics/charge-points?${new URLSearchParams({ siteID, ...range }).toString()}&limit=500`, { on: ends, everyMs: 30_000 })
  const now = running.flatMap(({ data }) => data?.data ?? [])
  const shown = chosen.status === 'running' ? running[0] ?? list.state.value : list.state.value

  return (
    <>
      <h1>Sessions</h1>
      <Filters siteID={siteID} chosen={chosen} onChoose={choose} />
      <Sums rows={report.state.value.data?.data ?? null} clientID={chosen.clientID} />
      <Reading state={shown} what="the sessions" staleMs={isFirst ? 25_000 : 180_000}>
        {(answer: List<TransactionView>) => {
          const over = chosen.status === 'running' ? [] : answer.data.filter(({ id }) => !now.some((one) => one.id === id))
          return (
            <>
              <SessionTable rows={[...(wantsRunning ? now.toSorted((a, b) => (a.startedAt < b.startedAt ? 1 : -1)) : []), ...over]} zone={zone} />
              <div class="line pages">
                {!isFirst && <button type="button" onClick={() => setCursors(cursors.slice(0, -1))}>Newer</button>}
                {chosen.status !== 'running' && answer.nextCursor !== null && <button type="button" onClick={() => setCursors([...cursors, answer.nextCursor ?? ''])}>Older</button>}
                <button type="button" onClick={() => void download(`${chosen.status === 'running' ? `/transactions?${where.toString()}&status=charging` : listPath}&limit=500`, `sessions-${siteID}-${chosen.from}-${chosen.to}.csv`)}>Download CSV</button>
              </div>
            </>
          )
        }}
      </Reading>
    </>
  )
}

/** Whole days by the site's clock; what is no day bounds nothing. */
function rangeOf({ from, to }: { readonly from: string; readonly to: string }, zone: string): { from?: string; to?: string } {
  const [fromMs, toMs] = [instantOf(from, zone), /^\d{4}-\d\d-\d\d$/.test(to) ? instantOf(plusDays(to, 1), zone) : NaN]
  return { ...(!Number.isNaN(fromMs) && { from: new Date(fromMs).toISOString() }), ...(!Number.isNaN(toMs) && { to: new Date(toMs).toISOString() }) }
}

function Sums({ rows, clientID }: { rows: readonly ChargePointReport[] | null; clientID: string }) {
  if (rows === null) return <p class="first" aria-busy="true">Adding up …</p>
  const sums = sumsOf(rows, clientID)
  return (
    <dl class="sums">
      <div><dt>Energy</dt><dd>{kilowattHours(sums.energyWh)}</dd></div>
      <div><dt>Sessions</dt><dd>{sums.sessions}</dd></div>
      {sums.costs.map((cost) => <div key={cost.currency}><dt>Cost, {cost.currency}</dt><dd>{money(cost)}</dd></div>)}
      {sums.costs.length === 0 && <div><dt>Cost</dt><dd class="soft">no tariff</dd></div>}
      <div><dt>Held back by limits</dt><dd>{duration(sums.limitedS)}</dd></div>
      <div><dt>Connected, not charging</dt><dd>{duration(sums.idleS)}</dd></div>
    </dl>
  )
}
