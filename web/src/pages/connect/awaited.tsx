// Waits for the charger: whoever knocks or comes in while the page is open is shown at once.
import { useState } from 'preact/hooks'
import type { LobbyEntry } from '../../../../src/actors/lobby.ts'
import type { ChargePointView } from '../../../../src/actors/views.ts'
import { segment } from '../../data/call.ts'
import { nowMs } from '../../data/now.ts'
import { usePolled } from '../../data/polled.ts'
import { serverNowMs } from '../../data/server-clock.ts'
import { ago } from '../../data/words.ts'
import { Mark } from '../../parts/reading.tsx'
import { modelOf } from '../charge-points/row.ts'
import { Accept } from '../lobby/accept.tsx'
import { nameOf } from '../lobby/entry.ts'
import { Knocks } from '../lobby/knocks.tsx'

/** Who knocked so long before the page was opened is shown too. */
const recentlyMs = 600_000
const events = ['chargepoint.connected', 'chargepoint.disconnected', 'chargepoint.rejected']

export function Awaited() {
  const [opened] = useState(() => performance.now())
  // Kwota's clock may become known only after the page is there.
  const openedAtMs = serverNowMs() - (performance.now() - opened)
  const lobby = usePolled<{ data: readonly LobbyEntry[] }>('/lobby?limit=50', { on: events, everyMs: 2000 })
  const points = usePolled<{ data: readonly ChargePointView[] }>('/chargepoints?limit=500', { on: events, everyMs: 4000 })
  const [accepting, accept] = useState<LobbyEntry | null>(null)
  const came = points.state.value.data?.data.filter(({ connection }) => connection.state === 'online' && connection.since !== null && Date.parse(connection.since) >= openedAtMs - 2000) ?? []
  const knocked = lobby.state.value.data?.data.filter(({ lastAt }) => Date.parse(lastAt) >= openedAtMs - recentlyMs) ?? []
  const trouble = lobby.state.value.error
  return (
    <section class="card" aria-label="Waiting for the charger">
      <h2>4. Wait for it here</h2>
      <p class="unseen" role="status">{[...came.map(({ id }) => `${id} is online.`), ...knocked.map((entry) => `${nameOf(entry)} knocked.`)].join(' ')}</p>
      {trouble !== null && <p role="alert" class="bad">{trouble}</p>}
      {came.length === 0 && knocked.length === 0 && <p><Mark kind="waiting" /> Nobody yet. A charger tries again by itself, some only after minutes; a restart of it is quicker.</p>}
      {came.map((point) => <p key={point.id}><Mark kind="ok" /> <b>{point.id} is online</b> {modelOf(point.boot)} <span class="soft">{ago(point.connection.since, nowMs.value)}</span> <a href={`/chargepoints/${segment(point.id)}`}>See it</a></p>)}
      {knocked.length > 0 && <Knocks entries={knocked} accept={accept} />}
      {accepting !== null && <Accept entry={accepting} onClose={() => { accept(null); lobby.again(); points.again() }} />}
    </section>
  )
}
