#!/usr/bin/env node
// The composition root: configuration → store → actors → servers, and an orderly stop. The only file that knows everything.
import { randomInt, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { Server as TlsServer } from 'node:https'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { AddressInfo } from 'node:net'
import { createCertificateAuthority } from './actors/certificate-authority.ts'
import { openDirectory } from './actors/directory.ts'
import { createExternalAuthority } from './actors/external-authoriser.ts'
import { Refusal } from './actors/house.ts'
import type { Gauge } from './actors/site-room.ts'
import { createApi } from './api/app.ts'
import { createAuth } from './api/auth.ts'
import { openapiDocument } from './api/openapi.ts'
import { routes } from './api/routes.ts'
import { boundBodies } from './api/slow-bodies.ts'
import { createUploadDoor, isUpload } from './api/upload-door.ts'
import { runProgram, type Served, type ServeOverrides } from './cli/program.ts'
import { systemClock } from './clock.ts'
import { ConfigError, errorInFile, isLoopback, loadConfig, type Config, type Flags } from './config.ts'
import { isInForce } from './power/limits.ts'
import { createLog, type Log } from './log.ts'
import { createOutgoing } from './outgoing.ts'
import { settingsOfEntries } from './vendor-settings.ts'
import { createMetrics, type Metrics } from './observe.ts'
import { guardHttp } from './protocol/guard-http.ts'
import { actions } from './protocol/messages/index.ts'
import { createStationServer } from './protocol/server.ts'
import { capSockets } from './protocol/socket-caps.ts'
import { createTlsServer } from './protocol/tls-server.ts'
import { openEmbeddedStore, StoreLocked } from './store/embedded.ts'
import { openFiles } from './store/files.ts'
import { ownerInWords, StoreOwned, StoreUnavailable, type Owner, type Store } from './store/port.ts'
import { openRedisStore } from './store/redis.ts'
import { pathOf } from './yaml-file.ts'

const version = (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }).version
const clock = systemClock
const startedMs = clock.mono()
/** Who this process is to others on the same Redis. */
const node: Owner = { id: `${hostname()}-${randomUUID().slice(0, 8)}`, host: hostname(), pid: process.pid, startedAt: new Date(clock.wall()).toISOString() }
const ids = { transactionId: () => randomInt(1, 2_147_483_647), opaque: () => randomUUID().replaceAll('-', '').slice(0, 20) }

/** Rejects with ConfigError (exit 2), Refusal (exit 2) or the store's or socket's error (exit 1). */
async function serve(flags: Flags, overrides: ServeOverrides = {}): Promise<Served> {
  const sources = { flags, env: process.env, readFile: (path: string) => readFileSync(path, 'utf8'), cwd: process.cwd() }
  const config = { ...loadConfig(sources), ...overrides }
  const log = createLog({ level: config.logLevel, stream: process.stderr })
  const store = await openStore(config, log)
  const started = await startServers(config, store, log).catch(async (error: unknown) => {
    await store.close()
    if (!(error instanceof Refusal) || error.code !== 'unknown-tariff') throw error
    throw errorInFile(sources, error.errors.map(({ pointer, message }) => ({ at: pathOf(pointer), problem: message, fix: `name one that exists, or add it under tariffs. ${error.hint ?? ''}`.trim() }))) ?? error
  })
  return {
    ...started,
    storedIn: config.redisUrl === null ? config.dataDir : 'Redis',
    async stop() {
      await started.stop()
      await store.close()
    },
  }
}

function openStore(config: Config, log: Log): Promise<Store> {
  if (config.redisUrl !== null) return openRedisStore({ url: config.redisUrl, clock, owner: node, onWarning: (warning) => log.warn({ warning }, 'the store has a weakness') })
  mkdirSync(config.dataDir, { recursive: true })
  return openEmbeddedStore({ dataDir: config.dataDir, clock })
}

