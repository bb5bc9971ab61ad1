// What a site drew and may draw over the hours, as a picture, as a table, and to take away.
import { useSignal } from '@preact/signals'
import { useEffect, useState } from 'preact/hooks'
import type { ChartView } from '../../../../src/actors/chart-views.ts'
import { download } from '../../data/download.ts'
import { usePolled } from '../../data/polled.ts'
import { segment } from '../../data/call.ts'
import { nowMs } from '../../data/now.ts'
import { serverNowMs } from '../../data/server-clock.ts'
import { theme, unit } from '../../data/taste.ts'
import { clock, num } from '../../data/words.ts'
import { Mark, Reading } from '../../parts/reading.tsx'
import { drawn, tableOf } from './chart-data.ts'
import { remarksOf } from './chart-words.ts'

const hourMs = 3_600_000
/** Hours behind and ahead. */
const ranges = { hour: { name: '1 h back, 1 h ahead', back: 1, ahead: 1, tableS: 300 }, day: { name: '2 h back, 22 h ahead', back: 2, ahead: 22, tableS: 1800 }, past: { name: 'last 24 h', back: 24, ahead: 0, tableS: 3600 }, week: { name: 'last 7 days', back: 168, ahead: 0, tableS: 6 * 3600 } } as const
const minuteMs = 60_000

export function Chart({ siteID, timezone }: { siteID: string; timezone: string }) {
  const range = useSignal<keyof typeof ranges>('day')
  const table = useSignal(false)
  const pointed = useSignal<string | null>(null)
  const { back, ahead, tableS } = ranges[range.value]
  const address = (): string => {
    const now = Math.floor(serverNowMs() / minuteMs) * minuteMs
    return `/sites/${segment(siteID)}/chart?from=${new Date(now - back * hourMs).toISOString()}&to=${new Date(now + Math.max(ahead * hourMs, minuteMs)).toISOString()}`
  }
  const { state } = usePolled<ChartView>(`${siteID} ${range.value}`, { on: ['limit.changed', 'limit.expired'], everyMs: 15_000, address })
  const picture = usePicture(state.value.at)
  return (
    <section class="card" aria-labelledby="chart">
      <div class="section-head">
        <h2 id="chart">Over the day</h2>
        <div class="line">
          <label><span class="unseen">Hours shown</span><select value={range.value} onChange={({ currentTarget }) => { range.value = currentTarget.value as keyof typeof ranges }}>{Object.entries(ranges).map(([key, { name }]) => <option key={key} value={key}>{name}</option>)}</select></label>
          <button type="button" aria-pressed={table.value} onClick={() => { table.value = !table.value }}>Table</button>
          <button type="button" onClick={() => void download(address(), `${siteID}-power.csv`)}>CSV</button>
        </div>
      </div>
      <Reading state={state.value} what="the chart" staleMs={60_000}>{(chart) => table.value ? <ChartTable chart={chart} everyS={tableS} timezone={timezone} /> : (
        picture === 'waiting' ? <p class="first" aria-busy="true">Drawing …</p> : picture === 'missing' ? <p role="alert"><Mark kind="warning" /> The picture could not be loaded: kwota was updated or cannot be reached. The table has the same. <button type="button" onClick={() => location.reload()}>Load again</button></p> : <>
          <picture.ChartCanvas key={theme.value} chart={chart} unit={unit.value} timezone={timezone} onPoint={(words) => { pointed.value = words }} />
          <p class="soft pointed" aria-live="polite">{pointed.value ?? `${chart.decisions.length === 0 ? 'No decision moved anybody in this time.' : 'Triangles are decisions.'} Point at the chart, or use the arrow keys, to read it.`}</p>
        </>
      )}</Reading>
    </section>
  )
}

type Picture = typeof import('./chart-canvas.tsx')

/** What draws comes apart from the page, which stands without it; it is asked for again with each new answer of kwota, whose time is `answeredAt`. */
function usePicture(answeredAt: number | null): Picture | 'waiting' | 'missing' {
  const [picture, setPicture] = useState<Picture | 'waiting' | 'missing'>('waiting')
  useEffect(() => {
    let current = true
    import('./chart-canvas.tsx').then((file) => { if (current) setPicture(file) }, () => { if (current) setPicture('missing') })
    return () => { current = false }
  }, [answeredAt])
  return picture
}

function ChartTable({ chart, everyS, timezone }: { chart: ChartView; everyS: number; timezone: string }) {
  const what = drawn(chart, unit.value)
  const rows = tableOf(what, everyS)
  const remarks = remarksOf(chart, rows.map(({ fromS }) => fromS), everyS)
  return (
    <div class="table preview" tabIndex={0} role="region" aria-label="The chart as a table"><table>
      <caption>{unit.value === 'kW' ? 'Means in kW' : 'Means in A per phase, as if the phases were even'}; the limit at the end of each stretch.</caption>
      <thead><tr><th scope="col">From</th>{what.layers.map(({ name }) => <th key={name} scope="col" class="number">{name}</th>)}<th scope="col" class="number">Limit</th><th scope="col">Limited by</th><th scope="col">Decisions</th></tr></thead>
      <tbody>{rows.map(({ fromS, values, limit }, row) => <tr key={fromS}><th scope="row">{clock(fromS * 1000, nowMs.peek(), timezone)}</th>{values.map((value, i) => <td key={what.layers[i]?.name} class="number">{num(value)}</td>)}<td class="number">{num(limit)}</td><td>{remarks[row]?.limitedBy}</td><td>{remarks[row]?.decisions.map((words, i) => <p key={i}>{words}</p>)}</td></tr>)}</tbody>
    </table></div>
  )
}
