// The register of live connections: one per identity, told apart by generation, whatever the transport.
import { randomBytes } from 'node:crypto'
import type { Clock } from '../clock.ts'
import { Connection } from './connection.ts'
import { createCounters, defaultLimits, type Counters, type Limits, type Log, type Socket } from './ports.ts'
import type { Admission, Attempt, RefusalReason, Session, StationDesk } from './session.ts'

export interface SessionsOptions {
  readonly desk: StationDesk
  readonly clock: Clock
  readonly log: Log
  readonly limits?: Partial<Limits>
  /** A new opaque id for each connection, at most 24 characters; random by default. */
  readonly ids?: () => string
}

type Admitted = Extract<Admission, { admitted: true }>

/** The right to open one connection of an identity; taken before the upgrade, used or released once. */
export interface Ticket {
  open(socket: Socket): Connection
  release(): void
}

interface Slot {
  generation: number
  live: Connection | undefined
  claimed: boolean
}

const maxSlots = 65_536

export class Sessions {
  readonly counters: Counters = createCounters()
  readonly limits: Limits
  private readonly options: SessionsOptions
  private readonly ids: () => string
  private readonly slots = new Map<string, Slot>()
  private floor = 0

  constructor(options: SessionsOptions) {
    this.options = options
    this.limits = { ...defaultLimits, ...options.limits }
    this.ids = options.ids ?? (() => randomBytes(9).toString('base64url'))
  }

  /** The live session of an identity, in any spelling. */
  get(clientID: string): Session | undefined {
    return this.slots.get(clientID.toLowerCase())?.live
  }

  /** Every live session. */
  all(): Session[] {
    return [...this.slots.values()].flatMap((slot) => slot.live ?? [])
  }

  /**
   * Makes room for a new connection. An old one is pinged: dead or silent, it is ended (`desk.disconnected` included) and the
   * ticket granted; alive, or another attempt being under way, there is none. Who proved itself by its certificate replaces it.
   */
  async claim(attempt: Attempt, admitted: Admitted): Promise<Ticket | undefined> {
    const slot = this.slot(admitted.clientID)
    if (slot.claimed) return undefined
    slot.claimed = true
    const old = slot.live
    if (old !== undefined) {
      if (admitted.replacesLive !== true && await old.probe()) {
        slot.claimed = false
        this.counters.duplicateIdentities++
        this.options.log.warn({ event: 'duplicate-identity', clientID: old.clientID, remoteAddress: attempt.remoteAddress }, 'second connection of a live charge point refused')
        return undefined
      }
      if (!old.isLeaving) this.counters.replaced++
      old.terminate('replaced by a new connection')
    }
    return {
      open: (socket) => this.open(slot, socket, attempt, admitted),
      release: () => { slot.claimed = false },
    }
  }

  /**
   * The whole way in for a transport without HTTP: asks the desk, claims, opens. Undefined when refused; `desk.refused` has
   * the reason then.
   */
  async connect(attempt: Attempt, socket: Socket): Promise<Connection | undefined> {
    const admission = await this.options.desk.admit(attempt)
    if (!admission.admitted) return this.refuse(attempt, admission.reason)
    const ticket = await this.claim(attempt, admission)
    return ticket === undefined ? this.refuse(attempt, 'duplicate-id') : ticket.open(socket)
  }

  refuse(attempt: Attempt, reason: RefusalReason): undefined {
    this.counters.refused++
    this.tell('refused', () => this.options.desk.refused(attempt, reason))
  }

  closeAll(code: number, reason: string): void {
    for (const session of this.all()) session.close(code, reason)
  }

  private slot(clientID: string): Slot {
    const key = clientID.toLowerCase()
    const found = this.slots.get(key)
    if (found !== undefined) return found
    if (this.slots.size >= maxSlots) this.forgetOne()
    const slot: Slot = { generation: this.floor, live: undefined, claimed: false }
    this.slots.set(key, slot)
    return slot
  }

  private forgetOne(): void {
    for (const [key, slot] of this.slots) {
      if (slot.live !== undefined || slot.claimed) continue
      // A forgotten identity that returns must still get a generation nobody has seen.
      this.floor = Math.max(this.floor, slot.generation)
      this.slots.delete(key)
      return
    }
  }

  private open(slot: Slot, socket: Socket, attempt: Attempt, admitted: Admitted): Connection {
    const { desk, clock, log } = this.options
    const connection: Connection = new Connection({
      clientID: admitted.clientID,
      id: this.ids(),
      generation: ++slot.generation,
      remoteAddress: attempt.remoteAddress,
      reachedAt: `${attempt.secure ? 'https' : 'http'}://${attempt.host}`,
      strict: admitted.strict ?? false,
      limits: { ...this.limits, messagesPerSecond: admitted.messagesPerSecond ?? this.limits.messagesPerSecond },
      socket, desk, clock, log,
      counters: this.counters,
      ended: (code, reason) => {
        this.counters.disconnects++
        if (slot.live === connection) slot.live = undefined
        this.tell('disconnected', () => desk.disconnected(connection, code, reason))
      },
    })
    slot.live = connection
    slot.claimed = false
    this.counters.connects++
    if (!this.tell('connected', () => desk.connected(connection))) connection.terminate('not taken over')
    return connection
  }

  private tell(what: string, run: () => void): boolean {
    try {
      run()
      return true
    } catch (cause) {
      this.options.log.error({ err: cause }, `desk failed on ${what}`)
      return false
    }
  }
}
