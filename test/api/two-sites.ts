// Two sites with one of everything on each, behind a real server that wants keys: what one may see must not show the other.
import { Agent, createServer, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { GivenApiKey } from '../../src/actors/api-key-record.ts'
import { openTransaction } from '../../src/actors/handlers/running.ts'
import { keepStop } from '../../src/actors/orphans.ts'
import { uploadsKey } from '../../src/actors/uploads-record.ts'
import { createApi } from '../../src/api/app.ts'
import { createAuth } from '../../src/api/auth.ts'
import { createBackups } from '../../src/backups.ts'
import type { Route } from '../../src/api/route.ts'
import { openRecord, recordKey, stopRecord, type Start } from '../../src/sessions/record.ts'
import { caller, openHouse, type HouseStand } from '../actors/house-stand.ts'
import { createMemoryFiles } from '../store/memory-files.ts'
import { anyPageFile } from './page-file.ts'
import type { Reply } from './server.ts'

/** Of one site, what an address can name: by the parameter of the path, or by the reach of the route where that is just an id. */
export interface Side {
  readonly site: string
  readonly clientID: string
  readonly idTag: string
  readonly ids: Readonly<Record<string, string>>
}

export interface TwoSites {
  readonly stand: HouseStand
  readonly north: Side
  readonly south: Side
  /** Beside those that are made here. */
  readonly bootstrap: string
  readonly port: number
  ask(method: string, path: string, key: string | null, asked?: { readonly body?: unknown; readonly type?: string; readonly headers?: Record<string, string> }): Promise<Reply>
  /** The secret of a new key. */
  key(given: Partial<GivenApiKey>): Promise<string>
  /** Everything a request could have changed, as one text. */
  fingerprint(): string
  close(): Promise<void>
}

const bootstrap = 'the-bootstrap-key-of-two-sites'
const profile = { stackLevel: 0, chargingProfilePurpose: 'TxDefaultProfile' as const, chargingProfileKind: 'Absolute' as const, chargingSchedule: { chargingRateUnit: 'A' as const, chargingSchedulePeriod: [{ startPeriod: 0, limit: 6 }] } }
const sides = [{ site: 'north', clientID: 'CP-NORTH', idTag: 'TAG-NORTH', number: 700_000_000 }, { site: 'south', clientID: 'CP-SOUTH', idTag: 'TAG-SOUTH', number: 800_000_000 }] as const

export async function openTwoSites(): Promise<TwoSites> {
  let names = 0
  const stand = await openHouse({
    sites: sides.map(({ site }) => ({ id: site, name: `The ${site}` })), chargePoints: sides.map(({ site, clientID }) => ({ id: clientID, site })),
    idTags: sides.map(({ site, idTag }) => ({ id: idTag, status: 'Accepted', concurrent: false, sites: [site] })), uploads: { files: createMemoryFiles(), maxMiB: 1, keepDays: 1, keepFilesPerChargePoint: 5 },
    messageLog: { keepDays: 1, keepMiB: 1 },
  })
  const { house, directory: { estate }, clock } = stand
  await house.tariffs.put({ id: 'day', name: 'Day', currency: 'EUR', perKWhMinor: 30, perMinuteMinor: 0, perSessionMinor: 0, idlePerMinuteMinor: 0, idleGraceS: 0 }, caller)
  await house.profiles.templates.put({ id: 'night', name: 'Night', chargingProfile: profile }, caller)
  await house.quirks.import([{ vendor: 'Acme', model: 'One', firmware: '', unit: 'A', ladder: 'tx', stackLevel: null, maxPeriods: null, pauseA: 0, lease: true }], caller)
  const shared = { tariffId: 'day', templateID: 'night', quirkID: house.quirks.list()[0]?.value.id ?? '', operation: 'reset', connectorID: '1', type: 'site' }
  const made = []
  for (const side of sides) made.push({ ...side, ids: { ...shared, ...await seed(stand, side) } })
  const [north, south] = made
  if (north === undefined || south === undefined) throw new Error('there are two sides')

  const backups = createBackups({ store: stand.store, kind: 'memory', files: createMemoryFiles(), clock, version: '1.2.3', newId: () => String(++names) })
  const { id: backupID } = await backups.make({ withoutHistory: false })
  for (const side of made) Object.assign(side.ids, { backupID })
  const app = createApi({
    house, clock, backups, log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }, ids: () => 'request', auth: createAuth({ apiKey: bootstrap, open: false, keys: house.apiKeys }),
    metrics: async () => ({ type: 'text/plain', text: 'kwota_connections 0\n' }), node: () => ({ id: 'node-1', address: 'http://127.0.0.1:8080', storeKind: 'memory', residentBytes: 1, uptimeS: 1, endpoints: [] }), version: '1.2.3', wrongKeyBurst: 1_000_000,
  })
  const server = createServer(app.callback())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const agent = new Agent({ keepAlive: true })
  const two: TwoSites = {
    stand, north, south, bootstrap, port,
    async ask(method, path, key, { body, type = 'application/json', headers = {} } = {}) {
      const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body)
      let over = false
      const asked = new Promise<Reply>((resolve, reject) => {
        const request = httpRequest({ host: '127.0.0.1', port, method, path, agent, headers: { ...(key !== null && { Authorization: `Bearer ${key}` }), ...(text !== undefined && { 'Content-Type': type, 'Content-Length': String(Buffer.byteLength(text)) }), ...headers } }, (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject).on('end', () => {
            const answer = Buffer.concat(chunks).toString()
            resolve({ status: response.statusCode ?? 0, headers: response.headers, text: answer, json: () => JSON.parse(answer) })
          })
        })
        request.on('error', reject).end(text)
      }).finally(() => { over = true })
      // What waits for a charge point waits for the clock.
      for (let turn = 0; !over; turn++) {
        await new Promise((resolve) => setImmediate(resolve))
        if (turn > 200 && turn % 50 === 0) await clock.advance(1_000)
      }
      return asked
    },
    async key(given) {
      const { secret } = await house.apiKeys.create({ name: `key ${++names}`, scopes: ['read'], sites: null, expiresAt: null, ...given }, false, 'tester')
      return secret
    },
    fingerprint() {
      const scopes = [estate.global, ...[...estate.sites.values()].map(({ scope }) => scope)]
      const records = scopes.map((scope) => scope.entries('').filter(([key]) => !/^(?:api-key-used|replay):/.test(key)).sort(([a], [b]) => (a < b ? -1 : 1)))
      return JSON.stringify([records, house.alerts(), house.chargePoints().map(({ value }) => value.site), house.lobby.list()])
    },
    async close() {
      agent.destroy()
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
      stand.directory.crash()
    },
  }
  return two
}

