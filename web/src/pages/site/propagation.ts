// How far a new limit has come: told, confirmed, who is waited for, until everything is settled.
import type { GridLimitView } from '../../../../src/actors/views.ts'
import { call, segment } from '../../data/call.ts'
import { notify } from '../../parts/notice.tsx'

const everyMs = 1000
const atMostMs = 60_000
const namedAtMost = 3

/** Says it at the foot of the page; gives up after a minute, since the page itself goes on showing the state. */
export function followPropagation(siteID: string): void {
  let dismiss = (): void => undefined
  const endsMs = performance.now() + atMostMs
  const look = async (): Promise<void> => {
    const view = await call<GridLimitView>(`/sites/${segment(siteID)}/grid-limit`).catch(() => null)
    const over = performance.now() > endsMs
    if (view !== null) {
      dismiss()
      dismiss = notify(propagationWords(view), { bad: view.state === 'unenforceable', forMs: view.state === 'enforcing' && !over ? 3 * everyMs : 8 * everyMs })
    }
    if (!over && (view === null || view.state === 'enforcing')) setTimeout(() => void look(), everyMs)
  }
  void look()
}

/** `Told 8/8, confirmed 7/8, waiting for CP-05/1.` */
export function propagationWords({ state, deficitA, propagation: { targets, told, confirmed, waiting } }: Pick<GridLimitView, 'state' | 'deficitA' | 'propagation'>): string {
  const end = state === 'enforced' ? ' The limit holds.' : state === 'unenforceable' ? ` It cannot be met: ${deficitA ?? 0} A are missing.` : ''
  if (targets === 0) return `No connector had to change.${end}`
  const more = waiting.length - namedAtMost
  const names = `${waiting.slice(0, namedAtMost).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
  return `Told ${told}/${targets}, confirmed ${confirmed}/${targets}${waiting.length > 0 ? `, waiting for ${names}` : ''}.${end}`
}
