// What the audit log says of each route that changes something: what it is about, and how that stood before and stands after.
import { Refusal, type House } from '../actors/house.ts'

export interface Asked {
  readonly params: Readonly<Record<string, string>>
  /** As it came; null where there is none or it is no JSON. */
  readonly body: Readonly<Record<string, unknown>> | null
  readonly text: string
}

export interface Audited {
  /** What is changed. */
  readonly kind: string
  /** Which one; absent: the last parameter of the path, or else the id of the answer or of the body. */
  readonly id?: (asked: Asked) => string | undefined
  /** What people have said of it as it stands now, undefined = there is none. Absent: what was asked for and what was answered is kept instead. */
  readonly stands?: (house: House, asked: Asked) => unknown
  /** Of what stands and of what is answered only this is kept. */
  readonly fields?: readonly string[]
  /** Of what stands and of what is answered this is not kept: it changes by itself. */
  readonly without?: readonly string[]
  /** Its id is an id tag. */
  readonly ofTag?: true
  /** What is answered is something else than what stands. */
  readonly answered?: false
  /** Refused with store-down, it holds in memory all the same. */
  readonly holdsUnstored?: true
}

const pointID = ({ params }: Asked) => params['clientID']
const text = (value: unknown) => (typeof value === 'string' ? value : '')
const idOf = (name: string) => ({ params, body }: Asked) => params[name] ?? text(body?.['id'])

const command: Audited = { kind: 'charge-point', id: pointID }
const site: Audited = { kind: 'site', stands: (house, asked) => house.site(idOf('siteID')(asked)).value }
const gridLimit: Audited = { kind: 'grid-limit', stands: (house, { params }) => house.gridLimit(params['siteID'] ?? '').value, fields: ['currentA', 'powerW', 'reason', 'expiresAt'] }
const curtailment: Audited = { kind: 'curtailment', stands: (house, { params }) => (params['id'] === undefined ? undefined : house.limits.curtailment(params['siteID'] ?? '', params['id']).value), without: ['createdAt', 'changedBy', 'limit'] }
const schedule: Audited = { kind: 'limit-schedule', stands: (house, asked) => house.limits.schedule(asked.params['siteID'] ?? '', idOf('scheduleID')(asked)).value }
const chargePoint: Audited = { kind: 'charge-point', stands: (house, asked) => house.chargePoint(idOf('clientID')(asked)).value, without: ['connection', 'lastSeenAt', 'boot', 'quirks', 'state'] }
const connector: Audited = {
  kind: 'connector', id: ({ params }) => `${params['clientID']}/${params['connectorID']}`,
  stands: (house, { params }) => house.connector(params['clientID'] ?? '', Number(params['connectorID'])),
  fields: ['priority', 'weight', 'departureAt', 'energyNeededWh', 'vehicleMaxA', 'vehiclePhases'],
}
const template: Audited = { kind: 'charging-profile-template', stands: (house, asked) => house.profiles.templates.get(idOf('templateID')(asked)).value }
const idTag: Audited = { kind: 'id-tag', ofTag: true, stands: (house, asked) => house.idTags.get(idOf('idTag')(asked)).value }
const tariff: Audited = { kind: 'tariff', stands: (house, asked) => house.tariffs.get(idOf('tariffId')(asked)).value, without: ['version', 'changedAt', 'changedBy'] }
const quirks: Audited = { kind: 'quirks', stands: (house, { params }) => house.quirks.find(params['quirkID'] ?? '')?.value }
const transaction: Audited = { kind: 'transaction', stands: (house, { params }) => house.records.get(Number(params['id'])), fields: ['status', 'meterStartWh', 'meterStopWh', 'startedAt', 'stoppedAt', 'stopReason', 'idTag', 'limits'] }
const apiKey: Audited = { kind: 'api-key', stands: (house, { params }) => (params['keyID'] === undefined ? undefined : house.apiKeys.get(params['keyID']).value), fields: ['id', 'name', 'scopes', 'sites', 'expiresAt'] }
const webhook: Audited = { kind: 'webhook', stands: (house, { params }) => (params['webhookID'] === undefined ? undefined : house.webhooks.get(params['webhookID']).value), fields: ['id', 'url', 'description', 'types', 'siteID', 'showIdTags', 'enabled', 'formerSecretUntil'] }
const orphan: Audited = { kind: 'orphan', stands: (house, { params }) => house.orphans.get(params['id'] ?? ''), fields: ['state', 'transactionId'] }

/**
 * By operationId; null = it changes nothing that anybody decided: a measurement, or that a key holder comes and goes. A route that is not here is recorded all the same, with
 * what was asked for.
 */