/** To read only; rejects with ConfigError when there is nothing, or when a running kwota holds it. */
async function openHistory(source: string, whenInUse = 'stop that one, or copy the directory and name the copy'): Promise<Store> {
  if (/^rediss?:\/\//.test(source)) return openRedisStore({ url: source, clock })
  if (!existsSync(join(source, 'store'))) throw new ConfigError([{ where: source, problem: 'holds no data of kwota', fix: 'name its data directory (--data-dir, ./data), or redis://…' }])
  return openEmbeddedStore({ dataDir: source, clock }).catch((error: unknown) => {
    throw error instanceof StoreLocked ? new ConfigError([{ where: source, problem: 'is in use by a running kwota', fix: whenInUse }]) : error
  })
}

async function startServers(config: Config, store: Store, log: Log) {
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
    outgoing, vendors: { everybody: settingsOfEntries(config.dataTransfer), allowPrivate: config.webhooks.allowPrivate },
    defaults: config.settings, messageLog: config.messageLog, retention: config.retention, uploads: { ...config.uploads, files: openFiles(join(config.dataDir, 'uploads')) }, locations: config.chargePointUrls,
    ...(config.tls === null ? {} : { tls: { clientCertificates: config.tls.clientCa !== null, ...(config.tls.clientOrganisation === null ? {} : { clientOrganisation: config.tls.clientOrganisation }) } }),
  })
  const { house } = directory
  metrics = createMetrics({
    actions,
    collect: () => ({
      connections: stations.sessions.all().length,
      sites: house.sites().map(({ value: site }) => {
        const power = house.power(site.id)
        const root = power.circuits.find((circuit) => circuit.parent === null)
        return {
          siteID: site.id, limitA: power.effective.currentA,
          currentA: root === undefined || power.baseLoad.status !== 'fresh' ? null : root.measuredA,
          reservedA: root?.reservedA ?? { L1: 0, L2: 0, L3: 0 }, connectors: power.connectors,
        }
      }),
    }),
  })
  const gauged = metrics
  const auth = createAuth({ keys: house.apiKeys, open: config.apiKey === null, ...(config.apiKey === null ? {} : { apiKey: config.apiKey }) })
  let url = ''
  const readNode = () => ({ id: node.id, address: url, storeKind: config.redisUrl === null ? 'embedded' as const : 'redis' as const, residentBytes: process.memoryUsage.rss(), uptimeS: (clock.mono() - startedMs) / 1000 })
  const api = createApi({ house, clock, log, ids: ids.opaque, auth, version, node: readNode, metrics: async () => ({ type: gauged.contentType, text: await gauged.text() }) })
  const handler = api.callback()
  const door = createUploadDoor({ uploads: house.uploads, clock, log, ids: ids.opaque })
  const answer: RequestListener = (request, response) => {
    // After a pause of this process it is asked first whose sites these are now.
    const doubt = store.leases.doubt()
    if (doubt !== null) return void doubt.finally(() => answer(request, response))
    if (!stations.answerPlain(request, response) && !door(request, response)) void handler(request, response)
  }
  const http = createServer({ connectionsCheckingInterval: 1_000, requestTimeout: 30_000 }, answer)
  const https = config.tls === null ? null : createTlsServer(config.tls, { clock, log }, answer)
  const servers = https === null ? [http] : [http, https]
  capSockets(servers, { most: config.connections.most, perAddress: config.connections.perAddress ?? null }, { clock, log })
  for (const server of servers) guardHttp(server, clock)
  for (const server of servers) boundBodies(server, clock, isUpload)
  const desk = {
    ...bindDesk(directory.desk),
    handle(...[session, action, payload, faults]: Parameters<typeof directory.desk.handle>) {
      const answer = directory.desk.handle(session, action, payload, faults)
      if (answer instanceof Promise) return counted(answer, action)
      gauged.ocppMessage(action, 'in', 'ok')
      return answer
    },
  }
  async function counted(answer: Promise<unknown>, action: string): Promise<unknown> {
    try {
      const value = await answer
      gauged.ocppMessage(action, 'in', 'ok')
      return value
    } catch (error) {
      gauged.ocppMessage(action, 'in', 'error')
      throw error
    }
  }
  const stations = createStationServer({ http: servers, desk, clock, log, ids: ids.opaque, doubt: () => store.leases.doubt(), limits: { callTimeoutMs: config.engine.callTimeoutS * 1000 } })
  const tlsHost = config.tls?.host ?? config.host
  let secure: string | null = null
  try {
    url = `http://${await listen(http, config.host, config.port)}`
    if (https !== null && config.tls !== null) secure = await listen(https, tlsHost, config.tls.port)
  } catch (error) {
    for (const server of servers) server.close()
    await directory.stop()
    throw error
  }
  if (auth.open) log.warn({ host: config.host }, 'no API key is configured: whoever reaches this address may do everything')
  else if (config.apiKey === null) log.info({ host: config.host }, 'API keys are stored: every request needs one; KWOTA_API_KEY adds one that may do everything')
  return {
    house, config,
    url,
    ocppUrl: `${url.replace(/^http/, 'ws')}/ocpp`,
    ...(secure === null ? {} : { secureUrl: `https://${secure}`, secureOcppUrl: `wss://${secure}/ocpp` }),
    loopback: isLoopback(config.host) && isLoopback(tlsHost),
    async stop() {
      await stations.close()
      await directory.stop()
      for (const server of servers) {
        server.closeAllConnections()
        await new Promise<void>((resolve) => server.close(() => resolve()))
      }
    },
  }
}

