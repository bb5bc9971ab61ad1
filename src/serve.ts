// The composition root of a running kwota: configuration → store → actors → servers, and an orderly stop. The only file that knows everything.
import { randomInt, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { hostname, networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { createCertificateAuthority } from './actors/certificate-authority.ts'
import { openDirectory } from './actors/directory.ts'
import { createExternalAuthority } from './actors/external-authoriser.ts'
import { Refusal, type House } from './actors/house.ts'
import type { Unwritten } from './actors/last-writes.ts'
import { mqttDesk } from './actors/mqtt-desk.ts'
import { StallWatch } from './actors/stall-watch.ts'
import { createWaitingHouse } from './actors/waiting-house.ts'
import { createApi } from './api/app.ts'
import { createAuth, type Auth } from './api/auth.ts'
import { createFailedKeys } from './api/failed-keys.ts'
import { createInspectDoor } from './api/inspect-door.ts'
import { createKeySessions } from './api/key-sessions.ts'
import type { NodeReading } from './api/route.ts'
import { createUploadDoor } from './api/upload-door.ts'
import type { Served, ServeOverrides } from './cli/program.ts'
import { createBackups } from './backups.ts'
import { systemClock } from './clock.ts'
import { errorInFile, isLoopback, loadConfig, type Config, type Flags } from './config.ts'
import { countMessages } from './counted-desk.ts'
import { openFront, type Front } from './front.ts'
import { gaugeFor } from './gauge.ts'
import { endpointsOf, urlsOf } from './api/endpoints.ts'
import { exitCodes, failFast } from './endings.ts'
import { createLog, type Log } from './log.ts'
import { sampleLog } from './log-sampling.ts'
import { startMqtt } from './mqtt/publisher.ts'
import { createOutgoing, createPoster } from './outgoing.ts'
import { scrape, unopened } from './scrape.ts'
import { settingsOfEntries } from './vendor-settings.ts'
import { createMetrics, type Metrics } from './observe.ts'
import { closeDoor } from './protocol/closed-door.ts'
import { actions } from './protocol/messages/index.ts'
import { createStationServer } from './protocol/server.ts'
import { openFiles } from './store/files.ts'
import { openPatiently } from './store/patience.ts'
import type { Owner, Store } from './store/port.ts'
import { openRedisStore } from './store/redis.ts'
import { createStores } from './stores.ts'
import { version } from './version.ts'
import { startWatchdog } from './watchdog.ts'
import { pathOf } from './yaml-file.ts'

const clock = systemClock
const startedMs = clock.mono()
/** Who this process is to others on the same Redis. */
const node: Owner = { id: `${hostname()}-${randomUUID().slice(0, 8)}`, host: hostname(), pid: process.pid, startedAt: new Date(clock.wall()).toISOString() }
/** How long the store may take to write what waits when kwota is told to stop. */
const lastWritesMs = 10_000
/** That the store is awaited is said once, and then this often. */
const sayAgainMs = 60_000
const stores = createStores({ clock, version })
const ids = { transactionId: () => randomInt(1, 2_147_483_647), opaque: () => randomUUID().replaceAll('-', '').slice(0, 20) }

/** Rejects with ConfigError (exit 2), Refusal (exit 2), the store's or socket's error (exit 1), or GivenUp when `givenUp` resolves while the store is awaited. */
export async function serve(flags: Flags, overrides: ServeOverrides = {}, givenUp: Promise<void> = new Promise(() => undefined)): Promise<Served> {
  const sources = { flags, env: process.env, readFile: (path: string) => readFileSync(path, 'utf8'), cwd: process.cwd() }
  const config = { ...loadConfig(sources), ...overrides }
  const log = sampleLog(createLog({ level: config.logLevel, stream: process.stderr }), clock)
  failFast(log)
  // The lock of the embedded store comes first: whoever starts kwota twice is told of that, not of the port.
  const embedded = config.redisUrl === null ? await stores.openEmbedded(config) : null
  const front = await openFront(config, { clock, log }).catch(async (error: unknown) => {
    await embedded?.close()
    throw error
  })
  const wait = waitAtFront(config, front, log)
  const open = async () => {
    const store = embedded ?? await openRedisStore({ url: config.redisUrl!, clock, owner: node, mark: await stores.openMark(config, log), onWarning: (warning) => log.warn({ warning }, 'the store has a weakness') })
    try {
      return { store, started: await startServers(config, store, front, log, wait.end) }
    } catch (error) {
      await store.close()
      throw error
    }
  }
  try {
    const { store, started } = embedded === null ? await openPatiently({ clock, open, failed: wait.say, givenUp }) : await open()
    return { ...started, storedIn: config.redisUrl === null ? config.dataDir : 'Redis', stop: () => stopAll(started, store, front, log) }
  } catch (error) {
    await front.close()
    if (!(error instanceof Refusal) || error.code !== 'unknown-tariff') throw error
    throw errorInFile(sources, error.errors.map(({ pointer, message }) => ({ at: pathOf(pointer), problem: message, fix: `name one that exists, or add it under tariffs. ${error.hint ?? ''}`.trim() }))) ?? error
  }
}

/** What is answered until the store is there and everything in it was read. */
function waitAtFront(config: Config, front: Front, log: Log) {
  let reason = 'kwota is starting'
  let saidAtMs = -Infinity
  const { house, refusal } = createWaitingHouse({ clock, reason: () => reason })
  const metrics = createMetrics({ actions, version, collect: () => unopened })
  const api = createApi({ house, awaited: refusal, clock, log, ids: ids.opaque, auth: authOf(config), version, origins: config.allowedOrigins, hosts: config.hosts, node: nodeOf(config, front), metrics: async () => ({ type: metrics.contentType, text: await metrics.text() }) })
  front.answerWith(api.callback())
  const openDoor = closeDoor(front.servers)
  return {
    say(why: string) {
      reason = why
      if (clock.mono() - saidAtMs < sayAgainMs) return
      saidAtMs = clock.mono()
      log.warn({ reason, url: front.url, ocppUrl: ocppUrlOf(front.url) }, 'the store is awaited: everybody is answered 503, charge points keep their fallbacks')
    },
    end: openDoor,
  }
}

/** Orderly. Rejects when something could not be written; ends the process when even that takes too long. */
async function stopAll(started: { stop(): Promise<readonly Unwritten[]> }, store: Store, front: Front, log: Log): Promise<void> {
  const cancel = clock.after(2 * lastWritesMs, () => {
    log.error({ event: 'stop-too-slow' }, 'kwota could not stop in order and ends now; what was acknowledged is stored')
    process.exit(exitCodes.failure)
  })
  const unwritten = await started.stop()
  await front.close()
  await store.close()
  cancel()
  if (unwritten.length > 0) throw new Error(`stopped, but the store did not take everything within ${lastWritesMs / 1000} s: ${unwritten.map(({ scope, records, reason }) => `${records} records of ${scope} (${reason})`).join(', ')}. Nothing of that was acknowledged.`)
}

/** `begin` = called as the door opens: whoever stood in front of it leaves. */
async function startServers(config: Config, store: Store, front: Front, log: Log, begin: () => void) {
  let metrics: Metrics | null = null
  const outgoing = createOutgoing({ clock, newId: ids.opaque })
  const directory = await openDirectory({
    store, clock, log, ids, gauge: gaugeFor(() => metrics),
    provision: { sites: config.sites, chargePoints: config.chargePoints },
    unknownChargePoints: config.unknownChargePoints, revealUnknown: config.revealUnknown,
    messagesPerSecond: config.messagesPerSecond,
    idTags: config.idTags, tariffs: config.tariffs, listRestMs: 60_000, profileCheckRestMs: 60_000,
    ...(config.authorisationService === null ? {} : { externalAuthority: createExternalAuthority({ ...config.authorisationService, outgoing, clock }) }),
    ...(config.certificateAuthority === null ? {} : { certificateAuthority: createCertificateAuthority({ ...config.certificateAuthority, outgoing, clientOrganisation: config.tls?.clientOrganisation ?? undefined }) }),
    settings: { leaseMs: config.engine.leaseS * 1000, sampleIntervalMs: config.engine.meterSampleIntervalS * 1000 },
    outgoing, post: createPoster(clock), vendors: { everybody: settingsOfEntries(config.dataTransfer), allowPrivate: config.webhooks.allowPrivate },
    defaults: config.settings, messageLog: config.messageLog, retention: config.retention, uploads: { ...config.uploads, files: openFiles(join(config.dataDir, 'uploads')) }, locations: config.chargePointUrls,
    ...(config.tls === null ? {} : { tls: { clientCertificates: config.tls.clientCa !== null, ...(config.tls.clientOrganisation === null ? {} : { clientOrganisation: config.tls.clientOrganisation }) } }),
  })
  const { house } = directory
  metrics = createMetrics({ actions, version, collect: () => scrape(house, directory.estate, stations.sessions.all().length) })
  const gauged = metrics
  const auth = authOf(config, house.apiKeys)
  const { url, secureUrl } = front
  const backups = createBackups({ store, kind: nodeOf(config, front)().storeKind, files: openFiles(join(config.dataDir, 'backups')), clock, version, newId: ids.opaque })
  const entrance = { house, auth, clock, log, ids: ids.opaque, keySessions: createKeySessions(clock), failedKeys: createFailedKeys(clock), origins: config.allowedOrigins, hosts: config.hosts }
  const api = createApi({ ...entrance, commandPace: config.commandPace, version, backups, node: nodeOf(config, front), metrics: async () => ({ type: gauged.contentType, text: await gauged.text() }) })
  const handler = api.callback()
  const door = createUploadDoor({ uploads: house.uploads, clock, log, ids: ids.opaque })
  const answer: RequestListener = (request, response) => {
    // After a pause of this process it is asked first whose sites these are now.
    const doubt = store.leases.doubt()
    if (doubt !== null) return void doubt.finally(() => answer(request, response))
    if (!stations.answerPlain(request, response) && !door(request, response)) void handler(request, response)
  }
  const desk = countMessages(directory.desk, gauged)
  begin()
  const inspectDoor = createInspectDoor(entrance)
  const stations = createStationServer({ http: front.servers, onOtherUpgrade: (...upgrade) => inspectDoor.take(...upgrade), desk, clock, log, ids: ids.opaque, doubt: () => store.leases.doubt(), limits: { callTimeoutMs: config.engine.callTimeoutS * 1000 } })
  const stalls = new StallWatch(directory.estate)
  const watchdog = startWatchdog({
    clock, endMs: config.watchdog.exitAfterS * 1000,
    powerless: () => log.warn({ pid: 1 }, 'kwota is process 1 here, which the watchdog cannot end when its loop stands still: start it under an init (docker run --init)'),
    stalled(forMs) {
      gauged.stalled(forMs / 1000)
      stalls.stalled(forMs)
    },
    facts: { connections: () => stations.sessions.all().length, sites: () => directory.estate.sites.size, residentBytes: process.memoryUsage.rss },
  })
  front.answerWith(answer)
  const mqtt = config.mqtt === null ? null : await startMqtt(config.mqtt, { house, clock, log, version, newId: ids.opaque, ...mqttDesk(directory.estate) })
  if (auth.open) log.warn({ host: config.host }, 'no API key is configured: whoever reaches this address may do everything')
  else if (config.apiKey === null) log.info({ host: config.host }, 'API keys are stored: every request needs one; KWOTA_API_KEY adds one that may do everything')
  return {
    house, config,
    url,
    ocppUrl: ocppUrlOf(url),
    ...(secureUrl === null ? {} : { secureUrl, secureOcppUrl: ocppUrlOf(secureUrl) }),
    urls: urlsOf(front, networkInterfaces()),
    loopback: isLoopback(config.host) && isLoopback(config.tls?.host ?? config.host),
    async stop() {
      await mqtt?.stop()
      stalls.stop()
      watchdog.stop()
      inspectDoor.close()
      await stations.close()
      return directory.stop(lastWritesMs)
    },
  }
}

function authOf({ apiKey }: Config, keys?: House['apiKeys']): Auth {
  return createAuth({ open: apiKey === null, ...(keys === undefined ? {} : { keys }), ...(apiKey === null ? {} : { apiKey }) })
}

function nodeOf({ redisUrl }: Config, { url: address, secureUrl }: Pick<Front, 'url' | 'secureUrl'>): () => NodeReading {
  const urls = secureUrl === null ? [address] : [address, secureUrl]
  return () => ({ id: node.id, address, endpoints: endpointsOf(urls, networkInterfaces()), storeKind: redisUrl === null ? 'embedded' : 'redis', residentBytes: process.memoryUsage.rss(), uptimeS: (clock.mono() - startedMs) / 1000 })
}

function ocppUrlOf(url: string): string {
  return `${url.replace(/^http/, 'ws')}/ocpp`
}
