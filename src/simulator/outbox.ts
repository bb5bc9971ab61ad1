// The CALLs a simulated charge point has to send: one outstanding at a time, transaction messages kept through an outage.
import type { Clock } from '../clock.ts'
import type { RequestOf, ResponseOf, StationAction } from '../protocol/messages/index.ts'

export type Answer<A extends StationAction> = { readonly payload: ResponseOf<A> } | { readonly errorCode: string }

export interface OutgoingCall<A extends StationAction = StationAction> {
  readonly action: A
  /** Read when the frame is written; null = no longer wanted. */
  readonly build: () => RequestOf<A> | null
  /** Kept until it is answered, through time-outs and outages. */
  readonly kept: boolean
  readonly answered?: (answer: Answer<A>) => void
}

export interface Outbox {
  push<A extends StationAction>(call: OutgoingCall<A>): void
  /** In front of everything that waits. */
  pushFirst<A extends StationAction>(call: OutgoingCall<A>): void
  /** An answer came in. False when it answers nothing we wait for. */
  settle(id: string, result: { readonly payload: unknown } | { readonly errorCode: string }): boolean
  /** Starts or stops sending. Stopping gives up what is outstanding; what is not `kept` is dropped. */
  open(send: (id: string, action: StationAction, payload: unknown) => void): void
  close(): void
  /** Looks again at what `allowed` held back. */
  resume(): void
  readonly isOpen: boolean
  readonly waiting: number
}

interface Entry {
  readonly call: { readonly action: StationAction; readonly build: () => unknown; readonly kept: boolean }
  readonly finish: (result: { readonly payload: unknown } | { readonly errorCode: string }) => void
  failures: number
}

const capacity = 2_000
const answerTimeoutMs = 30_000
const retryAfterMs = 10_000
const attempts = 3

export interface OutboxOptions {
  readonly clock: Clock
  readonly nextID: () => string
  /** False holds an action back (and all behind it) until `resume`. */
  readonly allowed: (action: StationAction) => boolean
  /** The central system answered SecurityError: it wants a BootNotification first. */
  readonly notAccepted: () => void
}

export function createOutbox(options: OutboxOptions): Outbox {
  const { clock, nextID } = options
  let queue: Entry[] = []
  let send: ((id: string, action: StationAction, payload: unknown) => void) | null = null
  let outstanding: { readonly id: string; readonly entry: Entry; readonly cancel: () => void } | null = null
  let cancelRetry: (() => void) | null = null

  function entryOf<A extends StationAction>(call: OutgoingCall<A>): Entry {
    return {
      call,
      failures: 0,
      // The table says what answers this action; the wire was judged before it came here.
      finish: (result) => call.answered?.('payload' in result ? { payload: result.payload as ResponseOf<A> } : result),
    }
  }

  function add(entry: Entry, first: boolean): void {
    if (send === null && !entry.call.kept) return
    if (queue.length >= capacity) {
      const droppable = queue.findIndex((each) => each.call.action === 'MeterValues' || !each.call.kept)
      queue.splice(Math.max(0, droppable), 1)
    }
    if (first) queue.unshift(entry)
    else queue.push(entry)
    pump()
  }

  function pump(): void {
    if (send === null || outstanding !== null || cancelRetry !== null) return
    const entry = queue[0]
    if (entry === undefined || !options.allowed(entry.call.action)) return
    queue.shift()
    const payload = entry.call.build()
    if (payload === null) return pump()
    const id = nextID()
    outstanding = { id, entry, cancel: clock.after(answerTimeoutMs, () => { outstanding = null; again(entry) }) }
    send(id, entry.call.action, payload)
  }

  function again(entry: Entry): void {
    if (entry.call.kept && ++entry.failures < attempts) {
      queue.unshift(entry)
      cancelRetry = clock.after(retryAfterMs, () => { cancelRetry = null; pump() })
    } else pump()
  }

  return {
    push: (call) => add(entryOf(call), false),
    pushFirst: (call) => add(entryOf(call), true),
    settle(id, result) {
      if (outstanding === null || outstanding.id !== id) return false
      const { entry, cancel } = outstanding
      cancel()
      outstanding = null
      if ('errorCode' in result && result.errorCode === 'SecurityError') {
        if (entry.call.kept) queue.unshift(entry)
        options.notAccepted()
      } else if ('errorCode' in result && entry.call.kept) again(entry)
      else entry.finish(result)
      pump()
      return true
    },
    open(through) {
      send = through
      pump()
    },
    close() {
      send = null
      cancelRetry?.()
      cancelRetry = null
      if (outstanding !== null) {
        outstanding.cancel()
        queue.unshift(outstanding.entry)
        outstanding = null
      }
      queue = queue.filter((entry) => entry.call.kept)
    },
    resume: pump,
    get isOpen() { return send !== null },
    get waiting() { return queue.length + (outstanding === null ? 0 : 1) },
  }
}
