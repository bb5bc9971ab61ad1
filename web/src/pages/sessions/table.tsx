// Sessions as a table: what it took, what it costs, how long, and what limited it for how long.
import type { TransactionView } from '../../../../src/actors/views.ts'
import { isRunning, limitedList, stateOf, stopWords } from '../../data/limit-words.ts'
import { nowMs } from '../../data/now.ts'
import { clock, duration, kilowattHours, money } from '../../data/words.ts'
import { Mark } from '../../parts/reading.tsx'

const mostReasons = 2

export function SessionTable({ rows, zone }: { rows: readonly TransactionView[]; zone: string }) {
  if (rows.length === 0) return <p class="card">No sessions here. A session begins when a car starts to charge; choose other days or another charge point to look further.</p>
  const atMs = nowMs.value
  return (
    <div class="table" role="region" aria-label="Sessions" tabIndex={0}>
      <table class="sessions as-cards">
        <thead><tr><th scope="col">Session</th><th scope="col">State</th><th scope="col">Begun</th><th scope="col" class="number">For</th><th scope="col" class="number">Energy</th><th scope="col" class="number">Cost</th><th scope="col">Limited by</th></tr></thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              <th scope="row"><a href={`/sessions/${row.id}`}>{row.clientID}/{row.connectorId}</a><br /><span class="soft">{row.idTag}</span></th>
              <td data-name="State"><Mark kind={row.status === 'charging' && (row.doing ?? 'charging') === 'charging' ? 'charging' : isRunning(row) ? 'waiting' : row.status === 'stopped' ? 'ok' : 'unknown'} /> {stateOf(row)}{!isRunning(row) && row.status === 'stopped' && <><br /><span class="soft">{stopWords(row)}</span></>}{row.anomalies > 0 && <><br /><span class="warn"><Mark kind="warning" /> energy doubtful</span></>}</td>
              <td data-name="Begun">{clock(row.startedAt, atMs, zone)}</td>
              <td data-name="For" class="number">{duration(((row.stoppedAt === null ? atMs : Date.parse(row.stoppedAt)) - Date.parse(row.startedAt)) / 1000)}</td>
              <td data-name="Energy" class="number">{kilowattHours(row.energyWh)}</td>
              <td data-name="Cost" class="number">{money(row.cost)}</td>
              <td data-name="Limited by">{limitedWords(row)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function limitedWords({ limitedS }: TransactionView): string {
  const all = limitedList(limitedS)
  if (all.length === 0) return 'nothing'
  const rest = all.length - mostReasons
  return all.slice(0, mostReasons).map(({ words, seconds }) => `${words} for ${duration(seconds)}`).join(', ') + (rest > 0 ? ` and ${rest} more` : '')
}
