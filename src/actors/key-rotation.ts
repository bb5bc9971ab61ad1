// Changing how a charge point proves who it is, in two steps: what it is told is remembered first, what it came with decides.
import { ofStation } from './audit-notes.ts'
import { hashPassword, readKey, type PasswordHash } from './credentials.ts'
import type { Estate, PointEntry } from './estate.ts'
import type { PointRecord } from './estate-records.ts'
import { Refusal } from './house.ts'
import { pointEntry } from './lookup.ts'
import { leastProfile, revisePoint, type SecurityProfile } from './point-record.ts'

/** What became of the ChangeConfiguration; `unknown` = sent, and nobody knows whether it arrived. */
export type ChangeOutcome = 'Accepted' | 'RebootRequired' | 'Rejected' | 'NotSupported' | 'unknown'

/** What a connection has shown. */
export interface Proof {
  readonly profile: SecurityProfile
  /** The hash its password belongs to; null when it showed none. */
  readonly password: PasswordHash | null
}

/** Each is one more password that opens the door. */
const mostPending = 3

/**
 * Before ChangeConfiguration(AuthorizationKey) is sent: from when this resolves, the new key is let in as well as the old one, also
 * after a crash. `keyHex` = the 16–20 bytes as on the wire. Resolves with what `concludeRotation` needs. Rejects with Refusal:
 * invalid `key-format`, conflict `rotation-pending`, not-found, store-down; then nothing may be sent.
 */
export async function beginRotation(estate: Estate, clientID: string, keyHex: string): Promise<PasswordHash> {
  const key = readKey(keyHex)
  if (key === null) throw new Refusal('invalid', 'key-format', 'An AuthorizationKey is 16 to 20 bytes, written as 32 to 40 hexadecimal digits.', { hint: 'Make one with: openssl rand -hex 20' })
  const point = pointEntry(estate, clientID)
  const { password, nextPasswords } = point.record
  const hash = await hashPassword(key, password ?? nextPasswords?.[0])
  await revisePoint(estate, point, (record) => {
    const pending = (record.nextPasswords ?? []).filter((one) => one !== hash)
    if (pending.length >= mostPending) {
      throw new Refusal('conflict', 'rotation-pending', `${record.config.id} was given ${mostPending} keys and has come with none of them yet.`, { hint: 'Let it reconnect, or put the password that it has.' })
    }
    return { ...record, nextPasswords: [...pending, hash] }
  })
  return hash
}

/**
 * After the answer about the key that `beginRotation` gave (absent: the newest). Accepted: it is the only one from now on, and what is
 * connected stays (OCPP-J 6.2). Rejected and NotSupported drop it. Everything else says nothing: old and new stay valid until a
 * connection proves the new one. Rejects with Refusal store-down: then both stay, which locks nobody out.
 */
export async function concludeRotation(estate: Estate, clientID: string, outcome: ChangeOutcome, begun?: PasswordHash): Promise<void> {
  const point = estate.point(clientID)
  if (point === undefined || outcome === 'RebootRequired' || outcome === 'unknown') return
  const { record: before } = point
  await revisePoint(estate, point, (record) => {
    const pending = record.nextPasswords ?? []
    const hash = begun ?? pending.at(-1)
    if (hash === undefined || !pending.includes(hash)) return record
    return outcome === 'Accepted' ? promote(record, hash) : withPending(record, pending.filter((one) => one !== hash))
  })
  await recordProof(estate, 'accept-authorization-key', before, point.record, 'it accepted the AuthorizationKey it was given')
}

/**
 * Before ChangeConfiguration(SecurityProfile) is sent. Rejects with Refusal when the charge point could not come back, or the
 * profile is not above the one on record: invalid `security-profile-lower`, conflict `no-password`, `no-tls`, `no-client-ca`.
 */
