// What happens, as it happens: the newest of the site's stream in words.
import { useEffect, useState } from 'preact/hooks'
import { segment } from '../../data/call.ts'
import { nowMs } from '../../data/now.ts'
import { clock } from '../../data/words.ts'
import { eventGroups, eventWords, type EventGroup, type LiveEvent } from './event-words.ts'

const mostKept = 200
/** However much happens, it is drawn twice a second. */
const drawnEveryMs = 500
const quiet: readonly EventGroup[] = ['readings', 'profiles']
const groups = Object.keys(eventGroups) as EventGroup[]

export function Events({ siteID, zone }: { siteID: string; zone: string }) {
  const [shown, show] = useState<readonly LiveEvent[]>([])
  const [wanted, want] = useState<readonly EventGroup[]>(groups.filter((group) => !quiet.includes(group)))
  const [paused, pause] = useState(false)
  const types = wanted.flatMap((group) => eventGroups[group])

  useEffect(() => {
    if (paused || types.length === 0) return
    let waiting: LiveEvent[] = []
    const stream = new EventSource(`/api/v1/sites/${segment(siteID)}/events?types=${types.join()}`)
    const take = ({ data }: MessageEvent<string>): void => { if (waiting.length < mostKept) waiting.push(JSON.parse(data) as LiveEvent) }
    for (const type of types) stream.addEventListener(type, take)
    const timer = setInterval(() => {
      if (waiting.length === 0) return
      const fresh = waiting.toReversed()
      waiting = []
      show((before) => [...fresh, ...before].slice(0, mostKept))
    }, drawnEveryMs)
    return () => { clearInterval(timer); stream.close() }
  }, [siteID, paused, types.join()])

  return (
    <>
      <div class="line" role="group" aria-label="Which events">
        {groups.map((group) => <label key={group} class="row"><input type="checkbox" checked={wanted.includes(group)} onChange={({ currentTarget }) => want(currentTarget.checked ? [...wanted, group] : wanted.filter((one) => one !== group))} /> {group}</label>)}
        <button type="button" aria-pressed={paused} onClick={() => pause(!paused)}>{paused ? 'Go on' : 'Pause'}</button>
      </div>
      {shown.length === 0 ? <p class="soft">{paused ? 'Paused.' : 'Nothing has happened since this page was opened.'}</p> : (
        <ol class="events" tabIndex={0} aria-label="Newest events">{shown.map((event) => <li key={event.id}><span class="soft">{seconds(event.at, zone)}</span> {eventWords(event)}</li>)}</ol>
      )}
    </>
  )
}

function seconds(at: string, zone: string): string {
  return `${clock(at, nowMs.peek(), zone)}:${at.slice(17, 19)}`
}
