// The live stream of inspection: a WebSocket that comes back by itself, told at most four times a second.
import { signal, type ReadonlySignal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import type { ActorView } from '../../../../src/actors/inspection/inspection-face.ts'
import { call } from '../../data/call.ts'
import { InspectModel, type Told } from './model.ts'

export interface Feed {
  readonly model: InspectModel
  /** Moves when the model has. */
  readonly version: ReadonlySignal<number>
  readonly connected: ReadonlySignal<boolean>
}

const drawnEveryMs = 250
const againAfterMs = 2_000
const mostWaiting = 20_000
const actorsEveryMs = 8_000
const mostPages = 4

/** `siteID` '' = every site. */
export function useFeed(siteID: string, clientID: string): Feed {
  const feed = useMemo(() => ({ model: new InspectModel(), version: signal(0), connected: signal(false) }), [siteID, clientID])
  useEffect(() => {
    const { model, version, connected } = feed
    const where = new URLSearchParams({ ...(siteID !== '' && { siteID }), ...(clientID !== '' && { clientID }) })
    let waiting: Told[] = []
    let socket: WebSocket | null = null
    let retry: ReturnType<typeof setTimeout> | undefined
    let ended = false

    function open(): void {
      if (ended) return
      const asked = new URLSearchParams({ ...Object.fromEntries(where), include: 'frames,decisions', definitions: 'false' })
      socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/api/v1/inspect?${asked.toString()}`)
      socket.addEventListener('open', () => { connected.value = true })
      socket.addEventListener('message', ({ data }: MessageEvent<string>) => {
        if (waiting.length < mostWaiting) waiting.push(JSON.parse(data) as Told)
        else model.dropped += 1
      })
      socket.addEventListener('close', () => {
        connected.value = false
        retry = setTimeout(open, againAfterMs)
      })
    }
    async function look(): Promise<void> {
      const views: ActorView[] = []
      let cursor: string | null = null
      for (let page = 0; page < mostPages; page++) {
        const asked = new URLSearchParams({ ...Object.fromEntries(where), limit: '500', ...(cursor !== null && { cursor }) })
        const answer: { data: readonly ActorView[]; nextCursor: string | null } = await call(`/actors?${asked.toString()}`)
        views.push(...answer.data)
        cursor = answer.nextCursor
        if (cursor === null) break
      }
      if (ended) return
      // Of more than is read nobody is taken to be gone.
      if (cursor === null) model.merge(views)
      else for (const view of views) model.actors.set(view.id, { ...view, state: model.actors.get(view.id)?.state ?? view.state })
      version.value += 1
    }
    const drawing = setInterval(() => {
      if (waiting.length === 0) return
      const fresh = waiting
      waiting = []
      model.apply(fresh)
      version.value += 1
    }, drawnEveryMs)
    const looking = setInterval(() => { if (!document.hidden) look().catch(() => undefined) }, actorsEveryMs)
    look().catch(() => undefined)
    open()
    return () => {
      ended = true
      clearInterval(drawing)
      clearInterval(looking)
      clearTimeout(retry)
      socket?.close()
    }
  }, [feed])
  return feed
}
