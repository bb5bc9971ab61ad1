// The REST room put together: one Koa application over the table of routes, ready for the shared HTTP server.
import { Router } from '@koa/router'
import Koa, { type Context } from 'koa'
import type { House } from '../actors/house.ts'
import type { Backups } from '../backups.ts'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import { respondAudited } from './audit.ts'
import { authorise, bearerOf, demandScope, keyNeeded, type Auth, type Principal, type Scope } from './auth.ts'
import { readBody } from './body.ts'
import { createCommandPace, type CommandPace } from './command-pace.ts'
import { toCsv } from './csv.ts'
import { createEventStreams } from './event-stream.ts'
import { createFailedKeys, type FailedKeys } from './failed-keys.ts'
import { once } from './idempotency.ts'
import { createKeySessions, type KeySessions } from './key-sessions.ts'
import { guard, requestIdOf, secureHeaders } from './guard.ts'
import { openapiDocument } from './openapi.ts'
import { answerNowhere } from './nowhere.ts'
import { internalProblem, Problem, problemBody, toProblem } from './problem.ts'
import { quickReads } from './quick-reads.ts'
import { admit } from './reach.ts'
import type { Answer, Metrics, NodeReading, Room, Route } from './route.ts'
import { routes } from './routes.ts'
import { createShowMasked, showAll, type Show } from './tag-mask.ts'
import { createWrites } from './writes.ts'

export interface ApiPorts {
  readonly house: House
  /** While the store is awaited: nothing of the house but its health is asked, and this is what everybody else is told. */
  readonly awaited?: () => Error
  readonly clock: Clock
  readonly log: Log
  /** A new request id. */
  readonly ids: () => string
  readonly auth: Auth
  readonly metrics: Metrics
  /** Absent: none are made. */
  readonly backups?: Backups
  /** Asked when somebody looks; must not wait. */
  readonly node: () => NodeReading
  /** Of kwota, for people. */
  readonly version: string
  /** Host names this server goes by besides IP addresses and localhost. Left out: any name when keys are needed, none when open. */
  readonly hosts?: readonly string[] | null
  /** Of pages that may change something beside our own, e.g. `https://panel.example`. */
  readonly origins?: readonly string[]
  /** So many wrong keys may come from one address at once; left out: 10. */
  readonly wrongKeyBurst?: number
  /** Shared with who lets in others by the same keys; left out: its own. */
  readonly keySessions?: KeySessions
  readonly failedKeys?: FailedKeys
  /** Left out: as many as are asked for. */
  readonly commandPace?: CommandPace
}

