// The face a connected charge point shows to the rest of kwota: one live session per identity, addressed by generation.

/** What became of a CALL of ours. `dropped` = provably never sent; `timed-out` = sent, answer unknown (it may still be applied). */
export type CallOutcome =
  | { readonly type: 'result'; readonly payload: unknown }
  | { readonly type: 'error'; readonly code: string; readonly description: string }
  | { readonly type: 'timed-out' }
  | { readonly type: 'disconnected' }
  | { readonly type: 'dropped'; readonly reason: 'queue-full' | 'closed' | 'withdrawn' | 'not-owner' }

export interface CallOptions {
  /** 0 = lowerings and fallbacks (ahead of everything), 1 = the rest of what the engine sends, 2 = everything else. FIFO inside a priority. */
  readonly priority?: 0 | 1 | 2
  /** It can only take power away: it may leave also while nobody can say whether the site is still ours. */
  readonly lowers?: boolean
  /** Overrides the session's CALL time-out. */
  readonly timeoutMs?: number
  /** Runs the moment the frame is handed to the socket. */
  readonly onSent?: () => void
  /** Runs the moment the answer or its time-out is there, before the next CALL is built. */
  readonly onEnd?: (outcome: CallOutcome) => void
  /** An answer that came after `timed-out`; never called before it. */
  readonly onLate?: (outcome: CallOutcome) => void
}

/** One WebSocket connection of a charge point after the handshake. */
export interface Session {
  readonly clientID: string
  /** Opaque, unique per connection. */
  readonly id: string
  /** Grows by one with each connection of this identity in this process. */
  readonly generation: number
  readonly remoteAddress: string
  /** The origin it came through, e.g. `https://kwota.example:8443`: what it can reach, so addresses for uploads begin with it. */
  readonly reachedAt: string
  /**
   * Queues a CALL. `build` runs when the frame is about to be sent, so that what is sent is never stale; returning null
   * withdraws it (outcome dropped/withdrawn). At most one CALL is outstanding; the request is validated before it is sent
   * (an invalid one is a programming error and rejects). Resolves with the outcome, never rejects for what the peer does.
   */
  call(action: string, build: () => unknown, options?: CallOptions): Promise<CallOutcome>
  /** What was said to charge points so far leaves now, not at the end of the turn. */
  hasten?(): void
  /** CALLs that wait for their turn; absent: nobody counts them. */
  readonly callsWaiting?: number
  /** True while the socket is open. */
  readonly open: boolean
  close(code: number, reason: string): void
}

/** Thrown by a handler to answer with a CALLERROR of this code. */
export class CallError extends Error {
  override readonly name = 'CallError'
  readonly code: string
  constructor(code: string, description: string) {
    super(description)
    this.code = code
  }
}

/** What a client showed of itself in the TLS handshake. */
export interface ClientCertificate {
  /** Null when there is none, or more than one. */
  readonly commonName: string | null
  readonly organisations: readonly string[]
  /** A CA of ours signed it, it is valid now, and it is one for clients. */
  readonly verified: boolean
  /** Why not, as OpenSSL calls it, e.g. `CERT_HAS_EXPIRED`. */
  readonly fault?: string
}

/** The one kwota speaks. */
export const subprotocol = 'ocpp1.6'

/** An attempt to connect, before the upgrade. */
export interface Attempt {
  readonly clientID: string
  readonly path: string
  readonly remoteAddress: string
  /** From this machine, and nobody passed it on. */
  readonly loopback: boolean
  /** Came over TLS. */
  readonly secure: boolean
  /** Host and port as the charge point calls us; our own address where it said nothing usable. */
  readonly host: string
  readonly subprotocols: readonly string[]
  /** Decoded Basic credentials, split at the first ':'; absent when no Authorization header came. */
  readonly credentials?: { readonly username: string; readonly password: Buffer }
  /** Absent when none was shown or none was asked for. */
  readonly clientCertificate?: ClientCertificate
}

export type RefusalReason =
  | 'no-subprotocol' | 'wrong-subprotocol' | 'bad-path' | 'empty-id' | 'id-invalid-chars' | 'unknown-id' | 'duplicate-id'
  | 'auth-missing' | 'auth-wrong' | 'auth-bad-length' | 'tls-required' | 'tls-client-cert' | 'rate-limited' | 'upgrade-missing' | 'not-owner'

export type Admission =
  | { readonly admitted: true
      /** The spelling on record (first seen). */
      readonly clientID: string
      /** Let in although it offered no subprotocol at all. */
      readonly withoutSubprotocol?: boolean
      /** Soft faults are refused too. */
      readonly strict?: boolean
      /** Proven by its own certificate: it takes the place of a live connection instead of being refused as a duplicate. */
      readonly replacesLive?: boolean
      /** Overrides; 0 = no limit. */
      readonly messagesPerSecond?: number }
  | { readonly admitted: false; readonly reason: RefusalReason; readonly status: 401 | 403 | 404 | 409 | 429 | 503 }

/** What the protocol room needs from whoever owns the charge points. Implemented by the actors. */
export interface StationDesk {
  /** Decides before the upgrade. Must do the same work for unknown identities as for wrong passwords. */
  admit(attempt: Attempt): Promise<Admission>
  /** A refused attempt, for the lobby and the log. */
  refused(attempt: Attempt, reason: RefusalReason): void
  connected(session: Session): void
  /** Asked as a CALL is about to leave; false: it is dropped (not-owner). Absent: everything may. */
  mayLeave?(session: Session, action: string, lowers: boolean): boolean
  /** A CALL of the charge point was refused without being handed over; '' when it could not be read. */
  unhandled?(session: Session, action: string): void
  /** How a CALL of ours ended, once for each. */
  ended?(session: Session, action: string, outcome: CallOutcome): void
  /** Exactly once per connected session. */
  disconnected(session: Session, code: number, reason: string): void
  /**
   * Answers a valid CALL of the charge point; the payload has passed the table. Returns the response payload or a promise of it;
   * throw CallError for a CALLERROR; anything else thrown becomes InternalError. Called in arrival order, and the next CALL of
   * the same session is handed over only when this one is answered. `faults` lists soft faults let through.
   */
  handle(session: Session, action: string, payload: unknown, faults: readonly string[]): unknown
  /** Every frame, both directions, raw; for the message log. */
  frame?(session: Session, direction: 'in' | 'out', text: string): void
}
