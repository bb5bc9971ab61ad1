// Who may do what: the scopes a route can ask for, and the check of the key that a request brings.
import { hash, timingSafeEqual } from 'node:crypto'
import { keyScopes, type ApiKeyFace, type ApiKeyRecord, type KeyScope } from '../actors/api-key-record.ts'
import { Problem } from './problem.ts'

export const scopes = keyScopes
export type Scope = KeyScope

/** Who asks. `name` is kept with what is changed. */
export interface Principal {
  readonly name: string
  /** Null for the bootstrap key and for whoever needs none. */
  readonly keyID: string | null
  /** Covers the sites there are and those to come, and what belongs to none. */
  readonly everySite: boolean
  may(scope: Scope): boolean
  readonly covers: (siteID: string) => boolean
  /** The key is still there and has not expired: what goes on for long asks again. */
  readonly stands: () => boolean
}

export interface Auth {
  /** True while no key is needed (loopback, and none configured): then only local names are accepted as Host. */
  readonly open: boolean
  /** There is a key that no stored one can lock out. */
  readonly bootstrap: boolean
  /** Null when the request may not enter. `authorization` is the header as it came. */
  authenticate(authorization: string | undefined): Principal | null
}

type StoredKeys = Pick<ApiKeyFace, 'configured' | 'open' | 'current'>

/**
 * Who sends `apiKey` as `Authorization: Bearer …` enters, with every scope; so does who sends one of `keys`, with its scopes and sites.
 * With neither configured: everybody when `open`, nobody otherwise. An empty key is a configuration error and throws.
 */
export function createAuth({ apiKey, open, keys }: { readonly apiKey?: string; readonly open: boolean; readonly keys?: StoredKeys }): Auth {
  if (apiKey === '') throw new TypeError('The API key is empty; give one of at least one character, or none.')
  const expected = apiKey === undefined ? null : digest(apiKey)
  const keyholder = master('bootstrap')
  const isOpen = (): boolean => expected === null && open && keys?.configured() !== true
  // With the first key the openness ends, also for what has begun in it.
  const local = { ...master('local'), stands: isOpen }
  return {
    get open() { return isOpen() },
    bootstrap: expected !== null,
    authenticate(authorization) {
      if (isOpen()) return local
      const given = bearerOf(authorization)
      if (given === undefined) return null
      if (expected !== null && timingSafeEqual(digest(given), expected)) return keyholder
      const record = keys?.open(given) ?? null
      return record === null || keys === undefined ? null : holderOf(record, keys)
    },
  }
}

/** Problem 401 for a stranger, 403 for somebody without the scope. */
export function authorise(auth: Auth, authorization: string | undefined, scope: Scope): Principal {
  const principal = auth.authenticate(authorization)
  if (principal === null) throw keyNeeded(bearerOf(authorization))
  demandScope(principal, scope)
  return principal
}

/** Problem 401 for what was sent as a key, if anything was. */
export function keyNeeded(given?: string): Problem {
  return new Problem(401, 'unauthorized', given === undefined ? 'This needs an API key.' : 'This API key is not known: it was removed, it expired, or it was mistyped.', { hint: 'Send "Authorization: Bearer <key>".', headers: { 'WWW-Authenticate': 'Bearer realm="kwota"' } })
}

/** Problem 403 for somebody without the scope. */
export function demandScope(principal: Principal, scope: Scope): void {
  if (!principal.may(scope)) throw new Problem(403, 'missing-scope', `This needs a key with the scope ${scope}.`)
}

/** What is sent as a key; undefined when nothing is. */
export function bearerOf(authorization: string | undefined): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1]
}

/** Somebody who may do everything everywhere. */
export function master(name: string): Principal {
  return { name, keyID: null, everySite: true, may: () => true, covers: () => true, stands: () => true }
}

/** Each question is about the key as it is then, also for who was let in hours ago: what it lost meanwhile it has lost. */
function holderOf({ id, name }: ApiKeyRecord, keys: StoredKeys): Principal {
  return {
    name, keyID: id,
    get everySite() { return keys.current(id)?.sites === null },
    may(scope) {
      const now = keys.current(id)
      return now !== null && (now.scopes.includes(scope) || now.scopes.includes('admin'))
    },
    covers(siteID) {
      const now = keys.current(id)
      return now !== null && (now.sites === null || now.sites.includes(siteID))
    },
    stands: () => keys.current(id) !== null,
  }
}

/** Equal lengths for any key, so that the comparison tells nothing. */
function digest(key: string): Buffer {
  return hash('sha256', key, 'buffer')
}
