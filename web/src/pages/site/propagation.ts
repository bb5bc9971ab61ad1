// How far a new limit has come: told, confirmed, who is waited for, until everything is settled.
import type { GridLimitView } from '../../../../src/actors/views.ts'
import { call, segment } from '../../data/call.ts'
import { notify } from '../../parts/notice.tsx'
import { propagationWords } from './propagation-words.ts'

const everyMs = 1000
const atMostMs = 60_000

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
