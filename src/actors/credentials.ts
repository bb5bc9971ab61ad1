// Passwords of charge points: kept as scrypt, compared with the same work for unknown identities, proven ones remembered.
import { createHmac, randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { Refusal } from './house.ts'
import { LineFull, WorkLine } from './work-line.ts'

/** `scrypt$<salt>$<key>`, both base64. */
export type PasswordHash = string

const keyBytes = 32
const cost = { N: 16_384, r: 8, p: 1 }
const mostRemembered = 50_000
const decoy = `scrypt$${Buffer.alloc(16).toString('base64')}$${Buffer.alloc(keyBytes).toString('base64')}`

/** Of the whole process: scrypt runs on the threads that the store writes with, and half of them are the store's. */
export const derivations = new WorkLine({ atOnce: 2, mostWaiting: 64, mostOwnWaiting: 1_000 })

/** Goes through `derivations`, never beside it. */
function derive(password: Buffer, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => scrypt(password, salt, keyBytes, cost, (error, key) => (error === null ? resolve(key) : reject(error))))
}

function partsOf(hash: PasswordHash): { readonly salt: string; readonly key: Buffer } {
  const [, salt = '', key = ''] = hash.split('$')
  return { salt, key: Buffer.from(key, 'base64') }
}

/**
 * `beside` = another password of the same charge point: with its salt both are compared in the time of one. Rejects with Refusal
 * conflict `passwords-busy` while a thousand wait.
 */
export async function hashPassword(password: string | Buffer, beside?: PasswordHash): Promise<PasswordHash> {
  const salt = beside === undefined ? randomBytes(16) : Buffer.from(partsOf(beside).salt, 'base64')
  const key = await derivations.runOwn(() => derive(Buffer.from(password), salt)).catch((error: unknown) => {
    throw error instanceof LineFull ? new Refusal('conflict', 'passwords-busy', 'Too many passwords are being set at once.', { hint: 'Repeat the request in a minute.' }) : error
  })
  return `scrypt$${salt.toString('base64')}$${key.toString('base64')}`
}

const leastBytes = 16
const mostBytes = 20

/** A password has 16 to 20 bytes (OCPP-J 6.2, AuthorizationKey). */
export function fitsPassword(password: Buffer): boolean {
  return password.length >= leastBytes && password.length <= mostBytes
}

/** The bytes that an AuthorizationKey of 32 to 40 hexadecimal digits stands for; null for anything else. */
export function readKey(text: string): Buffer | null {
  return /^(?:[0-9a-f]{2}){16,20}$/i.test(text) ? Buffer.from(text, 'hex') : null
}

export class PasswordCheck {
  // A reconnect storm must not cost a second of CPU per station: what was proven once costs one HMAC.
  private readonly processKey = randomBytes(32)
  private readonly proven = new Map<PasswordHash, string>()

  /** Null (no such charge point) takes as long as a wrong password and is false. */
  async matches(hash: PasswordHash | null, password: Buffer): Promise<boolean> {
    return await this.find(hash === null ? [] : [hash], password) !== null
  }

  /** The hash that `password` was proven for before, at the cost of one HMAC; null says nothing. */
  recall(hashes: readonly PasswordHash[], password: Buffer): PasswordHash | null {
    const mark = this.markOf(password)
    return hashes.find((hash) => this.proven.get(hash) === mark) ?? null
  }

  /** The hash that `password` belongs to; null when it is none of them. No hash at all takes as long as one that does not fit. Rejects with LineFull when too many wait. */
  async find(hashes: readonly PasswordHash[], password: Buffer): Promise<PasswordHash | null> {
    const known = this.recall(hashes, password)
    if (known !== null) return known
    const found = await derivations.run(() => compareAll(hashes.length === 0 ? [decoy] : hashes, password))
    if (found !== null) {
      if (this.proven.size >= mostRemembered) this.proven.clear()
      this.proven.set(found, this.markOf(password))
    }
    return found
  }

  private markOf(password: Buffer): string {
    return createHmac('sha256', this.processKey).update(password).digest('base64')
  }
}

async function compareAll(hashes: readonly PasswordHash[], password: Buffer): Promise<PasswordHash | null> {
  const derived = new Map<string, Buffer>()
  let found: PasswordHash | null = null
  for (const hash of hashes) {
    const { salt, key } = partsOf(hash)
    const given = derived.get(salt) ?? await derive(password, Buffer.from(salt, 'base64'))
    derived.set(salt, given)
    if (timingSafeEqual(given, key) && hash !== decoy) found ??= hash
  }
  return found
}
