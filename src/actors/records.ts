// One record, durable or not there at all: how configuration is written to a scope.
import { Refusal } from './house.ts'
import type { Scope } from './scope.ts'

/** The refusal a caller gets when nothing could be written. */
export function storeDown(error: unknown): Refusal {
  return new Refusal('store-down', 'store-down', `The store does not take writes: ${error instanceof Error ? error.message : String(error)}. Nothing was changed.`, { hint: 'Repeat the request when /readyz says the store is back.' })
}

/** Puts (null deletes) and waits until it is durable; otherwise puts back what was there and rejects with Refusal store-down. */
export async function write(scope: Scope, key: string, value: unknown): Promise<void> {
  const before = scope.get(key)
  if (value === null) scope.delete(key)
  else scope.put(key, value)
  try {
    await scope.flush()
  } catch (error) {
    if (before === undefined) scope.delete(key)
    else scope.put(key, before)
    throw storeDown(error)
  }
}

/** A charge point and all that was learnt of it; its transactions stay. */
export async function removePoint(scope: Scope, clientID: string): Promise<void> {
  for (const key of [`family:${clientID}`, `learnt:${clientID}`]) scope.delete(key)
  await write(scope, `chargepoint:${clientID}`, null)
}
