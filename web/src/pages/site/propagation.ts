// How far a new limit has come: told, confirmed, who is waited for, until everything is settled.
import type { GridLimitView } from '../../../../src/actors/views.ts'
import { call, segment } from '../../data/call.ts'
import { keepSaying } from '../../parts/notice.tsx'
import { propagationWords } from './propagation-words.ts'

const everyMs = 1000
const atMostMs = 60_000
const readMs = 8000
/** The newest change of each site: who follows an older one stops. */
const newest = new Map<string, object>()

/** Says it at the foot of the page; gives up after a minute, since the page itself goes on showing the state. */
export function followPropagation(siteID: string): void {
  const change = {}
  newest.set(siteID, change)
  const endsMs = performance.now() + atMostMs
  const look = async (): Promise<void> => {
    const view = await call<GridLimitView>(`/sites/${segment(siteID)}/grid-limit`).catch(() => null)
    if (newest.get(siteID) !== change) return
    // What cannot be read is not known any more.
    keepSaying(siteID, view === null ? null : propagationWords(view), { bad: view?.state === 'unenforceable' })
    if (performance.now() <= endsMs && (view === null || view.state === 'enforcing')) setTimeout(() => void look(), everyMs)
    else setTimeout(() => end(siteID, change), readMs)
  }
  void look()
}

function end(siteID: string, change: object): void {
  if (newest.get(siteID) !== change) return
  newest.delete(siteID)
  keepSaying(siteID, null)
}
