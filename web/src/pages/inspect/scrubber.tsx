// Back through the recorded past: a slider over time, by pointer and arrow keys; at its end everything is live.
import { nowMs } from '../../data/now.ts'
import { duration } from '../../data/words.ts'

const stepMs = 200

export function Scrubber({ sinceMs, atMs, busy, onMove }: { sinceMs: number | null; atMs: number | null; busy: boolean; /** null = live. */ onMove: (atMs: number | null) => void }) {
  if (sinceMs === null) return <p class="soft">Recording begins now.</p>
  const most = Math.max(sinceMs + stepMs, nowMs.value)
  const words = atMs === null ? 'live' : `${new Date(atMs).toLocaleTimeString('en-GB')}, ${duration((most - atMs) / 1000)} ago`
  return (
    <div class="line scrubber">
      <label class="grows">Recorded since {new Date(sinceMs).toLocaleTimeString('en-GB')}: {words}{busy && ' …'}
        <input type="range" min={sinceMs} max={most} step={stepMs} value={atMs ?? most} aria-valuetext={words} onInput={({ currentTarget }) => { const to = Number(currentTarget.value); onMove(to >= most - stepMs ? null : to) }} />
      </label>
      <button type="button" aria-pressed={atMs === null} onClick={() => onMove(atMs === null ? most - stepMs : null)}>{atMs === null ? 'Pause' : 'Live'}</button>
    </div>
  )
}
