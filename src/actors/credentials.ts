// Passwords of charge points: kept as scrypt, compared with the same work for unknown identities, proven ones remembered.
import { createHmac, randomBytes, scrypt, timingSafeEqual } from 'node:crypto'

/** `scrypt$<salt>$<key>`, both base64. */
export type PasswordHash = string

const keyBytes = 32
const cost = { N: 16_384, r: 8, p: 1 }
const mostRemembered = 50_000
const decoy = `scrypt$${Buffer.alloc(16).toString('base64')}$${Buffer.alloc(keyBytes).toString('base64')}`

function derive(password: Buffer, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => scrypt(password, salt, keyBytes, cost, (error, key) => (error === null ? resolve(key) : reject(error))))
}

export async function hashPassword(password: string): Promise<PasswordHash> {
  const salt = randomBytes(16)
  return `scrypt$${salt.toString('base64')}$${(await derive(Buffer.from(password), salt)).toString('base64')}`
}

export class PasswordCheck {
  // A reconnect storm must not cost a second of CPU per station: what was proven once costs one HMAC.
  private readonly processKey = randomBytes(32)
  private readonly proven = new Map<PasswordHash, string>()

  /** Null (no such charge point) takes as long as a wrong password and is false. */
  async matches(hash: PasswordHash | null, password: Buffer): Promise<boolean> {
    const mark = createHmac('sha256', this.processKey).update(password).digest('base64')
    if (hash !== null && this.proven.get(hash) === mark) return true
    const [, salt, key] = (hash ?? decoy).split('$')
    const given = await derive(password, Buffer.from(salt ?? '', 'base64'))
    const matches = timingSafeEqual(given, Buffer.from(key ?? '', 'base64')) && hash !== null
    if (matches && hash !== null) {
      if (this.proven.size >= mostRemembered) this.proven.clear()
      this.proven.set(hash, mark)
    }
    return matches
  }
}
