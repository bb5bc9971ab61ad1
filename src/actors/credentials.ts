// Passwords of charge points: those that people choose kept as scrypt, those that kwota draws as HMAC; a wrong one takes the same work for everybody.
import { createHmac, randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { Refusal } from './house.ts'
import { LineFull, WorkLine } from './work-line.ts'

/** `scrypt$<salt>$<key>` for what somebody chose, `hmac$<salt>$<key>` for what was drawn at random; base64. */
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

/** Drawn by kwota, 120 bits: nobody guesses it, however little work a guess is, so a storm of those that have one costs next to nothing. */
export class DrawnPassword {
  readonly text = randomBytes(15).toString('base64url')
}

/** Undefined leaves what there is, null removes it. */
export type GivenPassword = string | DrawnPassword | null | undefined

function drawnKey(password: Buffer, salt: string): Buffer {
  return createHmac('sha256', Buffer.from(salt, 'base64')).update(password).digest()
}

/** As `hashPassword` does, and at once for what was drawn. */
export async function keepPassword(given: string | DrawnPassword): Promise<PasswordHash> {
  if (typeof given === 'string') return hashPassword(given)
  const salt = randomBytes(16).toString('base64')
  return `hmac$${salt}$${drawnKey(Buffer.from(given.text), salt).toString('base64')}`
}

function isDrawn(hash: PasswordHash): boolean {
  return hash.startsWith('hmac$')
}

function fitsDrawn(hash: PasswordHash, password: Buffer): boolean {
  const { salt, key } = partsOf(hash)
  return isDrawn(hash) && timingSafeEqual(drawnKey(password, salt), key)
}

export class PasswordCheck {
  // A reconnect storm must not cost a second of CPU per station: what was proven once costs one HMAC.
  private readonly processKey = randomBytes(32)
  private readonly proven = new Map<PasswordHash, string>()

  /** Null (no such charge point) takes as long as a wrong password and is false. */
  async matches(hash: PasswordHash | null, password: Buffer): Promise<boolean> {
    return await this.find(hash === null ? [] : [hash], password) !== null
  }

  /** The hash that `password` was proven for before, or that was drawn, at the cost of one HMAC each; null says nothing. */
  recall(hashes: readonly PasswordHash[], password: Buffer): PasswordHash | null {
    const mark = this.markOf(password)
    return hashes.find((hash) => this.proven.get(hash) === mark || fitsDrawn(hash, password)) ?? null
  }

  /** The hash that `password` belongs to; null when it is none of them. No hash at all, and drawn ones that do not fit, take as long as a chosen one that does not. Rejects with LineFull when too many wait. */
  async find(hashes: readonly PasswordHash[], password: Buffer): Promise<PasswordHash | null> {
    const known = this.recall(hashes, password)
    if (known !== null) return known
    const chosen = hashes.filter((hash) => !isDrawn(hash))
    const found = await derivations.run(() => compareAll(chosen.length === 0 ? [decoy] : chosen, password))
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
