// A connection over a socket in memory, and the charge point's end of it.
import { Connection, type ConnectionDesk, type ConnectionOptions } from '../../src/protocol/connection.ts'
import { createCounters, defaultLimits, type Limits, type Log, type Socket } from '../../src/protocol/ports.ts'
import { VirtualClock, settle } from '../virtual-clock.ts'

export class MemorySocket implements Socket {
  readonly sent: string[] = []
  readonly events: string[] = []
  bufferedAmount = 0
  send(text: string): void { this.sent.push(text) }
  hasten(): void { this.events.push(`hasten ${this.sent.length}`) }
  close(code: number, reason: string): void { this.events.push(`close ${code} ${reason}`) }
  ping(): void { this.events.push('ping') }
  terminate(): void { this.events.push('terminate') }
  pause(): void { this.events.push('pause') }
  resume(): void { this.events.push('resume') }

  /** The frames sent so far, parsed. */
  get frames(): unknown[][] {
    return this.sent.map((text) => JSON.parse(text) as unknown[])
  }
}

export class RecordingLog implements Log {
  readonly lines: { readonly level: string; readonly fields: object; readonly message: string }[] = []
  info(fields: object, message: string): void { this.lines.push({ level: 'info', fields, message }) }
  warn(fields: object, message: string): void { this.lines.push({ level: 'warn', fields, message }) }
  error(fields: object, message: string): void { this.lines.push({ level: 'error', fields, message }) }
}

export interface Handled {
  readonly action: string
  readonly payload: unknown
  readonly faults: readonly string[]
}

export function openConnection(options: { readonly desk?: ConnectionDesk; readonly limits?: Partial<Limits>; readonly strict?: boolean; readonly role?: 'central' | 'station' } = {}) {
  const clock = new VirtualClock()
  const socket = new MemorySocket()
  const log = new RecordingLog()
  const counters = createCounters()
  const handled: Handled[] = []
  const ends: string[] = []
  const desk: ConnectionDesk = options.desk ?? {
    handle: (_session, action, payload, faults) => {
      handled.push({ action, payload, faults })
      return Promise.resolve(action === 'Heartbeat' ? { currentTime: new Date(clock.wall()).toISOString() } : {})
    },
  }
  const settings: ConnectionOptions = {
    clientID: 'CP1', id: 'session', generation: 1, remoteAddress: '127.0.0.1', reachedAt: 'http://127.0.0.1:8080', socket, clock, log, counters, desk,
    limits: { ...defaultLimits, ...options.limits },
    strict: options.strict ?? false,
    role: options.role ?? 'central',
    ended: (code, reason) => { ends.push(`${code} ${reason}`) },
  }
  const connection = new Connection(settings)
  const say = async (...frames: unknown[]) => {
    for (const frame of frames) connection.received(typeof frame === 'string' ? frame : JSON.stringify(frame))
    await settle()
  }
  /** The id of the CALL sent last. */
  const lastId = () => String(socket.frames.at(-1)?.[1])
  return { clock, socket, log, counters, handled, ends, connection, say, lastId }
}
