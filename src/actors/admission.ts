// Decides who comes in: the way it came and the credentials it showed, against the least that is on record for it.
import type { Attempt, ClientCertificate, RefusalReason } from '../protocol/session.ts'
import { fitsPassword, readKey, type PasswordCheck, type PasswordHash } from './credentials.ts'
import type { PointRecord } from './estate-records.ts'
import type { FailurePace } from './failure-pace.ts'
import { leastProfile, type SecurityProfile } from './point-record.ts'
import { LineFull } from './work-line.ts'

export type Verdict =
  | { readonly admitted: true
      /** What it has shown, whatever was asked of it. */
      readonly profile: SecurityProfile
      /** The hash its password belongs to; null when it showed none that is right. */
      readonly password: PasswordHash | null }
  | { readonly admitted: false; readonly reason: RefusalReason }

export interface Recognisable {
  /** Of its last boot. */
  readonly serialNumbers: readonly string[]
  /** Which organisation certificates must name; undefined = any. */
  readonly clientOrganisation: string | undefined
}

/** The certificate of this charge point: signed by our CA, in its name or that of its serial number (security whitepaper, profile 3). */
export function isCertificateOf(shown: ClientCertificate | undefined, clientID: string, { serialNumbers, clientOrganisation }: Recognisable): boolean {
  if (shown === undefined || !shown.verified || shown.commonName === null) return false
  if (clientOrganisation !== undefined && !shown.organisations.includes(clientOrganisation)) return false
  const name = shown.commonName.toLowerCase()
  return [clientID, ...serialNumbers].some((own) => own !== '' && own.toLowerCase() === name)
}

/** Passwords have a fixed length, so that the hexadecimal digits of a key cannot be one: some charge points send them as they were told. */
function bytesOf(password: Buffer): Buffer {
  return readKey(password.toString('latin1')) ?? password
}

export interface Checks {
  readonly passwords: PasswordCheck
  readonly pace: FailurePace
}

/**
 * The same work whatever is wrong, so that nothing can be learnt from the time it takes; none for who needs no password or shows
 * none, and hardly any for one that was right before: failures of others do not count against it. `record` undefined = nobody of
 * that name: never admitted.
 */
export async function judgeAttempt(attempt: Attempt, record: PointRecord | undefined, { passwords, pace }: Checks, recognise: () => Recognisable): Promise<Verdict> {
  const refuse = (reason: RefusalReason): Verdict => ({ admitted: false, reason })
  const { clientCertificate, credentials, secure, loopback } = attempt
  if (record !== undefined && secure && clientCertificate?.verified === true && isCertificateOf(clientCertificate, record.config.id, recognise())) return { admitted: true, profile: 3, password: null }
  const least = record === undefined ? null : leastProfile(record)
  const hashes = record === undefined ? [] : [...(record.password === null ? [] : [record.password]), ...(record.nextPasswords ?? [])]
  const open = record !== undefined && record.password === null && (least === 0 || (least === null && loopback))
  if (open && hashes.length === 0) return { admitted: true, profile: 0, password: null }
  const found = credentials === undefined ? null : await proveAt(attempt, credentials, hashes, { passwords, pace })
  if (found === 'too-many') return open ? { admitted: true, profile: 0, password: null } : refuse('rate-limited')
  if (record === undefined) return refuse('unknown-id')
  if (least !== null && least >= 2 && !secure) return refuse('tls-required')
  if (least === 3) return refuse('tls-client-cert')
  if (found !== null) return { admitted: true, profile: secure ? 2 : 1, password: found }
  if (open) return { admitted: true, profile: 0, password: null }
  if (record.password === null) return refuse('auth-missing')
  if (credentials === undefined) return refuse('auth-missing')
  return refuse(fitsPassword(credentials.password) ? 'auth-wrong' : 'auth-bad-length')
}

/** The hash that was shown to be known, in the right name; null when none was. */
async function proveAt(attempt: Attempt, { username, password }: NonNullable<Attempt['credentials']>, hashes: readonly PasswordHash[], { passwords, pace }: Checks): Promise<PasswordHash | null | 'too-many'> {
  const bytes = bytesOf(password)
  const named = username.toLowerCase() === attempt.clientID.toLowerCase()
  const known = named ? passwords.recall(hashes, bytes) : null
  if (known !== null) return known
  const wasRight = pace.enter(attempt)
  if (wasRight === null) return 'too-many'
  try {
    const found = await passwords.find(named ? hashes : [], bytes)
    if (found !== null) wasRight()
    return found
  } catch (error) {
    if (!(error instanceof LineFull)) throw error
    // Nothing was looked at.
    wasRight()
    return 'too-many'
  }
}

/** What to do where the reason alone does not say it; null otherwise. */
export function adviceFor(attempt: Attempt, reason: RefusalReason, record: PointRecord | undefined): string | null {
  if (reason === 'bad-path') return pathAdvice(attempt)
  const resource = `/api/v1/chargepoints/${encodeURIComponent(attempt.clientID)}`
  if (record === undefined) return reason === 'no-subprotocol' ? `${withoutEntry} (PUT ${resource}/settings).` : null
  if (reason === 'auth-missing' && record.password === null) return passwordAdvice(attempt, record, resource)
  if (reason !== 'tls-client-cert') return null
  const shown = attempt.clientCertificate
  if (shown === undefined) return 'In the charge point: install a client certificate that clientCaFile has signed; it showed none.'
  if (!shown.verified) return `In the charge point: install a client certificate that clientCaFile has signed; the one it showed does not hold (${shown.fault ?? 'unknown reason'}).`
  return `In the charge point: install a client certificate whose common name is its identity or serial number, and whose organisation is clientOrganisation; the one it showed is of ${JSON.stringify(shown.commonName ?? '')} (${JSON.stringify(shown.organisations.join(', '))}).`
}

const withoutEntry = 'In the charge point: choose OCPP 1.6 JSON, so that it offers the subprotocol ocpp1.6; if it cannot, here: add a charge point of this name, and let it in without one, by withoutSubprotocol on the Settings tab of its page'

/** It has none here, and none that it shows can be right. */
function passwordAdvice({ credentials }: Attempt, { config: { securityProfile } }: PointRecord, resource: string): string {
  const here = `on the Settings tab of its page (PUT ${resource} with password)`
  const without = securityProfile === undefined ? '; or here: set securityProfile 0, if it may come without one' : ', because its securityProfile asks for one'
  if (credentials !== undefined) return `Here: set the password that the charge point sends, ${here}; none is set yet, so whatever it sends is refused${securityProfile === undefined ? without : ''}.`
  return `Here: set a password, ${here}, and in the charge point: enter the same${without}.`
}

/** Many charge points put their identity behind the address by themselves. */
function pathAdvice({ path, host, secure }: Attempt): string | null {
  const [, before = '', name, again] = /^(.*\/ocpp\/)([^/]+)\/([^/]+)\/?$/i.exec(path) ?? []
  if (name === undefined || name !== again) return null
  return `In the charge point: enter the address ${secure ? 'wss' : 'ws'}://${host}${before}, without its name, which it adds by itself; in ${path} the name stands twice.`
}