/** Attach `createApi(…).callback()` to the HTTP server; the time-outs of slow requests are that server's. */
export function createApi(ports: ApiPorts): Koa {
  const { house, clock, log, ids, auth, metrics, node, version } = ports
  const pace = createCommandPace(clock, ports.commandPace)
  const failedKeys = ports.failedKeys ?? createFailedKeys(clock, ports.wrongKeyBurst)
  const origins = (ports.origins ?? []).map((origin) => origin.toLowerCase())
  const streams = createEventStreams({ house, clock, onCut: (backlogBytes) => log.warn({ backlogBytes }, 'slow event reader cut') })
  const keySessions = ports.keySessions ?? createKeySessions(clock)
  // Made when it is first asked for: a start has more urgent things to do.
  let document: ReturnType<typeof openapiDocument> | null = null
  const room: Room = { house, clock, writes: createWrites(clock), streams, metrics, node, version, auth, keySessions, backups: ports.backups, document: () => document ??= openapiDocument(routes, version) }
  const showMasked = createShowMasked((idTag) => house.maskTag(idTag))
  const showOf = (principal: Principal): Show => (value) => (principal.may('pii:read') ? value : showMasked(value))
  const hosts = (): readonly string[] | null => ports.hosts ?? (auth.open ? [] : null)
  const router = new Router()
  for (const route of routes) router.register(route.path.replace(/\{(\w+)\}/g, ':$1'), [route.method], (ctx) => serve(ctx, route))

  async function serve(ctx: Context, route: Route): Promise<void> {
    // Before the key: stored ones are not known yet, and nobody is wrong for having one.
    if (ports.awaited !== undefined && route.page !== true && !withoutStore.has(route.operationId)) throw ports.awaited()
    const principal = route.scope === 'public' ? stranger : enter(ctx, route.scope, route.keyOnly === true)
    const { name, keyID } = principal
    demandAll(principal, route)
    // Asked at each answer and event: what is shown is what the key may see then.
    const show: Show = route.scope === 'public' ? showAll : showOf(principal)
    const accepted = negotiate(ctx, route.produces)
    const bodyText = route.body === null || (route.body.optional && isBodiless(ctx)) ? '' : await bodyOf(ctx, route.body)
    if (route.scope !== 'public' && !whoeverOwns.has(route.operationId)) house.demandOwner(ctx['params'])
    // After the body, which may have taken its time: it may do and reach what the key may and covers now.
    demandAll(principal, route)
    await admit(route, principal, house, ctx['params'])
    if (route.paced !== undefined) pace(route.paced, keyID ?? name)
    const respond = () => respondAudited(route, {
      params: ctx['params'],
      query: ctx.query,
      bodyText,
      accepted,
      ifMatch: ctx.req.headers['if-match'],
      waitMs: route.waits === true ? waitOf(ctx.get('Prefer')) : 0,
      lastEventID: header(ctx, 'last-event-id'),
      principal,
      show,
      secure: ctx.secure,
      cookies: ctx.req.headers.cookie,
      demand: (scope) => demandScope(principal, scope),
      caller: { name, requestId: ctx.response.get('X-Request-Id') },
      room,
    })
    const key = route.method === 'POST' && route.scope !== 'public' ? header(ctx, 'idempotency-key') : undefined
    const answer = key === undefined ? await respond() : await once(house.replays, { key, caller: keyID ?? name, method: ctx.method, address: ctx.url, bodyText }, respond)
    send(ctx, { ...answer, ...(answer.json !== undefined && { json: show(answer.json) }), ...(answer.table !== undefined && { table: show(answer.table) }) })
  }

  function enter(ctx: Context, scope: Scope, keyOnly: boolean): Principal {
    const { headers: { authorization, cookie }, socket } = ctx.req
    const held = authorization === undefined && !keyOnly ? keySessions.find(cookie) : null
    if (held !== null) {
      demandScope(held, scope)
      return held
    }
    try {
      return authorise(auth, authorization, scope)
    } catch (error) {
      if (error instanceof Problem && error.status === 401 && bearerOf(authorization) !== undefined) {
        log.warn({ event: 'wrong-key', remoteAddress: socket.remoteAddress }, 'an API key that opens nothing was refused')
        failedKeys.note(socket.remoteAddress)
      }
      throw error
    }
  }

  const app = new Koa()
  app.use(async (ctx, next) => {
    const requestId = requestIdOf(ctx.get('X-Request-Id'), ids)
    const startedMs = clock.mono()
    ctx.set({ ...secureHeaders, 'X-Request-Id': requestId, 'Cache-Control': 'no-store' })
    try {
      guard({ method: ctx.method, host: ctx.req.headers.host ?? '', origin: ctx.get('Origin') }, hosts(), origins)
      readablePath(ctx.path)
      await next()
    } catch (error) {
      const known = toProblem(error)
      if (known === null) log.error({ err: error, requestId, method: ctx.method, path: pathToLog(ctx.path) }, 'request failed')
      sendProblem(ctx, known ?? internalProblem(), requestId)
    }
    if (ctx.method !== 'GET' && ctx.method !== 'HEAD') {
      log.info({ requestId, method: ctx.method, path: pathToLog(ctx.path), status: ctx.status, durationMs: clock.mono() - startedMs }, 'request')
    }
  })
  app.use(router.routes())
  app.use(async (ctx) => send(ctx, await answerNowhere(ctx, new Set(router.match(ctx.path, ctx.method).path.flatMap((layer) => layer.methods)))))
  app.on('error', (error: unknown) => log.warn({ err: error }, 'connection failed'))
  if (ports.awaited !== undefined) return app
  const usual = app.callback()
  app.callback = () => quickReads(routes, { house, room, ids, authenticate: (given) => auth.authenticate(given), hosts, origins, showOf }, usual) as typeof usual
  return app
}

