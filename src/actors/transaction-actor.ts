// The actor of a running transaction at hand, for who asks it again and again.
import type { ChargePointSnapshot } from './charge-point.ts'
import { transactionName } from './child-names.ts'

export type TransactionActor = NonNullable<ReturnType<typeof transactionActor>>

/** The same for as long as the snapshot is; undefined when there is none. */
export function transactionActor(snapshot: ChargePointSnapshot, transactionId: number) {
  return snapshot.children[transactionName(transactionId)]
}

/** What it knows, as it is; null = it is another's. */
export function contextOf(actor: TransactionActor) {
  const state = actor.getSnapshot()
  return 'context' in state && 'record' in state.context ? state.context : null
}
