// What is read over and over is answered without the router and the context of Koa, which cost more than the reading; whatever is not quite plain, or fails, goes the usual way.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { House } from '../actors/house.ts'
import type { Principal } from './auth.ts'
import { guard, requestIdOf, secureHeaders } from './guard.ts'
import { admit } from './reach.ts'
import type { RawRequest, Room, Route } from './route.ts'
import type { Show } from './tag-mask.ts'

/** Answered from memory: nothing happens by them, so that asking twice is the same as once. */
const read: ReadonlySet<string> = new Set(['getSite', 'getPower', 'getOverview', 'getGridLimit', 'getChargePoint', 'listConnectors', 'getConnector', 'getAllocation'])

export interface QuickReadPorts {
  readonly house: House
  readonly room: Room
  readonly ids: () => string
  /** Null where the request needs the usual way. */
  readonly authenticate: (authorization: string | undefined) => Principal | null
  readonly hosts: () => readonly string[] | null
  readonly origins: readonly string[]
  readonly showOf: (principal: Principal) => Show
}

/** Segments of an address; what stands for a parameter is under ''. */
interface Step { readonly next: Map<string, Step>; route: Route | null; names: readonly string[] }

type Found = { readonly route: Route; readonly params: Readonly<Record<string, string>> }
type Listener = (request: IncomingMessage, response: ServerResponse) => unknown

const step = (): Step => ({ next: new Map(), route: null, names: [] })

/** Finds the route of an address that is written as the table has it; null = look in the router. */
export function findRead(routes: readonly Route[]): (path: string) => Found | null {
  const root = step()
  // What another route is called is no parameter.
  for (const { method, path } of routes) if (method === 'GET') lay(root, path)
  for (const route of routes) if (route.method === 'GET' && read.has(route.operationId)) Object.assign(lay(root, route.path), { route, names: [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!) })
  return (path) => {
    const given: string[] = []
    let at = root
    for (const segment of path.split('/').slice(1)) {
      if (segment === '') return null
      const fixed = at.next.get(segment)
      const next = fixed ?? at.next.get('')
      if (next === undefined) return null
      if (fixed === undefined) given.push(segment)
      at = next
    }
    const { route, names } = at
    if (route === null || given.length !== names.length) return null
    const params: Record<string, string> = {}
    for (const [index, name] of names.entries()) params[name] = given[index]!
    return { route, params }
  }
}

function lay(root: Step, path: string): Step {
  let at = root
  for (const segment of path.split('/').slice(1)) {
    const key = segment.startsWith('{') ? '' : segment
    const next = at.next.get(key) ?? step()
    at.next.set(key, next)
    at = next
  }
  return at
}

const json = 'application/json'
const always = [...Object.entries(secureHeaders).flat(), 'Cache-Control', 'no-store', 'Content-Type', `${json}; charset=utf-8`]

/** Takes requests in front of `usual`, which answers all that are not taken. */
export function quickReads(routes: readonly Route[], ports: QuickReadPorts, usual: Listener): Listener {
  const find = findRead(routes)

  async function answer({ route, params }: Found, request: IncomingMessage, response: ServerResponse, principal: Principal): Promise<void> {
    const { house, room, ids, showOf } = ports
    const { headers } = request
    house.demandOwner(params)
    if (!principal.everySite) await admit(route, principal, house, params)
    const requestId = requestIdOf(textOf(headers['x-request-id']), ids)
    const show = showOf(principal)
    const raw: RawRequest = {
      params, query: {}, bodyText: '', accepted: json, ifMatch: headers['if-match'], waitMs: 0, lastEventID: undefined, principal, show, secure: 'encrypted' in request.socket, cookies: headers.cookie,
      demand: () => { throw new Error('goes the usual way') }, caller: { name: principal.name, requestId }, room,
    }
    const { status, headers: more = {}, json: value } = await route.respond(raw)
    if (value === undefined) throw new Error('goes the usual way')
    const text = JSON.stringify(show(value))
    response.writeHead(status, [...always, 'X-Request-Id', requestId, ...Object.entries(more).flat(), 'Content-Length', String(Buffer.byteLength(text))])
    response.end(text)
  }

  return (request, response) => {
    const found = isPlain(request) ? find(request.url ?? '') : null
    const principal = found === null ? null : enter(found.route, request)
    if (found === null || principal === null) return usual(request, response)
    return answer(found, request, response, principal).catch(() => (response.headersSent ? undefined : usual(request, response)))
  }

  function enter({ scope, also }: Route, { headers: { authorization, cookie, host = '', origin = '' } }: IncomingMessage): Principal | null {
    if (scope === 'public' || also !== undefined || (authorization === undefined && cookie !== undefined)) return null
    try {
      guard({ method: 'GET', host, origin }, ports.hosts(), ports.origins)
    } catch {
      return null
    }
    const principal = ports.authenticate(authorization)
    return principal !== null && principal.stands() && principal.may(scope) ? principal : null
  }
}

/** A GET without query, body or anything that has to be decoded or chosen. */
function isPlain({ method, url = '', headers }: IncomingMessage): boolean {
  const { accept } = headers
  return method === 'GET' && !/[?%#]/.test(url) && (accept === undefined || accept === '*/*' || accept === json) && headers['content-length'] === undefined && headers['transfer-encoding'] === undefined
}

function textOf(header: string | string[] | undefined): string {
  return typeof header === 'string' ? header : ''
}
