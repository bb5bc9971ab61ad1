// Asks a running kwota over REST: where it is, with which key, how long; whatever goes wrong ends the command with its exit code.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Ended, exitCodeOfNetwork, exitCodes } from './endings.ts'
import { wordsOfRefusal, type Problem } from './refusals.ts'
import type { Terminal } from './terminal.ts'

export interface ClientFlags {
  readonly url?: string
  /** Seconds. */
  readonly timeout?: number
  readonly json?: boolean
}

interface Asking {
  /** Undefined ones are left out. */
  readonly query?: Readonly<Record<string, string | number | undefined>>
  /** Sent as JSON. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** Instead of what the flags say. */
  readonly timeoutS?: number
}

/** Every call rejects with Ended. */
export interface Client {
  readonly url: string
  /** The answer as JSON, which is taken to be what the API says; undefined where there is none. `path` below /api/v1. */
  ask<T>(method: string, path: string, given?: Asking): Promise<T>
  /** The bytes of an answer, for as long as they come. */
  open(path: string): Promise<AsyncIterable<Uint8Array>>
  /** The one that is named, else the only one there is. */
  siteID(given: string | undefined): Promise<string>
  /** In which times of a site are told; undefined, that of this machine, where it cannot be read. */
  timezoneOf(siteID: string): Promise<string | undefined>
}

export const usualUrl = 'http://127.0.0.1:8080'
const usualTimeoutS = 30
const sayEveryMs = 2_000

export type ClientTerminal = Pick<Terminal, 'env' | 'cwd' | 'clock'> & { readonly stderr: { write(text: string): unknown } }

/** `until` = what is asked then is given up. */
export function openClient(flags: ClientFlags, { env, cwd, clock, stderr }: ClientTerminal, until?: Promise<void>): Client {
  const url = urlOf(flags.url ?? (env['KWOTA_URL'] || usualUrl))
  const key = keyOf(env, cwd)

  async function call(method: string, path: string, { query = {}, body, headers = {}, timeoutS = flags.timeout ?? usualTimeoutS }: Asking, read: (reply: Response) => Promise<unknown>): Promise<unknown> {
    const search = new URLSearchParams(Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)] as [string, string]])))
    const controller = new AbortController()
    const startedMs = clock.mono()
    void until?.then(() => controller.abort(new Ended(exitCodes.ok, 'interrupted')))
    const cancels = [clock.after(timeoutS * 1000, () => controller.abort(new Ended(exitCodes.timeout, `${url} has not answered within ${timeoutS} s.`, 'Try again, or wait longer with --timeout 2m.')))]
    const say = (): void => {
      stderr.write(`kwota: waiting for ${url} since ${Math.round((clock.mono() - startedMs) / 1000)} s\n`)
      cancels.push(clock.after(sayEveryMs, say))
    }
    cancels.push(clock.after(sayEveryMs, say))
    try {
      const reply = await fetch(`${url}/api/v1${path}${search.size === 0 ? '' : `?${search}`}`, {
        method, signal: controller.signal, ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        headers: { Accept: 'application/json', ...(key === undefined ? {} : { Authorization: `Bearer ${key}` }), ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
      })
      return reply.ok ? await read(reply) : await refuse(reply)
    } catch (error) {
      throw error instanceof Ended ? error : unreachable(error)
    } finally {
      for (const cancel of cancels) cancel()
    }
  }

  async function refuse(reply: Response): Promise<never> {
    const problem = problemOf(reply, await reply.json().catch(() => null))
    if (problem === null) throw notKwota(`answers ${reply.status}, and not as kwota does`)
    const { exitCode, message, hint } = wordsOfRefusal(problem)
    throw new Ended(exitCode, message, reply.status === 401 ? `Put ${key === undefined ? 'a key' : 'a key that it knows'} into KWOTA_API_KEY, or the name of a file with it into KWOTA_API_KEY_FILE.` : hint)
  }

  function unreachable(error: unknown): Ended {
    const cause = error instanceof Error ? error.cause : undefined
    const code = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined
    // Ports that fetch refuses: other programs live there.
    if (cause instanceof Error && cause.message === 'bad port') return notKwota('is at a port where no web server listens')
    return new Ended(exitCodeOfNetwork(code), `${url} cannot be reached (${code ?? (error instanceof Error ? error.message : String(error))}).`, 'Is kwota running there? Name its address with --url or KWOTA_URL, as kwota serve has printed it.')
  }

  function notKwota(what: string): Ended {
    return new Ended(exitCodes.usage, `${url} ${what}.`, 'Name the address of a running kwota with --url or KWOTA_URL.')
  }

  const client: Client = {
    url,
    async ask<T>(method: string, path: string, given: Asking = {}): Promise<T> {
      return await call(method, path, given, async (reply) => {
        if (reply.status === 204) return undefined
        return reply.json().catch((error: unknown) => {
          throw error instanceof SyntaxError ? notKwota('does not answer as kwota does') : error
        })
      }) as T
    },
    async open(path) {
      const body = await call('GET', path, { headers: { Accept: '*/*' } }, async (reply) => reply.body) as Response['body']
      return (async function* () { for await (const chunk of body ?? []) yield chunk as Uint8Array })()
    },
    async siteID(given) {
      if (given !== undefined) return given
      const { data } = await client.ask<{ readonly data: readonly { readonly id: string }[] }>('GET', '/sites', { query: { limit: 500 } })
      const [only, ...others] = data.map(({ id }) => id)
      if (only === undefined) throw new Ended(exitCodes.notFound, 'There is no site yet that this key may see.', 'Add one under sites in kwota.yaml; or the key in KWOTA_API_KEY is bound to another.')
      if (others.length > 0) throw new Ended(exitCodes.usage, `There are several sites: ${listed([only, ...others])}.`, `Name one, for example --site ${only}.`)
      return only
    },
    async timezoneOf(siteID) {
      const { timezone } = await client.ask<{ readonly timezone?: unknown }>('GET', `/sites/${encodeURIComponent(siteID)}`).catch(() => ({ timezone: undefined }))
      return typeof timezone === 'string' ? timezone : undefined
    },
  }
  return client
}

