// What a running transaction holds in place: what its connector draws has to be counted there until it ends.
import { chargePointSchema, type ChargePointConfig, type SiteConfig } from '../power/site.ts'
import type { Row } from '../power/ledger.ts'
import { hasEnded, listTransactions } from '../sessions/record.ts'
import type { Scope } from './scope.ts'

/** What a change would do to a connector that draws, so that it would no longer be counted where it draws; null = nothing. */
export function uncounted(before: ChargePointConfig, after: ChargePointConfig, connectorId: number): string | null {
  const has = (config: ChargePointConfig) => config.connectors.some(({ id }) => id === connectorId)
  if (after.site !== before.site) return 'moved to another site'
  if (after.circuit !== before.circuit) return 'moved to another circuit'
  if (after.control !== before.control) return `put under control ${after.control}`
  return has(before) && !has(after) ? `left without connector ${connectorId}` : null
}

/** `after` as far as it may be while these connectors draw: they stay, and so do the circuit and the control; another site waits as a whole. */
export function holdBack(before: ChargePointConfig, after: ChargePointConfig, running: ReadonlySet<number>, site: SiteConfig): ChargePointConfig {
  if (![...running].some((id) => uncounted(before, after, id) !== null)) return after
  const { circuit, ...base } = after.site === before.site ? after : before
  const stands = before.circuit === undefined || site.circuits.some(({ id }) => id === before.circuit)
  const hung = stands ? before.circuit : after.site === before.site ? circuit : undefined
  const kept = before.connectors.filter(({ id }) => running.has(id) && !base.connectors.some((one) => one.id === id))
  return chargePointSchema.parse({
    ...base, ...(hung === undefined ? {} : { circuit: hung }), control: before.control,
    connectors: [...base.connectors, ...kept].sort((a, b) => a.id - b.id),
  })
}

/** The connectors with a running transaction by charge point, as the records of a site tell it before anybody is back. */
export function runningIn(scope: Scope): ReadonlyMap<string, ReadonlySet<number>> {
  const running = new Map<string, Set<number>>()
  const add = (clientID: string, connectorId: number) => { running.set(clientID, (running.get(clientID) ?? new Set()).add(connectorId)) }
  for (const [key, row] of scope.entries('row:')) {
    const slash = key.lastIndexOf('/')
    if ((row as Row).transactionId !== null) add(key.slice('row:'.length, slash), Number(key.slice(slash + 1)))
  }
  for (const record of listTransactions(scope)) if (!hasEnded(record)) add(record.clientID, record.connectorId)
  return running
}
