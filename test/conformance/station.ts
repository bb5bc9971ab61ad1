// A charge point that does what a test tells it: a bare WebSocket and frames of its own, none of it from the product.
import { once } from 'node:events'
import { WebSocket, type ClientOptions } from 'ws'
import type { CentralAction, RequestOf, ResponseOf, StationAction } from '../../src/protocol/messages/index.ts'
import { schemaFault } from './published-schemas.ts'

/** Answered instead of a confirmation. */
export class CallError {
  readonly code: string
  readonly description: string
  constructor(code: string, description = '') {
    this.code = code
    this.description = description
  }
}
type Reply<A extends CentralAction> = ResponseOf<A> | CallError | ((request: RequestOf<A>) => ResponseOf<A>)

interface Expectation {
  readonly action: string
  readonly matches: (request: never) => boolean
  readonly reply: unknown
  readonly done: (request: unknown) => void
}
interface Sent { readonly action: string; readonly done: (answer: unknown) => void }

const patienceMs = 12_000
/** What the engine and the settings say of their own accord, and what a well-behaved charge point answers; everything else must be expected. */
const housekeeping: Readonly<Record<string, (request: Record<string, unknown>) => unknown>> = {
  SetChargingProfile: () => ({ status: 'Accepted' }),
  ClearChargingProfile: () => ({ status: 'Unknown' }),
  ChangeConfiguration: () => ({ status: 'Accepted' }),
  GetConfiguration: ({ key }) => ({ configurationKey: [], unknownKey: key ?? [] }),
  TriggerMessage: () => ({ status: 'NotImplemented' }),
  GetCompositeSchedule: () => ({ status: 'Rejected' }),
}

export interface StationOptions extends ClientOptions { readonly protocols?: readonly string[] }

export class Station {
  readonly id: string
  readonly socket: WebSocket
  /** Every violation of the protocol by the central system; empty at the end of every test. */
  readonly faults: string[] = []
  /** The actions it was called with, in order. */
  readonly called: string[] = []
  private readonly expected: Expectation[] = []
  private readonly waiting = new Map<string, Sent>()
  private lastId = 0