/** The address of a route where it names what lies on this side. */
export function addressOf({ path, reach }: Route, { site, clientID, idTag, ids }: Side, keyID = '1'): string {
  const named: Readonly<Record<string, string>> = { siteID: site, clientID, idTag, keyID, file: anyPageFile, ...ids, id: ids[reach] ?? '1' }
  return path.replace(/\{(\w+)\}/g, (_, name: string) => named[name] ?? '1')
}

async function seed({ house, desk, directory: { estate }, clock, boot }: HouseStand, { site, clientID, idTag, number }: (typeof sides)[number]): Promise<Record<string, string>> {
  const { scope } = estate.sites.get(site)!
  const nowMs = clock.wall()
  const later = new Date(nowMs + 7 * 3_600_000).toISOString()
  const peer = await boot(clientID)
  desk.frame?.(peer, 'in', `[2,"1","Authorize",{"idTag":"${idTag}"}]`)
  desk.frame?.(peer, 'out', '[3,"1",{"idTagInfo":{"status":"Accepted"}}]')
  await clock.advance(15_000)
  const start = (id: number, agoMs: number): Start => ({
    id, siteID: site, clientID, connectorId: 1, idTag, idTagInfo: { status: 'Accepted' }, startedAtMs: nowMs - agoMs, startedAtStation: new Date(nowMs - agoMs).toISOString(), receivedAtMs: nowMs - agoMs, meterStartWh: 1_000, reservationId: null, maxPowerW: 22_000,
  })
  scope.put(recordKey(number), stopRecord(openRecord(start(number, 7_200_000)), { meterStopWh: 9_000, stoppedAtMs: nowMs - 3_600_000, stoppedAtStation: '', receivedAtMs: nowMs, reason: 'Local', idTag: null }))
  openTransaction(estate.familyOf(clientID)!.station, openRecord(start(number + 1, 1_800_000)))
  await house.setGridLimit(site, { currentA: 20 }, caller)
  await clock.advance(15_000)
  desk.disconnected(peer, 1006, '')
  await clock.advance(1_000)
  const { webhook } = await house.webhooks.create({ url: `https://${site}.example/hook`, description: '', types: null, siteID: site, showIdTags: false, enabled: false }, undefined, caller.name)
  const curtailment = await house.limits.createCurtailment(site, { kind: 'curtailment', currentA: 10, expiresAt: later }, caller)
  const { schedule } = await house.limits.putSchedule(site, { id: `night-${site}`, weekly: [{ days: ['mon'], from: '22:00', to: '23:00', limitW: 11_000 }] }, caller)
  const command = await house.commands.issue(clientID, 'ClearCache', {}, { expiresAt: later }, caller)
  await house.commands.issue(clientID, 'ReserveNow', { connectorId: 1, idTag, expiryDate: later, reservationId: number + 2 }, { expiresAt: later }, caller)
  await house.profiles.set(clientID, { connectorId: 1, csChargingProfiles: { ...profile, chargingProfileId: number + 3 } }, { expiresAt: later, waitMs: 0 }, caller)
  const batch = await house.bulk.start({ name: 'clear-cache', action: 'ClearCache', fields: {}, expiresAt: undefined }, [clientID], 1, caller)
  keepStop({ clientID, siteID: site, scope, condition: () => undefined }, { transactionId: number + 4, meterStop: 5_000, timestamp: new Date(nowMs).toISOString(), idTag }, nowMs)
  estate.alerts.set({ code: 'starved', siteID: site, clientID, connectorId: 1 }, `${clientID} waits.`, nowMs)
  estate.options.uploads?.files.write(`file_${site}`, (async function* () { yield Buffer.from('text') })())
  scope.put(uploadsKey(clientID), { v: 1, addresses: [], files: [{ id: `file_${site}`, fileName: 'a.txt', kind: 'diagnostics', bytes: 4, contentType: 'text/plain', commandId: command.id, uploadedAtMs: nowMs, sha256: '0'.repeat(64) }] })
  desk.refused({ clientID, path: `/ocpp/${clientID}`, remoteAddress: '127.0.0.1', loopback: true, secure: false, host: 'kwota.example', subprotocols: ['ocpp1.6'] }, 'auth-wrong')
  await scope.flush()
  await clock.advance(5_000)
  const decisions = await house.decisions.list({ siteID: site, limit: 1 })
  const first = (found: readonly { readonly id: string | number }[]): string => String(found[0]?.id)
  return {
    scheduleID: schedule.value.id, webhookID: webhook.value.id, commandID: command.id, batchID: batch.id, profileID: String(number + 3),
    actorID: `charge-point:${clientID}`, site: curtailment.value.id, 'charge-point': `file_${site}`, transaction: String(number + 1), reservation: String(number + 2),
    orphan: first(house.orphans.list({ siteID: site })), alert: first(house.alerts().filter((alert) => alert.siteID === site && alert.code === 'starved')), decision: first(decisions.data),
  }
}
