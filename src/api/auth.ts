// Who may do what: the scopes a route can ask for, and the check of the key that a request brings.
import { createHash, timingSafeEqual } from 'node:crypto'
import { Problem } from './problem.ts'

/** `inspect` = the actors live, `pii:read` = id tags unmasked, `admin` = all of them. */
export const scopes = ['read', 'limits:write', 'commands:write', 'config:write', 'inspect', 'pii:read', 'admin'] as const
export type Scope = (typeof scopes)[number]

/** Who asks. `name` is kept with what is changed. */
export interface Principal {
  readonly name: string
  /** Null for the bootstrap key and for whoever needs none. */
  readonly keyID: string | null
  /** Covers the sites there are and those to come, and what belongs to none. */
  readonly everySite: boolean
  may(scope: Scope): boolean
  covers(siteID: string): boolean
}

export interface Auth {
  /** True when no key is needed (loopback without a key): then only local names are accepted as Host. */
  readonly open: boolean
  /** Null when the request may not enter. `authorization` is the header as it came. */
  authenticate(authorization: string | undefined): Principal | null
}

/**
 * With `apiKey`: only who sends it as `Authorization: Bearer …` enters, with every scope. Without a key: everybody when
 * `open`, nobody otherwise. An empty key is a configuration error and throws.
 */
export function createAuth(options: { readonly apiKey?: string; readonly open: boolean }): Auth {
  const { apiKey } = options
  if (apiKey === '') throw new TypeError('The API key is empty; give one of at least one character, or none.')
  if (apiKey === undefined) {
    const local = options.open ? master('local') : null
    return { open: options.open, authenticate: () => local }
  }
  const expected = digest(apiKey)
  const keyholder = master('bootstrap')
  return {
    open: false,
    authenticate(authorization) {
      const given = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1]
      return given !== undefined && timingSafeEqual(digest(given), expected) ? keyholder : null
    },
  }
}

/** Problem 401 for a stranger, 403 for somebody without the scope. */
export function authorise(auth: Auth, authorization: string | undefined, scope: Scope): Principal {
  const principal = auth.authenticate(authorization)
  if (principal === null) {
    throw new Problem(401, 'unauthorized', 'This needs an API key.', {
      hint: 'Send "Authorization: Bearer <key>".',
      headers: { 'WWW-Authenticate': 'Bearer realm="kwota"' },
    })
  }
  demandScope(principal, scope)
  return principal
}

/** Problem 403 for somebody without the scope. */
export function demandScope(principal: Principal, scope: Scope): void {
  if (!principal.may(scope)) throw new Problem(403, 'missing-scope', `This needs a key with the scope ${scope}.`)
}

/** Somebody who may do everything everywhere. */
export function master(name: string): Principal {
  return { name, keyID: null, everySite: true, may: () => true, covers: () => true }
}

/** Equal lengths for any key, so that the comparison tells nothing. */
function digest(key: string): Buffer {
  return createHash('sha256').update(key).digest()
}
