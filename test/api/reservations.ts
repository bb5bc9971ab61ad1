// A reservation for the walk to find: asked for, and waiting for its charge point, which never comes.
import type { Directory } from '../../src/actors/directory.ts'

export const waitingId = 4_711

export async function makeReservation({ house }: Directory): Promise<void> {
  const inAnHour = new Date(Date.now() + 3_600_000).toISOString()
  const request = { connectorId: 2, idTag: 'TEST-001', expiryDate: inAnHour, reservationId: waitingId }
  await house.commands.issue('CP1', 'ReserveNow', request, { expiresAt: inAnHour }, { name: 'seed', requestId: 'seed' })
}
