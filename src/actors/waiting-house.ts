// The house before the store is there: it can only say what it waits for.
import type { Clock } from '../clock.ts'
import { Refusal, type House } from './house.ts'
import type { Health } from './views.ts'

export interface WaitingHouse {
  /** Only its health may be asked; nothing of it is anybody's yet. */
  readonly house: House
  /** What everything else is answered. */
  refusal(): Refusal
}

/** `reason` = why the store could not be opened yet. */
export function createWaitingHouse({ clock, reason }: { readonly clock: Clock; readonly reason: () => string }): WaitingHouse {
  const health = async (): Promise<Health> => ({
    ready: false,
    checks: [
      { name: 'store', ok: false, detail: reason() },
      { name: 'clock', ok: true, detail: new Date(clock.wall()).toISOString() },
      { name: 'engine', ok: false, detail: 'waits for the store' },
    ],
  })
  return {
    house: { health, demandOwner: () => undefined } as Pick<House, 'health' | 'demandOwner'> as House,
    refusal: () => new Refusal('store-down', 'store-down', `kwota waits for its store: ${reason()}. Nothing was changed.`, { hint: 'Repeat the request when /readyz says that the store takes writes.' }),
  }
}
