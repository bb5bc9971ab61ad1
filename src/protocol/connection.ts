// One live connection to a charge point over any transport: joins the two directions, keeps it alive, ends it once.
import type { Clock } from '../clock.ts'
import { FrameReader } from './frame-reader.ts'
import { Inbox } from './inbox.ts'
import { Outbox } from './outbox.ts'
import type { Counters, Limits, Log, Socket } from './ports.ts'
import type { CallOptions, CallOutcome, Session, StationDesk } from './session.ts'

/** The part of the desk a connection needs. A simulated charge point hands in its own. */
export type ConnectionDesk = Pick<StationDesk, 'handle' | 'frame' | 'mayLeave' | 'ended' | 'unhandled'>

export interface ConnectionOptions {
  readonly clientID: string
  readonly id: string
  readonly generation: number
  readonly remoteAddress: string
  readonly reachedAt: string
  readonly socket: Socket
  readonly desk: ConnectionDesk
  readonly clock: Clock
  readonly log: Log
  readonly limits: Limits
  readonly counters: Counters
  /** Soft faults are refused too. */
  readonly strict?: boolean
  /** Which side we are; default `central`. */
  readonly role?: 'central' | 'station'
  /** Runs once, when the connection is over. */
  ended(code: number, reason: string): void
}

/**
 * The transport calls `received`, `pong` and `closed`. A close of ours ends the connection at once: nothing is sent or answered
 * after it, whatever the transport still delivers.
 */
export class Connection implements Session {
  readonly clientID: string
  readonly id: string
  readonly generation: number
  readonly remoteAddress: string
  readonly reachedAt: string
  private readonly options: ConnectionOptions
  private readonly reader = new FrameReader()
  private readonly inbox: Inbox
  private readonly outbox: Outbox
  private live = true
  private gone: { readonly code: number; readonly reason: string } | null = null
  private sent = 0
  private heardAt: number
  private cancelPing: (() => void) | undefined
  private readonly listeners = new Set<(alive: boolean) => void>()

  constructor(options: ConnectionOptions) {
    const { clock, limits, counters, socket } = options
    const log = labelled(options.log, options.clientID)
    this.options = { ...options, log }
    this.clientID = options.clientID
    this.id = options.id
    this.generation = options.generation
    this.remoteAddress = options.remoteAddress
    this.reachedAt = options.reachedAt
    this.heardAt = clock.mono()
    const role = options.role ?? 'central'
    this.inbox = new Inbox({
      clock, limits, counters, log, strict: options.strict ?? false, from: role === 'central' ? 'station' : 'central',
      handle: (action, payload, faults) => options.desk.handle(this, action, payload, faults),
      unhandled: (action) => options.desk.unhandled?.(this, action),
      send: (text) => { this.send(text) },
      pause: () => socket.pause(),
      resume: () => { this.heardAt = clock.mono(); socket.resume() },
      overrun: (reason) => { log.warn({ reason }, 'charge point over its message limit'); this.close(1008, reason) },
    })
    this.outbox = new Outbox({
      clock, limits, counters, log, as: role,
      nextId: () => `${this.id.slice(-24)}-${++this.sent}`,
      mayLeave: (action, lowers) => options.desk.mayLeave?.(this, action, lowers) ?? true,
      send: (text) => this.send(text),
      heardAt: () => this.inbox.paused ? clock.mono() : this.heardAt,
      hurried: () => socket.ping(),
      timedOut: (unheard) => { if (unheard >= limits.deafAfter) this.recycle(unheard) },
    })
    this.armPing()
  }

  get open(): boolean {
    return this.live
  }

  get callsWaiting(): number {
    return this.outbox.queues.reduce((sum, { length }) => sum + length, 0)
  }

  /** Its transport has ended, and it will be `closed` soon. */
  get isLeaving(): boolean {
    return this.gone !== null && this.live
  }

  call(action: string, build: () => unknown, options?: CallOptions): Promise<CallOutcome> {
    const outcome = this.outbox.call(action, build, options)
    const { desk } = this.options
    if (desk.ended !== undefined) outcome.then((how) => desk.ended?.(this, action, how), () => undefined)
    return outcome
  }

  hasten(): void {
    this.options.socket.hasten?.()
  }

