// The stream of events, one for all pages: who reads something hears when to read it again.

type Listener = (type: string) => void

const listeners = new Map<Listener, ReadonlySet<string>>()
const types = [
  'chargepoint.connected', 'chargepoint.disconnected', 'chargepoint.rejected', 'connector.status', 'transaction.started', 'transaction.updated', 'transaction.stopped', 'meter.sample',
  'limit.changed', 'limit.expired', 'allocation.changed', 'profile.accepted', 'profile.rejected', 'profile.ignored', 'command.finished', 'reservation.changed', 'alert.raised', 'alert.resolved', 'decision.made', 'resync',
] as const
let stream: EventSource | null = null
/** A browser gives a stream up that was once refused. */
const againAfterMs = 5000
let seen = 0

/** Calls back with the type of each event that is one of `wanted`, or `resync`; the answer ends it. */
export function listen(wanted: readonly string[], listener: Listener): () => void {
  listeners.set(listener, new Set(wanted))
  open()
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0) close()
  }
}

function open(): void {
  if (stream !== null || document.hidden || listeners.size === 0) return
  const opened = new EventSource('/api/v1/events')
  stream = opened
  opened.addEventListener('error', () => {
    if (opened !== stream || opened.readyState !== EventSource.CLOSED) return
    close()
    setTimeout(open, againAfterMs)
  })
  for (const type of types) {
    opened.addEventListener(type, () => {
      seen += 1
      for (const [listener, wanted] of listeners) if (type === 'resync' || wanted.has(type)) listener(type)
    })
  }
}

function close(): void {
  stream?.close()
  stream = null
}

// A page in the background costs the server nothing.
document.addEventListener('visibilitychange', () => {
  if (document.hidden) close()
  else if (listeners.size > 0) open()
})

/** For those who look after the page: how many events it has had. */
export const eventsSeen = (): number => seen
