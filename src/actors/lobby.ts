// The lobby: who tried to connect and was refused, and who is connected and waits to be accepted, each with what to change. In memory.
import type { Attempt, RefusalReason, Session } from '../protocol/session.ts'

/** Configured, and its settings say that it has to wait, or that its boot is rejected. */
export type HeldReason = 'boot-pending' | 'boot-rejected'
export type LobbyReason = RefusalReason | HeldReason
export type LobbyVerdict = 'refused' | 'waiting'

/** All attempts of one identity that ended for the same reason. */
export interface LobbyEntry {
  readonly clientID: string
  readonly verdict: LobbyVerdict
  readonly reason: LobbyReason
  /** What to change, on which side, in a sentence. */
  readonly change: string
  readonly path: string
  readonly remoteAddress: string
  readonly subprotocols: readonly string[]
  readonly firstAt: string
  readonly lastAt: string
  readonly attempts: number
  /** What its BootNotification said. */
  readonly boot?: Readonly<Record<string, unknown>>
}

const mostEntries = 500
const mostOfOneAddress = 50
const mostApproaching = 500

const accept = 'Here: accept it (POST /api/v1/lobby/{clientID}/accept), or add a charge point of this name'

/** For people who have the charge point's settings page open. */
export const changes: Readonly<Record<LobbyReason, string>> = {
  'no-subprotocol': 'In the charge point: choose OCPP 1.6 JSON, so that it offers the subprotocol ocpp1.6; if it cannot, here: let it in without one, by withoutSubprotocol on the Settings tab of its page (PUT /api/v1/chargepoints/{clientID}/settings).',
  'wrong-subprotocol': 'In the charge point: choose OCPP version 1.6 JSON; kwota speaks ocpp1.6 and nothing else.',
  'bad-path': 'In the charge point: the address must end in /ocpp/ and its identity, for example ws://host:8080/ocpp/CP-01.',
  'empty-id': 'In the charge point: set its identity, or put it at the end of the address, behind /ocpp/.',
  'id-invalid-chars': 'In the charge point: give it an identity of at most 48 printable characters, without spaces at its ends.',
  'unknown-id': `${accept}; if the name is wrong, in the charge point: correct its identity.`,
  'duplicate-id': 'In one of two charge points: change the identity, because both use this one; if there is only one, it comes in as soon as its old connection is found dead.',
  'auth-missing': 'In the charge point: set security profile 1 or above and the password it has here; or here: take its password away and set securityProfile 0, if it may come without.',
  'auth-wrong': 'In the charge point: enter the password it has here (AuthorizationKey), with its identity as the user name; or here: PUT the password it has.',
  'auth-bad-length': 'In the charge point: set a password (AuthorizationKey) of 16 to 20 bytes, and here the same.',
  'tls-required': 'In the charge point: use the wss:// address, because its security profile asks for TLS; or here: lower its securityProfile.',
  'tls-client-cert': 'In the charge point: install a client certificate that our CA has signed and that names its identity or serial number.',
  'rate-limited': 'Nothing, unless it stays: too many were connecting at once, or too many wrong passwords came in its name or from its address, and it will come again; in the charge point: the right password, and a longer pause between attempts.',
  'upgrade-missing': 'In the charge point: choose OCPP over WebSocket (JSON), not HTTP or SOAP; or in the proxy in between: pass the Upgrade header on.',
  'not-owner': 'In the charge point: the address of the kwota that has its site now; or here: stop that one, and start this one again.',
  'boot-pending': 'Here: accept it (POST /api/v1/lobby/{clientID}/accept), which sets its bootPolicy to accept.',
  'boot-rejected': 'Here: accept it (POST /api/v1/lobby/{clientID}/accept), which sets its bootPolicy to accept, if it is to charge.',
}

interface Row extends Omit<LobbyEntry, 'firstAt' | 'lastAt'> { readonly firstMs: number; readonly lastMs: number; readonly loopback: boolean; readonly sessionId: string | null }
interface Waiting { readonly session: Session; readonly reason: 'unknown-id' | HeldReason }
type Way = Pick<Attempt, 'path' | 'remoteAddress' | 'subprotocols' | 'loopback'>

export class Lobby {
  private readonly wall: () => number
  /** By identity and reason, longest unseen first. Of those without a live session 50 of one address and 500 in all are kept, the longest unseen goes. */
  private readonly rows = new Map<string, Row>()
  /** How those came who are being let in, until they are connected; the oldest goes. */
  private readonly approaching = new Map<string, Way>()
  /** By session; as many as are connected. */
  private readonly waiting = new Map<string, Waiting>()
  private readonly ways = new WeakMap<Session, Way>()

  constructor(wall: () => number) {
    this.wall = wall
  }

  refused(attempt: Attempt, reason: RefusalReason, advice: string | null): void {
    this.approaching.delete(attempt.clientID.toLowerCase())
    this.note(attempt.clientID, 'refused', reason, attempt, advice ?? changes[reason])
  }

  /** It is let in, and what becomes of it is seen when it is connected. */
  approaches({ clientID, path, remoteAddress, subprotocols, loopback }: Attempt): void {
    const key = clientID.toLowerCase()
    this.approaching.delete(key)
    this.approaching.set(key, { path, remoteAddress, subprotocols, loopback })
    dropOldest(this.approaching, mostApproaching)
  }

