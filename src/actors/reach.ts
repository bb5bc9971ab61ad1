// May a charge point be spoken to now? Connected, and its boot answered with anything but Rejected.
import type { Station } from './handlers/station.ts'
import { Refusal } from './house.ts'

/** Null when it may; else why not, with what to do about one that is away. Pending may be configured and read (OCPP 1.6, 4.2.1), Rejected may not be spoken to. */
export function outOfReach(station: Station, wait = 'Send "queue": true with "expiresAt", or look at /lobby.'): Refusal | null {
  const { clientID } = station
  const { accepted, held, lastSeenAtMs } = station.snapshot().context
  const refused = (code: string, detail: string, hint: string): Refusal => new Refusal('conflict', code, detail, { hint })
  if (!station.session()?.open) return refused('charge-point-offline', `${clientID} is not connected${lastSeenAtMs === null ? '' : `; it was last seen at ${new Date(lastSeenAtMs).toISOString()}`}.`, wait)
  if (held === 'rejected') return refused('charge-point-rejected', `${clientID} was rejected when it booted: nothing may be sent to it (OCPP 1.6, 4.2).`, `Accept it in the lobby: POST /api/v1/lobby/${encodeURIComponent(clientID)}/accept.`)
  if (!accepted && held === null) return refused('charge-point-booting', `${clientID} is connected but has not booted yet.`, wait)
  return null
}

/** It may be said once the boot is accepted, and not before: what may wait does. */
export function waitsForBoot(station: Station, refuse: () => Refusal | null | undefined): boolean {
  return station.snapshot().context.held !== null && refuse()?.code === 'charge-point-pending'
}