/** Resolves with `host:port` as it stands in a URL. */
async function listen(server: Server | TlsServer, host: string, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, 1_024, resolve)
  })
  const bare = host.replace(/^\[|\]$/g, '')
  return `${bare.includes(':') ? `[${bare}]` : bare}:${(server.address() as AddressInfo).port}`
}

function bindDesk(desk: Awaited<ReturnType<typeof openDirectory>>['desk']) {
  return { admit: desk.admit.bind(desk), refused: desk.refused.bind(desk), connected: desk.connected.bind(desk), disconnected: desk.disconnected.bind(desk), mayLeave: desk.mayLeave?.bind(desk) ?? (() => true), frame: desk.frame?.bind(desk) ?? (() => undefined) }
}

function gaugeFor(metrics: () => Metrics | null): Gauge {
  const lastMs = new Map<string, number>()
  return {
    reviewed(siteID, { plan, nowMs }, durationMs) {
      metrics()?.decision(siteID, durationMs / 1000)
      // A limit that begins in a moment is not exceeded yet.
      if (plan.over.some(({ constraint }) => isInForce(constraint))) metrics()?.limitViolation(siteID, Math.max(0, nowMs - (lastMs.get(siteID) ?? nowMs)) / 1000)
      lastMs.set(siteID, nowMs)
    },
    lowered: (siteID, latencyMs) => metrics()?.lowering(siteID, latencyMs / 1000),
  }
}

function exitCodeOf(error: unknown): number {
  return error instanceof ConfigError || error instanceof Refusal ? 2 : 1
}

function explain(error: unknown): string {
  if (error instanceof ConfigError || error instanceof Refusal) return error instanceof Refusal && error.hint !== undefined ? `${error.message} ${error.hint}` : error.message
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'EADDRINUSE') return `${error instanceof Error ? error.message : ''}: another program listens there. Choose another port with --port (tls.port in kwota.yaml for the TLS one), or 0 for a free one.`
  if (code === 'EACCES') return `${error instanceof Error ? error.message : ''}: this user may not listen there. Choose a port above 1023 with --port.`
  if (error instanceof StoreOwned) return `This Redis is in use by ${ownerInWords(error.owner)}. Stop that one, or use another database: the number at the end of its address, redis://…/1.`
  if (error instanceof StoreUnavailable) return `The store cannot be opened: ${error.message}`
  return error instanceof Error ? error.message : String(error)
}

// Whoever reads our output may stop reading (`| head`): that is no failure.
process.stdout.on('error', (error: Error & { code?: string }) => { if (error.code === 'EPIPE') process.exit() })
process.exitCode = await runProgram(process.argv, { serve, version, openapi: () => openapiDocument(routes, version), openHistory, clock, explain, exitCodeOf })