  private constructor(id: string, socket: WebSocket) {
    this.id = id
    this.socket = socket
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (isBinary) this.faults.push('a binary frame')
      else this.receive(data.toString())
    })
    socket.on('error', () => undefined)
  }

  /** Connects as `id`; rejects when it is refused. */
  static async connect(ocppUrl: string, id: string, { protocols = ['ocpp1.6'], ...options }: StationOptions = {}): Promise<Station> {
    const socket = new WebSocket(`${ocppUrl}/${encodeURIComponent(id)}`, [...protocols], options)
    const station = new Station(id, socket)
    await once(socket, 'open')
    return station
  }

  /** Knocks as `id` and must not be let in; resolves with the HTTP status of the refusal. */
  static async refused(ocppUrl: string, id: string, { protocols = ['ocpp1.6'], ...options }: StationOptions = {}): Promise<number> {
    const socket = new WebSocket(`${ocppUrl}/${encodeURIComponent(id)}`, [...protocols], options)
    return new Promise((resolve, reject) => {
      socket.once('unexpected-response', (_request, response) => {
        response.resume()
        resolve(response.statusCode ?? 0)
      })
      socket.once('error', reject)
      socket.once('open', () => {
        socket.terminate()
        reject(new Error(`${id} was let in`))
      })
    })
  }

  /** Sends a CALL; resolves with the confirmation's payload, rejects on a CALLERROR. Both payloads are judged. */
  async send<A extends StationAction>(action: A, request: RequestOf<A>): Promise<ResponseOf<A>> {
    const own = schemaFault(action, 'req', request)
    if (own !== null) throw new Error(`the test sends what is invalid: ${own}`)
    const id = `${this.id.slice(0, 20)}-${++this.lastId}`
    const answer = await this.within(`${this.id}: ${action} was not answered`, (resolve) => {
      this.waiting.set(id, { action, done: resolve })
      this.socket.send(JSON.stringify([2, id, action, request]))
    })
    if (answer instanceof CallError) throw new Error(`${this.id}: ${action} was answered by CALLERROR ${answer.code} ${answer.description}`)
    return answer as ResponseOf<A>
  }

  /** The next CALL of this action that matches is answered so; resolves with its payload when the answer is on its way. */
  expectCall<A extends CentralAction>(action: A, reply: Reply<A>, matches: (request: RequestOf<A>) => boolean = () => true): Promise<RequestOf<A>> {
    return this.within(`${this.id}: no ${action} came, but ${this.called.join(', ') || 'nothing'}`, (resolve) => {
      this.expected.push({ action, reply, matches: matches as Expectation['matches'], done: resolve })
    }) as Promise<RequestOf<A>>
  }

  /** Goes; resolves when the connection is gone. */
  async leave(): Promise<void> {
    if (this.socket.readyState === WebSocket.CLOSED) return
    const gone = once(this.socket, 'close')
    this.socket.close(1000)
    await gone
  }

  /** The power is cut: no closing handshake. */
  async vanish(): Promise<void> {
    const gone = once(this.socket, 'close')
    this.socket.terminate()
    await gone
  }

  private receive(text: string): void {
    let frame: unknown
    try {
      frame = JSON.parse(text)
    } catch {
      this.faults.push(`not JSON: ${text}`)
      return
    }
    if (!Array.isArray(frame)) this.faults.push(`no array: ${text}`)
    else if (frame[0] === 2 && frame.length === 4) this.onCall(frame as [2, unknown, unknown, unknown])
    else if ((frame[0] === 3 && frame.length === 3) || (frame[0] === 4 && frame.length === 5)) this.onAnswer(frame)
    else this.faults.push(`no message of OCPP-J: ${text}`)
  }

  private onCall([, id, action, request]: [2, unknown, unknown, unknown]): void {
    if (typeof id !== 'string' || id.length === 0 || id.length > 36 || typeof action !== 'string') {
      this.faults.push(`a CALL with id ${JSON.stringify(id)} and action ${JSON.stringify(action)}`)
      return
    }
    this.called.push(action)
    const fault = schemaFault(action, 'req', request)
    if (fault !== null) this.faults.push(fault)
    const at = this.expected.findIndex((each) => each.action === action && each.matches(request as never))
    const [expectation] = at < 0 ? [] : this.expected.splice(at, 1)
    const spontaneous = housekeeping[action]
    const reply = expectation?.reply ?? spontaneous
    if (reply === undefined) {
      this.faults.push(`${action} came unasked: ${JSON.stringify(request)}`)
      this.socket.send(JSON.stringify([4, id, 'NotImplemented', 'not expected', {}]))
      return
    }
    this.answer(id, action, typeof reply === 'function' ? (reply as (request: unknown) => unknown)(request) : reply)
    expectation?.done(request)
  }

  private answer(id: string, action: string, reply: unknown): void {
    if (reply instanceof CallError) {
      this.socket.send(JSON.stringify([4, id, reply.code, reply.description, {}]))
      return
    }
    const own = schemaFault(action, 'conf', reply)
    if (own !== null) this.faults.push(`the test answers what is invalid: ${own}`)
    this.socket.send(JSON.stringify([3, id, reply]))
  }

  private onAnswer(frame: readonly unknown[]): void {
    const [type, id, payload, description] = frame
    const sent = typeof id === 'string' ? this.waiting.get(id) : undefined
    if (sent === undefined || typeof id !== 'string') {
      this.faults.push(`an answer to nothing: ${JSON.stringify(frame)}`)
      return
    }
    this.waiting.delete(id)
    if (type === 4) {
      sent.done(new CallError(String(payload), String(description)))
      return
    }
    const fault = schemaFault(sent.action, 'conf', payload)
    if (fault !== null) this.faults.push(fault)
    sent.done(payload)
  }

  private within(orElse: string, start: (resolve: (value: unknown) => void) => void): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const slow = setTimeout(() => reject(new Error(`${orElse}${this.faults.length > 0 ? `; faults: ${this.faults.join('; ')}` : ''}`)), patienceMs)
      start((value) => {
        clearTimeout(slow)
        resolve(value)
      })
    })
  }
}
