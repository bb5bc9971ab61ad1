// What the routes of charging profiles are asked in the walk.
import type { Cases } from './case.ts'

const profile = { stackLevel: 0, chargingProfilePurpose: 'TxDefaultProfile', chargingProfileKind: 'Absolute', chargingSchedule: { chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit: 6 }] } }
const later = { queue: true, expiresAt: new Date(Date.now() + 3_600_000).toISOString() }
const at = '/chargepoints/CP1/charging-profiles'
const unknownPoint = { status: 404, code: 'unknown-charge-point' }
const unknown = { status: 404, code: 'unknown-charging-profile' }
const composite = '/chargepoints/CP1/connectors/1/composite-schedule'
const active = '/chargepoints/CP1/connectors/1/active-profile'
const templates = '/charging-profile-templates'
const night = { id: 'night', name: '6 A at night', chargingProfile: profile }
const unknownTemplate = { status: 404, code: 'unknown-profile-template' }

export const chargingProfileCases: Cases = {
  listChargingProfiles: [{ path: at, status: 200 }, { path: `${at}?limit=0`, status: 422, says: '/limit' }, { path: '/chargepoints/CP9/charging-profiles', ...unknownPoint }],
  createChargingProfile: [
    { path: at, json: { connectorId: 1, chargingProfile: { ...profile, chargingProfileId: 4711 }, ...later }, status: 202, says: '"chargingProfileId":4711' },
    { path: at, json: { connectorId: 1, chargingProfile: profile }, status: 409, code: 'charge-point-offline' }, { path: at, json: { connectorId: 1, chargingProfile: profile, queue: true }, status: 422, says: '/expiresAt' },
    { path: at, json: { connectorId: -1, chargingProfile: profile }, status: 422, says: '/connectorId' }, { path: at, json: { connectorId: 1, chargingProfile: { ...profile, recurrencyKind: 'Yearly' } }, status: 422, says: '/chargingProfile/recurrencyKind' },
    { path: '/chargepoints/CP9/charging-profiles', json: { connectorId: 1, chargingProfile: profile }, ...unknownPoint },
    { path: at, json: { connectorId: 1, chargingProfile: profile, templateId: 'night' }, status: 422, says: '/templateId' }, { path: at, json: { connectorId: 1, templateId: 'nowhere' }, status: 422, code: 'unknown-profile-template' },
    { path: `${at}?dryRun=true`, json: { connectorId: 1, chargingProfile: profile }, status: 409, code: 'engine-stack-level' }, { path: `${at}?dryRun=perhaps`, json: {}, status: 422, says: '/dryRun' },
    { path: `${at}?dryRun=true`, json: { connectorId: 0, chargingProfile: { ...profile, validFrom: '2030-01-01T00:00:00Z', validTo: '2029-01-01T00:00:00Z' } }, status: 422, code: 'invalid-profile', says: '/chargingProfile/validTo' },
  ],
  getChargingProfile: [{ path: `${at}/4711`, status: 200, says: '"status":"Sent"' }, { path: `${at}/5`, ...unknown }, { path: `${at}/x`, status: 422, says: '/profileID' }],
  putChargingProfile: [
    { path: `${at}/4711`, json: { connectorId: 1, chargingProfile: profile, ...later }, status: 202 }, { path: `${at}/4711`, json: { connectorId: 1, chargingProfile: profile }, status: 409, code: 'charge-point-offline' },
    { path: `${at}/4711`, json: { connectorId: 1 }, status: 422, says: '/chargingProfile' }, { path: `${at}/4711?dryRun=true`, json: { connectorId: 1, chargingProfile: profile }, status: 409, code: 'engine-stack-level' },
  ],
  deleteChargingProfile: [
    { path: `${at}/4711?dryRun=true`, status: 200, says: '"removed":[]' }, { path: `${at}/5?dryRun=true`, ...unknown }, { path: `${at}/4711?dryRun=true&durationS=0`, status: 422, says: '/durationS' },
    { path: `${at}/4711`, status: 409, code: 'charge-point-offline' }, { path: `${at}/5`, ...unknown }, { path: `${at}/x`, status: 422, says: '/profileID' }],
  getCompositeSchedule: [
    { path: composite, status: 409, code: 'charge-point-offline' }, { path: `${composite}?durationS=0`, status: 422, says: '/durationS' },
    { path: `${composite}?source=expected`, status: 200, says: '"chargingSchedulePeriod":[{"startPeriod":0,"limit":null}]' }, { path: `${composite}?source=guessed`, status: 422, says: '/source' },
    { path: `${composite}?startAt=2030-01-01T00:00:00%2B01:00&unit=W&durationS=60`, status: 200, says: '"scheduleStart":"2029-12-31T23:00:00.000Z"' },
    { path: `${composite}?startAt=2030-01-01T00:00:00Z&source=reported`, status: 422, says: '/startAt' }, { path: `${composite}?startAt=tomorrow`, status: 422, says: '/startAt' },
    { path: '/chargepoints/CP1/connectors/7/composite-schedule?source=expected', status: 200, says: '"expected":{"status":"Rejected"' },
    { path: `${composite}?unit=hp`, status: 422, says: '/unit' }, { path: '/chargepoints/CP9/connectors/1/composite-schedule', ...unknownPoint }, { path: '/chargepoints/CP9/connectors/1/composite-schedule?source=expected', ...unknownPoint },
  ],
  getActiveProfile: [
    { path: active, status: 200, says: '"reason":"the charge point has not answered yet"' }, { path: `${active}?at=2030-01-01T00:00:00Z&unit=W`, status: 200, says: '"at":"2030-01-01T00:00:00.000Z","unit":"W","limit":null,"source":null' },
    { path: active.replace('/1/', '/0/'), status: 200 }, { path: `${active}?at=noon`, status: 422, says: '/at' }, { path: `${active}?unit=hp`, status: 422, says: '/unit' },
    { path: active.replace('/1/', '/7/'), status: 404, code: 'unknown-connector' }, { path: active.replace('CP1', 'CP9'), ...unknownPoint },
  ],
  listChargingProfileTemplates: [{ path: `${templates}?limit=1`, status: 200, says: '"data":[]' }, { path: `${templates}?limit=0`, status: 422, says: '/limit' }],
  createChargingProfileTemplate: [
    { path: templates, json: night, status: 201, says: '"id":"night"' }, { path: templates, json: night, status: 409, code: 'already-exists' },
    { path: templates, json: { ...night, id: 'a b' }, status: 422, says: '/id' }, { path: templates, json: { ...night, id: 'x', chargingProfile: { ...profile, transactionId: 7 } }, status: 422, says: '/chargingProfile/transactionId' },
    { path: templates, json: { ...night, id: 'x', chargingProfile: { ...profile, recurrencyKind: 'Daily' } }, status: 422, code: 'invalid-profile', says: '"pointer":"/chargingProfile/recurrencyKind"' },
    { path: templates, json: { id: 'x' }, status: 422, says: '/chargingProfile' },
  ],
  getChargingProfileTemplate: [{ path: `${templates}/night`, status: 200, says: '"name":"6 A at night"' }, { path: `${templates}/day`, ...unknownTemplate }, { path: `${templates}/a%20b`, status: 422, says: '/templateID' }],
  putChargingProfileTemplate: [
    { path: `${templates}/night`, json: { chargingProfile: { ...profile, stackLevel: 1 } }, status: 200, says: '"stackLevel":1' }, { path: `${templates}/day`, json: { ...night, id: 'day' }, status: 201 },
    { path: `${templates}/night`, json: night, headers: { 'If-Match': '"9"' }, status: 412, code: 'stale' }, { path: `${templates}/night`, json: { ...night, id: 'day' }, status: 422, says: '/id' },
    { path: `${templates}/night`, json: { chargingProfile: { ...profile, chargingSchedule: { chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 1, limit: 6 }] } } }, status: 422, code: 'invalid-profile' },
  ],
  deleteChargingProfileTemplate: [
    { path: `${templates}/day`, headers: { 'If-Match': '"9"' }, status: 412, code: 'stale' }, { path: `${templates}/day`, status: 204 }, { path: `${templates}/day`, ...unknownTemplate }, { path: `${templates}/a%20b`, status: 422, says: '/templateID' },
  ],
}
