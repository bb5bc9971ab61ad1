// What is kept of an API key: who may do what with it and where, and the hash of its secret, never the secret.
import { z } from 'zod'
import type { Versioned } from './house.ts'

/** `inspect` = the actors live, `pii:read` = id tags unmasked, `admin` = all of them. */
export const keyScopes = ['read', 'limits:write', 'commands:write', 'config:write', 'inspect', 'pii:read', 'admin'] as const
export type KeyScope = (typeof keyScopes)[number]

export const apiKeyRecordSchema = z.object({
  v: z.literal(1),
  id: z.string(),
  name: z.string(),
  scopes: z.array(z.enum(keyScopes)),
  /** Null = those there are, those to come, and what belongs to none. */
  sites: z.array(z.string()).nullable(),
  /** SHA-256 of the secret, base64url. A slow hash is for what people think of: nobody guesses 256 random bits, however fast. */
  hash: z.string(),
  createdAt: z.string(),
  createdBy: z.string(),
  expiresAt: z.string().nullable(),
  version: z.int(),
  changedAt: z.string(),
  changedBy: z.string(),
})
export type ApiKeyRecord = z.output<typeof apiKeyRecordSchema>

export interface ApiKeyView {
  readonly id: string
  readonly name: string
  readonly scopes: readonly KeyScope[]
  readonly sites: readonly string[] | null
  readonly createdAt: string
  readonly createdBy: string
  readonly expiresAt: string | null
  /** To the minute, or a little before. */
  readonly lastUsedAt: string | null
}

/** What people say of a key; `expiresAt` is RFC 3339. */
export interface GivenApiKey {
  readonly name: string
  readonly scopes: readonly KeyScope[]
  readonly sites: readonly string[] | null
  readonly expiresAt: string | null
}

export interface ApiKeyFace {
  /** Some are kept, be it that they have expired or cannot be read: whoever asks needs one. */
  configured(): boolean
  /** By name. */
  list(): readonly Versioned<ApiKeyView>[]
  get(id: string): Versioned<ApiKeyView>
  /** The secret is said here and never again. `alone` = no other key lets anybody in who could mend what this does: refused (invalid, `first-key`) unless one is left that does everything everywhere for ever. Refused (invalid) `unknown-site`, `expiry-in-the-past`, (conflict) `name-taken`, `too-many-api-keys`. */
  create(given: GivenApiKey, alone: boolean, by: string): Promise<{ readonly key: Versioned<ApiKeyView>; readonly secret: string }>
  /** As create; refused (conflict, `last-admin-key`) where that would lock people out. */
  change(id: string, given: Partial<GivenApiKey>, alone: boolean, by: string): Promise<Versioned<ApiKeyView>>
  remove(id: string, alone: boolean): Promise<void>
  /** The key that a secret opens now; null = unknown, wrong or expired, and nobody is told which. */
  open(secret: string): ApiKeyRecord | null
  /** As it is now; null = removed or expired. */
  current(id: string): ApiKeyRecord | null
}

export function apiKeyView({ id, name, scopes, sites, createdAt, createdBy, expiresAt, version, changedAt, changedBy }: ApiKeyRecord, usedAtMs: number | undefined): Versioned<ApiKeyView> {
  const lastUsedAt = usedAtMs === undefined ? null : new Date(usedAtMs).toISOString()
  return { version, changedAt, changedBy, value: { id, name, scopes, sites, createdAt, createdBy, expiresAt, lastUsedAt } }
}

/** Whoever has it can make every other key, now and later. */
export function opensEverything({ scopes, sites, expiresAt }: Pick<GivenApiKey, 'scopes' | 'sites' | 'expiresAt'>): boolean {
  return scopes.includes('admin') && sites === null && expiresAt === null
}
