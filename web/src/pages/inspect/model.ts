// What the stream of inspection has told: the actors that live with their states, and the newest messages; bounded, and known without a browser.
import type { ActorView } from '../../../../src/actors/inspection/inspection-face.ts'

export type State = ActorView['state'] | Nested
interface Nested { readonly [region: string]: string | Nested }

/** As the stream and the recorded past tell it. */
export interface Told {
  readonly type: '@xstate.actor' | '@xstate.event' | '@xstate.snapshot' | '@kwota.frame' | '@kwota.decision'
  readonly sessionId: string
  readonly id: string | null
  /** ms since 1970, as text. */
  readonly createdAt: string
  readonly siteID: string
  readonly clientID?: string
  readonly parentId?: string
  readonly sourceId?: string
  readonly event?: { readonly type: string }
  readonly snapshot?: { readonly status: string; readonly value?: State; readonly context?: { readonly record?: { readonly connectorId?: number } } | null }
  readonly direction?: 'in' | 'out'
  readonly frame?: string
  readonly action?: string | null
  readonly payload?: string
  readonly cause?: string
  readonly lowerings?: number
  readonly raisings?: number
  readonly dropped?: number
}

export interface Actor {
  readonly id: string
  readonly type: string
  readonly parent: string | null
  readonly siteID: string
  readonly clientID: string | null
  readonly circuitID: string | null
  readonly connectorId: number | null
  /** null = not told. */
  readonly state: State | null
  readonly queued: number | null
}

/** One line of the timeline. */
export interface Line {
  readonly key: string
  readonly atMs: number
  readonly kind: 'event' | 'state' | 'frame' | 'decision' | 'begun' | 'ended'
  readonly actorID: string
  /** Who told it; null = nobody else. */
  readonly from: string | null
  readonly words: string
  /** The whole of it. */
  readonly told: Told
}

export const mostLines = 2_000
const mostActors = 20_000

export class InspectModel {
  readonly actors = new Map<string, Actor>()
  /** Newest first. */
  lines: Line[] = []
  /** Events that kwota could not tell, or that were more than is kept here. */
  dropped = 0

  apply(all: readonly Told[]): void {
    const fresh: Line[] = []
    for (const told of all) {
      const before = this.actors.get(told.sessionId)
      this.dropped += told.dropped ?? 0
      const line = lineOf(told, before?.state ?? null)
      this.note(told, before)
      if (line !== null) fresh.push(line)
    }
    if (fresh.length > 0) this.lines = [...fresh.toReversed(), ...this.lines].slice(0, mostLines)
  }

  /** What only REST says: circuit, connector, queue; and who is no more. */
  merge(views: readonly ActorView[]): void {
    for (const view of views) this.actors.set(view.id, { ...view, state: this.actors.get(view.id)?.state ?? view.state })
    const living = new Set(views.map(({ id }) => id))
    for (const id of this.actors.keys()) if (!living.has(id)) this.actors.delete(id)
  }

  private note(told: Told, before: Actor | undefined): void {
    const { type, sessionId, snapshot } = told
    if (type !== '@xstate.actor' && type !== '@xstate.snapshot') return
    if (hasEnded(told)) return void this.actors.delete(sessionId)
    if (before === undefined && this.actors.size >= mostActors) return void (this.dropped += 1)
    const state = snapshot?.value ?? before?.state ?? null
    this.actors.set(sessionId, before === undefined ? bornOf(told, state) : { ...before, state })
  }
}

function bornOf({ sessionId, parentId, siteID, clientID, snapshot }: Told, state: State | null): Actor {
  const [type = ''] = sessionId.split(':')
  const connectorId = type === 'connector' ? Number(sessionId.slice(sessionId.lastIndexOf(':') + 1)) : snapshot?.context?.record?.connectorId ?? null
  return { id: sessionId, type, parent: parentId ?? (clientID === undefined || type === 'charge-point' ? (type === 'site' ? null : `site:${siteID}`) : `charge-point:${clientID}`), siteID, clientID: clientID ?? null, circuitID: null, connectorId, state, queued: null }
}

function hasEnded({ type, snapshot, event }: Told): boolean {
  return type === '@xstate.snapshot' && (event?.type === 'xstate.stop' || snapshot?.status === 'stopped' || snapshot?.status === 'done')
}

/** null = it says nothing new: a snapshot in the state of before. */
export function lineOf(told: Told, before: State | null): Line | null {
  const { type, sessionId, id, createdAt, sourceId, event, snapshot } = told
  const line = { key: `${id ?? 'first'}/${sessionId}/${type}`, atMs: Number(createdAt), actorID: sessionId, told }
  switch (type) {
    case '@xstate.actor': return id === null ? null : { ...line, kind: 'begun', from: null, words: `begins${snapshot?.value === undefined ? '' : ` in ${stateWords(snapshot.value)}`}` }
    case '@xstate.event': return { ...line, kind: 'event', from: sourceId ?? null, words: event?.type ?? '' }
    case '@xstate.snapshot': {
      if (hasEnded(told)) return { ...line, kind: 'ended', from: null, words: 'has ended' }
      const words = snapshot?.value === undefined ? '' : stateWords(snapshot.value)
      return words === '' || (before !== null && stateWords(before) === words) ? null : { ...line, kind: 'state', from: null, words: `${before === null ? '' : `${stateWords(before)} → `}${words}${event?.type ? ` (${event.type})` : ''}` }
    }
    case '@kwota.frame': return { ...line, kind: 'frame', from: told.direction === 'in' ? 'charge point' : 'kwota', words: `${told.action ?? 'unknown'} ${frames[told.frame ?? ''] ?? told.frame ?? ''}`.trim() }
    case '@kwota.decision': return { ...line, kind: 'decision', from: null, words: `${told.cause ?? ''}: ${told.lowerings ?? 0} lowered, ${told.raisings ?? 0} raised` }
  }
}

const frames: Readonly<Record<string, string>> = { call: '', result: 'answered', error: 'refused', unreadable: 'that cannot be read' }

/** `available, limit none`: of regions each with its name, the first without. */
export function stateWords(state: State): string {
  if (typeof state === 'string') return state
  return Object.entries(state).map(([region, value], i) => `${i === 0 ? '' : `${region} `}${stateWords(value)}`).join(', ')
}

/** `available · none`: where there is little room. */
export function shortState(state: State): string {
  return typeof state === 'string' ? state : Object.values(state).map(shortState).join(' · ')
}

/** The ids of the states of a chart that are lit: `status`, `status.available`. */
export function litStates(state: State | null, path = ''): string[] {
  if (state === null) return []
  const at = (name: string): string => (path === '' ? name : `${path}.${name}`)
  if (typeof state === 'string') return [at(state)]
  return Object.entries(state).flatMap(([name, inner]) => [at(name), ...litStates(inner, at(name))])
}
