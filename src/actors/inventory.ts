// What those who run kwota see of the estate as a whole: how much there is, and alerts that somebody has taken on.
import type { Estate } from './estate.ts'
import { Refusal, type Caller } from './house.ts'
import type { Scope } from './scope.ts'
import type { AlertView, Inventory } from './views.ts'

/** `transactions` = how many are at hand: those that run, and those that ended not long ago. */
export function inventoryOf({ sites, points, alerts }: Estate): Inventory {
  return {
    sites: [...sites].map(([id, { scope }]) => ownedAs(id, scope)).sort((a, b) => (a.id < b.id ? -1 : 1)),
    connections: [...points.values()].filter(({ session }) => session?.open === true).length,
    chargePoints: points.size, transactions: [...sites.values()].reduce((sum, { scope }) => sum + scope.entries('tx:').length, 0), alerts: alerts.list().length,
  }
}

function ownedAs(id: string, scope: Scope): Inventory['sites'][number] {
  const { state, endsAtMs, owner } = scope.hold()
  return { id, epoch: scope.epoch, lostTo: state === 'lost' ? { id: owner?.id ?? null } : null, leaseEndsAt: endsAtMs === null ? null : new Date(endsAtMs).toISOString() }
}

/** Throws Refusal not-found, `unknown-alert`. */
export function acknowledge({ alerts, options: { clock } }: Estate, id: string, caller: Caller): AlertView {
  const alert = alerts.ack(id, caller.name, clock.wall())
  if (alert === undefined) throw new Refusal('not-found', 'unknown-alert', `There is no alert ${id}.`, { hint: 'Ids of alerts end with the process and with the oldest resolved ones; list them anew.' })
  return alert
}
