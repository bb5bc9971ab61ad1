// What a connection needs from outside: a socket, a log, counters to fill, and its bounds.

/** The sending half of a transport; none of it throws. The receiving half calls `received`, `pong` and `closed` of the connection. */
export interface Socket {
  send(text: string): void
  /** What was sent so far leaves now, on this and the sockets beside it, where it would leave together at the end of the turn; absent = it has left. */
  hasten?(): void
  close(code: number, reason: string): void
  ping(): void
  terminate(): void
  /** Stops reading; what was read already may still be delivered. */
  pause(): void
  resume(): void
  /** Bytes handed over but not yet sent. */
  readonly bufferedAmount: number
}

export interface Log {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export const silentLog: Log = { info() {}, warn() {}, error() {} }

export interface Limits {
  readonly callTimeoutMs: number
  /** For a CALL that stands in front of one of priority 0, from its sending. */
  readonly urgentTimeoutMs: number
  readonly outgoingQueue: number
  readonly incomingQueue: number
  readonly bufferedBytes: number
  /** 0 = no pings. */
  readonly pingIntervalMs: number
  /** 0 = no limit. */
  readonly messagesPerSecond: number
  readonly burst: number
  /** How long a charge point may stay over its bounds. */
  readonly overrunMs: number
  readonly rememberedReplies: number
  readonly lateAnswers: number
  /** So many CALLs in a row nobody heard: the charge point is deaf. */
  readonly deafAfter: number
  readonly probeMs: number
}

export const defaultLimits: Limits = {
  callTimeoutMs: 30_000,
  urgentTimeoutMs: 5_000,
  outgoingQueue: 32,
  incomingQueue: 16,
  bufferedBytes: 256 * 1024,
  pingIntervalMs: 30_000,
  messagesPerSecond: 20,
  burst: 100,
  overrunMs: 30_000,
  rememberedReplies: 256,
  lateAnswers: 64,
  deafAfter: 3,
  probeMs: 2_000,
}

const names = [
  'framesIn', 'framesOut', 'callsIn', 'callsOut', 'callErrorsSent', 'callErrorsReceived', 'softFaults', 'badFrames', 'ignoredFrames', 'duplicateCalls',
  'unknownAnswers', 'lateAnswers', 'invalidAnswers', 'timeOuts', 'dropped', 'pauses', 'overruns', 'deaf', 'silent', 'slowReaders', 'handlerFailures',
  'connects', 'disconnects', 'replaced', 'duplicateIdentities', 'refused',
] as const

/** Running totals since the start; read them for metrics. */
export type Counters = Record<(typeof names)[number], number>

export function createCounters(): Counters {
  return Object.fromEntries(names.map((name) => [name, 0])) as Counters
}
