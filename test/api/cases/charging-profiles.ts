// What the routes of charging profiles are asked in the walk.
import type { Cases } from './case.ts'

const profile = { stackLevel: 0, chargingProfilePurpose: 'TxDefaultProfile', chargingProfileKind: 'Absolute', chargingSchedule: { chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit: 6 }] } }
const later = { queue: true, expiresAt: new Date(Date.now() + 3_600_000).toISOString() }
const at = '/chargepoints/CP1/charging-profiles'
const unknownPoint = { status: 404, code: 'unknown-charge-point' }
const unknown = { status: 404, code: 'unknown-charging-profile' }
const composite = '/chargepoints/CP1/connectors/1/composite-schedule'

export const chargingProfileCases: Cases = {
  listChargingProfiles: [{ path: at, status: 200 }, { path: `${at}?limit=0`, status: 422, says: '/limit' }, { path: '/chargepoints/CP9/charging-profiles', ...unknownPoint }],
  createChargingProfile: [
    { path: at, json: { connectorId: 1, chargingProfile: { ...profile, chargingProfileId: 4711 }, ...later }, status: 202, says: '"chargingProfileId":4711' },
    { path: at, json: { connectorId: 1, chargingProfile: profile }, status: 409, code: 'charge-point-offline' }, { path: at, json: { connectorId: 1, chargingProfile: profile, queue: true }, status: 422, says: '/expiresAt' },
    { path: at, json: { connectorId: -1, chargingProfile: profile }, status: 422, says: '/connectorId' }, { path: at, json: { connectorId: 1, chargingProfile: { ...profile, recurrencyKind: 'Yearly' } }, status: 422, says: '/chargingProfile/recurrencyKind' },
    { path: '/chargepoints/CP9/charging-profiles', json: { connectorId: 1, chargingProfile: profile }, ...unknownPoint },
  ],
  getChargingProfile: [{ path: `${at}/4711`, status: 200, says: '"status":"Sent"' }, { path: `${at}/5`, ...unknown }, { path: `${at}/x`, status: 422, says: '/profileID' }],
  putChargingProfile: [
    { path: `${at}/4711`, json: { connectorId: 1, chargingProfile: profile, ...later }, status: 202 }, { path: `${at}/4711`, json: { connectorId: 1, chargingProfile: profile }, status: 409, code: 'charge-point-offline' },
    { path: `${at}/4711`, json: { connectorId: 1 }, status: 422, says: '/chargingProfile' },
  ],
  deleteChargingProfile: [{ path: `${at}/4711`, status: 409, code: 'charge-point-offline' }, { path: `${at}/5`, ...unknown }, { path: `${at}/x`, status: 422, says: '/profileID' }],
  getCompositeSchedule: [
    { path: composite, status: 409, code: 'charge-point-offline' }, { path: `${composite}?durationS=0`, status: 422, says: '/durationS' }, { path: `${composite}?source=expected`, status: 422, says: 'is available in this version' },
    { path: `${composite}?unit=hp`, status: 422, says: '/unit' }, { path: '/chargepoints/CP9/connectors/1/composite-schedule', ...unknownPoint },
  ],
}
