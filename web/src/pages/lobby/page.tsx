// The lobby: who could not connect and why, what to change, and who waits to be accepted.
import { useState } from 'preact/hooks'
import type { LobbyEntry } from '../../../../src/actors/lobby.ts'
import { usePolled } from '../../data/polled.ts'
import { notify } from '../../parts/notice.tsx'
import { Reading } from '../../parts/reading.tsx'
import { Accept } from './accept.tsx'
import { Knocks } from './knocks.tsx'

export function Page() {
  const lobby = usePolled<{ data: readonly LobbyEntry[]; nextCursor: string | null }>('/lobby?limit=200', { on: ['chargepoint.connected', 'chargepoint.disconnected', 'chargepoint.rejected'], everyMs: 2000 })
  const [accepting, accept] = useState<LobbyEntry | null>(null)
  return (
    <>
      <h1>Lobby</h1>
      <p class="soft">Who tried to connect and did not come in, newest first, kept since kwota was started.</p>
      <Reading state={lobby.state.value} what="the lobby">
        {({ data, nextCursor }) => (data.length === 0
          ? <p class="card">Nobody waits, and nobody was turned away. <a href="/connect">Connect a charger</a> says how one comes here.</p>
          : <><Knocks entries={data} accept={accept} />{nextCursor !== null && <p class="soft">These are the newest 200.</p>}</>)}
      </Reading>
      {accepting !== null && (
        <Accept entry={accepting} onClose={(accepted) => {
          accept(null)
          lobby.again()
          if (accepted) notify(`${accepting.clientID} is accepted; it comes in with its next attempt.`)
        }} />
      )}
    </>
  )
}
