// What an actor knows: its context, cut until all of it is asked for, and its last transitions.
import { useState } from 'preact/hooks'
import type { ActorDetail, TransitionView } from '../../../../src/actors/inspection/inspection-face.ts'
import { segment } from '../../data/call.ts'
import { usePolled } from '../../data/polled.ts'
import { Reading } from '../../parts/reading.tsx'
import { stateWords } from './model.ts'

export function ContextPane({ id }: { id: string }) {
  const [full, setFull] = useState<string | null>(null)
  const detail = usePolled<ActorDetail>(`/actors/${segment(id)}${full === id ? '?full=true' : ''}`, { everyMs: full === id ? 60_000 : 2000 })
  const history = usePolled<{ data: readonly TransitionView[] }>(`/actors/${segment(id)}/history`, { everyMs: 3000 }).state.value.data?.data ?? []
  return (
    <>
      <h3>Context now</h3>
      {detail.state.value.status === 404 ? <p class="soft">It lives no more; the timeline has what was recorded.</p> : (
        <Reading state={detail.state.value} what="its context" staleMs={full === id ? Infinity : 10_000}>
          {({ context, truncated }: ActorDetail) => (
            <>
              <pre class="context" tabIndex={0}>{JSON.stringify(context, null, 2)}</pre>
              {truncated && <p>Cut at {full === id ? '256' : '4'} KiB. {full !== id && <button type="button" onClick={() => setFull(id)}>Fetch full</button>}</p>}
            </>
          )}
        </Reading>
      )}
      <h3>Last transitions</h3>
      {history.length === 0 ? <p class="soft">None noted.</p> : (
        <div class="table transitions" role="region" aria-label="Last transitions" tabIndex={0}>
          <table>
            <thead><tr><th scope="col">At</th><th scope="col">Event</th><th scope="col">From → to</th></tr></thead>
            <tbody>{history.map(({ at, event, from, to }, i) => <tr key={i}><td>{new Date(at).toLocaleTimeString('en-GB')}</td><th scope="row">{event}</th><td>{stateWords(from)} → {stateWords(to)}</td></tr>)}</tbody>
          </table>
        </div>
      )}
    </>
  )
}
