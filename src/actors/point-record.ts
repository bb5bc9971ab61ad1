// What is kept of a charge point beside its configuration: how it proves who it is, and how that is changed without losing it.
import type { ChargePointConfig } from '../power/site.ts'
import { hashPassword, type PasswordCheck, type PasswordHash } from './credentials.ts'
import type { Estate, PointEntry } from './estate.ts'
import type { PointRecord } from './estate-records.ts'
import { Refusal } from './house.ts'
import { siteEntry } from './lookup.ts'
import { write } from './records.ts'

export type SecurityProfile = 0 | 1 | 2 | 3

export interface Proofs {
  /** Null = it has none. */
  readonly password: PasswordHash | null
  /** Keys that were given to it and that it has not come with yet, oldest first; each as good as `password` until one is proven. */
  readonly nextPasswords?: readonly PasswordHash[]
  /** What kwota.yaml said when it was laid: a key that was rotated since is newer than the file. */
  readonly filePassword?: PasswordHash
  /** The profile it was told to take, until it has come with it. */
  readonly raisingTo?: SecurityProfile
  /** The highest profile it was told to take and came with: only a person may lower it, the file may not. */
  readonly provenProfile?: SecurityProfile
}

/** The least it may come with; null = nobody said, and it has no password: then from this machine only. */
export function leastProfile({ config, password }: Pick<PointRecord, 'config' | 'password'>): SecurityProfile | null {
  return config.securityProfile ?? (password === null ? null : 1)
}

/** A person's entry: what was proven stays, unless a lower profile is asked for by name or another password is set. */
export function putOver(before: PointRecord | undefined, config: ChargePointConfig, password: PasswordHash | null): Pick<PointRecord, 'config'> & Proofs {
  if (before === undefined) return { config, password }
  const { nextPasswords, filePassword, raisingTo, provenProfile } = before
  const { securityProfile = provenProfile } = config
  const lowered = provenProfile !== undefined && securityProfile !== undefined && securityProfile < provenProfile
  return {
    config: securityProfile === undefined ? config : { ...config, securityProfile }, password,
    ...(password !== before.password ? {} : { ...optional('nextPasswords', nextPasswords), ...optional('filePassword', filePassword) }),
    ...(lowered ? {} : { ...optional('raisingTo', raisingTo), ...optional('provenProfile', provenProfile) }),
  }
}

/** The file's entry as it can hold: never below the profile that was proven. */
export function withProvenProfile(config: ChargePointConfig, before: PointRecord | undefined): ChargePointConfig {
  const proven = before?.provenProfile
  return proven === undefined || (config.securityProfile ?? 0) >= proven ? config : { ...config, securityProfile: proven }
}

/** The proofs after the file was read: a password that it repeats changes nothing, neither its hash nor a key rotated since. */
export async function layPassword(before: PointRecord | undefined, given: string | undefined, passwords: PasswordCheck): Promise<Proofs> {
  const { password = null, nextPasswords, filePassword, raisingTo, provenProfile } = before ?? {}
  const profile = { ...optional('raisingTo', raisingTo), ...optional('provenProfile', provenProfile) }
  const as = { password, ...optional('nextPasswords', nextPasswords), ...profile }
  if (given === undefined) return { ...as, ...optional('filePassword', filePassword) }
  const bytes = Buffer.from(given)
  if (filePassword !== undefined && await passwords.matches(filePassword, bytes)) return { ...as, filePassword }
  if (password !== null && await passwords.matches(password, bytes)) return { ...as, filePassword: password }
  const hash = await hashPassword(bytes)
  return { password: hash, filePassword: hash, ...profile }
}

const mostTries = 50

/**
 * Changes a record durably, or not at all: waits for whoever is writing it, and rejects with Refusal (not-found, store-down). The
 * change is in force at once, so that nobody builds on what was before.
 */
export async function revisePoint(estate: Estate, point: PointEntry, change: (record: PointRecord) => PointRecord): Promise<void> {
  for (let tries = 0; tries < mostTries; tries++) {
    const { scope } = siteEntry(estate, point.record.config.site)
    const key = `chargepoint:${point.record.config.id}`
    const before = point.record
    if (estate.point(before.config.id) !== point) throw new Refusal('not-found', 'unknown-charge-point', `${before.config.id} was removed.`)
    const newest = scope.get(key) as PointRecord | undefined
    if (newest?.version !== before.version) {
      await scope.flush().catch(() => undefined)
      continue
    }
    const after = change(before)
    if (after === before) return
    point.record = after
    try {
      return await write(scope, { [key]: after })
    } catch (error) {
      if (point.record === after) point.record = before
      throw error
    }
  }
  throw new Refusal('conflict', 'charge-point-changing', `${point.record.config.id} is being changed by somebody else.`, { hint: 'Repeat the request.' })
}

function optional<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return value === undefined ? {} : { [key]: value } as { readonly [P in K]: V }
}
