// What connectors have said of themselves last: kept for a start that is told after it, also where a kill lies between.
import { z } from 'zod'
import { connectorsOf } from '../charge-point.ts'
import type { Station } from './station.ts'

/** When, what, and whether the charge point said when. */
const keptSchema = z.record(z.string(), z.array(z.tuple([z.number(), z.string(), z.boolean()])))

/** The newest of each connector; what is older is lost with a kill. */
const mostKept = 20

const keyOf = ({ clientID }: Pick<Station, 'clientID'>): string => `statuses:${clientID}`

/** Puts those of one connector into the scope. */
export function keepStatuses(station: Station, connectorId: number): void {
  const newest = station.tallies.statusesOf(connectorId).slice(-mostKept).map(({ atMs, status, byStation }) => [atMs, status, byStation] as const)
  station.scope.put(keyOf(station), { ...keptOf(station), [connectorId]: newest })
}

/** Gives them back to its tallies, with what each connector has said last. */
export function restoreStatuses(station: Station): void {
  for (const [connectorId, kept] of Object.entries(keptOf(station))) {
    for (const [atMs, status, byStation] of kept) station.tallies.noteStatus(Number(connectorId), { atMs, byStation }, status)
  }
  for (const { connectorId, status, statusStationMs } of connectorsOf(station.snapshot())) {
    if (statusStationMs !== null) station.tallies.noteStatus(connectorId, { atMs: statusStationMs, byStation: true }, status)
  }
}

function keptOf(station: Station): z.infer<typeof keptSchema> {
  return keptSchema.safeParse(station.scope.get(keyOf(station))).data ?? {}
}
