// The shape of one row of the route table: everything router, validation, authorisation and OpenAPI need to know.
import type { ServerResponse } from 'node:http'
import { z } from 'zod'
import type { Caller, House } from '../actors/house.ts'
import type { Backups } from '../backups.ts'
import type { Clock } from '../clock.ts'
import type { Endpoint } from './endpoints.ts'
import type { Auth, Principal, Scope } from './auth.ts'
import { parseJson } from './body.ts'
import type { PacedCommand } from './command-pace.ts'
import type { EventStreams } from './event-stream.ts'
import type { KeySessions } from './key-sessions.ts'
import type { PageFile } from './pages.ts'
import type { Reach } from './reach.ts'
import type { Show } from './tag-mask.ts'
import { validate } from './validation.ts'
import type { Writes } from './writes.ts'

/** The metrics registry's text and its content type. */
export type Metrics = () => Promise<{ readonly type: string; readonly text: string }>

/** This process, as those who run it want to see it. */
export interface NodeReading {
  readonly id: string
  /** Where it listens, as a URL. */
  readonly address: string
  readonly storeKind: 'embedded' | 'redis' | 'memory'
  readonly residentBytes: number
  readonly uptimeS: number
  /** Where charge points can reach it. */
  readonly endpoints: readonly Endpoint[]
}

/** What handlers may use. */
export interface Room {
  readonly house: House
  readonly clock: Clock
  readonly writes: Writes
  readonly streams: EventStreams
  readonly metrics: Metrics
  readonly node: () => NodeReading
  readonly version: string
  readonly auth: Pick<Auth, 'bootstrap' | 'open'>
  readonly keySessions: KeySessions
  /** Undefined where none are made. */
  readonly backups: Backups | undefined
  /** The OpenAPI document of this server. */
  readonly document: () => unknown
}

/** Exactly one of json, text, file, table and stream; none for an empty body. Id tags in json and table are masked on the way out; a stream asks `show`. */
export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly json?: unknown
  /** What is answered again under the same Idempotency-Key; absent = json. */
  readonly keptJson?: unknown
  readonly text?: { readonly type: string; readonly content: string }
  readonly file?: PageFile
  /** Becomes text/csv. */
  readonly table?: { readonly columns: readonly string[]; readonly rows: readonly object[] }
  readonly stream?: { readonly type: string; open(response: ServerResponse): void }
}

export interface Request<P, Q, B> {
  readonly params: P
  readonly query: Q
  readonly body: B
  readonly caller: Caller
  /** Whose key it is, what it may, and which sites it covers. */
  readonly principal: Principal
  /** It came over TLS. */
  readonly secure: boolean
  /** The Cookie header as it came. */
  readonly cookies: string | undefined
  /** As the caller may see it: without pii:read, id tags masked. */
  readonly show: Show
  /** Throws Problem 403 unless the caller's key has this scope too. */
  readonly demand: (scope: Scope) => void
  readonly ifMatch: string | undefined
  readonly lastEventID: string | undefined
  /** `Prefer: wait=N` where the route waits: how long the caller would wait for the end, ms; 0 = not at all. */
  readonly waitMs: number
  /** The content type the caller prefers among those of this route. */
  readonly accepted: string
  readonly room: Room
}

export type RawRequest = Omit<Request<unknown, unknown, unknown>, 'body'> & { readonly bodyText: string }

interface AnswerSpec {
  readonly description: string
  /** Schema per content type; absent = no body. */
  readonly content?: Readonly<Record<string, z.ZodType>>
  readonly headers?: readonly ('ETag' | 'Location' | 'Link' | 'Preference-Applied')[]
}

interface BodySpec<B> {
  readonly types: readonly string[]
  readonly schema: B
  /** It may be left out: then it is `{}`. */
  readonly optional?: true
  /** Absent: 256 KiB. */
  readonly longestBytes?: number
  /** Said with every 422 about this body. */
  readonly hint?: string
}

interface Described {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** As in OpenAPI: `/api/v1/sites/{siteID}`. */
  readonly path: string
  readonly operationId: string
  readonly tag: string
  readonly summary: string
  /** `public` = no key needed; everything else is refused to strangers. */
  readonly scope: Scope | 'public'
  /** A scope that is needed beside it. */
  readonly also?: Scope
  /** What it touches: nothing reaches further than the sites of a key. */
  readonly reach: Reach
  readonly answers: Readonly<Record<number, AnswerSpec>>
  /** Status codes of problems beyond those that follow from this row's other fields. */
  readonly problems?: readonly number[]
  readonly ifMatch?: true
  /** Takes `Prefer: wait=N`. */
  readonly waits?: true
  /** A cookie does not do. */
  readonly keyOnly?: true
  /** One key may ask for so many a minute. */
  readonly paced?: PacedCommand
  /** Takes `Last-Event-ID`. */
  readonly resumable?: true
  /** A page, not part of the documented API. */
  readonly page?: true
}

interface RouteSpec<P, Q, B> extends Described {
  readonly params?: P
  readonly query?: Q
  readonly body?: BodySpec<B>
  handle(request: Request<z.output<P>, z.output<Q>, z.output<B>>): Promise<Answer> | Answer
}

/** One row of the table, its types folded away. */
export interface Route extends Described {
  readonly params: z.ZodObject
  readonly query: z.ZodObject
  readonly body: BodySpec<z.ZodType> | null
  /** Content types of the successful answers; empty when they have none. */
  readonly produces: readonly string[]
  /** Validates, then handles. */
  respond(request: RawRequest): Promise<Answer>
}

const nothing = z.strictObject({})
/** Probes and browsers may add to an address what they like. */
const anything = z.object({})
type Nothing = typeof nothing

/** `{ data, nextCursor }` of `item`. */
export function listOf<S extends z.ZodType>(item: S) {
  return z.strictObject({ data: z.array(item), nextCursor: z.string().nullable() })
}

/** A row of the table from its typed description; rejects with Problem 422 before the handler sees invalid input. */
export function defineRoute<P extends z.ZodObject = Nothing, Q extends z.ZodObject = Nothing, B extends z.ZodType = z.ZodUndefined>(spec: RouteSpec<P, Q, B>): Route {
  const { body } = spec
  // Left out in the description, the type parameter is the default, which is what stands in here.
  const params = (spec.params ?? nothing) as P
  const query = (spec.query ?? (spec.scope === 'public' ? anything : nothing)) as Q
  const bodySchema = (body?.schema ?? z.undefined()) as B
  const produces = Object.entries(spec.answers)
    .filter(([status]) => Number(status) < 300)
    .flatMap(([, answer]) => Object.keys(answer.content ?? {}))
  return {
    ...spec,
    params,
    query,
    body: body ?? null,
    produces: [...new Set(produces)],
    async respond({ bodyText, ...rest }) {
      return spec.handle({
        ...rest,
        params: validate(params, rest.params, 'path'),
        query: validate(query, rest.query, 'query'),
        body: validate(bodySchema, body === undefined ? undefined : bodyText === '' && body.optional ? {} : bodyValue(body.types, bodyText), 'body', body?.hint),
      })
    },
  }
}

function bodyValue(types: readonly string[], text: string): unknown {
  return types[0]?.startsWith('text/') === true ? text : parseJson(text)
}