  /** A session that is connected and not accepted. */
  waits(session: Session, reason: Waiting['reason']): void {
    this.waiting.set(session.id, { session, reason })
    this.note(session.clientID, reason === 'boot-rejected' ? 'refused' : 'waiting', reason, this.wayOf(session), changes[reason], session.id)
  }

  /** Connected, or booting again, as somebody who may: what was wrong before is over. */
  joined(session: Session): void {
    this.wayOf(session)
    this.waiting.delete(session.id)
    this.forget(session.clientID)
  }

  isWaiting(session: Session): boolean {
    return this.waiting.has(session.id)
  }

  /** It has booted and is not accepted, for a reason that may be another than when it connected. */
  booted(session: Session, boot: unknown, reason: Waiting['reason']): void {
    const before = this.waiting.get(session.id)?.reason
    if (before !== undefined && before !== reason) this.rows.delete(keyOf(session.clientID, before))
    const key = keyOf(session.clientID, reason)
    if (before !== reason || !this.rows.has(key)) this.waits(session, reason)
    const row = this.rows.get(key)
    if (row !== undefined && typeof boot === 'object' && boot !== null) this.rows.set(key, { ...row, boot: { ...boot } })
  }

  gone(session: Session): void {
    this.waiting.delete(session.id)
  }

  /** Connected now, and told at its boot to wait or to go. */
  isHeld(clientID: string): boolean {
    return [...this.waiting.values()].some(({ session, reason }) => reason !== 'unknown-id' && session.clientID.toLowerCase() === clientID.toLowerCase())
  }

  /** Configured or accepted now: its rows go, and its waiting session is closed so that it comes back as itself. */
  release(clientID: string, why: string): void {
    this.forget(clientID)
    for (const { session } of [...this.waiting.values()]) {
      if (session.clientID.toLowerCase() !== clientID.toLowerCase()) continue
      this.waiting.delete(session.id)
      session.close(1012, why)
    }
  }

  /** Newest first. */
  list(): LobbyEntry[] {
    return [...this.rows.values()].reverse().map((kept) => {
      const { firstMs, lastMs, loopback: _, sessionId: __, ...row } = kept
      return { ...row, firstAt: new Date(firstMs).toISOString(), lastAt: new Date(lastMs).toISOString() }
    })
  }

  /** Its identity in the spelling it used last, and whether it came from this machine; null when nobody of that name is here. */
  find(clientID: string): { readonly clientID: string; readonly loopback: boolean } | null {
    return [...this.rows.values()].findLast((row) => row.clientID.toLowerCase() === clientID.toLowerCase()) ?? null
  }

  private wayOf(session: Session): Way {
    const { clientID, remoteAddress } = session
    const key = clientID.toLowerCase()
    const way = this.ways.get(session) ?? this.approaching.get(key) ?? { path: `/ocpp/${encodeURIComponent(clientID)}`, remoteAddress, subprotocols: [], loopback: false }
    this.ways.set(session, way)
    this.approaching.delete(key)
    return way
  }

  private note(clientID: string, verdict: LobbyVerdict, reason: LobbyReason, { path, remoteAddress, subprotocols, loopback }: Way, change: string, sessionId: string | null = null): void {
    const key = keyOf(clientID, reason)
    const known = this.rows.get(key)
    const nowMs = this.wall()
    this.rows.delete(key)
    this.rows.set(key, {
      clientID, verdict, reason, change: change.replace('{clientID}', encodeURIComponent(clientID)), path, remoteAddress, subprotocols, loopback,
      // A stranger who uses the name of one that waits does not take its row.
      sessionId: sessionId ?? (known !== undefined && this.isLive(known) ? known.sessionId : null),
      firstMs: known?.firstMs ?? nowMs, lastMs: nowMs, attempts: (known?.attempts ?? 0) + 1, ...(known?.boot === undefined ? {} : { boot: known.boot }),
    })
    this.dropUnseen(remoteAddress)
  }

  private isLive({ sessionId }: Row): boolean {
    return sessionId !== null && this.waiting.has(sessionId)
  }

  /** Whoever waits stays, whatever else comes; of the rest the longest unseen goes, first of the address that came just now. */
  private dropUnseen(remoteAddress: string): void {
    const past = [...this.rows].filter(([, row]) => !this.isLive(row))
    const same = past.filter(([, row]) => row.remoteAddress === remoteAddress)
    const [oldest] = same.length > mostOfOneAddress ? same : past.length > mostEntries ? past : []
    if (oldest !== undefined) this.rows.delete(oldest[0])
  }

  private forget(clientID: string): void {
    for (const [key, row] of this.rows) if (row.clientID.toLowerCase() === clientID.toLowerCase()) this.rows.delete(key)
  }
}

function keyOf(clientID: string, reason: LobbyReason): string {
  return `${reason} ${clientID.toLowerCase()}`
}

function dropOldest(map: Map<string, unknown>, most: number): void {
  const oldest = map.keys().next()
  if (map.size > most && oldest.done !== true) map.delete(oldest.value)
}
