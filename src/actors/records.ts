// One record, durable or not there at all: how configuration is written to a scope.
import { exchangeKeys } from './data-transfers.ts'
import { StaleEpoch, StoreUnavailable } from '../store/port.ts'
import { Refusal } from './house.ts'
import { notOwner } from './lost-site.ts'
import type { Scope } from './scope.ts'

/** The refusal a caller gets when nothing could be written. */
export function storeDown(error: unknown): Refusal {
  if (error instanceof StaleEpoch) return notOwner(error.message)
  return new Refusal('store-down', 'store-down', `The store does not take writes: ${error instanceof Error ? error.message : String(error)}. Nothing was changed.`, { hint: 'Repeat the request when /readyz says the store is back.' })
}

/** For a rejected read: throws Refusal store-down where the store is the reason, else the error itself. */
export function unreadable(error: unknown): never {
  if (!(error instanceof StoreUnavailable)) throw error
  throw new Refusal('store-down', 'store-down', `The store cannot be read: ${error.message}.`, { hint: 'Repeat the request when /readyz says the store is back.' })
}

/** Puts (null deletes) and waits until all of it is durable; otherwise puts back what was there and rejects with Refusal store-down. */
export async function write(scope: Scope, changes: Readonly<Record<string, unknown>>): Promise<void> {
  const before = Object.keys(changes).map((key) => [key, scope.get(key)] as const)
  const set = (key: string, value: unknown) => (value === undefined || value === null ? scope.delete(key) : scope.put(key, value))
  for (const [key, value] of Object.entries(changes)) set(key, value)
  try {
    await scope.flush()
  } catch (error) {
    // What somebody else has put there meanwhile is not ours to take back.
    for (const [key, old] of before) if ((scope.get(key) ?? null) === changes[key]) set(key, old)
    throw storeDown(error)
  }
}

/** A site and what was done and kept for its charge points, as deletions; its transactions stay. */
export function withoutSite(scope: Scope): Readonly<Record<string, null>> {
  const keys = ['command:', 'request:', 'reservation:', 'curtailment:'].flatMap((prefix) => scope.entries(prefix).map(([key]) => key))
  return Object.fromEntries(['config', 'grid-limit', 'demand-window', 'message-log', 'decision-log', 'rollups', ...keys].map((key) => [key, null]))
}

/** What is kept of a charge point beside its entry, its actors and its transactions. */
const kinds = ['learnt', 'authorised', 'uploads', 'firmware', 'profiles', 'security', 'certificates', 'signing', 'vendors', 'configuration', 'local-list', 'statuses', 'turned', 'check'] as const

function belongingKeys(clientID: string): readonly string[] {
  return [...kinds.map((kind) => `${kind}:${clientID}`), ...exchangeKeys(clientID)]
}

/** What a charge point takes along to another site, by key. */
export function belongings(scope: Scope, clientID: string): Readonly<Record<string, unknown>> {
  return Object.fromEntries(belongingKeys(clientID).map((key) => [key, scope.get(key)] as const).filter(([, value]) => value !== undefined))
}

/** A charge point and all that was learnt of it, as deletions; its transactions stay. */
export function withoutPoint(clientID: string): Readonly<Record<string, null>> {
  return Object.fromEntries([`family:${clientID}`, ...belongingKeys(clientID), `chargepoint:${clientID}`].map((key) => [key, null]))
}
