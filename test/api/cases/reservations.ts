// What is asked of reservations; nobody is connected there, so a new one is refused, and the one there is waits.
import { waitingId } from '../reservations.ts'
import type { Cases } from './case.ts'

const inAnHour = new Date(Date.now() + 3_600_000).toISOString()
const good = { clientID: 'CP1', connectorId: 1, idTag: 'TEST-001', expiryDate: inAnHour }
const unknown = { status: 404, code: 'unknown-reservation' }

export const reservationCases: Cases = {
  listReservations: [
    { path: '/reservations?status=requesting&siteID=main&clientID=cp1', status: 200, says: `"id":${waitingId},` }, { path: '/reservations?status=held', status: 200, says: '"data":[]' },
    { path: '/reservations?clientID=CP9', status: 200, says: '"data":[]' }, { path: '/reservations?siteID=nowhere', status: 200, says: '"data":[]' },
    { path: '/reservations?status=lost', status: 422, says: '/status' }, { path: '/reservations?clientID=', status: 422, says: '/clientID' }, { path: '/reservations?siteID=%20', status: 422, says: '/siteID' },
    { path: '/reservations?colour=red', status: 422, says: '/colour' }, { path: '/reservations?limit=0', status: 422, says: '/limit' }, { path: '/reservations?cursor=x', status: 422, says: '/cursor' },
  ],
  createReservation: [
    { path: '/reservations', json: { ...good, clientID: 'RDAM 123' }, status: 409, code: 'charge-point-offline' }, { path: '/reservations', json: { ...good, connectorId: 2 }, status: 409, code: 'reservation-exists', says: String(waitingId) },
    { path: '/reservations', json: { ...good, clientID: 'CP9' }, status: 422, code: 'unknown-charge-point', says: '/clientID' },
    { path: '/reservations', json: { ...good, expiryDate: '2020-01-01T00:00:00Z' }, status: 422, code: 'expiry-in-the-past', says: '/expiryDate' },
    ...([[{ connectorId: -1 }, '/connectorId'], [{ connectorId: 1.5 }, '/connectorId'], [{ connectorId: undefined }, '/connectorId'], [{ idTag: 'x'.repeat(21) }, '/idTag'], [{ idTag: '' }, '/idTag'], [{ parentIdTag: 'x'.repeat(21) }, '/parentIdTag'],
      [{ expiryDate: 'soon' }, '/expiryDate'], [{ expiryDate: undefined }, '/expiryDate'], [{ clientID: undefined }, '/clientID'], [{ reservationId: 5 }, '/reservationId']] as const).map(([change, says]) => ({ path: '/reservations', json: { ...good, ...change }, status: 422, code: 'invalid', says })),
    ...[[], null, 'x'].map((json) => ({ path: '/reservations', json, status: 422, code: 'invalid' })),
  ],
  getReservation: [
    { path: `/reservations/${waitingId}`, status: 200, says: '"status":"requesting"' }, { path: '/reservations/99', ...unknown }, { path: '/reservations/x', status: 422, says: '/id' }, { path: `/reservations/${waitingId}?x=1`, status: 422, says: '/x' },
  ],
  deleteReservation: [
    { path: `/reservations/${waitingId}`, headers: { Prefer: 'wait=1' }, status: 204 }, { path: `/reservations/${waitingId}`, status: 409, code: 'reservation-ended', says: 'cancelled' },
    { path: '/reservations/99', ...unknown }, { path: '/reservations/1e3', status: 422, says: '/id' },
  ],
}