export async function beginRaise(estate: Estate, clientID: string, profile: 1 | 2 | 3): Promise<void> {
  const { tls } = estate.options
  await revisePoint(estate, pointEntry(estate, clientID), (record) => {
    const { id } = record.config
    const least = leastProfile(record) ?? 0
    const refuse = (code: string, detail: string, hint: string) => new Refusal(code === 'security-profile-lower' ? 'invalid' : 'conflict', code, detail, { hint })
    if (profile <= least && record.config.securityProfile !== undefined) throw refuse('security-profile-lower', `${id} is on security profile ${least}; a profile is only ever raised.`, `Name one above ${least}.`)
    if (profile < 3 && record.password === null && record.nextPasswords === undefined) throw refuse('no-password', `${id} has no password, and profile ${profile} asks for one.`, 'Set its AuthorizationKey first.')
    if (profile >= 2 && tls === undefined) throw refuse('no-tls', `kwota has no TLS, so ${id} could not come back.`, 'Add tls with certFile and keyFile to kwota.yaml.')
    if (profile === 3 && tls?.clientCertificates !== true) throw refuse('no-client-ca', `kwota knows nobody who signs certificates of charge points, so ${id} could not come back.`, 'Add clientCaFile below tls in kwota.yaml.')
    return record.raisingTo === profile ? record : { ...record, raisingTo: profile }
  })
}

/** After the answer. Rejected and NotSupported: it stays as it was; for everything else the connection that comes with it decides. */
export async function concludeRaise(estate: Estate, clientID: string, outcome: ChangeOutcome): Promise<void> {
  const point = estate.point(clientID)
  if (point === undefined || (outcome !== 'Rejected' && outcome !== 'NotSupported')) return
  await revisePoint(estate, point, (record) => {
    const { raisingTo, ...rest } = record
    return raisingTo === undefined ? record : rest
  })
}

/**
 * What an admitted connection proves: the key it came with is the only one from now on (newer ones that were never seen stay
 * possible), and the profile it was told to take is on record. Never rejects: what could not be written is proven again next time.
 */
export async function takeProof(estate: Estate, point: PointEntry, proof: Proof): Promise<void> {
  const { record, record: { config: { id } } } = point
  const { log } = estate.options
  if (settle(record, proof) === record) return
  try {
    await revisePoint(estate, point, (now) => {
      const after = settle(now, proof)
      return after.config === now.config ? after : { ...after, ...estate.revise(now, 'connection') }
    })
    await recordProof(estate, 'prove-credentials', record, point.record, 'it came with what it was told to use')
    log.info({ event: 'credentials-proven', clientID: id, profile: proof.profile }, 'a charge point came with what it was told to use; nothing older is accepted')
  } catch (error) {
    log.warn({ event: 'credentials-not-kept', clientID: id, error }, 'a charge point came with what it was told to use, and it could not be written; the older way stays open until it can')
  }
}

/** Durable before whatever follows from it, where the store takes it. */
async function recordProof(estate: Estate, action: string, before: PointRecord, after: PointRecord, reason: string): Promise<void> {
  if (before.password === after.password && before.config.securityProfile === after.config.securityProfile) return
  await estate.audit.record(ofStation(action, before, after, reason)).catch((error: unknown) => estate.options.log.warn({ clientID: after.config.id, error }, 'an entry of the audit log is not stored yet'))
}

function settle(record: PointRecord, { password, profile }: Proof): PointRecord {
  const proven = password === null ? record : promote(record, password)
  const { raisingTo, ...rest } = proven
  if (raisingTo === undefined || profile < raisingTo) return proven
  const securityProfile = Math.max(raisingTo, record.config.securityProfile ?? 0) as SecurityProfile
  return { ...rest, config: { ...rest.config, securityProfile }, provenProfile: securityProfile }
}

/** One of the pending keys becomes the password; what is older is gone, what is newer stays possible. */
function promote(record: PointRecord, hash: PasswordHash): PointRecord {
  const pending = record.nextPasswords ?? []
  const at = pending.indexOf(hash)
  return at < 0 ? record : withPending({ ...record, password: hash }, pending.slice(at + 1))
}

function withPending(record: PointRecord, pending: readonly PasswordHash[]): PointRecord {
  const { nextPasswords, ...rest } = record
  if (nextPasswords === undefined && pending.length === 0) return record
  return pending.length === 0 ? rest : { ...rest, nextPasswords: pending }
}