const mostListed = 20

function listed(ids: readonly string[]): string {
  return ids.length <= mostListed ? ids.join(', ') : `${ids.slice(0, mostListed).join(', ')} and ${ids.length - mostListed} more`
}

function urlOf(text: string): string {
  const wrong = new Ended(exitCodes.usage, `${JSON.stringify(text.slice(0, 200))} is no address of kwota.`, `Write it like ${usualUrl}, with --url or in KWOTA_URL.`)
  let url: URL
  try {
    url = new URL(text)
  } catch {
    throw wrong
  }
  if (!/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') throw wrong
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
}

function keyOf(env: Terminal['env'], cwd: string): string | undefined {
  const key = env['KWOTA_API_KEY'] || undefined
  const file = env['KWOTA_API_KEY_FILE'] || undefined
  if (key !== undefined && file !== undefined) throw new Ended(exitCodes.usage, 'KWOTA_API_KEY and KWOTA_API_KEY_FILE are both set.', 'Keep one of the two.')
  if (file === undefined) return checked(key, 'KWOTA_API_KEY')
  try {
    return checked(readFileSync(resolve(cwd, file), 'utf8').trim(), 'KWOTA_API_KEY_FILE')
  } catch (error) {
    if (error instanceof Ended) throw error
    throw new Ended(exitCodes.usage, `KWOTA_API_KEY_FILE: ${file} cannot be read (${error instanceof Error && 'code' in error ? String(error.code) : String(error)}).`, 'Name a file that this user may read.')
  }
}

/** What cannot stand in a header would be told as a failure of the network. */
function checked(key: string | undefined, where: string): string | undefined {
  if (key !== undefined && !/^[\x21-\x7e]+$/.test(key)) throw new Ended(exitCodes.usage, `What ${where} holds is no API key.`, 'A key has printable characters only, and no space.')
  return key
}

/** Null where it is none of kwota's. */
function problemOf({ status, headers }: Response, body: unknown): Problem | null {
  if (typeof body !== 'object' || body === null) return null
  const text = (from: object, name: string): string | undefined => {
    const value: unknown = Reflect.get(from, name)
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  const [detail, hint, code] = [text(body, 'detail'), text(body, 'hint'), text(body, 'code')]
  if (detail === undefined) return null
  const errors: unknown = Reflect.get(body, 'errors')
  const first: unknown = Array.isArray(errors) ? errors[0] : null
  const pointer = typeof first === 'object' && first !== null ? text(first, 'pointer') : undefined
  const retryAfterS = Number(headers.get('retry-after') ?? NaN)
  return {
    status, detail, ...(hint === undefined ? {} : { hint }), ...(code === undefined ? {} : { code }), ...(pointer === undefined ? {} : { pointer }),
    ...(Number.isFinite(retryAfterS) ? { retryAfterS } : {}),
  }
}