/** What says where a site is that was lost to another process. */
const whoeverOwns: ReadonlySet<string> = new Set(['getSystem', 'listAlerts'])

/** What can be answered before the store is there, besides the pages. */
const withoutStore: ReadonlySet<string> = new Set(['getLiveness', 'getReadiness', 'getMetrics', 'getOpenapi'])

const stranger: Principal = { name: 'public', keyID: null, everySite: false, may: () => false, covers: () => false, stands: () => false }

function send(ctx: Context, { status, headers = {}, json, text, file, table, stream }: Answer): void {
  ctx.status = status
  ctx.set(headers)
  if (stream !== undefined) {
    ctx.type = stream.type
    ctx.set('X-Accel-Buffering', 'no')
    if (ctx.method === 'HEAD') return
    ctx.respond = false
    ctx.res.flushHeaders()
    stream.open(ctx.res)
  } else if (text !== undefined) {
    ctx.type = text.type
    ctx.body = text.content
  } else if (file !== undefined) {
    const zipped = ctx.acceptsEncodings('gzip', 'identity') === 'gzip'
    ctx.vary('Accept-Encoding')
    ctx.type = file.type
    if (zipped) ctx.set('Content-Encoding', 'gzip')
    ctx.body = zipped ? file.gzip : file.plain
  } else if (table !== undefined) {
    ctx.type = 'text/csv'
    ctx.body = toCsv<object & Readonly<Record<string, unknown>>>(table.columns, table.rows as readonly (object & Readonly<Record<string, unknown>>)[])
  } else if (json !== undefined) {
    ctx.type = 'application/json'
    ctx.body = JSON.stringify(json)
  }
}

function sendProblem(ctx: Context, problem: Problem, requestId: string): void {
  if (ctx.res.headersSent) return
  send(ctx, { status: problem.status, headers: problem.headers, json: problemBody(problem, requestId) })
  ctx.type = 'application/problem+json'
}

function negotiate(ctx: Context, produces: readonly string[]): string {
  const first = produces[0]
  if (first === undefined) return ''
  const accepted = ctx.accepts([...produces])
  if (typeof accepted === 'string') return accepted
  throw new Problem(406, 'not-acceptable', `Offered here: ${produces.join(', ')}.`)
}

function isBodiless(ctx: Context): boolean {
  return ctx.get('Transfer-Encoding') === '' && (ctx.get('Content-Length') === '' || ctx.get('Content-Length') === '0')
}

/** Problem 401 where the key is gone, 403 without a scope that the route asks for. */
function demandAll(principal: Principal, { scope, also }: Route): void {
  if (scope === 'public') return
  if (!principal.stands()) throw keyNeeded()
  demandScope(principal, scope)
  if (also !== undefined) demandScope(principal, also)
}

/** Without the id tag that an address may name. */
function pathToLog(path: string): string {
  return path.replace(/(\/id-tags\/)(?!import\/?$)[^/]+/i, '$1…').slice(0, 256)
}

const longestWaitS = 30

/** `wait=10` among the preferences (RFC 7240), ms, at most 30 s; what cannot be read is no wish. */
function waitOf(prefer: string): number {
  const seconds = Number(/(?:^|[,;\s])wait\s*=\s*"?(\d{1,6})"?/i.exec(prefer)?.[1] ?? 0)
  return Math.min(seconds, longestWaitS) * 1000
}

async function bodyOf(ctx: Context, { types, longestBytes }: NonNullable<Route['body']>): Promise<string> {
  const type = (ctx.get('Content-Type').split(';')[0] ?? '').trim().toLowerCase()
  if (!types.includes(type)) {
    throw new Problem(415, 'unsupported-media-type', `The body must be ${types.join(' or ')}.`, { hint: `Send "Content-Type: ${types[0]}".` })
  }
  return readBody(ctx.req, longestBytes)
}

function header(ctx: Context, name: string): string | undefined {
  const value = ctx.req.headers[name]
  return typeof value === 'string' && value !== '' ? value.slice(0, 256) : undefined
}

function readablePath(path: string): void {
  try {
    decodeURIComponent(path)
  } catch {
    throw new Problem(400, 'malformed-url', 'The address holds a broken percent sign.')
  }
}