export const audits: Readonly<Record<string, Audited | null>> = {
  createApiKey: apiKey, changeApiKey: apiKey, deleteApiKey: apiKey,
  createWebhook: webhook, putWebhook: webhook, changeWebhook: webhook, deleteWebhook: webhook, rotateWebhookSecret: webhook, testWebhook: { kind: 'webhook' },
  createSite: site, putSite: site, deleteSite: site,
  setGridLimit: gridLimit, clearGridLimit: gridLimit, setGridLimitValue: gridLimit,
  createCurtailment: { ...curtailment, holdsUnstored: true }, changeCurtailment: curtailment, cancelCurtailment: curtailment,
  createLimitSchedule: schedule, putLimitSchedule: schedule, deleteLimitSchedule: schedule,
  pushBaseLoad: null, openSession: null, endSession: null,
  createChargePoint: chargePoint, putChargePoint: chargePoint, deleteChargePoint: chargePoint, acceptFromLobby: chargePoint,
  patchConnector: connector,
  putConfiguration: { kind: 'configuration', id: pointID }, resetConfiguration: { kind: 'configuration', id: pointID },
  putSettings: { kind: 'settings', id: pointID, stands: (house, { params }) => house.settings.get(params['clientID'] ?? '').value, fields: ['settings', 'connectors'] },
  putVendorSettings: { kind: 'vendor-settings', id: pointID, stands: (house, { params }) => house.vendors.settings(params['clientID'] ?? '').value },
  commandCancelReservation: command, commandCertificateSigned: command, commandChangeAvailability: command, commandChangeConfiguration: command, commandClearCache: command,
  commandDataTransfer: command, commandDeleteCertificate: command, commandExtendedTriggerMessage: command, commandGetCompositeSchedule: command, commandGetConfiguration: command,
  commandGetDiagnostics: command, commandGetInstalledCertificateIds: command, commandGetLocalListVersion: command, commandGetLog: command, commandInstallCertificate: command,
  commandRemoteStartTransaction: command, commandRemoteStopTransaction: command, commandReserveNow: command, commandReset: command, commandSendLocalList: command,
  commandSignedUpdateFirmware: command, commandTriggerMessage: command, commandUnlockConnector: command, commandUpdateFirmware: command,
  commandSetChargingProfile: command, commandClearChargingProfile: command, setConnectorChargingProfile: command,
  createChargingProfile: command, putChargingProfile: command, deleteChargingProfile: command,
  cancelCommand: { kind: 'command', stands: (house, { params }) => house.commands.get(params['commandID'] ?? ''), fields: ['status'] },
  startCheck: { kind: 'check', id: pointID, answered: false }, cancelCheck: { kind: 'check', id: pointID, answered: false },
  startBulk: { kind: 'batch', id: () => undefined },
  createChargingProfileTemplate: template, putChargingProfileTemplate: template, deleteChargingProfileTemplate: template,
  deleteDiagnostics: { kind: 'diagnostics', id: ({ params }) => `${params['clientID']}/${params['id']}` },
  patchTransaction: transaction, closeTransaction: transaction, correctTransaction: transaction,
  assignOrphan: orphan, dismissOrphan: orphan,
  putRetention: { kind: 'retention', id: () => 'retention', stands: (house) => house.retention.said().value, answered: false },
  createIdTag: idTag, putIdTag: idTag, deleteIdTag: idTag,
  importIdTags: { kind: 'id-tags', id: () => 'import' }, eraseIdTag: { kind: 'id-tag', ofTag: true, id: ({ params }) => params['idTag'] },
  createTariff: tariff, putTariff: tariff, deleteTariff: tariff,
  clearAuthorizationCache: { kind: 'authorization-cache', id: pointID },
  createReservation: { kind: 'reservation' }, deleteReservation: { kind: 'reservation' },
  importQuirks: { kind: 'quirks', id: () => 'import' }, putQuirks: quirks, deleteQuirks: quirks,
  createBackup: { kind: 'backup' }, deleteBackup: { kind: 'backup' },
  ackAlert: { kind: 'alert', stands: (house, { params }) => house.alerts().find(({ id }) => id === params['id']), fields: ['ackedAt', 'ackedBy'] },
}

/** What stands, or undefined where there is none. */
export async function standing(audited: Audited, house: House, asked: Asked): Promise<Readonly<Record<string, unknown>> | undefined> {
  try {
    return shown(audited, await audited.stands?.(house, asked))
  } catch (error) {
    // The route itself says what is wrong with the request.
    if (error instanceof Refusal) return undefined
    throw error
  }
}

/** What of it is kept. */
export function shown({ fields, without = [] }: Audited, value: unknown): Readonly<Record<string, unknown>> | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  return Object.fromEntries(Object.entries(value).filter(([name, one]) => one !== undefined && !without.includes(name) && (fields === undefined || fields.includes(name))))
}
