// Gets a charge point the certificate it asks for: one request at a time, the certificate authority asked once, the chain brought to it when it is there.
import { checkedChain, longestChain } from './certificate-check.ts'
import { readRequest } from './certificate-pem.ts'
import { keepCertificates, readCertificateRecord, readSigning, signingKey, withOwn, type Signing } from './certificate-record.ts'
import type { CommandRecord } from './command-record.ts'
import { configurationOf } from './configuration-desk.ts'
import { knownValue } from './configuration-record.ts'
import type { Station } from './handlers/station.ts'
import { Refusal } from './house.ts'
import { outOfReach } from './reach.ts'

/** A request waits so long for its charge point to be there. */
const keptMs = 7 * 86_400_000
/** A charge point that is gone whenever it is given its certificate is given it no more. */
const mostTries = 3
/** While the store takes no writes. */
const againMs = 60_000
/** A charge point that asks again and again has so many signed within that time. */
const mostSigned = 5
const perMs = 10 * 60_000

interface Turn { running: boolean; cancel: () => void; signedAtMs: number[] }
const turns = new WeakMap<Station, Turn>()

function turnOf(station: Station): Turn {
  const turn = turns.get(station) ?? { running: false, cancel: () => undefined, signedAtMs: [] }
  turns.set(station, turn)
  return turn
}

/** Puts the request, in the place of one that waits; the caller makes it durable. */
export function keepRequest(station: Station, csr: string): void {
  station.scope.put(signingKey(station.clientID), { v: 1, csr, askedAtMs: station.clock.wall(), chain: null, tries: 0 } satisfies Signing)
}

/** The charge point is there: what it waits for goes on, and why it got nothing is said again. */
export function resumeSigning(station: Station): void {
  const { failure } = readCertificateRecord(station.scope, station.clientID)
  if (failure !== null) station.condition('certificate-failed', failure.message)
  if (readSigning(station.scope, station.clientID) !== null) signSoon(station)
}

/** In a later turn: what it was answered must be on its way first. */
export function signSoon(station: Station, afterMs = 0): void {
  const turn = turnOf(station)
  turn.cancel()
  turn.cancel = station.clock.after(afterMs, () => {
    if (turn.running) return
    turn.running = true
    signAll(station, turn)
      .catch((error: unknown) => station.log.error({ clientID: station.clientID, error }, 'a certificate could not be brought to its charge point'))
      .finally(() => { turn.running = false })
  })
}

/** Until nothing waits, or what waits cannot go on now. */
async function signAll(station: Station, turn: Turn): Promise<void> {
  for (;;) {
    const signing = readSigning(station.scope, station.clientID)
    if (signing === null || outOfReach(station) !== null) return
    const goesOn = signing.chain === null ? await sign(station, turn, signing) : await bring(station, signing, signing.chain)
    if (!goesOn) return
  }
}

async function sign(station: Station, turn: Turn, signing: Signing): Promise<boolean> {
  const { clientID, siteID, clock, certificateAuthority: authority } = station
  const nowMs = clock.mono()
  if (authority === null) return fail(station, signing, 'no certificate authority is configured any more')
  if (clock.wall() - signing.askedAtMs > keptMs) return fail(station, signing, 'it was away for too long after it had asked')
  turn.signedAtMs = turn.signedAtMs.filter((ms) => nowMs - ms < perMs)
  const [earliest] = turn.signedAtMs
  if (earliest !== undefined && turn.signedAtMs.length >= mostSigned) {
    signSoon(station, earliest + perMs - nowMs)
    return false
  }
  turn.signedAtMs.push(nowMs)
  try {
    const answer = await authority.sign({ clientID, siteID, csr: signing.csr })
    const { boot } = station.snapshot().context
    const chain = checkedChain(answer, {
      clientID, clientOrganisation: authority.clientOrganisation, publicKey: readRequest(signing.csr)?.publicKey ?? null, longestChain: longestChainOf(station),
      serialNumbers: [boot?.['chargePointSerialNumber'], boot?.['chargeBoxSerialNumber']].filter((serial) => serial !== undefined),
    }, clock.wall())
    if (isNewest(station, signing)) station.scope.put(signingKey(clientID), { ...signing, chain })
    return true
  } catch (error) {
    return fail(station, signing, error instanceof Error ? error.message : String(error))
  }
}

/** Characters of PEM that it takes. */
export function longestChainOf(station: Station): number {
  const said = Number(knownValue(configurationOf(station), 'CertificateSignedMaxChainSize') ?? Number.NaN)
  return Number.isInteger(said) && said > 0 ? Math.min(said, longestChain) : longestChain
}

async function bring(station: Station, signing: Signing, chain: string): Promise<boolean> {
  if (signing.tries >= mostTries) return fail(station, signing, 'its connection ended whenever it was given the certificate')
  station.scope.put(signingKey(station.clientID), { ...signing, tries: signing.tries + 1 })
  let ended: Pick<CommandRecord, 'status' | 'error'>
  try {
    ended = await station.order('CertificateSigned', { certificateChain: chain })
  } catch (error) {
    const unsent = error instanceof Refusal && (error.kind === 'store-down' || error.code.startsWith('charge-point-'))
    if (!unsent) return fail(station, signing, error instanceof Error ? error.message : String(error))
    if (isNewest(station, signing)) station.scope.put(signingKey(station.clientID), signing)
    signSoon(station, againMs)
    return false
  }
  if (ended.status === 'accepted') return true
  // Gone, perhaps back already: the next connection brings it.
  if (ended.error?.code === 'disconnected' || ended.error?.code === 'closed') return true
  return fail(station, signing, ended.status === 'rejected' ? 'it rejected the certificate' : ended.error?.description ?? ended.status)
}

/** It took the chain, perhaps one that a person sent. */
export function certificateTaken(station: Station, chain: string): void {
  const { scope, clientID, clock } = station
  if (readSigning(scope, clientID)?.chain === chain) scope.delete(signingKey(clientID))
  keepCertificates(scope, clientID, (record) => withOwn(record, chain, clock.wall()))
  station.condition('certificate-failed', null)
}

/** People are told, until the next success; the charge point or a person begins anew. */
export function certificateFailed(station: Station, why: string): void {
  const { scope, clientID, clock, log } = station
  const message = `${clientID} asked for a certificate and has none: ${why}. POST extended-trigger-message with SignChargePointCertificate makes it ask again.`
  log.warn({ clientID, why }, 'a charge point that asked for a certificate got none')
  keepCertificates(scope, clientID, (record) => ({ ...record, failure: { message, atMs: clock.wall() } }))
  station.condition('certificate-failed', message)
}

/** Nothing more is done for that request; a newer one is looked at next. */
function fail(station: Station, signing: Signing, why: string): boolean {
  if (!isNewest(station, signing)) return true
  station.scope.delete(signingKey(station.clientID))
  certificateFailed(station, why)
  void station.scope.flush().catch(() => undefined)
  return true
}

/** No newer request has taken its place, and the charge point was not removed. */
function isNewest(station: Station, { csr, askedAtMs }: Signing): boolean {
  const now = readSigning(station.scope, station.clientID)
  return now !== null && now.csr === csr && now.askedAtMs === askedAtMs
}
