// Whose limit a change of the site's limits changes: followed until everybody has it.
import type { Plan } from '../power/plan.ts'
import type { Engine } from './engine.ts'

/** Connectors, of those that listen, whose allocation is another than in the plan before, and those that still wait for an earlier change: the same limit again changes nothing, but what waits for the first is still on its way. */
export function concernedBy(engine: Engine, before: Plan | null, waiting: readonly string[]): string[] {
  const late = new Set(waiting)
  return [...engine.books.tree.outlets.values()].filter(({ key, clientID }) => late.has(key)
    || (engine.isOnline(clientID) && engine.plan?.targets.get(key)?.allocatedA !== before?.targets.get(key)?.allocatedA)).map(({ key }) => key)
}
