// The recorded past: how everything stood at an instant, what was told until then, and all of it as a file.
import type { PastState } from '../../../../src/actors/inspection/inspection-face.ts'
import { call } from '../../data/call.ts'
import { lineOf, type Line, type State, type Told } from './model.ts'

export interface Past { readonly atMs: number; readonly states: ReadonlyMap<string, State | null>; readonly lines: readonly Line[] }

interface List<T> { readonly data: readonly T[]; readonly nextCursor: string | null }

const linesShown = 200
const mostPages = 40

/** When the recording begins, ms; null = nothing is recorded. */
export async function recordedSince(): Promise<number | null> {
  const [first] = (await call<List<Told>>('/inspect/history?limit=1&order=ascending&include=frames,decisions')).data
  return first === undefined ? null : Number(first.createdAt)
}

export async function pastAt(atMs: number, where: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Past> {
  const at = new Date(atMs).toISOString()
  const [states, { data }] = await Promise.all([
    pagesOf<PastState>('/inspect/states', { ...where, at, limit: '500' }, signal),
    call<List<Told>>(`/inspect/history?${new URLSearchParams({ ...where, to: new Date(atMs + 1).toISOString(), order: 'descending', limit: String(linesShown), include: 'frames,decisions' }).toString()}`, { signal }),
  ])
  return { atMs, states: new Map(states.map(({ id, state }) => [id, state])), lines: linesOf(data) }
}

/** Newest first; a snapshot in the state of the one before it says nothing. */
export function linesOf(newestFirst: readonly Told[]): Line[] {
  const before = new Map<string, State>()
  const lines: Line[] = []
  for (const told of newestFirst.toReversed()) {
    const line = lineOf(told, before.get(told.sessionId) ?? null)
    if (told.snapshot?.value !== undefined) before.set(told.sessionId, told.snapshot.value)
    if (line !== null) lines.unshift(line)
  }
  return lines
}

/** Everything that is recorded and wanted, oldest first. */
export function recorded(where: Readonly<Record<string, string>>): Promise<Told[]> {
  return pagesOf<Told>('/inspect/history', { ...where, limit: '500', include: 'frames,decisions' })
}

async function pagesOf<T>(path: string, asked: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<T[]> {
  const found: T[] = []
  let cursor: string | null = null
  for (let page = 0; page < mostPages; page++) {
    const answer: List<T> = await call(`${path}?${new URLSearchParams({ ...asked, ...(cursor !== null && { cursor }) }).toString()}`, signal === undefined ? {} : { signal })
    found.push(...answer.data)
    cursor = answer.nextCursor
    if (cursor === null) break
  }
  return found
}