  /** Ends the connection at once and tells the peer why. */
  close(code: number, reason: string): void {
    if (!this.live) return
    this.options.socket.close(code, reason)
    this.closed(code, reason)
  }

  /** Ends the connection at once without a word to the peer. */
  terminate(reason: string): void {
    if (!this.live) return
    this.options.socket.terminate()
    this.closed(this.gone?.code ?? 1006, this.gone?.reason ?? reason)
  }

  /** A text frame came. */
  received(text: string): void {
    if (!this.live) return
    const { counters } = this.options
    this.heard()
    counters.framesIn++
    this.show('in', text)
    const reading = this.reader.read(text)
    // Answers to us never wait behind their CALLs; everything else pays its token in order.
    if ((reading.type === 'result' || reading.type === 'error') && this.outbox.answered(reading)) return
    if (reading.type === 'bad-answer' && reading.id !== undefined && this.outbox.garbled(reading.id, reading.description)) return
    this.inbox.push(reading, text.length)
  }

  /** A pong or a ping came. */
  pong(): void {
    if (this.live) this.heard()
  }

  /** The transport has nothing more to bring (why, where that is known), and will be `closed` soon: whoever comes back need not wait for that. */
  left(code = 1006, reason = ''): void {
    this.gone = { code, reason }
    for (const tell of this.listeners) tell(false)
  }

  /** The transport is gone. */
  closed(code: number, reason: string): void {
    if (!this.live) return
    this.live = false
    this.cancelPing?.()
    this.inbox.stop()
    this.outbox.stop()
    for (const tell of this.listeners) tell(false)
    this.options.ended(code, reason)
  }

  /** Pings, and resolves true as soon as anything is heard, false after `probeMs` of silence or when the connection ends. */
  probe(): Promise<boolean> {
    const { clock, limits, socket } = this.options
    if (!this.live || this.gone !== null) return Promise.resolve(false)
    // What we do not read we cannot hear; the overrun limit ends this state.
    if (this.inbox.paused) return Promise.resolve(true)
    return new Promise((resolve) => {
      const finish = (alive: boolean) => {
        cancel()
        this.listeners.delete(finish)
        resolve(alive)
      }
      const cancel = clock.after(limits.probeMs, () => finish(false))
      this.listeners.add(finish)
      socket.ping()
    })
  }

  private heard(): void {
    this.heardAt = this.options.clock.mono()
    if (this.gone !== null) return
    for (const tell of this.listeners) tell(true)
  }

  private armPing(): void {
    const { clock, limits, counters, log, socket } = this.options
    if (limits.pingIntervalMs === 0) return
    this.cancelPing = clock.after(limits.pingIntervalMs, () => {
      if (!this.inbox.paused && clock.mono() - this.heardAt >= 2 * limits.pingIntervalMs) {
        counters.silent++
        log.warn({}, 'charge point silent, socket cut')
        return this.terminate('silent')
      }
      socket.ping()
      this.armPing()
    })
  }

  private recycle(unheard: number): void {
    if (this.inbox.paused) return
    this.options.counters.deaf++
    this.options.log.error({ event: 'deaf', timeOuts: unheard }, 'charge point answers no calls, socket recycled')
    this.close(1011, 'no answer to calls')
  }

  private send(text: string): boolean {
    const { socket, limits, counters, log } = this.options
    if (!this.live) return false
    if (socket.bufferedAmount + Buffer.byteLength(text) > limits.bufferedBytes) {
      counters.slowReaders++
      log.warn({ bufferedBytes: socket.bufferedAmount }, 'charge point does not read, socket cut')
      this.terminate('reads too slowly')
      return false
    }
    counters.framesOut++
    this.show('out', text)
    socket.send(text)
    return true
  }

  private show(direction: 'in' | 'out', text: string): void {
    try {
      this.options.desk.frame?.(this, direction, text)
    } catch (cause) {
      this.options.log.error({ err: cause }, 'message log failed')
    }
  }
}

function labelled(log: Log, clientID: string): Log {
  return {
    info: (fields, message) => log.info({ clientID, ...fields }, message),
    warn: (fields, message) => log.warn({ clientID, ...fields }, message),
    error: (fields, message) => log.error({ clientID, ...fields }, message),
  }
}
