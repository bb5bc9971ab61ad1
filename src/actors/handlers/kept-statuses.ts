// What connectors have said of themselves last: kept for a start that is told after it, also where a kill lies between.
import { z } from 'zod'
import { connectorsOf } from '../charge-point.ts'
import type { Station } from './station.ts'

/** When, what, whether the charge point said when, and where it was live by another clock: when by that, when it was heard, and when it would have been had nobody turned ours. */
const statusSchema = z.tuple([z.number(), z.string(), z.boolean(), z.tuple([z.number(), z.number(), z.number()]).optional()])
export const keptSchema = z.record(z.string(), z.array(statusSchema))

/** The newest of each connector; what is older is lost with a kill. */
const mostKept = 20

const keyOf = ({ clientID }: Pick<Station, 'clientID'>): string => `statuses:${clientID}`

/** Puts those of one connector into the scope. */
export function keepStatuses(station: Station, connectorId: number): void {
  const newest = station.tallies.statusesOf(connectorId).slice(-mostKept)
    .map(({ atMs, status, byStation, live }) => live === undefined ? [atMs, status, byStation] as const : [atMs, status, byStation, [live.byMs, ...live.heardMs]] as const)
  station.scope.put(keyOf(station), { ...keptOf(station), [connectorId]: newest })
}

/** Gives them back to its tallies, with what each connector has said last. */
export function restoreStatuses(station: Station): void {
  for (const [connectorId, kept] of Object.entries(keptOf(station))) {
    for (const [atMs, status, byStation, live] of kept) {
      station.tallies.noteStatus(Number(connectorId), { atMs, byStation, ...(live === undefined ? {} : { live: { byMs: live[0], heardMs: [live[1], live[2]] } }) }, status)
    }
  }
  for (const { connectorId, status, statusStationMs } of connectorsOf(station.snapshot())) {
    if (statusStationMs !== null) station.tallies.noteStatus(connectorId, { atMs: statusStationMs, byStation: true }, status)
  }
}

function keptOf(station: Station): z.infer<typeof keptSchema> {
  return keptSchema.safeParse(station.scope.get(keyOf(station))).data ?? {}
}
